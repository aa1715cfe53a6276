"""What the collector gets of it: OTLP requests, and when.

Exporters batch by instance and second; the telemetry's own faults happen here. The bytes are put
together by hand, field by field as opentelemetry/proto/trace/v1 numbers them, because protobuf's
Python objects would cost more than the rest of the simulation.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass, field
from random import Random
from struct import pack

from benchmarks.simulator.events import Label, Recording, Resource, Span
from benchmarks.simulator.faults import Fault, Kind

EPOCH_NS = 1_790_000_000_000_000_000
"""The first moment of a run."""
_CUSTOMERS = 50
_SERVER, _PRODUCER, _CONSUMER = 2, 4, 5


@dataclass(frozen=True)
class Exporter:
    """How services send: a batch every `every_s`, `network_s` to 10 × that on the way."""

    every_s: float = 1.0
    network_s: float = 0.005


@dataclass
class Exports:
    """All requests, by arrival; and when each span of the recording came (nan: never)."""

    requests: list[tuple[float, bytes]]
    seen: list[float] = field(default_factory=list)


def exports(recording: Recording, exporter: Exporter | None = None, tag: str = "") -> Exports:
    """What arrives of a recording; marks in the truth which orders were hit on the way.

    `tag` is appended to the names of all services and keys, so that several recordings can be
    watched as one.
    """
    exporter = exporter or Exporter()
    every = exporter.every_s
    random = Random(f"otlp {recording.plan.seed}")
    faults = _by_kind(recording.plan.faults)
    clocks = _clocks(recording.resources, faults.get("skew", []), random)
    phase = [random.random() * every for _ in recording.resources]
    encoder = _Encoder(recording, tag)
    way = _Way(recording, faults, random)
    batches: defaultdict[_Batch, list[bytes]] = defaultdict(list)
    jitter: dict[_Batch, float] = {}
    seen: list[float] = []
    for span in recording.spans:
        if way.loses(span):
            seen.append(math.nan)
            continue
        late = way.late_s(span)
        tick = math.ceil((span.end - phase[span.resource]) / every)
        batch = (span.resource, tick, int(late * 10))
        if batch not in jitter:
            jitter[batch] = random.uniform(1, 10) * exporter.network_s
        seen.append(tick * every + phase[span.resource] + batch[2] / 10 + jitter[batch])
        body = encoder.span(span, clocks[span.resource], way.sampled(span))
        batches[batch].append(body)
        if way.repeats(span):
            again = (span.resource, tick + random.randint(1, 30), 0)
            jitter.setdefault(again, exporter.network_s)
            batches[again].append(body)
    requests = [
        (
            tick * every + phase[resource] + tenths / 10 + jitter[resource, tick, tenths],
            encoder.request(resource, bodies),
        )
        for (resource, tick, tenths), bodies in batches.items()
    ]
    requests.sort(key=lambda request: request[0])
    _find_leaves(recording, seen)
    return Exports(requests, seen)


_Batch = tuple[int, int, int]
"""Resource, number of the export, how late in tenths of a second."""


class _Way:
    """What happens to spans between their service and the collector."""

    def __init__(
        self, recording: Recording, faults: dict[Kind, list[Fault]], random: Random
    ) -> None:
        self._recording = recording
        self._random = random
        self._losing = [f for k in ("span drop", "no telemetry") for f in faults.get(k, [])]
        self._sampling = faults.get("sampled", [])
        self._late = [f for k in ("late telemetry", "stragglers") for f in faults.get(k, [])]
        self._twice = faults.get("span twice", [])

    def _hit(self, fault: Fault, span: Span) -> bool:
        if not fault.during(span.end):
            return False
        resource = self._recording.resources[span.resource]
        workflow = self._recording.labels[span.label].workflow
        return fault.where in ("", resource.service) and fault.workflow in ("", workflow)

    def _drawn(self, fault: Fault, span: Span) -> bool:
        if self._hit(fault, span) and self._random.random() < fault.share:
            _mark(self._recording, span, fault.kind)
            return True
        return False

    def sampled(self, span: Span) -> float:
        """The share of traces like it that are kept."""
        return min((f.share for f in self._sampling if self._hit(f, span)), default=1.0)

    def loses(self, span: Span) -> bool:
        """Whether it never comes."""
        if (span.trace & 0xFFFFFFFFFFFFFF) >= self.sampled(span) * 2**56:
            _mark(self._recording, span, "sampled")
            return True
        return any(self._drawn(fault, span) for fault in self._losing)

    def late_s(self, span: Span) -> float:
        """How much later than usual it comes."""
        late = 0.0
        for fault in self._late:
            if self._drawn(fault, span):
                whole = fault.kind == "late telemetry"
                least = fault.value if whole else min(10.0, fault.value)
                late = max(late, self._random.uniform(least, fault.value))
        return late

    def repeats(self, span: Span) -> bool:
        """Whether it comes again."""
        return any(self._drawn(fault, span) for fault in self._twice)


def _by_kind(faults: tuple[Fault, ...]) -> dict[Kind, list[Fault]]:
    found: defaultdict[Kind, list[Fault]] = defaultdict(list)
    for fault in faults:
        found[fault.kind].append(fault)
    return found


def _mark(recording: Recording, span: Span, kind: Kind) -> None:
    numbers = (span.order,) if isinstance(span.order, int) else span.order
    for number in numbers:
        if number >= 0:
            recording.orders[number].met.add(kind)


def _clocks(
    resources: list[Resource], faults: list[Fault], random: Random
) -> list[tuple[float, float]]:
    """Offset in seconds, and seconds gained a second, by resource; a service shares one."""
    found: dict[str, tuple[float, float]] = {}
    for resource in resources:
        if resource.service not in found:
            most = max((f.value for f in faults if f.where in ("", resource.service)), default=0.0)
            drift = random.uniform(-1e-3, 1e-3) if most else 0.0
            found[resource.service] = (random.uniform(-most, most), drift)
    return [found[resource.service] for resource in resources]


def _find_leaves(recording: Recording, seen: list[float]) -> None:
    """Which steps of which orders look as if they had never come, because nothing after them came.

    A step is a leaf in what was seen when neither it nor anything that it caused was seen. A batch
    that carries no order's id is nothing of an order whose message to it was dropped.
    """
    hit = {
        number
        for span, at in zip(recording.spans, seen, strict=True)
        if math.isnan(at)
        for number in ((span.order,) if isinstance(span.order, int) else span.order)
        if number >= 0
    }
    if not hit:
        return
    spans: defaultdict[int, list[tuple[int, int, str, bool]]] = defaultdict(list)
    dropped = {span.span for span, at in zip(recording.spans, seen, strict=True) if math.isnan(at)}
    for span, at in zip(recording.spans, seen, strict=True):
        step, came = recording.labels[span.label].step, not math.isnan(at)
        if isinstance(span.order, int):
            if span.order in hit:
                spans[span.order].append((span.span, span.cause, step, came))
            continue
        for number, (_, message) in zip(span.order, span.links, strict=True):
            if number in hit:
                spans[number].append((span.span, message, step, came and message not in dropped))
    for number, happened in spans.items():
        visible = {step for _, _, step, came in happened if came}
        witnessed: set[int] = set()  # spans with something seen at or after them
        for own, cause, _, came in reversed(happened):  # causes come before what they cause
            if came or own in witnessed:
                witnessed |= {own, cause}
        for own, _, step, came in happened:
            if not came and own not in witnessed and step not in visible:
                recording.orders[number].unseen.add(step)


class _Encoder:
    """Spans as bytes; what spans of a label share is encoded once."""

    def __init__(self, recording: Recording, tag: str) -> None:
        self._orders = recording.orders
        self._labels = recording.labels
        self._tag = tag
        self._static = [_static(label) for label in recording.labels]
        self._resources = [
            _resource(r._replace(service=r.service + tag)) for r in recording.resources
        ]
        self._partitions = [
            _attribute(9, "messaging.destination.partition.id", str(n)) for n in range(64)
        ]

    def span(self, span: Span, clock: tuple[float, float], sampled: float) -> bytes:
        """A span, as a field of its scope's spans."""
        offset, drift = clock
        start = EPOCH_NS + int((span.start * (1 + drift) + offset) * 1e9)
        end = EPOCH_NS + int((span.end * (1 + drift) + offset) * 1e9)
        parts = [
            b"\x0a\x10",
            span.trace.to_bytes(16, "big"),
            b"\x12\x08",
            span.span.to_bytes(8, "big"),
            self._static[span.label],
            pack("<BQBQ", 0x39, start, 0x41, end),
        ]
        if span.parent:
            parts += (b"\x22\x08", span.parent.to_bytes(8, "big"))
        if isinstance(span.order, int) and span.order >= 0:
            order = self._orders[span.order]
            for key in self._labels[span.label].keys:
                value = _value(key, order.number, order.order_id)
                parts.append(_attribute(9, key + self._tag, value))
        if span.partition >= 0:
            parts.append(self._partitions[span.partition])
        for trace, linked in span.links:
            link = b"\x0a\x10" + trace.to_bytes(16, "big")
            parts.append(_field(13, link + b"\x12\x08" + linked.to_bytes(8, "big")))
        if span.error:
            parts.append(_attribute(9, "error.type", span.error.partition(":")[0]))
            parts.append(_field(15, _field(2, span.error.encode()) + b"\x18\x02"))
        if sampled < 1.0:
            threshold = f"{int((1 - sampled) * 2**56):014x}".rstrip("0") or "0"
            parts.append(_field(3, f"ot=th:{threshold}".encode()))
        return _field(2, b"".join(parts))

    def request(self, resource: int, spans: list[bytes]) -> bytes:
        """An export request of one resource."""
        scope = _field(1, _field(1, b"simulated"))
        return _field(1, self._resources[resource] + _field(2, scope + b"".join(spans)))


