"""What really happens: a choreography played with its faults, message by message.

Discrete events on seconds from the start, all chance from one seed. A consumer's partitions are
queues, first in, first out. The outcome is every span that a perfect telemetry would show, in the
order of happening, and the truth about every order.
"""

from __future__ import annotations

import heapq
import math
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import NamedTuple

from benchmarks.simulator.choreographies import Choreography, Handler
from benchmarks.simulator.faults import BLOCKED, FAILED, STUCK, Fault, Kind
from benchmarks.simulator.truth import Block, Order, Stop

PARTITIONS = 4
_SEND_S = 0.002
_BROKER_S, _BROKER_SPREAD = 0.015, 0.6
_LINGER_S = 1.0
_BACKOFF_S = 1.0


@dataclass(frozen=True)
class Flow:
    """Orders of a choreography, `per_s` a second on average, from `at` until `until`."""

    choreography: Choreography
    per_s: float
    at: float = 0.0
    until: float = math.inf
    regular: bool = False
    """One every 1/per_s seconds, give or take a tenth; else as chance will."""


@dataclass(frozen=True)
class Plan:
    """A run to be played."""

    flows: tuple[Flow, ...]
    seconds: float
    seed: int
    faults: tuple[Fault, ...] = ()
    heartbeat_s: float = 20.0
    """Every service serves `GET /health` so often."""


class Label(NamedTuple):
    """What all spans of a kind share: their step and the key attributes on them."""

    workflow: str
    service: str
    role: str
    operation: str
    keys: tuple[str, ...]
    flat: bool = False

    @property
    def step(self) -> str:
        """As the product names it."""
        return f"{self.service} {self.role} {self.operation}"


class Resource(NamedTuple):
    """Who sends spans."""

    service: str
    instance: int
    version: str


class Span(NamedTuple):
    """A span as it happened. Ids are integers; `order` −1 is none, a tuple several."""

    resource: int
    label: int
    trace: int
    span: int
    parent: int
    links: tuple[tuple[int, int], ...]
    start: float
    end: float
    order: int | tuple[int, ...]
    error: str
    cause: int
    """The span that really led here, whatever parents and links say; 0 none."""
    partition: int


class _Context(NamedTuple):
    """What a message carries with it."""

    trace: int
    span: int
    origin: int


@dataclass
class Recording:
    """A run that was played."""

    plan: Plan
    orders: list[Order]
    spans: list[Span]
    labels: list[Label]
    resources: list[Resource]


class _Consumer:
    """A handler ready to run: its faults, its span kinds, who sends its spans."""

    def __init__(self, run: _Run, flow: int, epoch: Choreography, handler: Handler) -> None:
        self.flow = flow
        self.handler = handler
        self.workflow = epoch.workflow
        service = handler.service
        version = epoch.version(service)
        self.resources = [run.resource(service, n, version) for n in range(2)]
        keys = () if handler.keyless else handler.keys or (epoch.key,)
        role = "receive" if handler.shape == "receive" else "process"
        flat = handler.shape == "flat"
        self.taken = {
            topic: run.label(
                Label(
                    epoch.workflow,
                    service,
                    "serve" if handler.serves else role,
                    handler.serves or topic,
                    () if handler.batch else keys,
                    flat,
                )
            )
            for topic in handler.topics
        }
        self.dead = {
            t: run.label(Label(epoch.workflow, service, "send", f"dlq.{t}", keys))
            for t in handler.topics
        }
        shown = [s for c in handler.choices for s in c.sends if s not in run.hidden(epoch)]
        self.sent = {
            s: run.label(Label(epoch.workflow, service, "send", s, keys, flat)) for s in shown
        }
        self.owed = frozenset(run.labels[kind].step for kind in self.sent.values())
        names = [f"{service} {topic}" for topic in handler.topics]
        self.faults: dict[str, list[Fault]] = defaultdict(list)
        for fault in run.plan.faults:
            if fault.workflow in ("", epoch.workflow) and fault.hits(service, *names):
                self.faults[_GROUP.get(fault.kind, "")].append(fault)
        self.faults.pop("", None)
        self.waiting: list[tuple[Order, _Context]] = []

    def step(self, run: _Run, topic: str) -> frozenset[str]:
        """The step that taking a message of the topic is."""
        return frozenset({run.labels[self.taken[topic]].step})


