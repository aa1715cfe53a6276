"""Asks the collector's API over HTTP. A failure is one of five, each with a sentence to show."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import httpx

DEFAULT_COLLECTOR = "http://127.0.0.1:4318"
TIMEOUT_S = 5.0
LONG_S = {"order/spans": 20.0}
"""Routes that may take longer: an order has up to 20,000 spans."""


class CollectorProblem(Exception):  # noqa: N818 (named as the API names it: problem+json)
    """The collector didn't answer as hoped. `title` is short, `detail` says what to do about it."""

    title = "The collector did not answer"

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class CollectorAway(CollectorProblem):
    """Nobody listens there, or not in time: it may come back by itself."""

    title = "The collector is away"


class NoPermission(CollectorProblem):
    """The collector wants another token (401, 403)."""

    title = "The collector refuses this dashboard"


class NotFound(CollectorProblem):
    """What was asked for isn't there (404)."""

    title = "Not found"


class BadQuestion(CollectorProblem):
    """The collector refuses the question's parameters (other 4xx)."""

    title = "The collector refuses this question"


class CollectorFault(CollectorProblem):
    """The collector failed, or what answers there isn't a collector."""

    title = "The collector failed"


class Collector:
    """The API of one collector. Safe to use from several threads; close it when done."""

    def __init__(
        self,
        url: str = DEFAULT_COLLECTOR,
        token: str | None = None,
        timeout_s: float = TIMEOUT_S,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self.url = url.strip().rstrip("/")
        headers = {"Accept": "application/json"}
        token = (token or "").strip()
        self._token_unreadable = not (token.isascii() and token.isprintable())
        if token and not self._token_unreadable:
            headers["Authorization"] = f"Bearer {token}"
        self._http = httpx.Client(headers=headers, timeout=timeout_s, transport=transport)

    @classmethod
    def from_environment(cls) -> Collector:
        """The collector that CHOREOSCOPE_COLLECTOR and CHOREOSCOPE_TOKEN name."""
        return cls(
            os.environ.get("CHOREOSCOPE_COLLECTOR") or DEFAULT_COLLECTOR,
            os.environ.get("CHOREOSCOPE_TOKEN"),
        )

    def ask(self, route: str, parameters: Mapping[str, str], needs: str) -> dict[str, Any]:
        """GET `/api/v1/{route}` and return its object, which must have the field `needs`.

        Raises a CollectorProblem.
        """
        response = self._send("GET", route, parameters)
        try:
            answer = response.json()
        except ValueError as error:
            raise self._stranger(route) from error
        if not isinstance(answer, dict) or needs not in answer:
            raise self._stranger(route)
        return answer

    def text(self, route: str, parameters: Mapping[str, str] | None = None) -> str:
        """GET what isn't JSON. Raises a CollectorProblem."""
        return self._send("GET", route, parameters or {}).text

    def put(self, route: str, text: str) -> dict[str, Any]:
        """PUT YAML; returns what was made of it. Raises a CollectorProblem."""
        answer: dict[str, Any] = self._send("PUT", route, {}, text).json()
        return answer

    def delete(self, route: str) -> None:
        """DELETE. Raises a CollectorProblem."""
        self._send("DELETE", route, {})

    def _send(
        self, method: str, route: str, parameters: Mapping[str, str], text: str | None = None
    ) -> httpx.Response:
        if self._token_unreadable:
            raise NoPermission(
                "CHOREOSCOPE_TOKEN can't be a token: it has letters outside of ASCII, or control "
                "characters. Was it copied with typographic quotes, or with a line break in it?"
            )
        try:
            response = self._http.request(
                method,
                f"{self.url}/api/v1/{route}",
                params=dict(parameters),
                content=text,
                headers={"Content-Type": "application/yaml"} if text is not None else None,
                timeout=LONG_S.get(route, httpx.USE_CLIENT_DEFAULT),
            )
        except (httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
            raise CollectorFault(
                f"{self.url} is not an address such as {DEFAULT_COLLECTOR}: "
                f"{str(error).rstrip('.')}."
            ) from error
        except httpx.TimeoutException as error:
            limit = LONG_S.get(route, TIMEOUT_S)
            raise CollectorAway(f"{self.url} did not answer within {limit:.0f} s.") from error
        except httpx.TransportError as error:
            raise CollectorAway(f"{self.url} can't be reached: {error}.") from error
        if not response.is_success:
            raise self._problem(response)
        return response

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def _stranger(self, route: str) -> CollectorFault:
        return CollectorFault(
            f"{self.url} answered `{route}` in a shape this dashboard doesn't know. "
            "Are both of the same version?"
        )

    def _problem(self, response: httpx.Response) -> CollectorProblem:
        status, detail = response.status_code, _detail(response)
        if status in {401, 403}:
            return NoPermission(
                f"{detail} Set CHOREOSCOPE_TOKEN to a token that {self.url} accepts."
            )
        if status == httpx.codes.NOT_FOUND:
            return NotFound(detail)
        if status in {429, 502, 503, 504}:
            return CollectorAway(f"{self.url} answers {status}: {detail}")
        if status < 500:
            return BadQuestion(detail)
        return CollectorFault(f"{self.url} answers {status}: {detail}")


def _detail(response: httpx.Response) -> str:
    """The sentence of a problem+json body, or the bare status."""
    try:
        body = response.json()
    except ValueError:
        body = None
    if isinstance(body, dict):
        text = body.get("detail") or body.get("title")
        if text:
            return str(text)
    return f"{response.status_code} {response.reason_phrase}."
