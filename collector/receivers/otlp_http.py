"""OTLP over HTTP: `POST /v1/traces` in protobuf or JSON, packed or not.

A bare Starlette route: no validation, no dependency injection between the socket and the writer.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from collector.access import Access
from collector.receivers import answers, otlp_json
from collector.receivers.answers import JSON, PROTOBUF, Failure
from collector.receivers.inflate import ENCODINGS, TooLarge, inflate
from collector.receivers.request import Checked, Door, Undecodable
from collector.writer import WriteError

_log = logging.getLogger(__name__)

PATH = "/v1/traces"
# Unpacking or reading this much JSON would hold up the other requests: it goes to a thread.
_WORTH_A_THREAD = 64 * 1024
# Decoded JSON takes ten times its size: large ones are read one at a time. No time is lost, as
# Python wouldn't read two at once anyway.
_LARGE_JSON = 1024 * 1024
_PATIENCE_S = 30.0
# All are answered here, so that the refusal of any is OTLP's.
_METHODS = ("POST", "GET", "PUT", "PATCH", "DELETE", "OPTIONS")


def route(door: Door, *, access: Access, max_request_bytes: int) -> Route:
    """The route for an application: `app.router.routes.append(route(…))`."""
    receiver = _Receiver(door, access, max_request_bytes)
    return Route(PATH, receiver.traces, methods=_METHODS)


class _Receiver:
    def __init__(self, door: Door, access: Access, max_request_bytes: int) -> None:
        self._door = door
        self._access = access
        self._limit = max_request_bytes
        self._large_json = asyncio.Lock()

    async def traces(self, request: Request) -> Response:
        """Answer one export request."""
        content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if failure := self._unwelcome(request, content_type):
            return _refusal(failure, content_type)
        try:
            with self._door.arrival() as grow:
                body = await self._unpacked(request, content_type, grow)
            checked = await self._door.take(body)
        except ClientDisconnect:
            return Response(status_code=499)  # nobody reads it
        except Exception as error:
            return _refusal(self._failure(error), content_type)
        return _answer(checked, content_type)

    def _unwelcome(self, request: Request, content_type: str) -> Failure | None:
        """Why the request isn't even read."""
        encoding = _encoding(request)
        if not self._access.knows(request.headers.get("host")):
            self._door.refuse("unknown host")
            return answers.unknown_host()
        if not self._access.may_send(request.headers.get("authorization")):
            self._door.refuse("unauthenticated")
            return answers.unauthenticated()
        if request.method != "POST":
            return answers.wrong_method(request.method)
        if content_type not in (PROTOBUF, JSON):
            self._door.refuse("unsupported")
            return _unsupported(f"content type {content_type!r}")
        if encoding not in ("", "identity", *ENCODINGS):
            self._door.refuse("unsupported")
            return _unsupported(f"content encoding {encoding!r}")
        return None

    def _failure(self, error: Exception) -> Failure:
        match error:
            case TooLarge():
                self._door.refuse("too large")
                return answers.too_large(self._limit)
            case TimeoutError():
                self._door.refuse("too slow")
                return answers.too_slow(_PATIENCE_S)
            case ValueError():
                self._door.refuse("undecodable")
                return answers.failure(Undecodable(f"can't unpack: {error}"))
            case Undecodable() | WriteError():
                return answers.failure(error)
        _log.exception("a request failed", exc_info=error)
        return answers.failure(error)

    async def _unpacked(
        self, request: Request, content_type: str, grow: Callable[[int], None]
    ) -> bytes:
        """The request in plain protobuf."""
        body = await self._body(request, grow)
        encoding = _encoding(request)
        if encoding in ENCODINGS:
            body = await _elsewhere(body, inflate, encoding, self._limit)
            grow(len(body))
        if content_type != JSON:
            return body
        try:
            if len(body) < _LARGE_JSON:
                return await _elsewhere(body, otlp_json.to_protobuf)
            async with self._large_json:
                return await _elsewhere(body, otlp_json.to_protobuf)
        except Undecodable:
            self._door.refuse("undecodable")
            raise

    async def _body(self, request: Request, grow: Callable[[int], None]) -> bytes:
        """The body as sent; what is over the limit is read but not kept, so that the client
        listens.
        """
        parts: list[bytes] = []
        size = 0
        async with asyncio.timeout(_PATIENCE_S) as patience:
            async for part in request.stream():
                size += len(part)
                if size <= self._limit:
                    grow(len(part))
                    parts.append(part)
                else:
                    parts.clear()
                    if size > 2 * self._limit:
                        break
                patience.reschedule(asyncio.get_running_loop().time() + _PATIENCE_S)
        if size > self._limit:
            raise TooLarge
        return parts[0] if len(parts) == 1 else b"".join(parts)


def _encoding(request: Request) -> str:
    return request.headers.get("content-encoding", "").strip().lower()


async def _elsewhere(body: bytes, work: Any, *args: Any) -> bytes:
    if len(body) < _WORTH_A_THREAD:
        result = work(body, *args)
    else:
        result = await asyncio.to_thread(work, body, *args)
    assert isinstance(result, bytes)
    return result


def _unsupported(what: str) -> Failure:
    takes = f"{PROTOBUF} and {JSON}, as they are or with {', '.join(ENCODINGS)}"
    return Failure(415, answers.INVALID_ARGUMENT, f"{what} is not supported; this takes {takes}")


def _answer(checked: Checked, content_type: str) -> Response:
    return Response(
        answers.encoded(answers.success(checked), content_type), media_type=content_type
    )


def _refusal(failure: Failure, content_type: str) -> Response:
    encoding = content_type if content_type == PROTOBUF else JSON
    headers = failure.headers()
    if failure.http == 415:
        headers["Accept-Encoding"] = ", ".join(ENCODINGS)
    return Response(
        answers.encoded(failure.status(), encoding), failure.http, headers, media_type=encoding
    )


def openapi() -> dict[str, Any]:
    """The path's entry for an OpenAPI document."""
    either = {PROTOBUF: {"schema": {"type": "string"}}, JSON: {"schema": {"type": "object"}}}
    refusals = {
        "400": "Not an OTLP trace request",
        "401": "No or a wrong bearer token",
        "403": "Called by a name that somebody else may own, without a token to guard it",
        "408": "The body stopped coming",
        "413": "Larger than the limit, as sent or unpacked",
        "415": "Unknown content type or encoding",
        "429": "Too much is waiting; Retry-After says when to come back",
        "503": "The engine can't store now; Retry-After says when to come back",
    }
    return {
        "post": {
            "summary": "Take spans (OTLP/HTTP)",
            "description": "Answers when the spans are durable. Takes gzip, deflate and zstd.",
            "operationId": "otlp_traces",
            "tags": ["ingest"],
            "requestBody": {"required": True, "content": either},
            "responses": {
                "200": {"description": "Stored; `partial_success` counts refused spans"}
                | {"content": either},
            }
            | {
                status: {"description": text, "content": either}
                for status, text in refusals.items()
            },
        }
    }
