"""Errors as `application/problem+json` (RFC 9457), with the names that would have been right."""

from collections.abc import Iterable
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException


class Problem(BaseModel):
    """What every error answer looks like."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    known: list[str] | None = None
    """The names that exist, where a name was unknown."""


class ProblemError(Exception):
    """Raised by a route; answered as a problem."""

    def __init__(
        self, status: int, title: str, detail: str, known: Iterable[str] | None = None
    ) -> None:
        super().__init__(detail)
        names = None if known is None else sorted(known)
        self.problem = Problem(title=title, status=status, detail=detail, known=names)


RESPONSES: dict[int | str, dict[str, Any]] = {
    code: {"model": Problem, "content": {"application/problem+json": {}}} for code in (404, 422)
}
"""For the OpenAPI document."""


def install(app: FastAPI) -> None:
    """Let the app answer every error as a problem."""

    @app.exception_handler(ProblemError)
    async def on_problem(_: Request, error: ProblemError) -> JSONResponse:
        return _answer(error.problem)

    @app.exception_handler(HTTPException)
    async def on_http(request: Request, error: HTTPException) -> JSONResponse:
        detail = f"{error.detail}: {request.method} {request.url.path}"
        return _answer(Problem(title=error.detail, status=error.status_code, detail=detail))

    @app.exception_handler(RequestValidationError)
    async def on_invalid(_: Request, error: RequestValidationError) -> JSONResponse:
        detail = "; ".join(
            f"{'.'.join(str(part) for part in item['loc'])}: {item['msg']}"
            for item in error.errors()
        )
        return _answer(Problem(title="Invalid request", status=422, detail=detail))


def _answer(problem: Problem) -> JSONResponse:
    return JSONResponse(
        problem.model_dump(exclude_none=True),
        status_code=problem.status,
        media_type="application/problem+json",
    )
