"""Answers of the collector, cached. The one file that caches.

Every answer carries when it was fetched; while the collector is away the last good one is given
again, with the problem beside it, so that a page keeps its picture and says so.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, cast
from urllib.parse import quote

import streamlit as st
from streamlit.runtime.scriptrunner import add_script_run_ctx

from dashboard.client import (
    CollectorAway,
    CollectorFault,
    CollectorProblem,
    NotFound,
)
from dashboard.demo import Control, DemoState, Faults, control_url
from dashboard.figures.domains import RingOrder
from dashboard.figures.formats import seconds_between
from dashboard.figures.waterfall import Tree, span_tree
from dashboard.keeper import Answer, Keeper, Parameters
from dashboard.places import Places
from dashboard.records import (
    Causes,
    CollectorState,
    CriticalPaths,
    Doctor,
    Expectations,
    FlowFiles,
    FlowTaken,
    Map,
    Order,
    OrderRow,
    Orders,
    Series,
    ServiceDetail,
    Services,
    Span,
    Spans,
    Summary,
)

KEPT_S = 600.0
"""How long an answer is held that is asked by a version of what it is about."""
MOST_DETAILED = 2_000
"""Spans whose attributes are asked for."""
CALM_S = 30.0
"""How long what hardly changes is held: where a workflow's time goes, its latest orders."""
LARGE = {"order/spans"}
"""Routes whose answers are held by version alone."""
PAGE_SIZE = 50
PAST_S = 60.0
"""How long an answer about the past serves: late telemetry still changes it a little."""


@st.cache_resource(show_spinner=False)
def _keeper() -> Keeper:
    return Keeper()


def _since(parameters: Parameters, span_s: int | None) -> Parameters:
    """The parameters with where the span of time begins, unless they say that themselves."""
    if span_s is None or any(name == "from" for name, _ in parameters):
        return parameters
    since = datetime.fromtimestamp(int(time.time()) - span_s, UTC)
    return (*parameters, ("from", since.strftime("%Y-%m-%dT%H:%M:%SZ")))


@st.cache_data(ttl=KEPT_S, max_entries=48, show_spinner=False)
def _fetched_once(route: str, parameters: Parameters, version: str, needs: str) -> Answer[Any]:
    return Answer(_keeper().ask(route, parameters, needs), time.time())


def _answer(
    route: str,
    parameters: Mapping[str, str | None],
    needs: str,
    span_s: int | None = None,
    version: str | None = None,
) -> Answer[Any]:
    given = tuple(sorted((name, value) for name, value in parameters.items() if value))
    key = (f"{route} {span_s}", given)
    keeper = _keeper()
    try:
        if version is None:
            return keeper.fresh(key, lambda: keeper.ask(route, _since(given, span_s), needs))
        answer = _fetched_once(route, given, version, needs)
    except (CollectorAway, CollectorFault) as problem:
        last = keeper.last(key)
        if last is None:
            return Answer(None, time.time(), problem)
        return Answer(last.value, last.fetched_at, problem)
    except CollectorProblem as problem:
        return Answer(None, time.time(), problem)
    if route not in LARGE:
        keeper.keep(key, answer)
    return answer


def ahead(*questions: Callable[[], object]) -> None:
    """Begin to ask what a page will want to know, all at the same time, and go on.

    Each is one of this room's functions with its arguments, as a `partial`. Whoever calls it then
    gets the answer, or waits for it.
    """
    for ask in questions:
        thread = threading.Thread(target=ask, daemon=True)
        add_script_run_ctx(thread)
        thread.start()


def forget() -> None:
    """Ask everything anew."""
    _keeper().forget()
    st.cache_data.clear()


def collector_url() -> str:
    """Where the collector is asked."""
    return _keeper().collector.url


def summary(workflow: str | None = None, span_s: int | None = None) -> Answer[Summary]:
    """Counts of everything; with `span_s` of what started in the last so many seconds."""
    return _answer("summary", {"workflow": workflow}, "orders", span_s)


def orders(filters: Mapping[str, str | None], span_s: int | None = None) -> Answer[Orders]:
    """A page of orders; `filters` are the API's parameters."""
    return _answer("orders", {"limit": str(PAGE_SIZE), **filters}, "orders", span_s)


def all_orders(
    filters: Mapping[str, str | None], span_s: int | None, most: int
) -> Iterator[OrderRow]:
    """The orders of all pages, at most so many, as they are now. Raises CollectorProblem."""
    given = tuple((name, value) for name, value in filters.items() if value)
    asked = (*_since(given, span_s), ("limit", "1000"))
    following: str | None = ""
    told = 0
    while following is not None and told < most:
        page = _keeper().ask(
            "orders", (*asked, ("next", following)) if following else asked, "orders"
        )
        yield from page["orders"][: most - told]
        told += len(page["orders"])
        following = page["next"]


def order(workflow: str | None, order_id: str) -> Answer[Order]:
    """One order."""
    return _answer("order", {"workflow": workflow, "id": order_id}, "steps")


def spans(order: Order, detail: bool = True) -> Answer[Spans]:
    """The spans of one order, asked for again when it has got more.

    With `detail` at most MOST_DETAILED of them; without, all that the collector gives.
    """
    asked = {**_named(order), "detail": "true" if detail else "false"}
    if detail:
        asked["limit"] = str(MOST_DETAILED)
    return _answer("order/spans", asked, "spans", version=_version(order))


def span(order: Order, span_id: str) -> Answer[Spans]:
    """One span of an order, with all that is known of it."""
    asked = {"span": span_id, **_named(order)}
    return _answer("order/spans", asked, "spans", version=_version(order))


