"""Which attribute may hold the order's id? Proposed from the spans, when no known key matches."""

from __future__ import annotations

from dataclasses import dataclass

from collector.api.reader import Reader

_SPANS = 200_000  # looked at
_DAY_NS = 86_400_000_000_000


@dataclass(frozen=True)
class Candidate:
    """An attribute that could be a workflow's key."""

    key: str
    services: list[str]
    """Those whose spans have it."""
    spans: int
    traces: int
    values: int
    """Distinct ones."""
    recurring: int
    """Values that came in more than one trace or service."""
    share: float
    """Of the spans that send or take messages, how many have it."""
    fan: float
    """How many values of the best candidate a value goes with."""
    hub: bool
    """It goes with many orders (as a customer's id does): a fact about them, no key of theirs."""
    why: str
    """A sentence with these numbers."""


def candidates(reader: Reader, *, from_ns: int | None = None) -> list[Candidate]:
    """The attributes that may hold an order's id, the best first, hubs last.

    Looks at no more than 200,000 spans that were stored since `from_ns` (the last day). Empty when
    nothing looks like an id that several services or traces share. The line to add to the
    settings is `keys = ["<key>"]` under `[workflows.<name>]`.
    """
    since = reader.clock.now() - _DAY_NS if from_ns is None else from_ns
    rows = reader.rows("candidates", {"from": since, "spans": _SPANS})
    return [Candidate(**row, why=_why(**row)) for row in rows]


def _why(
    *,
    services: list[str],
    values: int,
    recurring: int,
    share: float,
    fan: float,
    hub: bool,
    **_: object,
) -> str:
    names = f"{len(services)} services" if len(services) > 1 else services[0]
    said = f"{values:,} values in {names}, {recurring / values:.0%} of them in several places"
    if share:
        said += f", on {share:.0%} of the spans that send or take messages"
    return f"{said}; but one goes with {fan:.1f} orders" if hub else said
