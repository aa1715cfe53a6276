"""Questions to a running collector: the API's JSON, or one sentence on why there is none."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from typing import Any, Self, TypeVar

import httpx
from pydantic import BaseModel, ValidationError

from collector.access import is_local_name
from collector.cli import Failure
from collector.cli.plain import clean
from collector.settings import describe, load

_M = TypeVar("_M", bound=BaseModel)
Params = Mapping[str, str | int | list[str] | None]


def add_flags(parser: argparse.ArgumentParser) -> None:
    """The flags of every command that asks."""
    default = next(setting.default for setting in describe() if setting.name == "collector")
    parser.add_argument("--json", action="store_true", help="the API's JSON, for scripts")
    parser.add_argument(
        "--collector",
        metavar="URL",
        help=f"where the collector answers [CHOREOSCOPE_COLLECTOR or {default}]; "
        "CHOREOSCOPE_TOKEN is its token, if it wants one",
    )


class Collector:
    """A running collector, by its URL; a context manager."""

    def __init__(self, url: str, token: str = "") -> None:
        self.url = url.rstrip("/")
        parsed = httpx.URL(self.url)
        if parsed.scheme not in ("http", "https") or not parsed.host:
            raise Failure(f"{url} is no address of a collector, such as http://127.0.0.1:4318", 2)
        self.client = httpx.Client(
            headers={"Authorization": f"Bearer {token}"} if token else {},
            timeout=httpx.Timeout(60, connect=10),
            # A proxy can't reach this machine's own addresses.
            mounts={"all://": None} if is_local_name(parsed.host) else None,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.client.close()

    def get(self, path: str, params: Params | None = None) -> Any:
        """The JSON at `/api/v1/…`; parameters that are empty are left out. Raises Failure."""
        answer = self.answer("GET", path, params)
        if not answer.is_success:
            raise self.refused(answer)
        try:
            return answer.json()
        except ValueError:
            raise Failure(f"what answers at {self.url} is no collector") from None

    def answer(
        self, method: str, path: str, params: Params | None = None, content: bytes | None = None
    ) -> httpx.Response:
        """What is answered at `/api/v1/…`, be it an error. Raises Failure when nobody does."""
        given = {name: value for name, value in (params or {}).items() if value not in (None, "")}
        try:
            return self.client.request(
                method, f"{self.url}/api/v1/{path}", params=given, content=content
            )
        except httpx.HTTPError as error:
            raise self.away(error) from None

    def away(self, error: httpx.HTTPError) -> Failure:
        """What to say when nobody answers."""
        if isinstance(error, httpx.TimeoutException) and not isinstance(
            error, httpx.ConnectTimeout
        ):
            return Failure(f"the collector at {self.url} takes too long to answer")
        return Failure(
            f"no collector answers at {self.url}; `choreoscope serve` starts one, "
            "--collector names another address"
        )

    def refused(self, answer: httpx.Response) -> Failure:
        """What to say of an answer that is an error."""
        if answer.status_code == 401:
            return Failure(f"the collector at {self.url} wants a token: set CHOREOSCOPE_TOKEN")
        try:
            detail = answer.json()["detail"]
        except (ValueError, KeyError, TypeError):
            return Failure(f"{self.url} answers {answer.status_code}: is it a collector?")
        return Failure(clean(str(detail)))


def asked(given: argparse.Namespace, path: str, params: Params | None = None) -> Any:
    """The JSON at `/api/v1/…` of the collector that a flag, a variable or the file names."""
    with named(given) as collector:
        return collector.get(path, params)


def named(given: argparse.Namespace) -> Collector:
    """The collector that a flag, a variable or the file names."""
    settings = load({"collector": given.collector})
    return Collector(settings.collector, settings.token)


def read(model: type[_M], document: Any) -> _M:
    """An answer as the type that the API promises."""
    try:
        return model.model_validate(document)
    except ValidationError:
        raise Failure(
            "the collector's answer isn't what this version understands: are both of one version?"
        ) from None


def print_json(document: Any) -> None:
    """The document for scripts; beyond ASCII everything is escaped, so no terminal obeys it."""
    print(json.dumps(document, indent=2))
