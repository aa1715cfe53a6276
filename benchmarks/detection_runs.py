"""The runs of the detection benchmark: which choreographies, which faults, when. Data only.

Every run begins with a time without faults of its system in which the flow is learned (its
telemetry is never perfect). Then faults come one after the other, at edges of their own, with time
between them, so that a false alarm can be laid at the door of the fault that was going on.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from benchmarks.simulator import choreographies
from benchmarks.simulator.choreographies import inserted, renamed, shortened
from benchmarks.simulator.events import Flow, Plan
from benchmarks.simulator.faults import Fault
from benchmarks.simulator.play import Pace

MINUTE = 60.0
TUNING_SEEDS = (1, 2, 3, 4, 5)
"""Looked at while the engine is built. Never reported as its quality."""
EVALUATION_SEEDS = tuple(range(101, 111))


@dataclass(frozen=True)
class Size:
    """How much of it: orders a second, minutes of faults after minutes of learning, ticks."""

    per_s: float = 8.0
    minutes: float = 15.0
    tick_s: float = 5.0
    warm_minutes: float = 8.0

    @property
    def warm_s(self) -> float:
        """The time without faults."""
        return self.warm_minutes * MINUTE

    def pace(self, warm_s: float) -> Pace:
        """Spans are stored twice a tick."""
        return Pace(self.tick_s, self.tick_s / 2, warm_s=warm_s)


@dataclass(frozen=True)
class Run:
    """A plan and how it is watched."""

    name: str
    plan: Plan
    pace: Pace
    exporter_s: float = 1.0
    correlation: int = 0
    """Orders whose spans are compared with the truth."""
    declared: str = ""
    """A flow that its users have written down; `{tag}` stands behind names of services."""


_REFUND = """\
workflow: order{tag}
steps:
  - step: payment{tag} process stock.rejected
    after: stock{tag} send stock.rejected
    compensates: payment{tag} send payment.captured
    within: 15s
