"""OTLP over HTTP: `POST /v1/traces` in protobuf or JSON, packed or not.

A bare Starlette route: no validation, no dependency injection between the socket and the writer.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from collector.access import allowed
from collector.receivers import answers, otlp_json
from collector.receivers.answers import JSON, PROTOBUF, Failure
from collector.receivers.inflate import ENCODINGS, TooLarge, inflate
from collector.receivers.request import Door, Undecodable
from collector.writer import WriteError

_log = logging.getLogger(__name__)

PATH = "/v1/traces"
# Unpacking or reading this much JSON would hold up the other requests: it goes to a thread.
_WORTH_A_THREAD = 64 * 1024


def route(door: Door, *, token: str | None = None, max_request_bytes: int) -> Route:
    """The route for an application: `app.router.routes.append(route(…))`."""

    async def traces(request: Request) -> Response:
        content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        try:
            if not allowed(request.headers.get("authorization"), token):
                door.refuse("unauthenticated")
                return _refusal(answers.unauthenticated(), content_type)
            if content_type not in (PROTOBUF, JSON):
                return _refusal(_unsupported(f"content type {content_type!r}"), content_type)
            encoding = request.headers.get("content-encoding", "").strip().lower()
            if encoding not in ("", "identity", *ENCODINGS):
                return _refusal(_unsupported(f"content encoding {encoding!r}"), content_type)
            body = await _body(request, max_request_bytes)
            if encoding in ENCODINGS:
                body = await _elsewhere(body, inflate, encoding, max_request_bytes)
            if content_type == JSON:
                body = await _elsewhere(body, otlp_json.to_protobuf)
            checked = await door.take(body)
        except TooLarge:
            door.refuse("too large")
            return _refusal(answers.too_large(max_request_bytes), content_type)
        except ClientDisconnect:
            return Response(status_code=499)  # nobody reads it
        except ValueError as error:
            door.refuse("undecodable")
            return _refusal(answers.failure(Undecodable(f"can't unpack: {error}")), content_type)
        except (Undecodable, WriteError) as error:
            return _refusal(answers.failure(error), content_type)
        except Exception as error:
            _log.exception("a request failed")
            return _refusal(answers.failure(error), content_type)
        body = answers.encoded(answers.success(checked), content_type)
        return Response(body, media_type=content_type)

    return Route(PATH, traces, methods=["POST"])


async def _body(request: Request, limit: int) -> bytes:
    """The body as sent; what is over the limit is read but not kept, so that the client listens."""
    parts: list[bytes] = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > limit:
            parts.clear()
            if size > 2 * limit:
                break
        else:
            parts.append(part)
    if size > limit:
        raise TooLarge
    return parts[0] if len(parts) == 1 else b"".join(parts)


async def _elsewhere(body: bytes, work: Any, *args: Any) -> bytes:
    if len(body) < _WORTH_A_THREAD:
        result = work(body, *args)
    else:
        result = await asyncio.to_thread(work, body, *args)
    assert isinstance(result, bytes)
    return result


def _unsupported(what: str) -> Failure:
    takes = f"{PROTOBUF} and {JSON}, as they are or with {' or '.join(ENCODINGS)}"
    return Failure(415, answers.INVALID_ARGUMENT, f"{what} is not supported; this takes {takes}")


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
        "413": "Larger than the limit, as sent or unpacked",
        "415": "Unknown content type or encoding",
        "429": "Too much is waiting; Retry-After says when to come back",
        "503": "The engine can't store now; Retry-After says when to come back",
    }
    return {
        "post": {
            "summary": "Take spans (OTLP/HTTP)",
            "description": "Answers when the spans are durable. Bodies may be gzip or deflate.",
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
