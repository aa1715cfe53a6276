"""Which attribute may hold the order's id? Proposed from traces that belong to no order."""

from __future__ import annotations

from collector.api.models import Candidate
from collector.api.reader import Reader

_TRACES = 2000  # looked at, of those that came last
_SPANS = 100_000
_PROPOSED = 3


def candidates(reader: Reader) -> list[Candidate]:
    """The attributes that may hold an order's id, the best first.

    Empty when nothing looks like an id that several services or traces share. An id that goes with
    many orders, as a customer's does, is a fact about them and no key of theirs.
    """
    rows = reader.rows("candidates", {"traces": _TRACES, "spans": _SPANS})
    return [_candidate(**row) for row in rows if not row["hub"]][:_PROPOSED]


def _candidate(
    *, key: str, services: list[str], traces: int, values: int, recurring: int, **_: object
) -> Candidate:
    whose = services[0] if len(services) == 1 else f"{len(services)} services"
    return Candidate(
        key=key,
        services=len(services),
        traces=traces,
        values=values,
        sentence=f"{key} may be the order's id: {values:,} values, "
        f"{100 * recurring / values:.0f} % of them in several places, "
        f"in {traces:,} traces of {whose} that belong to no order",
        fix=f'[workflows.order]\nkeys = ["order.id", "{key}"]',
    )