"""
"""That one of seven refunds is lost would be learned as a habit: what undoes must be declared."""


def losses(seed: int, size: Size) -> Run:
    """Messages that are lost, handlers that swallow, poison, retries; imperfect telemetry."""
    shop = choreographies.shop("child" if seed % 2 else "link")
    warm, end = size.warm_s, size.warm_s + size.minutes * MINUTE
    last = end - 3 * MINUTE
    third = (last - warm) / 3
    faults = (
        Fault("lost", warm, last, share=0.0007),
        Fault("burst", warm + third, warm + third + 20, "stock payment.captured", 0.5),
        Fault("burst", warm + 2 * third, warm + 2 * third + 20, "seller payment.captured", 0.3),
        Fault("swallowed", warm, last, "carrier shipment.booked", 0.001),
        Fault("swallowed", warm, last, "invoice order.shipped", 0.002),
        Fault("refund lost", warm, last, "payment stock.rejected", 0.15),
        Fault("poison", warm, last, "stock payment.captured", 0.002, 3),
        Fault("poison, dropped", warm, last, "invoice order.shipped", 0.002, 3),
        Fault("retried", 0, end, "seller payment.captured", 0.02),
        Fault("retried", 0, end, "payment order.placed", 0.01),
        Fault("duplicate", 0, end, share=0.005),
        Fault("span drop", 0, end, share=0.002),
        Fault("stragglers", 0, end, share=0.003, value=60),
        Fault("span twice", 0, end, share=0.005),
    )
    plan = Plan((Flow(shop, size.per_s),), end, seed, faults)
    return Run("losses", plan, size.pace(warm), declared=_REFUND)


def outages(seed: int, size: Size) -> Run:
    """A crash, a consumer that is silent, a partition, a slow consumer, late telemetry."""
    shop = choreographies.shop("link" if seed % 2 else "child")
    warm, end = size.warm_s, size.warm_s + size.minutes * MINUTE
    part = (end - warm) / 5
    faults = (
        Fault("crash", warm, warm + 0.6 * part, "stock"),
        Fault(
            "slow", warm + part, warm + 1.5 * part, "seller payment.captured", value=9 / size.per_s
        ),
        Fault("silent", warm + 2 * part, warm + 2.6 * part, "carrier shipment.booked"),
        Fault("late telemetry", warm + 3 * part, warm + 3.6 * part, "logistics", value=60),
        Fault("partition", warm + 4 * part, warm + 4.7 * part, "invoice order.shipped", value=1),
        Fault("span twice", 0, end, share=0.005),
    )
    plan = Plan((Flow(shop, size.per_s),), end, seed, faults)
    return Run("outages", plan, size.pace(warm))


def changes(seed: int, size: Size) -> Run:
    """Deploys that change the flow; clocks that differ; a workflow of which half is sampled."""
    before = choreographies.shop("link")
    after_1 = renamed(before, "shipment.booked")
    after_2 = inserted(after_1, "payment.captured", "screening")
    after_3 = shortened(after_2, "carrier shipment.booked")
    warm, end = size.warm_s, size.warm_s + size.minutes * MINUTE
    part = (end - warm) / 5
    faults = (
        Fault("skew", value=5),
        Fault("deploy renames", warm + 0.2 * part, workflow="order", after=after_1),
        Fault("deploy adds", warm + 1.2 * part, workflow="order", after=after_2),
        Fault("deploy removes", warm + 2.2 * part, workflow="order", after=after_3),
        Fault("no telemetry", warm + 3.2 * part, warm + 3.8 * part, "logistics", workflow="order"),
        Fault("stragglers", warm + 4.2 * part, warm + 4.7 * part, "", 0.02, 240, workflow="order"),
        Fault("sampled", share=0.5, workflow="return"),
    )
    flows = (Flow(before, size.per_s), Flow(choreographies.returns(), size.per_s / 4))
    return Run("changes", Plan(flows, end, seed, faults), size.pace(warm))


def random(seed: int, size: Size) -> Run:
    """Two random choreographies and rare variants, with losses anywhere."""
    warm, end = 1.5 * size.warm_s, size.warm_s + size.minutes * MINUTE
    flows = (
        Flow(choreographies.random(2 * seed), size.per_s / 2),
        Flow(choreographies.random(2 * seed + 1), size.per_s / 2),
        Flow(choreographies.returns(), size.per_s / 4),
    )
    chance = Random(f"random run {seed}")
    handlers = [h for h in flows[0].choreography.handlers if not h.wait]
    burst = warm + (end - warm) * chance.uniform(0.2, 0.5)
    faults = (
        Fault("lost", warm, end - 3 * MINUTE, share=0.001),
        Fault("burst", burst, burst + 20, chance.choice(handlers).name, 0.5),
        Fault("span drop", 0, end, share=0.001),
        Fault("duplicate", 0, end, share=0.005),
    )
    return Run("random", Plan(flows, end, seed, faults), size.pace(warm))


def quiet(seed: int, size: Size) -> Run:
    """One order a second, then a night; a consumer dies at each."""
    chain = choreographies.chain(6, "link")
    warm, end = size.warm_s, size.warm_s + size.minutes * MINUTE
    part = (end - warm) / 4
    faults = (
        Fault("silent", warm, warm + 0.5 * part, "packing stock.done"),
        Fault("quiet", warm + part, end, share=0.05),
        Fault("lost", warm + 1.2 * part, end - 3 * MINUTE, share=0.02),
        Fault("crash", warm + 3 * part, end, "shipping"),
    )
    return Run("quiet", Plan((Flow(chain, 1.0),), end, seed, faults), size.pace(warm))


def hourly(seed: int, size: Size) -> Run:
    """An order an hour, of which a day is known; then its messages are lost."""
    warm = 24 * 60 * MINUTE
    end = warm + 75 * MINUTE
    faults = (Fault("lost", warm, end, _consumer(seed), 1.0),)
    flow = Flow(choreographies.chain(5, "link"), 1 / 3600, regular=True)
    plan = Plan((flow,), end, seed, faults, heartbeat_s=600)
    return Run("hourly", plan, Pace(28, 28, warm_s=warm, history=True))


def _consumer(seed: int) -> str:
    """A consumer of the chain, by the seed."""
    return ("payment order.placed", "stock payment.done", "packing stock.done")[seed % 3]


def joined(seed: int, size: Size) -> Run:
    """Every shape of a consumer's span, batches, and several ids for an order."""
    end = 4 * MINUTE
    name = "shapes" if seed % 2 else "ids"
    choreography = choreographies.shapes() if seed % 2 else choreographies.ids()
    plan = Plan((Flow(choreography, min(size.per_s, 5)),), end, seed)
    return Run(name, plan, Pace(28, 14), correlation=60)


RUNS: dict[str, Callable[[int, Size], Run]] = {
    "losses": losses,
    "outages": outages,
    "changes": changes,
    "random": random,
    "quiet": quiet,
    "hourly": hourly,
    "joined": joined,
}