_GROUP: dict[Kind, str] = {
    "lost": "lose",
    "burst": "lose",
    "refund lost": "lose",
    "swallowed": "swallow",
    **dict.fromkeys(BLOCKED, "hold"),
    "slow": "slow",
    **dict.fromkeys(FAILED, "fail"),
    "retried": "fail",
    "duplicate": "twice",
}
assert set(STUCK) <= set(_GROUP)


class _Run:
    """The state of a run that is being played."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.random = Random(f"events {plan.seed}")
        self.orders: list[Order] = []
        self.spans: list[Span] = []
        self.labels: list[Label] = []
        self.resources: list[Resource] = []
        self._label_at: dict[Label, int] = {}
        self._resource_at: dict[Resource, int] = {}
        self.heap: list[tuple[float, int, object, object, object, object]] = []
        self._events = 0
        self.free: dict[tuple[int, str, int], float] = {}
        self.epochs: list[tuple[list[float], list[_Epoch]]] = []
        for number, flow in enumerate(plan.flows):
            at, epochs = [-math.inf], [_Epoch(self, number, flow.choreography)]
            deploys = [
                f for f in plan.faults if f.after and f.workflow in ("", flow.choreography.workflow)
            ]
            for deploy in sorted(deploys, key=lambda f: f.at):
                at.append(deploy.at)
                epochs.append(_Epoch(self, number, deploy.after))  # type: ignore[arg-type]
            self.epochs.append((at, epochs))

    # -- names ----------------------------------------------------------------------------------

    def label(self, label: Label) -> int:
        """The number of a label."""
        if label not in self._label_at:
            self._label_at[label] = len(self.labels)
            self.labels.append(label)
        return self._label_at[label]

    def resource(self, service: str, instance: int, version: str) -> int:
        """The number of a sender."""
        resource = Resource(service, instance, version)
        if resource not in self._resource_at:
            self._resource_at[resource] = len(self.resources)
            self.resources.append(resource)
        return self._resource_at[resource]

    @staticmethod
    def hidden(choreography: Choreography) -> set[str]:
        """Topics that are no messages but the world outside."""
        return {t for h in choreography.handlers if h.serves for t in h.topics}

    # -- time -----------------------------------------------------------------------------------

    def play(self) -> Recording:
        for number, flow in enumerate(self.plan.flows):
            arrivals = self._arrivals(number, flow)
            self._next_order(number, arrivals)
        for service in sorted({r.service for r in self.resources}):
            self.push(
                self.random.random() * self.plan.heartbeat_s, self._heartbeat, service, None, None
            )
        end = self.plan.seconds
        heap, pop = self.heap, heapq.heappop
        while heap and heap[0][0] < end:
            t, _, act, a, b, c = pop(heap)
            act(t, a, b, c)  # type: ignore[operator]
        return Recording(self.plan, self.orders, self.spans, self.labels, self.resources)

    def push(self, t: float, act: object, a: object, b: object, c: object) -> None:
        self._events += 1
        heapq.heappush(self.heap, (t, self._events, act, a, b, c))

    def _arrivals(self, number: int, flow: Flow) -> Iterator[float]:
        random = Random(f"arrivals {self.plan.seed} {number}")
        quiet = [
            f
            for f in self.plan.faults
            if f.kind == "quiet" and f.workflow in ("", flow.choreography.workflow)
        ]
        t = flow.at
        while True:
            per_s = flow.per_s
            for fault in quiet:
                if fault.during(t):
                    per_s *= fault.share
            gap = 1 / per_s
            t += gap * random.uniform(0.9, 1.1) if flow.regular else random.expovariate(per_s)
            if t >= min(flow.until, self.plan.seconds):
                return
            yield t

    def _next_order(self, number: int, arrivals: Iterator[float]) -> None:
        t = next(arrivals, None)
        if t is not None:
            self.push(t, self._begin, number, arrivals, None)

    def _heartbeat(self, t: float, service: str, _b: object, _c: object) -> None:
        down = any(
            f.kind == "crash" and f.where.split(" ")[0] == service and f.during(t)
            for f in self.plan.faults
        )
        if not down:
            version = "1.0.0"
            kind = self.label(Label("", service, "serve", "GET /health", ()))
            bits = self.random.getrandbits
            self.spans.append(
                Span(
                    self.resource(service, 0, version),
                    kind,
                    bits(128),
                    bits(64),
                    0,
                    (),
                    t,
                    t + 0.001,
                    -1,
                    "",
                    0,
                    -1,
                )
            )
        self.push(t + self.plan.heartbeat_s, self._heartbeat, service, None, None)

    # -- orders ---------------------------------------------------------------------------------

    def epoch(self, flow: int, t: float) -> _Epoch:
        at, epochs = self.epochs[flow]
        return epochs[bisect_right(at, t) - 1]

    def _begin(self, t: float, number: int, arrivals: Iterator[float], _c: object) -> None:
        epoch = self.epoch(number, t)
        chosen = epoch.choreography
        n = len(self.orders)
        order = Order(n, f"{chosen.prefix}-{self.plan.seed}-{n:06}", chosen.workflow, t, open=1)
        self.orders.append(order)
        bits = self.random.getrandbits
        trace, span = bits(128), bits(64)
        work = self.random.lognormvariate(math.log(0.02), 0.3)
        self.spans.append(
            Span(
                epoch.entry,
                epoch.serve,
                trace,
                span,
                0,
                (),
                t,
                t + work + _SEND_S,
                n,
                "",
                0,
                -1,
            )
        )
        for topic in chosen.starts:
            sent = bits(64)
            self.spans.append(
                Span(
                    epoch.entry,
                    epoch.starts[topic],
                    trace,
                    sent,
                    span,
                    (),
                    t + work,
                    t + work + _SEND_S,
                    n,
                    "",
                    span,
                    -1,
                )
            )
            self._deliver(t + work + _SEND_S, number, order, topic, _Context(trace, sent, sent))
        self._done(order, t + work)
        self._next_order(number, arrivals)

    def _done(self, order: Order, t: float) -> None:
        order.open -= 1
        if not order.open and order.outcome == "open":
            order.outcome, order.ended = "completed", t

    def _deliver(self, t: float, flow: int, order: Order, topic: str, context: _Context) -> None:
        """A message goes out to everybody who takes its topic."""
        random = self.random
        for consumer in self.epoch(flow, t).consumers.get(topic, ()):
            wait = consumer.handler.wait
            delay = random.lognormvariate(_BROKER, _BROKER_SPREAD)
            if wait is not None:
                delay += random.lognormvariate(math.log(wait.median_s), wait.spread)
            faults = consumer.faults
            for fault in faults.get("lose", ()):
                if fault.during(t) and random.random() < fault.share:
                    usual = _BROKER_S + consumer.handler.work.median_s
                    usual += wait.median_s if wait else 0
                    order.stop(Stop(fault.kind, "stuck", t, t + usual, consumer.step(self, topic)))
                    break
            else:
                order.open += 1
                self.push(t + delay, self._take, consumer, order, (topic, context, False))
                for fault in faults.get("twice", ()):
                    if fault.during(t) and random.random() < fault.share:
                        order.met.add(fault.kind)
                        order.open += 1
                        later = t + delay + random.uniform(0.5, 5)
                        self.push(later, self._take, consumer, order, (topic, context, True))

    def _take(
        self, t: float, consumer: _Consumer, order: Order, message: tuple[str, _Context, bool]
    ) -> None:
        """A message has come to a consumer's queue; when its turn comes, it is handled."""
        topic, context, again = message
        newer = self.epoch(consumer.flow, t).by_name.get(consumer.handler.name)
        if newer is not None and topic in newer.taken:
            consumer = newer
        handler, random = consumer.handler, self.random
        if handler.batch:
            if not consumer.waiting:
                self.push(t + _LINGER_S, self._flush, consumer, topic, None)
            consumer.waiting.append((order, context))
            return
        partition = order.number % PARTITIONS
        queue = (consumer.flow, handler.name, partition)
        start = max(t, self.free.get(queue, 0.0))
        for fault in consumer.faults.get("hold", ()):
            if not (fault.during(t) or fault.during(start)):
                continue
            if fault.kind == "partition" and fault.value != partition:
                continue
            since = max(t, fault.at)
            start = max(fault.until + 0.5 + random.random() * 0.1, start)
            due, steps = since + handler.work.median_s, consumer.step(self, topic)
            order.blocks.append(Block(fault.kind, since, due, start, steps))
            if math.isinf(start):
                return
        work = random.lognormvariate(math.log(handler.work.median_s), handler.work.spread)
        for fault in consumer.faults.get("slow", ()):
            if fault.during(start):
                work = fault.value * random.uniform(0.9, 1.1)
                order.met.add(fault.kind)
        self.free[queue] = start + work
        turn = _Turn(consumer, order, topic, context, partition, start, work)
        if again:
            turn.attempt(self)
        elif self._works(turn):
            self._publish(turn)
        self._done(order, turn.end)

    def _works(self, turn: _Turn) -> bool:
        """Whether the handler gets as far as publishing."""
        consumer, order, random = turn.consumer, turn.order, self.random
        for fault in consumer.faults.get("fail", ()):
            if not fault.during(turn.start) or random.random() >= fault.share:
                continue
            final = fault.kind != "retried"
            began = turn.start
            for n in range(int(fault.value) if final else random.randint(1, 2)):
                turn.attempt(self, "TimeoutError: the bank doesn't answer")
                if not final or n + 1 < fault.value:
                    turn.start = turn.end + _BACKOFF_S * 2**n * random.uniform(0.9, 1.1)
            if final:
                if fault.kind == "poison":
                    self._send_span(turn, consumer.dead[turn.topic])
                steps = consumer.step(self, turn.topic)
                order.stop(Stop(fault.kind, "failed", began, turn.end, steps))
                return False
            order.met.add(fault.kind)
        turn.attempt(self)
        if consumer.handler.join:
            here = order.joined.setdefault(consumer.handler.name, set())
            here.add(turn.topic)
            if len(here) < len(consumer.handler.topics):
                return False
        for fault in consumer.faults.get("swallow", ()):
            if consumer.owed and fault.during(turn.start) and random.random() < fault.share:
                order.stop(Stop(fault.kind, "stuck", turn.start, turn.end, consumer.owed))
                return False
        return True

    def _publish(self, turn: _Turn) -> None:
        """Publish what one of the handler's choices says."""
        consumer, order = turn.consumer, turn.order
        chosen = consumer.handler.choices[0]
        if len(consumer.handler.choices) > 1:
            draw = self.random.random()
            for chosen in consumer.handler.choices:
                draw -= chosen.share
                if draw < 0:
                    break
        for topic in chosen.sends:
            if topic in consumer.sent:
                carried = self._send_span(turn, consumer.sent[topic])
            else:
                carried = _Context(turn.trace, turn.span, turn.span)
            if topic == "payment.refunded":
                order.compensated = True
            self._deliver(turn.end, consumer.flow, order, topic, carried)

    def _send_span(self, turn: _Turn, label: int) -> _Context:
        shape, bits = turn.consumer.handler.shape, self.random.getrandbits
        alone = shape == "receive"  # the receive span is over, so there is no parent
        trace, span = bits(128) if alone else turn.trace, bits(64)
        at = turn.end - _SEND_S
        self.spans.append(
            Span(
                turn.resource,
                label,
                trace,
                span,
                0 if alone else turn.span,
                (),
                at,
                at + _SEND_S,
                turn.order.number,
                "",
                turn.span,
                -1,
            )
        )
        return _Context(trace, span, turn.context.origin if shape == "flat" else span)

    def _flush(self, t: float, consumer: _Consumer, topic: str, _c: object) -> None:
        """A batch is full, or old enough."""
        waiting, consumer.waiting = consumer.waiting, []
        bits, handler = self.random.getrandbits, consumer.handler
        while waiting:
            batch, waiting = waiting[: handler.batch], waiting[handler.batch :]
            trace, span = bits(128), bits(64)
            work = handler.work.median_s * len(batch)
            self.spans.append(
                Span(
                    consumer.resources[0],
                    consumer.taken[topic],
                    trace,
                    span,
                    0,
                    tuple((context.trace, context.span) for _, context in batch),
                    t,
                    t + work,
                    tuple(order.number for order, _ in batch),
                    "",
                    batch[0][1].span,
                    -1,
                )
            )
            for order, context in batch:
                turn = _Turn(consumer, order, topic, context, 0, t, work)
                turn.trace, turn.span = trace, span
                self._publish(turn)
                self._done(order, turn.end)


