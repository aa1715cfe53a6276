"""The API's addresses: each hands a question to the module that answers it."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from collector.access import Access
from collector.api import causes as _causes
from collector.api import collector as _collector
from collector.api import doctor as _doctor
from collector.api import graph as _graph
from collector.api import model_routes, models
from collector.api import order as _order
from collector.api import orders as _orders
from collector.api import path_shares as _path_shares
from collector.api import series as _series
from collector.api import service as _service
from collector.api import services as _services
from collector.api import summary as _summary
from collector.api import traces as _traces
from collector.api.guard import guard
from collector.api.problems import PROBLEMS
from collector.api.reader import Reader
from collector.api.times import FIRST, LAST, from_text
from collector.flows.folder import Declared

_WORKFLOW = Query(description="only this workflow; all when left out")
_FROM = Query(alias="from", description="only orders or calls from this time on (RFC 3339)")
_TO = Query(description="only up to this time (RFC 3339)")
Workflow = Annotated[str, _WORKFLOW]
From = Annotated[str | None, _FROM]
To = Annotated[str | None, _TO]

_NO_FLOWS = Declared(None, ())


_OPEN = Access()


def router(reader: Reader, declared: Declared = _NO_FLOWS, *, access: Access = _OPEN) -> APIRouter:
    """All routes of the query API, for those who may ask."""
    api = APIRouter(prefix="/api/v1", dependencies=[Depends(guard(access))], responses=PROBLEMS)

    @api.get("/summary", tags=["orders"])
    def summary(workflow: Workflow = "", from_: From = None, to: To = None) -> models.Summary:
        """Orders by state, what is stored, and how far the engine has got."""
        return _summary.summary(reader, workflow=workflow, **_between(from_, to))

    @api.get("/workflows", tags=["orders"])
    def workflows(from_: From = None, to: To = None) -> models.Workflows:
        """Every workflow with its orders by state."""
        between = _between(from_, to)
        return _summary.workflows(reader, from_ns=between["from_ns"], to_ns=between["to_ns"])

    @api.get("/orders", tags=["orders"])
    def orders(  # noqa: PLR0917
        workflow: Workflow = "",
        state: Annotated[
            list[str] | None,
            Query(description="any of the states; repeat it or separate by commas"),
        ] = None,
        verdict: Annotated[str, Query(description="only this verdict")] = "",
        cause: Annotated[str, Query(description="only orders of this cause_id")] = "",
        service: Annotated[
            str, Query(description="orders that this service took part in or owes")
        ] = "",
        step: Annotated[str, Query(description="orders that took or owe this step")] = "",
        edge: Annotated[
            str,
            Query(
                description="`source>target` by ids of the map: took it, or wait at its end; "
                "a `>` within a name is `%3E`, a `%` is `%25`"
            ),
        ] = "",
        q: Annotated[str, Query(description="part of an order id, or a whole trace id")] = "",
        from_: From = None,
        to: To = None,
        trivial: Annotated[bool, Query(description="also runs of one service alone")] = False,
        limit: Annotated[int, Query(ge=1, le=1000, description="orders a page")] = 50,
        next: Annotated[str | None, Query(description="`next` of the page before")] = None,
    ) -> models.Orders:
        """A page of orders, the most urgent first."""
        states = tuple(name for entry in state or () for name in entry.split(",") if name)
        wanted = _orders.Filter(
            workflow=workflow,
            states=states,
            verdict=verdict,
            cause=cause,
            service=service,
            step=step,
            edge=edge,
            q=q,
            trivial=trivial,
            **_between(from_, to),
        )
        return _orders.orders(reader, wanted, limit=limit, cursor=next)

    @api.get("/order", tags=["orders"])
    def order(
        id: Annotated[str, Query(description="the order id; any characters")],
        workflow: Workflow = "",
    ) -> models.Order:
        """One order: its steps, what it owes and why, messages, traces and critical path."""
        return _order.order(reader, workflow=workflow, id=id)

    @api.get("/order/spans", tags=["orders"], response_model=models.Spans)
    def order_spans(
        id: Annotated[str, Query(description="the order id; any characters")],
        workflow: Workflow = "",
        span: Annotated[str, Query(description="only the span of this id")] = "",
        detail: Annotated[
            bool, Query(description="with attributes, resource, events and links")
        ] = True,
        limit: Annotated[int, Query(ge=1, le=20_000, description="spans at most")] = 20_000,
    ) -> Response:
        """The spans of one order by start."""
        found = _order.spans(
            reader, workflow=workflow, id=id, span=span, detail=detail, limit=limit
        )
        # As it is: checking 20,000 spans a second time takes longer than asking for them.
        return Response(found.model_dump_json(), media_type="application/json")

    @api.get("/causes", tags=["orders"])
    def causes(workflow: Workflow = "") -> models.Causes:
        """Why orders are stuck or failed, the cause of most of them first."""
        return _causes.causes(reader, workflow=workflow)

    @api.get("/critical_path", tags=["orders"])
    def critical_path(
        workflow: Workflow = "", from_: From = None, to: To = None
    ) -> models.CriticalPaths:
        """Where the latest completed orders spent their time, and what could take longer."""
        return _path_shares.critical_paths(reader, workflow=workflow, **_between(from_, to))

    @api.get("/map", tags=["services"])
    def map(workflow: Workflow = "", from_: From = None, to: To = None) -> models.Map:
        """Who calls whom, with the orders stuck on the way."""
        return _graph.service_map(reader, workflow=workflow, **_between(from_, to))

    @api.get("/series", tags=["orders"])
    def series(
        workflow: Workflow = "",
        step: Annotated[str, Query(description="only orders that took this step")] = "",
        from_: From = None,
        to: To = None,
    ) -> models.Series:
        """Orders started and finished over time, and how long they took."""
        return _series.series(reader, workflow=workflow, step=step, **_between(from_, to))

    model_routes.add(api, reader, declared)

    @api.get("/collector", tags=["health"])
    def collector() -> models.CollectorState:
        """How the collector itself does: what comes in, waits, was refused, is kept."""
        return _collector.collector(reader)

    @api.get("/doctor", tags=["services"])
    def doctor() -> models.Doctor:
        """What the telemetry lacks, service by service, and the lines that add it."""
        return _doctor.doctor(reader)

    @api.get("/services", tags=["services"])
    def services() -> models.Services:
        """Every service that has sent spans."""
        return _services.services(reader)

    @api.get("/services/{service:anything}", tags=["services"])
    def service(service: str, from_: From = None, to: To = None) -> models.ServiceDetail:
        """One service: what it does and how fast, who is around it, and what waits for it."""
        return _service.service(reader, service, **_between(from_, to))

    @api.get("/traces/{trace_id}", tags=["traces"])
    def trace(trace_id: str) -> dict[str, Any]:
        """A trace as OTLP/JSON."""
        return _traces.trace(reader, trace_id)

    return api


def _between(from_: str | None, to: str | None) -> dict[str, int]:
    return {
        "from_ns": from_text(from_, name="from", default=FIRST),
        "to_ns": from_text(to, name="to", default=LAST),
    }