def tree(order: Order) -> Tree | None:
    """The rows of an order's spans, made once for all sessions; None while there are no spans."""
    answer = spans(order, detail=False)
    if answer.value is None or not answer.value["spans"]:
        return None
    return _tree(tuple(_named(order).items()), _version(order), answer.value["spans"])


@st.cache_resource(ttl=KEPT_S, max_entries=32, show_spinner=False)
def _tree(named: Parameters, version: str, _spans: list[Span]) -> Tree:
    return span_tree(_spans)


def _named(order: Order) -> dict[str, str]:
    return {"workflow": order["workflow"], "id": order["order_id"]}


def _version(order: Order) -> str:
    return f"{order['span_count']} {order['last_seen_at']}"


def services() -> Answer[Services]:
    """All services that have sent spans."""
    return _answer("services", {}, "services")


def service(name: str, span_s: int | None = None) -> Answer[ServiceDetail]:
    """One service."""
    return _answer(f"services/{quote(name, safe='')}", {}, "edges", span_s)


def doctor() -> Answer[Doctor]:
    """What the telemetry lacks."""
    return _answer("doctor", {}, "findings", version=_calm())


def collector() -> Answer[CollectorState]:
    """How the collector itself does."""
    return _answer("collector", {}, "version")


def causes(workflow: str | None = None) -> Answer[Causes]:
    """Why orders are stuck or failed now."""
    return _answer("causes", {"workflow": workflow}, "causes")


def service_map(
    workflow: str | None = None,
    span_s: int | None = None,
    between: tuple[str, str] | None = None,
) -> Answer[Map]:
    """Who calls whom, in the last so many seconds, or between two times."""
    asked = {"workflow": workflow}
    if between:
        asked |= {"from": between[0], "to": between[1]}
    return _answer("map", asked, "nodes", None if between else span_s)


@st.cache_data(ttl=PAST_S, max_entries=128, show_spinner=False)
def _past_map(parameters: Parameters) -> Answer[Any]:
    return Answer(_keeper().ask("map", parameters, "nodes"), time.time())


def past_map(workflow: str | None, between: tuple[str, str]) -> Answer[Map]:
    """The map between two times that have passed: it hardly changes any more."""
    given = {"workflow": workflow or "", "from": between[0], "to": between[1]}
    try:
        return _past_map(tuple(sorted((name, value) for name, value in given.items() if value)))
    except CollectorProblem as problem:
        return Answer(None, time.time(), problem)


@st.cache_resource(show_spinner=False)
def _places() -> Places:
    return Places()


def ring_order(given: Map) -> RingOrder:
    """The order of domains and nodes on the ring, with what is new in `given` at its end."""
    return _places().of(given)


def critical_paths(workflow: str) -> Answer[CriticalPaths]:
    """Where the latest completed orders of a workflow spent their time."""
    return _answer("critical_path", {"workflow": workflow}, "hops", version=_calm())


def typical(workflow: str) -> OrderRow | None:
    """Of the latest completed orders of a workflow one that took about as long as half of them."""
    paths = critical_paths(workflow).value
    asked = {"workflow": workflow, "state": "completed", "limit": str(PAGE_SIZE)}
    listed: Answer[Orders] = _answer("orders", asked, "orders", version=_calm())
    if listed.value is None or not listed.value["orders"]:
        return None
    rows = listed.value["orders"]
    took = {
        row["order_id"]: seconds_between(row["started_at"], row["last_seen_at"]) for row in rows
    }
    known = paths["workflows"] if paths else []
    median = known[0]["p50_s"] if known else sorted(took.values())[len(took) // 2]
    return min(rows, key=lambda row: (abs(took[row["order_id"]] - median), row["order_id"]))


def _calm() -> str:
    return str(int(time.time() // CALM_S))


def expectations(workflow: str | None = None) -> Answer[Expectations]:
    """What is expected after each step."""
    return _answer("expectations", {"workflow": workflow}, "expectations")


def series(workflow: str | None = None, span_s: int | None = None) -> Answer[Series]:
    """Orders over time."""
    return _answer("series", {"workflow": workflow}, "series", span_s)


def flows() -> Answer[FlowFiles]:
    """The files of declared flows."""
    return _answer("flows", {}, "flows")


def flow_text(workflow: str) -> str | None:
    """The text of a declared flow; None when nothing is declared. Raises a CollectorProblem."""
    try:
        return _keeper().collector.text(f"flows/{quote(workflow, safe='')}")
    except NotFound:
        return None


def flow_export(workflow: str) -> str:
    """What is expected of a workflow, as a flow that declares it. Raises a CollectorProblem."""
    return _keeper().collector.text("expectations", {"workflow": workflow, "format": "yaml"})


def put_flow(workflow: str, text: str) -> FlowTaken:
    """Declare a workflow. Raises a CollectorProblem."""
    taken = _keeper().collector.put(f"flows/{quote(workflow, safe='')}", text)
    forget()
    return cast("FlowTaken", taken)


def delete_flow(workflow: str) -> None:
    """Declare nothing of a workflow any more. Raises a CollectorProblem."""
    _keeper().collector.delete(f"flows/{quote(workflow, safe='')}")
    forget()


@st.cache_resource(show_spinner=False)
def demo_control() -> Control | None:
    """The demo's control; None when no demo runs."""
    url = control_url()
    return Control(url) if url else None


@st.cache_data(ttl=1.0, show_spinner=False)
def demo() -> tuple[DemoState, Faults]:
    """The demo's state, and the faults there are. Raises a CollectorProblem."""
    control = demo_control()
    if control is None:
        raise CollectorFault("No demo runs: start it with `choreoscope demo`.")
    return control.state(), control.faults()
