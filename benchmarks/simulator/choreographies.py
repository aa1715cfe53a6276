"""Who reacts to what: services that take messages and publish others. Data only.

A choreography is a set of handlers. A handler takes messages of its topics, works, and then makes
one of its choices: the topics it publishes. `events` plays it; nothing here knows of time passing
or of spans.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from random import Random
from typing import Literal

Shape = Literal["child", "link", "both", "flat", "receive", "root"]
"""How a consumer's span hangs on the message: child of the publisher's span; a trace of its own
with a link; both; child of the chain's first message (FastStream); a receive span that ends before
the handler, whose spans are traces of their own (Python Kafka); a trace of its own and no link."""


@dataclass(frozen=True)
class Wait:
    """A length of time, lognormal."""

    median_s: float
    spread: float = 0.4


@dataclass(frozen=True)
class Choice:
    """What a handler may do next."""

    share: float
    sends: tuple[str, ...] = ()


@dataclass(frozen=True)
class Handler:
    """A service that takes messages of some topics."""

    service: str
    topics: tuple[str, ...]
    choices: tuple[Choice, ...] = (Choice(1.0),)
    work: Wait = Wait(0.03)
    join: bool = False
    """Only when a message of every topic came does it choose (an AND-join)."""
    wait: Wait | None = None
    """Time outside before the message comes: a person, a truck, a timer."""
    serves: str = ""
    """Called from outside (`POST /tracking`) and not by a message: its topics leave no spans."""
    shape: Shape = "child"
    keys: tuple[str, ...] = ()
    """Attributes with the order's ids on its spans; () the workflow's own key."""
    keyless: bool = False
    batch: int = 0
    """Takes up to so many messages at once, of several orders."""

    @property
    def name(self) -> str:
        """As faults name it: `payment order.placed`."""
        return f"{self.service} {self.topics[0]}"


@dataclass(frozen=True)
class Choreography:
    """A workflow: how an order begins, and who does what then."""

    workflow: str
    entry: str
    """The service that orders come to."""
    route: str
    starts: tuple[str, ...]
    handlers: tuple[Handler, ...]
    key: str = "order.id"
    aliases: tuple[str, ...] = ()
    """Further keys; spans that carry two of them join them."""
    prefix: str = "ORD"
    versions: tuple[tuple[str, str], ...] = ()
    """Services that a deploy has changed, and to what; the last counts."""

    def version(self, service: str) -> str:
        """Of a service."""
        return dict(self.versions).get(service, "1.0.0")

    def handler(self, name: str) -> Handler:
        """By its name. Raises KeyError."""
        for handler in self.handlers:
            if handler.name == name or any(
                name == f"{handler.service} {t}" for t in handler.topics
            ):
                return handler
        raise KeyError(name)


def one(*sends: str) -> tuple[Choice, ...]:
    """No choice: it publishes these."""
    return (Choice(1.0, sends),)


def shop(shape: Shape = "child") -> Choreography:
    """A shop: XOR and AND, two slow detours, a loop, a compensation, leaves, a truck."""

    def handler(service: str, *topics: str, **more: object) -> Handler:
        return Handler(service, topics, **{"shape": shape, **more})  # type: ignore[arg-type]

    charge = (
        Choice(0.945, ("payment.captured",)),
        Choice(0.035, ("payment.declined",)),
        Choice(0.01, ("payment.review",)),
        Choice(0.01, ("payment.again",)),
    )
    again = (Choice(0.8, ("payment.captured",)), Choice(0.2, ("payment.declined",)))
    return Choreography(
        "order",
        "checkout",
        "POST /orders",
        ("order.placed",),
        (
            handler("payment", "order.placed", choices=charge, work=Wait(0.06)),
            handler("payment", "payment.again", choices=again, wait=Wait(8, 0.1)),
            handler("fraud", "payment.review", choices=one("review.passed")),
            handler(
                "payment", "review.passed", choices=one("payment.captured"), wait=Wait(120, 0.2)
            ),
            handler("notification", "payment.captured", work=Wait(0.1)),
            handler(
                "stock",
                "payment.captured",
                choices=(
                    Choice(0.965, ("stock.reserved",)),
                    Choice(0.02, ("stock.rejected",)),
                    Choice(0.015, ("stock.ordered",)),
                ),
            ),
            handler(
                "warehouse", "stock.ordered", choices=one("stock.reserved"), wait=Wait(60, 0.3)
            ),
            handler("seller", "payment.captured", choices=one("seller.notified"), work=Wait(0.2)),
            handler(
                "logistics",
                "stock.reserved",
                "seller.notified",
                join=True,
                choices=one("shipment.booked"),
            ),
            handler("payment", "stock.rejected", choices=one("payment.refunded")),
            handler(
                "orders", "payment.declined", "payment.refunded", choices=one("order.cancelled")
            ),
            handler("carrier", "shipment.booked", choices=one("parcel.handed"), work=Wait(0.05)),
            handler(
                "carrier",
                "parcel.handed",
                serves="POST /tracking",
                choices=one("order.shipped"),
                wait=Wait(45, 0.4),
            ),
            handler("invoice", "order.shipped", choices=one("invoice.issued")),
            handler("crm", "order.shipped"),
            handler("archive", "invoice.issued", batch=20),
        ),
    )


def chain(length: int = 6, shape: Shape = "child", workflow: str = "order") -> Choreography:
    """One service after the other."""
    names = ("payment", "stock", "packing", "invoice", "shipping", "mailing", "ledger", "audit")
    topics = ["order.placed", *(f"{name}.done" for name in names[:length])]
    handlers = tuple(
        Handler(name, (topics[n],), one(topics[n + 1]) if n + 1 < length else one(), shape=shape)
        for n, name in enumerate(names[:length])
    )
    return Choreography(workflow, "checkout", "POST /orders", ("order.placed",), handlers)


def returns() -> Choreography:
    """Goods that come back: rare variants, a person who looks, another key."""
    return Choreography(
        "return",
        "portal",
        "POST /returns",
        ("return.asked",),
        (
            Handler(
                "returns",
                ("return.asked",),
                (
                    Choice(0.99, ("return.accepted",)),
                    Choice(0.005, ("return.gift",)),
                    Choice(0.004, ("return.hazard",)),
                    Choice(0.001, ("return.legal",)),
                ),
            ),
            Handler("labels", ("return.accepted",), one("label.sent")),
            Handler("vouchers", ("return.gift",), one("return.settled")),
            Handler("safety", ("return.hazard",), one("return.settled"), wait=Wait(30, 0.3)),
            Handler("lawyers", ("return.legal",), one("return.settled"), wait=Wait(60, 0.3)),
            Handler(
                "inspection",
                ("label.sent",),
                one("return.settled"),
                serves="POST /inspected",
                wait=Wait(40, 0.6),
            ),
            Handler("refunds", ("return.settled",), one("refund.sent")),
            Handler("mail", ("refund.sent",)),
        ),
        key="return.id",
        prefix="RET",
    )


def ids() -> Choreography:
    """Every service has an id of its own for the order; the customer's is on all of them."""
    return Choreography(
        "order",
        "checkout",
        "POST /orders",
        ("order.placed",),
        (
            Handler(
                "payment",
                ("order.placed",),
                one("payment.captured"),
                shape="link",
                keys=("order.id", "payment.id", "customer.id"),
            ),
            Handler(
                "ledger",
                ("payment.captured",),
                one("ledger.written"),
                shape="root",
                keys=("payment.id", "customer.id"),
            ),
            Handler(
                "shipping",
                ("ledger.written",),
                one("shipment.made"),
                shape="root",
                keys=("payment.id", "shipment.id", "customer.id"),
            ),
            Handler(
                "carrier",
                ("shipment.made",),
                one("parcel.moved"),
                shape="root",
                keys=("shipment.id",),
            ),
            Handler("tracking", ("parcel.moved",), shape="link", keyless=True),
        ),
        aliases=("payment.id", "shipment.id"),
    )


