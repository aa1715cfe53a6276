"""A batch's span without a key belongs to all orders it links to, however its telemetry arrives."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from itertools import permutations, product
from random import Random

from opentelemetry.proto.trace.v1.trace_pb2 import Span

from tests.correlation.worlds import Told, digest, exported, world_of
from tests.golden.world import World

Place = Callable[[str], str]
Slot = tuple[int, int]
Plan = list[tuple[Slot, Told]]
"""Spans, each with the tick and the commit within it that bring it."""

TAKEN = {"messaging.operation.type": "process", "messaging.destination.name": "bills"}
SENT = {"messaging.operation.type": "send", "messaging.destination.name": "bills"}
STEP = "archive process bills"


def consumed(name: str, links: list[tuple[str, str]]) -> Told:
    """The batch: one span in a trace of its own, without a key."""
    return Told(
        name,
        name,
        "archive",
        kind=Span.SPAN_KIND_CONSUMER,
        at=5,
        attributes=TAKEN,
        links=tuple((trace, span, {}) for trace, span in links),
    )


def sent(order: str, *, keyed: bool = True, under: str = "") -> Told:
    """The message of an order."""
    attributes = {**SENT, "order.id": order} if keyed else SENT
    return Told(
        f"t{order}",
        f"s{order}",
        "billing",
        kind=Span.SPAN_KIND_PRODUCER,
        under=under,
        at=1,
        attributes=attributes,
    )


def served(order: str, trace: str) -> Told:
    """A span that tells the order's id."""
    return Told(trace, f"k{order}", "billing", name="bill", attributes={"order.id": order})


def every_way() -> Iterator[tuple[list[str], list[int]]]:
    """Three orders and their batch in every sequence, cut in every way.

    Between two: 0 the same commit, 1 another one, 2 another tick.
    """
    for sequence in permutations(["0", "1", "2", "batch"]):
        for cuts in product((0, 1, 2), repeat=3):
            yield list(sequence), [*cuts]


def play(here: World, plan: Plan) -> None:
    """Let it arrive."""
    arriving: defaultdict[int, defaultdict[int, list[Told]]] = defaultdict(
        lambda: defaultdict(list)
    )
    for (tick, commit), told in plan:
        arriving[tick][commit].append(told)
    for _, commits in sorted(arriving.items()):
        for _, spans in sorted(commits.items()):
            here.take(exported(*spans))
            here.clock.advance(1)
        here.parts.runner._correlate()


def batches(here: World) -> dict[str, set[str]]:
    """Batch's trace → the orders that have its step."""
    rows = here.parts.engine.query(
        "SELECT trace, groupArray(order_id) AS orders FROM order_facts FINAL "
        "ARRAY JOIN `steps.TraceId` AS trace, `steps.step` AS step "
        "WHERE NOT deleted AND step = {step:String} GROUP BY trace",
        {"step": STEP},
    ).to_pylist()
    return {row["trace"]: set(row["orders"]) for row in rows}


def traces(here: World) -> dict[str, set[str]]:
    """Trace → its orders."""
    rows = here.parts.engine.query("SELECT TraceId, orders FROM traces FINAL").to_pylist()
    return {row["TraceId"]: {order["order_id"] for order in row["orders"]} for row in rows}


def test_a_batch_has_all_its_orders_whatever_comes_first(engine_url: Place) -> None:
    plan: Plan = []
    wanted: dict[str, set[str]] = {}
    ways: dict[str, object] = {}
    for n, (sequence, cuts) in enumerate(every_way()):
        orders = {which: f"W{n}/{which}" for which in "012"}
        batch = consumed(f"batch {n}", [(f"t{o}", f"s{o}") for o in orders.values()])
        tick = commit = 0
        for which, cut in zip(sequence, [0, *cuts], strict=True):
            tick, commit = (tick + 1, 0) if cut == 2 else (tick, commit + cut)
            told = batch if which == "batch" else sent(orders[which])
            plan.append(((tick, commit), told))
        trace = digest(batch.trace, 16).hex()
        wanted[trace], ways[trace] = set(orders.values()), (sequence, cuts)
    with world_of(engine_url("chdb")) as here:
        play(here, plan)
        found = batches(here)
    lacking = [
        (ways[t], wanted[t] - found.get(t, set())) for t in wanted if found.get(t) != wanted[t]
    ]
    assert not lacking


def test_a_batch_has_all_its_orders_however_those_are_known(engine_url: Place) -> None:
    """The message's span may come twice or never, without a key or with it elsewhere."""
    random = Random(5)
    plan: Plan = []
    wanted: dict[str, set[str]] = {}
    alone: dict[str, set[str]] = {}
    ways: dict[str, object] = {}
    for n in range(150):
        links, orders, way = [], set(), []
        for which in range(random.randint(2, 5)):
            order = f"K{n}/{which}"
            links.append((f"t{order}", f"s{order}"))
            orders.add(order)
            kind = random.choice(
                ["plain", "twice", "key beside", "key above", "dropped", "key elsewhere"]
            )
            way.append(kind)
            if kind == "key elsewhere":
                told = [
                    Told(
                        f"t{order}",
                        f"s{order}",
                        "billing",
                        kind=Span.SPAN_KIND_PRODUCER,
                        at=1,
                        attributes=SENT,
                        links=((f"u{order}", f"k{order}", {}),),
                    ),
                    served(order, f"u{order}"),
                ]
            else:
                told = {
                    "plain": [sent(order)],
                    "twice": [sent(order), sent(order)],
                    "key beside": [sent(order, keyed=False), served(order, f"t{order}")],
                    "key above": [
                        sent(order, keyed=False, under=f"k{order}"),
                        served(order, f"t{order}"),
                    ],
                    "dropped": [served(order, f"t{order}")],
                }[kind]
            for span in told:
                plan.append(((random.randrange(4), random.randrange(2)), span))
            alone[digest(f"t{order}", 16).hex()] = {order}
        batch = consumed(f"many {n}", links)
        plan.append(((random.randrange(4), random.randrange(2)), batch))
        trace = digest(batch.trace, 16).hex()
        wanted[trace], ways[trace] = orders, way
    with world_of(engine_url("chdb")) as here:
        play(here, plan)
        found, owners = batches(here), traces(here)
    lacking = [
        (ways[t], wanted[t] ^ found.get(t, set())) for t in wanted if found.get(t) != wanted[t]
    ]
    assert not lacking, f"{len(lacking)} of {len(wanted)}"
    assert {trace: owners[trace] for trace in alone} == alone
