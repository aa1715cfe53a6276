"""The messages of an order: who published what, who took it, how long it lay in the broker."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from collector.api.models import Message
from collector.api.reader import Reader, Row, zipped
from collector.api.times import text


class _Taker(NamedTuple):
    """Who took a message: position of its send (-1: unseen), what else tells it, and by whom."""

    send: int
    identity: str
    destination: str
    service: str
    group: str


_ROLES = ("send", "process", "receive")
_MESSAGE_ID = ("messaging.message.id", "messaging.message_id")
_PARTITION = (
    "messaging.destination.partition.id",
    "messaging.kafka.destination.partition",
    "messaging.kafka.partition",
)
_OFFSET = ("messaging.kafka.offset", "messaging.kafka.message.offset")
_GROUP = (
    "messaging.consumer.group.name",
    "messaging.kafka.consumer.group",
    "messaging.kafka.consumer_group",
)


def attempts(reader: Reader, traces: Sequence[Row]) -> list[Row]:
    """Every attempt at every messaging step of an order by start, from its `order_traces`, with
    what tells its message: links with the ids on them, partition, offset, consumer group.
    """
    steps = [
        (trace["trace_id"], step)
        for trace in traces
        for step in zipped(trace, "steps")
        if step["role"] in _ROLES and step["belongs"] in (0, trace["place"])
    ]
    if not steps:
        return []
    told = {
        (row["trace_id"], row["span_id"]): row
        for row in reader.rows("order_messages", {"traces": [t["trace_id"] for t in traces]})
    }
    found = [_attempt(step, told.get((trace_id, step["SpanId"]))) for trace_id, step in steps]
    found.sort(key=lambda a: (a["started"], a["span_id"]))
    return found


def _attempt(step: Row, told: Row | None) -> Row:
    attributes = dict(told["attributes"]) if told else {}
    link_attributes = [dict(pairs) for pairs in told["link_attributes"]] if told else []
    return {
        **step,
        "span_id": step["SpanId"],
        "links": told["links"] if told else [],
        "link_ids": [_of(pairs, _MESSAGE_ID) for pairs in link_attributes],
        "partition": _of(attributes, _PARTITION),
        "offset": _of(attributes, _OFFSET),
        "consumer_group": _of(attributes, _GROUP),
    }


def _of(attributes: Mapping[str, str], names: Sequence[str]) -> str:
    """The first of some attributes, present names before old ones; '' if none is there."""
    return next((attributes[name] for name in names if attributes.get(name)), "")


def messages(attempts: list[Row]) -> list[Message]:
    """Messages by the time they were published, from the attempts at messaging steps.

    A consumer's attempt belongs to the send that it names by message id, by link or as its parent,
    else to the latest earlier send to its destination; a batch to all that it links to. A message
    that several services or groups took stands once for each; one that nobody took stands alone.
    """
    known = [a for a in attempts if a["destination"]]
    sends = [a for a in known if a["role"] == "send"]
    takers: defaultdict[_Taker, list[Row]] = defaultdict(list)
    consumers = {a["span_id"] for a in known if a["role"] != "send"}
    for attempt in known:
        if attempt["role"] == "send" or consumers.intersection(attempt["links"] or ()):
            continue  # a span over records that have spans of their own takes nothing itself
        found = _sends_of(attempt, sends)
        for i in found or [-1]:
            takers[
                _Taker(
                    i,
                    _identity(attempt) if i < 0 else "",
                    sends[i]["destination"] if i >= 0 else attempt["destination"],
                    attempt["service"],
                    attempt["consumer_group"] if attempt["role"] == "process" else "",
                )
            ].append(attempt)
    told: list[tuple[object, Message]] = []
    taken = _with_receivers(takers)
    for i, send in enumerate(sends):
        mine = [taker for taker in taken if taker.send == i]
        told += [(send["started"], _message(send, taker, taken[taker])) for taker in mine]
        if not mine:
            told.append((send["started"], _message(send, None, [])))
    told += [
        (rows[0]["started"], _message(None, t, rows)) for t, rows in taken.items() if t.send < 0
    ]
    told.sort(key=lambda pair: pair[0])  # type: ignore[arg-type,return-value]
    return [message for _, message in told]


def _sends_of(attempt: Row, sends: list[Row]) -> list[int]:
    """Positions of the sends whose messages an attempt took."""
    by_id = [
        i
        for i, send in enumerate(sends)
        if attempt["message_id"] and send["message_id"] == attempt["message_id"]
    ]
    if by_id:
        return by_id[:1]
    named = {*(attempt["links"] or ()), attempt["cause_span"]}
    linked = [i for i, send in enumerate(sends) if send["span_id"] in named]
    if linked:
        return linked
    before = [
        i
        for i, send in enumerate(sends)
        if send["destination"] == attempt["destination"] and send["started"] <= attempt["started"]
    ]
    return before[-1:]


def _with_receivers(takers: dict[_Taker, list[Row]]) -> dict[_Taker, list[Row]]:
    """Receive spans, which know no group, go to the handlers of the same message and service."""
    whole: dict[_Taker, list[Row]] = {}
    for taker, rows in takers.items():
        handlers = [
            other
            for other in takers
            if other.group and other._replace(group="") == taker and not taker.group
        ]
        for handler in handlers or [taker]:
            whole.setdefault(handler, []).extend(rows)
    for rows in whole.values():
        rows.sort(key=lambda a: (a["started"], a["span_id"]))
    return whole


def _identity(attempt: Row) -> str:
    """What tells a message whose send wasn't seen: its place in the log, else its id."""
    place = f"{attempt['partition']}/{attempt['offset']}" if attempt["offset"] else ""
    return place or str(attempt["message_id"])


def _message(send: Row | None, taker: _Taker | None, rows: list[Row]) -> Message:
    first = rows[0] if rows else None
    tries = [a for a in rows if a["role"] == "process"] or rows
    lag = (first["started"] - send["ended"]).total_seconds() if first and send else None
    ends = [*tries, *rows, *([send] if send else [])]
    destination = str(send["destination"] if send else ends[0]["destination"])
    message_id = _first(ends, "message_id") or _linked_id(send, rows)
    partition, offset = _first(ends, "partition"), _first(ends, "offset")
    if offset is None and message_id and partition:
        # topic.partition.offset, as Python's Kafka instrumentations write it
        head, _, last = message_id.rpartition(".")
        offset = last if head == f"{destination}.{partition}" and last.isdecimal() else None
    return Message(
        destination=destination,
        message_id=message_id,
        partition=partition,
        offset=offset,
        published_at=text(send["ended"]) if send else None,
        consumed_at=text(first["started"]) if first else None,
        lag_s=max(0.0, lag) if lag is not None else None,
        producer=send["service"] if send else None,
        consumer=first["service"] if first else None,
        group=_first(rows, "consumer_group"),
        attempts=len({a["span_id"] for a in tries}),
        duplicates=max(0, len({a["span_id"] for a in tries if not a["failed"]}) - 1),
    )


def _first(rows: list[Row], name: str) -> str | None:
    return next((str(row[name]) for row in rows if row[name]), None)


def _linked_id(send: Row | None, rows: list[Row]) -> str | None:
    """The id that a consumer's link to the send carries."""
    for row in rows:
        for span_id, id_ in zip(row["links"] or (), row["link_ids"] or (), strict=True):
            if id_ and (send is None or span_id == send["span_id"]):
                return str(id_)
    return None