def shapes() -> Choreography:
    """Every way in which a consumer's span may hang on its message, one after the other."""
    return Choreography(
        "order",
        "checkout",
        "POST /orders",
        ("order.placed",),
        (
            Handler("payment", ("order.placed",), one("payment.captured"), shape="link"),
            Handler("stock", ("payment.captured",), one("stock.reserved"), shape="both"),
            Handler("packing", ("stock.reserved",), one("parcel.packed"), keyless=True),
            Handler("sorting", ("parcel.packed",), one("parcel.sorted"), shape="receive"),
            Handler(
                "loading", ("parcel.sorted",), one("parcel.loaded"), shape="link", keyless=True
            ),
            Handler("driving", ("parcel.loaded",), one("parcel.driven"), shape="root"),
            Handler("scanning", ("parcel.driven",), one("parcel.scanned"), shape="flat"),
            Handler("billing", ("parcel.scanned",), one("bill.sent"), shape="flat"),
            Handler("archive", ("bill.sent",), one("bill.kept"), batch=10),
            Handler("report", ("bill.kept",), shape="link", keyless=True),
        ),
    )


def random(seed: int) -> Choreography:
    """A random tree or DAG: 6 to 14 handlers; splits, joins, detours, rare variants, leaves."""
    chance = Random(f"choreography {seed}")
    wanted = chance.randint(6, 14)
    handlers: list[Handler] = []
    ready = ["t0"]
    topics = 1

    def topic() -> str:
        nonlocal topics
        topics += 1
        return f"t{topics - 1}"

    shapes_of: tuple[Shape, ...] = ("child", "link", "both")
    while ready and len(handlers) < wanted:
        taken = ready.pop(chance.randrange(len(ready)))
        n = len(handlers)
        shape = chance.choice(shapes_of)
        work = Wait(chance.choice((0.01, 0.03, 0.1, 0.3)))
        kind = chance.random()
        base = Handler(f"svc{n}", (taken,), shape=shape, work=work)
        if kind < 0.3:  # XOR split that joins again, perhaps with a rare or slow branch
            share = chance.choice((0.3, 0.08, 0.01, 0.003))
            left, right, after = topic(), topic(), topic()
            slow = Wait(chance.choice((20, 60)), 0.3) if share <= 0.01 else None
            handlers += [
                replace(base, choices=(Choice(1 - share, (left,)), Choice(share, (right,)))),
                Handler(f"svc{n}a", (left,), one(after), shape=shape),
                Handler(f"svc{n}b", (right,), one(after), shape=shape, wait=slow),
            ]
            ready.append(after)
        elif kind < 0.5:  # AND split that joins again
            left, right, both, after = topic(), topic(), topic(), topic()
            handlers += [
                replace(base, choices=one(both)),
                Handler(f"svc{n}a", (both,), one(left), shape=shape, work=Wait(0.2)),
                Handler(f"svc{n}b", (both,), one(right), shape=shape),
                Handler(f"svc{n}j", (left, right), one(after), join=True, shape=shape),
            ]
            ready.append(after)
        elif kind < 0.7:  # a leaf beside
            after = topic()
            handlers += [
                replace(base, choices=one(after)),
                Handler(f"svc{n}leaf", (after,), shape=shape),
            ]
            ready.append(after)
        else:
            after = topic()
            handlers.append(replace(base, choices=one(after)))
            ready.append(after)
    for n, left in enumerate(ready):
        handlers.append(Handler(f"end{n}", (left,)))
    return Choreography(
        "order", "entry", f"POST /random{seed}", ("t0",), tuple(handlers), prefix=f"RND{seed}"
    )


