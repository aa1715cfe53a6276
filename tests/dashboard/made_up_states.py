"""A made-up order for each state and verdict, with what undoes what; answers like the API."""

from __future__ import annotations

from tests.dashboard.made_up import CHAIN, Maker, Record, Scene, Visit, _step, text_of
from tests.dashboard.made_up_pages import rule

CASES = [
    (6, "completed", ""),
    (5, "completed", "with_gaps"),
    (3, "in_progress", "on_time"),
    (3, "in_progress", "delayed"),
    (3, "in_progress", "suspect"),
    (3, "in_progress", "flow_changed"),
    (3, "stuck", "odd_order"),
    (3, "stuck", "edge_stopped"),
    (4, "stuck", "compensation_stuck"),
    (2, "failed", "dead"),
    (2, "failed", "declared"),
    (4, "compensating", ""),
    (4, "compensated", ""),
    (2, "unknown", "cold"),
    (2, "unknown", "sampled"),
    (2, "unknown", "no_telemetry"),
    (2, "unknown", "unconfirmed"),
]
"""How far each came, its state and verdict."""
UNDONE = {"compensation_stuck": 1, "compensating": 1, "compensated": 2}
"""How many steps were undone, the last one first."""
SENTENCES = {
    "completed": "Every expected step happened, in 2.1 s.",
    "with_gaps": "Completed in 2.1 s; missing, but not critical: fulfilment-shipping.",
    "declared": "Ended in failure: fulfilment-payment process order.placed",
    "compensating": "Being undone.",
    "compensated": "Failed, and every step that was done is undone, in 2.1 s.",
    "cold": "Too few orders of this workflow are known yet to say what should come next.",
    "sampled": "Its traces are sampled, so a missing span says nothing.",
    "no_telemetry": "fulfilment-cd has never sent a span: whether it took the step isn't seen.",
    "unconfirmed": "fulfilment-cd has been silent for long; it isn't known whether it works.",
}


class StatesMaker(Maker):
    """Makes the cases, the number of an order being the place of its case."""

    def __init__(self, now: float) -> None:
        super().__init__("states", now)

    def fate(self, number: int, age: float) -> tuple[int, str, str]:
        return CASES[number % len(CASES)]

    def order(self, number: int) -> tuple[Record, list[Record]]:
        order, spans = super().order(number)
        undone = UNDONE.get(order["verdict"]) or UNDONE.get(order["state"], 0)
        return (self.undo(order, undone) if undone else order), spans

    def judged(self, order: Record, at: float) -> Record:
        told = super().judged(order, at)
        said = SENTENCES.get(order["verdict"]) or SENTENCES.get(order["state"])
        if order["verdict"] == "compensation_stuck":
            return order
        late = order["verdict"] in {"delayed", "suspect"}
        owed = [owed | {"late": owed["late"] or late} for owed in told["owed"]]
        return told | ({"sentence": said} if said else {}) | {"owed": owed}

    def undoing(self, index: int) -> str:
        """The step that undoes one of the chain."""
        return f"{self.service(CHAIN[index][0])} process order.cancelled"

    def undo(self, order: Record, undone: int) -> Record:
        """The third step has failed, and so many of those before it were undone."""
        steps = [dict(step) for step in order["steps"]]
        failed = next(step for step in steps if step["step"] == self.step(3))
        failed |= {"state": "failed", "error": "no parcel large enough", "attempts": 1}
        steps = [s for s in steps if not s["step"].startswith(f"{self.service('cd')} send")]
        start, cause = self.now - 3000, failed["step"]
        for at, index in enumerate([2, 1][:undone]):
            visit = Visit(self, 900 + index, index, at=start + at, took=0.4, failed=False)
            name, service = self.undoing(index), self.service(CHAIN[index][0])
            own = _step(name, service, "order.cancelled", "process", [cause])
            steps.append(own | visit.times(0, 1))
            for step in steps:
                if step["step"] == self.step(index):
                    step["state"] = "compensated"
        if order["verdict"] != "compensation_stuck":
            return order | {"steps": steps}
        name, service = self.undoing(1), self.service("payment")
        sentence = f"{service} did not consume order.cancelled: the goods are back, the money isn't"
        owed = {
            "step": name,
            "service": service,
            "destination": "order.cancelled",
            "after": self.undoing(2),
            "since": text_of(start + 1),
            "expected_by": text_of(start + 10),
            "late": True,
            "diagnosis": "not_consumed",
            "sentence": sentence,
            "seen": 0,
            "of": 0,
            "median_s": 0.0,
            "p99_s": 9.0,
            "waiting": 0,
        }
        missing = _step(name, service, "order.cancelled", "process", [self.undoing(2)])
        told = {"step": name, "service": service, "sentence": sentence, "owed": [owed]}
        return order | told | {"steps": [*steps, missing | {"state": "owed"}]}


class States(Scene):
    """One order a case; ids name it."""

    def __init__(self) -> None:
        super().__init__("empty")
        self.maker = maker = StatesMaker(self.now)
        for number, (_, state, verdict) in enumerate(CASES):
            order, spans = maker.order(number)
            order["order_id"] = f"{state} {verdict}".strip()
            self.orders[order["order_id"]] = order
            self.spans[order["order_id"]] = spans

    def declared(self) -> list[Record]:
        """The rules that say what undoes what."""
        undo = [(self.maker.undoing(at), self.maker.step(at)) for at in (1, 2)]
        return [rule(self, [], [step]) | {"compensates": [undone]} for step, undone in undo]
