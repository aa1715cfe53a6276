"""A story: a usual flow that many orders take, what is odd about a few, and whom to ask about."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from tests.golden.spans import joined, request
from tests.golden.world import DAWN, World

FOLDER = Path(__file__).parent
NAMES = sorted(path.name.removesuffix(".spans.json") for path in FOLDER.glob("*.spans.json"))
_EVERY_NS = 1_000_000_000


@dataclass(frozen=True)
class Story:
    story: str
    usual: list[dict[str, Any]]
    odd: dict[int, list[dict[str, Any]]]
    """What orders at these places do instead."""
    asked: list[int]
    """Orders whose answer is kept."""
    extra: list[list[dict[str, Any]]] = field(default_factory=list)
    """Spans of several orders together; group k starts with order 2k."""
    orders: int = 40


def read(name: str) -> Story:
    """A story from its file."""
    told = json.loads((FOLDER / f"{name}.spans.json").read_text("utf-8"))
    return Story(**{**told, "odd": {int(k): v for k, v in told["odd"].items()}})


def expected(name: str) -> Any:
    """What must come out."""
    return json.loads((FOLDER / f"{name}.order.json").read_text("utf-8"))


def order_id(n: int) -> str:
    return f"ORD-{n:04}"


def requests(story: Story) -> list[ExportTraceServiceRequest]:
    """Every span of the story, one a request, in the order of telling."""
    told = [
        request(order_id(n), DAWN + n * _EVERY_NS, span)
        for n in range(story.orders)
        for span in story.odd.get(n, story.usual)
    ]
    told += [
        request("", DAWN + 2 * k * _EVERY_NS, span)
        for k, group in enumerate(story.extra)
        for span in group
    ]
    return told


def tell(world: World, story: Story) -> None:
    """All of it in one request, the last span first."""
    world.take(joined(reversed(requests(story))))
    world.settle()


def answer(world: World, story: Story) -> dict[str, Any]:
    """The states of all orders, and all that matters of those asked for."""
    listed = world.orders()
    states: dict[str, int] = {}
    for row in listed:
        states[row.state] = states.get(row.state, 0) + 1
    told: dict[str, Any] = {"orders": dict(sorted(states.items()))}
    for n in story.asked:
        order = world.order(order_id(n))
        told[order_id(n)] = {
            "state": order.state,
            "verdict": order.verdict,
            "step": order.step,
            "service": order.service,
            "spans": order.span_count,
            "traces": order.trace_count,
            "steps": [
                f"{step.state}: {step.step}"
                + (f" ×{step.attempts}" if step.attempts > 1 else "")
                + (f" ← {', '.join(step.causes)}" if step.causes else "")
                + (f" ({step.error})" if step.error else "")
                for step in order.steps
            ],
            "owed": [f"{owed.diagnosis}: {owed.sentence}" for owed in order.owed],
        }
    return told
