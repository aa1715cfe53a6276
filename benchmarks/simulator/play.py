"""The product on a virtual clock: it gets the requests as they arrive and ticks as it does in life.

What a user would have seen is kept: every change of an order's state, with the tick that showed it.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple

from benchmarks.simulator.choreographies import Choreography
from benchmarks.simulator.otlp import EPOCH_NS, Exports
from collector.api import order as order_api
from collector.api import orders as orders_api
from collector.api.problems import ProblemError
from collector.app import Parts, parts
from collector.clock import VirtualClock
from collector.keys import Workflow
from collector.settings import Settings, load

_PAGE = 1000
_LEARN_EVERY_S = 20.0  # not 5: most of a run's time would be learning, and nothing depends on it
_STATES = (
    "SELECT workflow, order_id, state, verdict, step, version FROM orders "
    "WHERE version > {after:UInt64} AND NOT deleted ORDER BY version"
)


class Said(NamedTuple):
    """The product's word on an order, from that time on (seconds from the start)."""

    at: float
    workflow: str
    order_id: str
    state: str
    verdict: str
    step: str


@dataclass(frozen=True)
class Pace:
    """How the clock runs: arrivals are stored every `store_s`, then every `tick_s` it is judged.

    Until `warm_s` nobody looks, and ticks are `warm_tick_s` apart (under 30 s, from which on the
    product takes it that nobody was watching).
    """

    tick_s: float = 5.0
    store_s: float = 2.5
    warm_s: float = 0.0
    warm_tick_s: float = 28.0
    history: bool = False
    """What came until `warm_s` is loaded at once then."""


@dataclass
class Watched:
    """What the product said and what it took."""

    said: list[Said] = field(default_factory=list)
    sentences: dict[str, str] = field(default_factory=dict)
    """Of the orders that the list shows as stuck or failed at the end."""
    differing: int = 0
    """Orders whose last word in the table isn't what the list says."""
    ticks: int = 0
    until: float = 0.0
    """The last tick, in seconds from the start."""
    took_s: float = 0.0
    cpu_s: float = 0.0
    spans: dict[str, set[str]] = field(default_factory=dict)
    """Of the orders asked for: the ids of their spans."""


def workflows(choreographies: Sequence[Choreography], tag: str = "") -> tuple[Workflow, ...]:
    """As a user would set them: the name of the key of each; `tag` as for `exports`."""
    found = {
        c.workflow: Workflow(c.workflow + tag, (c.key + tag,), tuple(a + tag for a in c.aliases))
        for c in choreographies
    }
    return tuple(found.values())


def settings(folder: Path, workflows: Sequence[Workflow]) -> Settings:
    """No waiting for company, and learning less often."""
    base = load(environ={})
    return replace(
        base,
        engine=f"chdb://{folder}",
        linger_ms=0,
        learn_every_s=_LEARN_EVERY_S,
        workflows=tuple(workflows),
    )


def watch(
    exports: Exports,
    how: Settings,
    seconds: float,
    pace: Pace,
    *,
    asked: Sequence[str] = (),
    limit_s: float = math.inf,
    progress: Callable[[float], None] = lambda t: None,
) -> Watched:
    """Let the product see a run; `asked` are orders whose spans are wanted at the end.

    After `limit_s` of real time it ends early.
    """
    watched = Watched()
    began, cpu = time.monotonic(), time.process_time()
    clock = VirtualClock(EPOCH_NS)
    with parts(how, clock) as opened:
        after, next_request, stored, ticked = 0, 0, 0.0, 0.0
        requests = exports.requests
        if pace.history:
            stored = ticked = pace.warm_s - 3 * pace.tick_s
            watched.ticks -= 3  # to take the history in, not to watch
        while ticked < seconds and time.monotonic() < began + limit_s:
            ticked += pace.warm_tick_s if ticked < pace.warm_s else pace.tick_s
            while stored < ticked:
                stored = min(stored + pace.store_s, ticked)
                bodies = []
                while next_request < len(requests) and requests[next_request][0] <= stored:
                    bodies.append(requests[next_request][1])
                    next_request += 1
                clock.set(EPOCH_NS + int(stored * 1e9))
                if bodies:
                    opened.writer.submit(b"".join(bodies), len(bodies)).result()
            opened.runner.tick()
            watched.ticks += 1
            after = _read(opened, after, ticked, watched.said)
            watched.until = ticked
            progress(ticked)
        _compare(opened, watched)
        for order_id in asked:
            watched.spans[order_id] = _spans(opened, order_id)
    watched.took_s = time.monotonic() - began
    watched.cpu_s = time.process_time() - cpu
    return watched


def _read(opened: Parts, after: int, at: float, said: list[Said]) -> int:
    for row in opened.engine.query(_STATES, {"after": after}).to_pylist():
        after = max(after, int(row["version"]))
        said.append(
            Said(at, row["workflow"], row["order_id"], row["state"], row["verdict"], row["step"])
        )
    return after


def _compare(opened: Parts, watched: Watched) -> None:
    """Whether the list of stuck and failed orders says the same as the table."""
    last = {word.order_id: word.state for word in watched.said}
    listed: dict[str, str] = {}
    cursor = None
    while True:
        wanted = orders_api.Filter(states=("stuck", "failed"), trivial=True)
        page = orders_api.orders(opened.reader, wanted, limit=_PAGE, cursor=cursor)
        for row in page.orders:
            listed[row.order_id] = row.state
            watched.sentences[row.order_id] = row.sentence
        cursor = page.next
        if cursor is None:
            break
    known = {order_id: state for order_id, state in last.items() if state in ("stuck", "failed")}
    watched.differing = len(set(known.items()) ^ set(listed.items()))


def _spans(opened: Parts, order_id: str) -> set[str]:
    try:
        found = order_api.spans(opened.reader, workflow="", id=order_id)
    except ProblemError:
        return set()
    return {span.span_id for span in found.spans}