@dataclass(slots=True)
class _Turn:
    """A message whose turn has come."""

    consumer: _Consumer
    order: Order
    topic: str
    context: _Context
    partition: int
    start: float
    work: float
    trace: int = 0
    span: int = 0
    """The attempt that is under way."""

    @property
    def end(self) -> float:
        return self.start + self.work

    @property
    def resource(self) -> int:
        return self.consumer.resources[self.partition % 2]

    def attempt(self, run: _Run, error: str = "") -> None:
        """Take the message, and leave a span of it."""
        handler, context, bits = self.consumer.handler, self.context, run.random.getrandbits
        shape = handler.shape
        links: tuple[tuple[int, int], ...] = ()
        if handler.serves or shape in ("root", "link"):
            self.trace, parent = bits(128), 0
        else:
            self.trace = context.trace
            parent = context.origin if shape == "flat" else context.span
        if shape in ("link", "both") and not handler.serves:
            links = ((context.trace, context.span),)
        self.span = bits(64)
        run.spans.append(
            Span(
                self.resource,
                self.consumer.taken[self.topic],
                self.trace,
                self.span,
                parent,
                links,
                self.start,
                self.start + (0.001 if shape == "receive" else self.work),
                self.order.number,
                error,
                context.span,
                self.partition,
            )
        )


class _Epoch:
    """A choreography between two deploys."""

    def __init__(self, run: _Run, flow: int, choreography: Choreography) -> None:
        self.choreography = choreography
        workflow, entry, key = choreography.workflow, choreography.entry, (choreography.key,)
        self.entry = run.resource(entry, 0, choreography.version(entry))
        self.serve = run.label(Label(workflow, entry, "serve", choreography.route, key))
        self.starts = {
            t: run.label(Label(workflow, entry, "send", t, key)) for t in choreography.starts
        }
        self.by_name: dict[str, _Consumer] = {}
        self.consumers: dict[str, list[_Consumer]] = defaultdict(list)
        for handler in choreography.handlers:
            consumer = _Consumer(run, flow, choreography, handler)
            self.by_name[handler.name] = consumer
            for topic in handler.topics:
                self.consumers[topic].append(consumer)


_BROKER = math.log(_BROKER_S)


def play(plan: Plan) -> Recording:
    """Play a plan to its end; the same plan gives the same recording."""
    return _Run(plan).play()
