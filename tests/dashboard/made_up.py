"""A made-up hour of fulfilment orders, in exactly the shapes of the API."""

from __future__ import annotations

import random
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from dashboard.records import OrderRow

Record = dict[str, Any]

HOSTILE = "<img src=x onerror=alert(1)>"
MARKDOWN = "**[evil](https://example.com)** :red[x] $x^2$ `a`"
CHAIN = [
    ("checkout", "serve", "POST /checkout", "order.placed"),
    ("payment", "process", "order.placed", "payment.taken"),
    ("stock", "process", "payment.taken", "stock.reserved"),
    ("cd", "process", "stock.reserved", "parcel.packed"),
    ("invoice", "process", "parcel.packed", "invoice.issued"),
    ("shipping", "process", "invoice.issued", "order.shipped"),
]
"""Service, role, operation, and the topic it publishes to."""
NO_QUANTILES = {"p50_s": None, "p95_s": None, "p99_s": None}
STATES = (
    "completed",
    "in_progress",
    "stuck",
    "failed",
    "compensating",
    "compensated",
    "unknown",
)
ROW = tuple(OrderRow.__annotations__)


def text_of(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f") + "000Z"


class Maker:
    """Makes orders; `kind` is usual, empty, cold, hostile, heavy (spans), or map-200 (services)."""

    def __init__(self, kind: str, now: float) -> None:
        self.kind, self.now = kind, now
        self.random = random.Random(7)
        self.workflow = f"order {MARKDOWN}" if kind == "hostile" else "order"

    def service(self, name: str) -> str:
        return f"{HOSTILE}-{name}" if self.kind == "hostile" else f"fulfilment-{name}"

    def topic(self, name: str) -> str:
        return f"{name}{HOSTILE}" if self.kind == "hostile" else name

    def step(self, at: int) -> str:
        name, role, operation, _ = CHAIN[at]
        return f"{self.service(name)} {role} {self.topic(operation) if at else operation}"

    def hop(self, at: int) -> Record:
        """What orders usually spend in a step."""
        name = self.service(CHAIN[at][0])
        usual = {"orders": 200, "share": 0.16, "p50_s": 0.2, "p95_s": 0.35, "p99_s": 0.38}
        place = {"kind": "work", "step": self.step(at), "service": name}
        return {"workflow": self.workflow, **place, "after": None, "callee": None, **usual}

    def fate(self, number: int, age: float) -> tuple[int, str, str]:
        """How far an order came, its state and verdict."""
        if self.kind == "cold":
            return 6, "unknown", "cold"
        if 60 < age < 276:
            return 3, "stuck", "edge_stopped"
        if number % 97 == 11:
            return 2, "failed", "dead"
        if age < 60:
            return 3, "in_progress", "suspect" if age > 30 else "on_time"
        return 6, "completed", ""

    def order(self, number: int) -> tuple[Record, list[Record]]:
        """An order with all that is known of it, and its spans."""
        start = self.now - 3600 + number * 5.4
        reach, state, verdict = self.fate(number, self.now - start)
        steps: list[Record] = []
        spans: list[Record] = []
        messages: list[Record] = []
        at, cause = start, None
        for index in range(reach):
            failed = state == "failed" and index == reach - 1
            took = self.random.uniform(0.04, 0.4)
            visit = Visit(self, number, index, at=at, took=took, failed=failed)
            steps += visit.steps(cause)
            spans += visit.spans()
            lag = self.random.uniform(0.5, 2) if index == 3 else self.random.uniform(0.004, 0.02)
            if not failed:
                messages.append(visit.message(lag if index + 1 < reach else None))
            cause = visit.sent
            at += took + (lag if index + 1 < reach else 0)
        hostile = f"{HOSTILE} {MARKDOWN} {number}"
        order = {
            "workflow": self.workflow,
            "order_id": hostile if self.kind == "hostile" else f"ORD-{10000 + number}",
            "state": state,
            "verdict": verdict,
            "started_at": text_of(start),
            "last_seen_at": text_of(at),
            "state_since": text_of(at),
            "step": steps[-1]["step"],
            "service": steps[-1]["service"],
            "cause_id": None,
            "sentence": "Every expected step was seen.",
            "span_count": len(spans),
            "trace_count": reach,
            "as_of": text_of(self.now),
            "traces": [],
            "steps": steps,
            "owed": [],
            "messages": messages,
            "critical_path": path_of(steps, messages),
            "clock_offsets": [],
        }
        return self.judged(order, at), spans

    def judged(self, order: Record, at: float) -> Record:
        """The order with its verdict told."""
        cd, topic = self.service("cd"), self.topic("stock.reserved")
        if order["state"] == "failed":
            payment = self.service("payment")
            failed = order["steps"][-1]
            sentence = f"{payment} failed 3 times on {failed['operation']}: card declined."
            return order | {"sentence": sentence, "cause_id": "c-payment"}
        if order["state"] not in {"stuck", "in_progress"}:
            return order
        late = order["state"] == "stuck"
        sentence = f"Waits for {cd} to consume {topic}."
        if late:
            sentence = (
                f"{cd} did not consume {topic}: published {text_of(at)[11:19]} by "
                f"{self.service('stock')}, {int(self.now - at) // 60} min ago; 9,998 of 10,000 "
                "orders saw it within 2.1 s (median 12 ms); 39 other orders wait at the same "
                f"place; {cd}'s last span is 5 min old."
            )
        after = order["steps"][-1]["step"]
        owed = {
            "step": self.step(3),
            "service": cd,
            "destination": topic,
            "after": after,
            "since": text_of(at),
            "expected_by": text_of(at + 9),
            "late": late,
            "diagnosis": "not_consumed" if late else None,
            "sentence": sentence,
            "seen": 9998,
            "of": 10000,
            "median_s": 0.012,
            "p99_s": 2.1,
            "waiting": 39,
        }
        missing = _step(self.step(3), cd, topic, "process", [after]) | {"state": "owed"}
        told = {"sentence": sentence, "cause_id": "c-cd" if late else None, "owed": [owed]}
        place = {"step": self.step(3), "service": cd}
        return order | told | place | {"steps": [*order["steps"], missing]}


class Visit:
    """What one service did for one order."""

    def __init__(
        self, maker: Maker, number: int, index: int, *, at: float, took: float, failed: bool
    ) -> None:
        name, self.role, operation, topic = CHAIN[index]
        self.maker, self.at, self.took, self.failed = maker, at, took, failed
        self.number, self.index = number, index
        self.name, self.service = name, maker.service(name)
        self.step, self.topic = maker.step(index), maker.topic(topic)
        self.operation = maker.topic(operation) if index else operation
        self.trace, self.span_id = f"{number * 10 + index:032x}", f"{number:08x}{index:08x}"
        self.sent = None if failed else f"{self.service} send {self.topic}"

    def steps(self, cause: str | None) -> list[Record]:
        own = _step(self.step, self.service, self.operation, self.role, [cause] if cause else [])
        own |= self.times(0, 1) | {"attempts": 3 if self.failed else 1}
        if self.sent is None:
            return [own | {"state": "failed", "error": "card declined: insufficient funds"}]
        send = _step(self.sent, self.service, self.topic, "send", [self.step])
        return [own, send | self.times(0.8, 0.95)]

    def times(self, start: float, end: float) -> Record:
        return {
            "started_at": text_of(self.at + self.took * start),
            "ended_at": text_of(self.at + self.took * end),
            "trace_id": self.trace,
            "span_id": self.span_id,
        }

    def message(self, lag: float | None) -> Record:
        consumer = None if lag is None else self.maker.service(CHAIN[self.index + 1][0])
        return {
            "destination": self.topic,
            "message_id": f"m-{self.number}-{self.index}",
            "partition": None,
            "offset": None,
            "published_at": text_of(self.at + self.took * 0.9),
            "consumed_at": None if lag is None else text_of(self.at + self.took + lag),
            "lag_s": lag,
            "producer": self.service,
            "consumer": consumer,
            "group": None,
            "attempts": 2 if self.index == 1 and self.number % 7 == 0 else 1,
            "duplicates": 1 if self.index == 1 and self.number % 7 == 0 else 0,
        }

    def spans(self) -> list[Record]:
        root = self.span(self.span_id, None, self.operation, 0, 1)
        kind = "Server" if self.index == 0 else "Consumer"
        found = [root | {"kind": kind, "step": self.step}]
        if self.failed:
            found[0] |= {"status": "Error", "status_message": "card declined"}
        names = [f"SELECT {self.name}", f"UPDATE {self.name}"]
        if self.sent:
            names.append(f"publish {self.topic}")
        for at, name in enumerate(names):
            own = f"{self.number:08x}{self.index * 16 + at + 256:08x}"
            found.append(self.span(own, self.span_id, name, 0.2 + 0.3 * at, 0.15))
        if self.maker.kind == "heavy" and self.number == 640 and self.index == 0:
            for at in range(4900):
                span = self.span(f"{at:016x}", self.span_id, f"UPDATE sku {at % 7}", at / 5000, 0)
                found.append(span | {"status": "Unset" if at % 900 else "Error"})
        return found

    def span(self, own: str, parent: str | None, name: str, start: float, share: float) -> Record:
        note = HOSTILE if self.maker.kind == "hostile" else "plain"
        return {
            "trace_id": self.trace,
            "span_id": own,
            "parent_span_id": parent,
            "service": self.service,
            "name": name,
            "kind": "Client",
            "started_at": text_of(self.at + self.took * start),
            "duration_ms": self.took * share * 1000,
            "status": "Unset",
            "status_message": "",
            "step": None,
            "shared": False,
            "attributes": {"order.id": str(self.number), "note": note},
            "resource": {"service.name": self.service, "service.version": "1.4.2"},
            "events": [],
            "links": [],
        }


def _step(step: str, service: str, operation: str, role: str, causes: list[str]) -> Record:
    return {
        "step": step,
        "service": service,
        "operation": operation,
        "role": role,
        "destination": None if role == "serve" else operation,
        "state": "done",
        "attempts": 1,
        "duplicates": 0,
        "started_at": None,
        "ended_at": None,
        "error": None,
        "trace_id": None,
        "span_id": None,
        "causes": causes,
    }


def path_of(steps: list[Record], messages: list[Record]) -> list[Record]:
    """The critical path of a chain: work in each step, then the message in the broker."""
    work = [step for step in steps if step["role"] != "send"]
    told = [("work", step, step["started_at"], step["ended_at"]) for step in work]
    for step, message in zip(work[1:], messages, strict=False):
        told.append(("broker", step, message["published_at"], message["consumed_at"]))
    return [
        {
            "kind": kind,
            "step": step["step"],
            "service": step["service"],
            "after": step["causes"][0] if kind == "broker" else None,
            "callee": None,
            "started_at": start,
            "ended_at": end,
            "duration_s": (seconds := (moment_of(end) - moment_of(start))),
            "duration_ns": int(seconds * 1e9),
            "span_ids": [],
        }
        for kind, step, start, end in sorted(told, key=lambda part: part[2])
    ]


def moment_of(text: str) -> float:
    return datetime.fromisoformat(text[:26] + "+00:00").timestamp()


class Scene:
    """Everything there is to ask about; answers like the API."""

    def __init__(self, kind: str = "usual", now: float | None = None) -> None:
        self.kind, self.now = kind, now or time.time()
        self.maker = Maker(kind, self.now)
        self.lag_s = 0.4
        self.rebuilt = 0.43 if kind == "rebuilding" else None
        self.orders: dict[str, Record] = {}
        self.spans: dict[str, list[Record]] = {}
        for number in range(0 if kind in {"empty", "rebuilding"} else 660):
            order, spans = self.maker.order(number)
            self.orders[order["order_id"]] = order
            self.spans[order["order_id"]] = spans

    def matching(self, asked: Mapping[str, str]) -> list[Record]:
        def fits(row: Record) -> bool:
            same = ("workflow", "state", "verdict", "service", "step")
            return (
                all(asked.get(name, row[name]) == row[name] for name in same)
                and asked.get("cause", row["cause_id"]) == row["cause_id"]
                and row["started_at"] >= asked.get("from", "")
                and asked.get("edge", f">{row['service']}").endswith(f">{row['service']}")
                and asked.get("q", "").lower() in row["order_id"].lower()
            )

        return [row for row in self.orders.values() if fits(row)]

    def answer_orders(self, asked: Mapping[str, str]) -> Record:
        urgency = {"stuck": 0, "failed": 1, "in_progress": 2}
        rows = self.matching(asked)
        rows.sort(key=lambda row: (urgency.get(row["state"], 3), row["started_at"]))
        start, limit = int(asked.get("next", "0")), int(asked.get("limit", "50"))
        end = start + limit
        page = [{name: row[name] for name in ROW} for row in rows[start:end]]
        return {"orders": page, "total": len(rows), "next": str(end) if end < len(rows) else None}

    def counts(self, rows: list[Record]) -> dict[str, int]:
        return {state: sum(row["state"] == state for row in rows) for state in STATES}

    def summary(self, asked: Mapping[str, str]) -> Record:
        rows = self.matching(asked)
        known = [(self.maker.workflow, False), ("fulfilment-checkout GET /healthz", True)]
        learned = None if self.kind in {"cold", "empty", "rebuilding"} else text_of(self.now - 40)
        return {
            "as_of": text_of(time.time()),
            "spans": sum(map(len, self.spans.values())),
            "traces": 6 * len(rows),
            "services": 6 if self.orders else 0,
            "orders": self.counts(rows),
            "workflows": [
                {"workflow": name, "orders": self.counts(rows), "trivial": trivial}
                for name, trivial in known
                if self.orders
            ],
            "ingest": {"spans_per_s": 12.4, "refused": 0},
            "judged": {
                "through": learned,
                "lag_s": self.lag_s,
                "model_at": learned,
                "settled": True,
                "rebuilt": self.rebuilt,
            },
        }

    def causes(self, asked: Mapping[str, str]) -> Record:
        cd, payment = self.maker.service("cd"), self.maker.service("payment")
        told = {
            "c-cd": (cd, 3, f"{cd} did not consume {self.maker.topic('stock.reserved')}"),
            "c-payment": (payment, 1, f"{payment} fails: card declined"),
        }
        found = []
        for cause, (service, at, sentence) in told.items():
            rows = [row for row in self.matching(asked) if row["cause_id"] == cause]
            if rows:
                found.append(
                    {
                        "cause_id": cause,
                        "sentence": sentence,
                        "workflow": self.maker.workflow,
                        "service": service,
                        "step": self.maker.step(at),
                        "diagnosis": "not_consumed" if cause == "c-cd" else "failed",
                        "state": rows[0]["state"],
                        "orders": len(rows),
                        "oldest_since": min(row["state_since"] for row in rows),
                        "trend_per_min": 7.4 if cause == "c-cd" else 0.0,
                        "downstream": [self.maker.step(4), self.maker.step(5)],
                        "contrast": [
                            f"all {len(rows)} ran through {self.maker.service('stock')} 1.4.2; "
                            "of those that passed 3 % did"
                        ],
                        "evidence": [],
                        "deploy": None,
                    }
                )
        return {"causes": found}

    def series(self, asked: Mapping[str, str]) -> Record:
        points = []
        rows = self.matching({k: v for k, v in asked.items() if k == "workflow"})
        for minute in range(60 if self.orders else 0):
            begin = self.now - 3600 + minute * 60
            start, end = text_of(begin), text_of(begin + 60)
            inside = self.counts([row for row in rows if start <= row["started_at"] < end])
            wave = (1 + minute % 7 / 20) if inside["completed"] else None
            points.append(
                {
                    "t": start,
                    "started": sum(inside.values()),
                    "finished": inside["completed"],
                    "stuck": inside["stuck"],
                    "failed": inside["failed"],
                    "p50_s": wave and 2.1 * wave,
                    "p95_s": wave and 3.4 * wave,
                    "p99_s": wave and 4.9 * wave,
                }
            )
        counted = sum(point["finished"] for point in points)
        quantiles = {"p50_s": 2.4, "p95_s": 3.9, "p99_s": 5.6} if counted else NO_QUANTILES
        finished = {"orders": counted, **quantiles}
        return {"interval_s": 60, "finished": finished, "series": points}

    def declared(self) -> list[Record]:
        """Rules besides those that are learned."""
        return []

    def critical_path(self, _asked: Mapping[str, str]) -> Record:
        whole = {"workflow": self.maker.workflow, "orders": 200}
        hops = [self.maker.hop(at) for at in range(len(CHAIN))] if self.orders else []
        workflows = [whole | {"p50_s": 2.4, "p95_s": 3.9, "p99_s": 5.6}] if self.orders else []
        told = {"workflows": workflows, "hops": hops, "slack": []}
        return {"as_of": text_of(self.now), "orders": 200, **told}