def renamed(old: Choreography, topic: str) -> Choreography:
    """After a deploy that calls a topic by another name; consumers take both."""
    new = topic + ".v2"
    handlers = []
    changed: dict[str, str] = {}
    for handler in old.handlers:
        choices = tuple(
            replace(c, sends=tuple(new if s == topic else s for s in c.sends))
            for c in handler.choices
        )
        topics = handler.topics
        if topic in topics and not handler.join:
            topics = (*topics, new)
        elif topic in topics:
            topics = tuple(new if t == topic else t for t in topics)
        if (choices, topics) != (handler.choices, handler.topics):
            changed[handler.service] = "1.1.0"
        handlers.append(replace(handler, choices=choices, topics=topics))
    return replace(
        old, handlers=tuple(handlers), versions=(*old.versions, *sorted(changed.items()))
    )


def inserted(old: Choreography, topic: str, service: str) -> Choreography:
    """After a deploy that puts a new service between a topic and those who took it."""
    after = f"{topic}.{service}"
    handlers = [
        replace(h, topics=tuple(after if t == topic else t for t in h.topics)) for h in old.handlers
    ]
    changed = {h.service: "1.2.0" for h in old.handlers if topic in h.topics}
    handlers.append(
        Handler(service, (topic,), one(after), shape=old.handlers[0].shape, work=Wait(0.02))
    )
    return replace(
        old, handlers=tuple(handlers), versions=(*old.versions, *sorted(changed.items()))
    )


def shortened(old: Choreography, name: str) -> Choreography:
    """After a deploy that takes a handler out: who fed it publishes what it used to publish."""
    out = old.handler(name)
    sends = out.choices[0].sends
    handlers = []
    changed: dict[str, str] = {}
    for handler in old.handlers:
        if handler is out:
            continue
        choices = tuple(
            replace(
                c,
                sends=tuple(new for s in c.sends for new in (sends if s in out.topics else (s,))),
            )
            for c in handler.choices
        )
        if choices != handler.choices:
            changed[handler.service] = "1.3.0"
        handlers.append(replace(handler, choices=choices))
    return replace(
        old, handlers=tuple(handlers), versions=(*old.versions, *sorted(changed.items()))
    )
