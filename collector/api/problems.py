"""Errors as RFC 9457 says: one shape, `application/problem+json`."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from collector.api.models import Problem
from collector.engine import EngineError, EngineUnavailable, QueryTimeout

Faults = list[dict[str, str | int]]


_CONTENT = {"application/problem+json": {"schema": Problem.model_json_schema()}}
PROBLEMS: dict[int | str, dict[str, Any]] = {
    "4XX": {"description": "The request can't be answered as it is", "content": _CONTENT},
    "5XX": {
        "description": "The collector or its engine can't answer now",
        "content": _CONTENT,
    },
}


class ProblemError(Exception):
    """An answer that is an error, with a sentence for the person who asked."""

    def __init__(
        self,
        status: int,
        detail: str,
        errors: Faults | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.errors = errors
        self.headers = headers


def problem(
    status: int,
    detail: str,
    headers: dict[str, str] | None = None,
    errors: Faults | None = None,
) -> Response:
    """A problem document as a response."""
    body = Problem(title=HTTPStatus(status).phrase, status=status, detail=detail, errors=errors)
    return JSONResponse(
        body.model_dump(exclude_none=True),
        status,
        headers=headers,
        media_type="application/problem+json",
    )


def install(app: FastAPI) -> None:
    """Answer every error of the API with a problem document."""

    @app.exception_handler(ProblemError)
    def _known(_: Request, error: ProblemError) -> Response:
        return problem(error.status, error.detail, error.headers, error.errors)

    @app.exception_handler(HTTPException)
    def _http(request: Request, error: HTTPException) -> Response:
        headers = dict(error.headers) if error.headers else None
        detail = str(error.detail)
        if error.status_code == 404:
            detail = f"there is no {request.url.path}; /docs lists what there is"
        elif error.status_code == 405:
            detail = f"{request.url.path} doesn't take {request.method}"
        return problem(error.status_code, detail, headers)

    @app.exception_handler(RequestValidationError)
    def _invalid(_: Request, error: RequestValidationError) -> Response:
        faults = [
            f"{'.'.join(str(part) for part in fault['loc'][1:]) or 'request'}: {fault['msg']}"
            for fault in error.errors()
        ]
        return problem(422, "; ".join(faults))

    @app.exception_handler(QueryTimeout)
    def _slow(_: Request, error: QueryTimeout) -> Response:
        return problem(503, f"the question took too long: {error}", {"Retry-After": "5"})

    @app.exception_handler(EngineUnavailable)
    def _away(_: Request, error: EngineUnavailable) -> Response:
        return problem(503, str(error), {"Retry-After": "5"})

    @app.exception_handler(EngineError)
    def _engine(_: Request, error: EngineError) -> Response:
        return problem(500, f"the engine failed: {error}")

    @app.exception_handler(Exception)
    def _ours(_: Request, __: Exception) -> Response:
        # The server closes the connection behind a mistake: who asked must not ask on it again.
        return problem(500, "the collector failed; its log says why", {"Connection": "close"})
