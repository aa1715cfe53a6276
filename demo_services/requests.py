"""How services ask each other: HTTP with retries, the callee's name on the span."""

import asyncio
from typing import Any
from urllib.parse import quote

import httpx
from fastapi import FastAPI, Request, status
from fastapi.responses import JSONResponse
from opentelemetry import trace
from opentelemetry.instrumentation.httpx import HTTPXClientInstrumentor, RequestInfo
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.trace import Span

from demo_services.addresses import Addresses

ANSWER_S = 8.0
"""Longer than a slow callee takes (see `faults.slow_consumer`)."""

PAUSES_S = (0.2, 0.6)
"""Between the attempts: there are three."""

_LIMITS = httpx.Limits(max_connections=None, max_keepalive_connections=20)
_CALLEE, _TEMPLATE = "demo-callee", "demo-template"


class UnavailableError(ConnectionError):
    """A service didn't answer, or with an error, at each of the attempts."""


class Requests:
    """One service's HTTP client."""

    def __init__(self, addresses: Addresses, provider: TracerProvider) -> None:
        self._addresses = addresses
        self._client = httpx.AsyncClient(timeout=ANSWER_S, limits=_LIMITS)
        HTTPXClientInstrumentor.instrument_client(
            self._client, tracer_provider=provider, request_hook=_describe
        )

    async def ask(
        self,
        method: str,
        service: str,
        template: str,
        wish: dict[str, Any] | None = None,
        **ids: str,
    ) -> httpx.Response:
        """Ask a service, again when it fails. A no (4xx) is an answer.

        `template` is the path with the names of `ids` in it: /members/{customer}. Raises
        UnavailableError when there is no answer.
        """
        why = ""
        path = template.format(**{name: quote(value) for name, value in ids.items()})
        for pause in (*PAUSES_S, None):
            try:
                answer = await self._client.request(
                    method,
                    self._addresses.of(service) + path,
                    json=wish,
                    extensions={_CALLEE: service, _TEMPLATE: template.partition("?")[0]},
                )
            except httpx.HTTPError as error:
                why = type(error).__name__
            else:
                if not answer.is_server_error:
                    return answer
                why = str(answer.status_code)
            if pause is not None:
                await asyncio.sleep(pause)
        raise UnavailableError(f"{service} does not answer ({why})")

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()


async def _describe(span: Span, request: RequestInfo) -> None:
    """Say on the client span who is called (where nobody answers, only we know) and for what."""
    if span.is_recording() and request.extensions:
        span.set_attribute("service.peer.name", request.extensions[_CALLEE])
        span.set_attribute("url.template", request.extensions[_TEMPLATE])


def answer_failures(app: FastAPI) -> None:
    """Let what doesn't answer (here or behind) be a 503, with the exception on the span."""

    @app.exception_handler(ConnectionError)
    async def on_failure(_: Request, error: ConnectionError) -> JSONResponse:
        trace.get_current_span().record_exception(error)
        return JSONResponse({"detail": str(error)}, status.HTTP_503_SERVICE_UNAVAILABLE)
