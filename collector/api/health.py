"""Is it alive, is it ready, how much does it do: what watches the collector asks here."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import HTMLResponse, Response

from collector.access import Access
from collector.api import metrics as _metrics
from collector.api import models, pages, readiness
from collector.api.guard import guard
from collector.api.problems import PROBLEMS, ProblemError
from collector.api.reader import Reader

_NEVER_CACHED = {"Cache-Control": "no-store"}
_OPEN = Access()


def router(reader: Reader, *, access: Access = _OPEN) -> APIRouter:
    """The checks are open to everybody; the numbers are as guarded as any question."""
    routes = APIRouter(tags=["health"], responses=PROBLEMS)

    @routes.get("/healthz")
    async def healthz(response: Response) -> models.Health:
        """Alive: it answers. Asks nobody else, so that a busy engine is no reason to restart it."""
        response.headers.update(_NEVER_CACHED)
        return models.Health(version=version("choreoscope"))

    @routes.get("/readyz")
    def readyz(response: Response) -> models.Health:
        """Ready: it can store and judge, its engine answers and has room. Else 503: the reasons."""
        if troubles := readiness.troubles(reader):
            raise ProblemError(503, "; ".join(troubles), headers=_NEVER_CACHED)
        response.headers.update(_NEVER_CACHED)
        return models.Health(version=version("choreoscope"))

    content: dict[str, Any] = {"text/plain": {"schema": {"type": "string"}}}

    @routes.get(
        "/metrics",
        dependencies=[Depends(guard(access))],
        response_class=Response,
        responses={200: {"content": content}},
    )
    def metrics(request: Request) -> Response:
        """The collector's numbers about itself, in Prometheus' text format."""
        text, content_type = _metrics.metrics(reader, request.headers.get("accept", ""))
        return Response(text, headers={"Content-Type": content_type, **_NEVER_CACHED})

    @routes.get("/docs", include_in_schema=False)
    def docs(request: Request) -> HTMLResponse:
        return HTMLResponse(
            pages.reference(request.app.openapi()), headers=pages.CONTENT_SECURITY_POLICY
        )

    return routes
