"""The messages of an order: who published what, who took it, how long it lay in the broker."""

from __future__ import annotations

from collections import defaultdict

from collector.api.models import Message
from collector.api.reader import Row, tuples
from collector.api.times import text

_ATTEMPT = [
    "span_id",
    "service",
    "role",
    "destination",
    "started",
    "ended",
    "failed",
    "message_id",
    "belongs",
]


def messages(traces: list[Row]) -> list[Message]:
    """Messages by the time they were published, from the messaging steps of the order's traces.

    A consumer's attempts belong to the latest send to the same destination that began before them.
    A message that several services took stands once for each; one that nobody took stands alone.
    """
    attempts = [
        dict(zip(_ATTEMPT, values, strict=True))
        for trace in traces
        for values in tuples(trace["messaging"])
    ]
    attempts.sort(key=lambda a: (a["started"], a["span_id"]))
    sends = [a for a in attempts if a["role"] == "send"]
    taken: defaultdict[tuple[int, str, str], list[Row]] = defaultdict(list)
    for attempt in attempts:
        if attempt["role"] == "send":
            continue
        before = [
            i
            for i, send in enumerate(sends)
            if send["destination"] == attempt["destination"]
            and send["started"] <= attempt["started"]
        ]
        taken[before[-1] if before else -1, attempt["destination"], attempt["service"]].append(
            attempt
        )
    found: list[tuple[object, Message]] = []
    for i, send in enumerate(sends):
        consumers = [key for key in taken if key[0] == i]
        if not consumers:
            found.append((send["started"], _message(send, [])))
        found += [(send["started"], _message(send, taken[key])) for key in consumers]
    found += [(a[0]["started"], _message(None, a)) for key, a in taken.items() if key[0] == -1]
    found.sort(key=lambda pair: pair[0])  # type: ignore[arg-type,return-value]
    return [message for _, message in found]


def _message(send: Row | None, attempts: list[Row]) -> Message:
    first = attempts[0] if attempts else None
    processed = [a for a in attempts if a["role"] == "process"] or attempts
    lag = (first["started"] - send["ended"]).total_seconds() if first and send else None
    any_end = send or first
    assert any_end is not None
    return Message(
        destination=any_end["destination"],
        message_id=next(
            (a["message_id"] for a in [*attempts, send] if a and a["message_id"]), None
        ),
        partition=None,
        offset=None,
        published_at=text(send["ended"]) if send else None,
        consumed_at=text(first["started"]) if first else None,
        lag_s=max(0.0, lag) if lag is not None else None,
        producer=send["service"] if send else None,
        consumer=first["service"] if first else None,
        attempts=len(processed),
    )