def _value(key: str, number: int, order_id: str) -> str:
    """An order's value of a key attribute: of its own id, of another, of its customer's."""
    if key == "customer.id":
        return f"C-{number % _CUSTOMERS:04}"
    own = key in ("order.id", "return.id") or key.startswith("run.")
    return order_id if own else f"{key[:3].upper()}-{order_id}"


def _static(label: Label) -> bytes:
    """Name, kind and attributes that all spans of a label share."""
    attributes: dict[str, str] = {}
    if label.role == "serve":
        method, _, route = label.operation.partition(" ")
        name, kind = label.operation, _SERVER
        attributes = {"http.request.method": method, "http.route": route}
    else:
        name = f"{label.operation} {label.role}"
        kind = _PRODUCER if label.role == "send" else _CONSUMER
        consumes = label.flat and label.role != "send"
        destination = "destination_publish" if consumes else "destination"
        attributes = {
            "messaging.system": "nats" if label.flat else "kafka",
            f"messaging.{destination}.name": label.operation,
            "messaging.operation.type": label.role,
        }
    return (
        _field(5, name.encode())
        + bytes((0x30, kind))
        + b"".join(_attribute(9, key, value) for key, value in attributes.items())
    )


def _resource(resource: Resource) -> bytes:
    attributes = {
        "service.name": resource.service,
        "service.version": resource.version,
        "service.instance.id": f"{resource.service}-{resource.instance}",
        "host.name": f"node-{resource.instance}",
    }
    return _field(1, b"".join(_attribute(1, key, value) for key, value in attributes.items()))


def _attribute(number: int, key: str, value: str) -> bytes:
    return _field(number, _field(1, key.encode()) + _field(2, _field(1, value.encode())))


def _field(number: int, data: bytes) -> bytes:
    """A length-delimited field of protobuf."""
    return bytes((number << 3 | 2,)) + _varint(len(data)) + data


def _varint(n: int) -> bytes:
    if n < 0x80:
        return bytes((n,))
    out = bytearray()
    while n >= 0x80:
        out.append(n & 0x7F | 0x80)
        n >>= 7
    out.append(n)
    return bytes(out)
