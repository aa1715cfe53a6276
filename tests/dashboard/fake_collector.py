"""A collector that isn't one: answers the API's routes with a made-up hour of fulfilment orders.

For page states that are hard to provoke on the real one (hostile names, nothing yet, no
permission, thousands of spans, hundreds of services). `python fake_collector.py --port 4399
--scene usual` serves a scene by hand.
"""

from __future__ import annotations

import argparse
import json
import random
import threading
import time
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

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
STATES = ("completed", "in_progress", "stuck", "failed", "compensating", "compensated", "unknown")


def text_of(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f") + "000Z"


class Scene:
    """Everything the fake answers with; `kind` is usual, empty, cold, hostile, large or heavy."""

    def __init__(self, kind: str = "usual", now: float | None = None) -> None:
        self.kind = kind
        self.born = now or time.time()
        self.random = random.Random(7)
        self.prefix = f"{HOSTILE}-" if kind == "hostile" else "fulfilment-"
        self.workflow = f"order {MARKDOWN}" if kind == "hostile" else "order"
        self.orders: dict[str, dict[str, Any]] = {}
        self.spans: dict[str, list[dict[str, Any]]] = {}
        self.cleared = False
        if kind != "empty":
            for number in range(660):
                self.add(number, self.born - 3600 + number * 5.4)

    def service(self, name: str) -> str:
        return self.prefix + name

    def topic(self, name: str) -> str:
        return f"{name}{HOSTILE}" if self.kind == "hostile" else name

    def step(self, at: int, role: str | None = None) -> str:
        name, own, operation, _ = CHAIN[at]
        return f"{self.service(name)} {role or own} {self.topic(operation) if at else operation}"

    def add(self, number: int, start: float) -> None:
        age = self.born - start
        reach, state, verdict = len(CHAIN), "completed", ""
        if self.kind == "cold":
            state, verdict = "unknown", "cold"
        elif 60 < age < 276:
            reach, state, verdict = 3, "stuck", "edge_stopped"
        elif number % 97 == 11:
            reach, state, verdict = 2, "failed", "dead"
        elif age < 8:
            reach, state, verdict = 3, "in_progress", "on_time"
        elif age < 60:
            reach, state, verdict = 3, "in_progress", "suspect" if age > 30 else "delayed"
        order_id = f"ORD-{10000 + number}"
        if self.kind == "hostile":
            order_id = f"{HOSTILE} {MARKDOWN} {number}"
        steps, spans, messages, at = [], [], [], start
        causes: list[str] = []
        trace = f"{number:032x}"
        for index in range(reach):
            name, role, operation, topic = CHAIN[index]
            took = self.random.uniform(0.04, 0.4)
            failed = state == "failed" and index == reach - 1
            service, span_id = self.service(name), f"{number:08x}{index:08x}"
            if index:
                trace = f"{number * 10 + index:032x}"
            shown = self.topic(operation) if index else operation
            detail = [("SELECT " + name, "Client", 0.2), ("UPDATE " + name, "Client", 0.5)]
            sends = not failed
            if sends:
                detail.append((f"publish {self.topic(topic)}", "Producer", 0.8))
            spans.append(self.span(trace, span_id, None, service, shown, "Server" if index == 0 else "Consumer", at, took, failed, self.step(index)))
            for order, (child, kind, place) in enumerate(detail):
                spans.append(self.span(trace, f"{number:08x}{index * 16 + order + 256:08x}", span_id, service, child, kind, at + took * place, took * 0.15, False, None))
            steps.append(self.step_row(self.step(index), service, shown, role, None if index == 0 else shown, "failed" if failed else "done", at, at + took, causes, trace, span_id, 3 if failed else 1))
            if sends:
                sent = f"{service} send {self.topic(topic)}"
                steps.append(self.step_row(sent, service, self.topic(topic), "send", self.topic(topic), "done", at + took * 0.8, at + took * 0.95, [self.step(index)], trace, span_id, 1))
                causes = [sent]
                done = index + 1 < reach
                lag = self.random.uniform(0.004, 0.02) if index != 3 else self.random.uniform(0.5, 2)
                messages.append({"destination": self.topic(topic), "message_id": f"m-{number}-{index}", "partition": None, "offset": None, "published_at": text_of(at + took * 0.9), "consumed_at": text_of(at + took + lag) if done else None, "lag_s": lag if done else None, "producer": service, "consumer": self.service(CHAIN[index + 1][0]) if done else None, "attempts": 1})
                at += took + lag
            else:
                at += took
        sentence, cause, owed = "Every expected step was seen.", None, []
        current = steps[-1]
        since = spans[-1]["started_at"]
        if state in {"stuck", "in_progress"}:
            late = state == "stuck"
            sentence = f"{self.service('cd')} did not consume {self.topic('stock.reserved')}: published {datetime.fromtimestamp(at, UTC):%H:%M:%S} by {self.service('stock')}, {int(self.born - at) // 60} min ago; 9,998 of 10,000 orders saw it within 2.1 s (median 12 ms); 39 other orders wait at the same place; {self.service('cd')}'s last span is 5 min old."
            if not late:
                sentence = f"Waits for {self.service('cd')} to consume {self.topic('stock.reserved')}."
            cause = "c-cd" if late else None
            owed = [{"step": self.step(3), "service": self.service("cd"), "destination": self.topic("stock.reserved"), "after": steps[-1]["step"], "since": text_of(at), "expected_by": text_of(at + 9), "late": late, "diagnosis": "not_consumed" if late else None, "sentence": sentence, "seen": 9998, "of": 10000, "median_s": 0.012, "p99_s": 2.1, "waiting": 39}]
            current = {"step": self.step(3), "service": self.service("cd")}
        elif state == "failed":
            sentence = f"{self.service('payment')} failed 3 times on {self.topic('order.placed')}: card declined."
            cause, current = "c-payment", steps[-1]
        elif state == "unknown":
            sentence = "No expectations yet: fewer than 20 orders have finished."
        if self.kind == "heavy" and number == 640:
            for extra in range(4900):
                spans.append(self.span(trace, f"{extra:016x}", spans[0]["span_id"], self.service("checkout"), f"UPDATE sku {extra % 7}", "Client", start + extra * 0.0001, 0.0001, extra % 900 == 0, None))
        self.orders[order_id] = {
            "workflow": self.workflow, "order_id": order_id, "state": state, "verdict": verdict,
            "started_at": text_of(start), "last_seen_at": text_of(at), "state_since": since if state != "stuck" else text_of(at + 9),
            "step": current["step"], "service": current["service"], "cause_id": cause, "sentence": sentence,
            "span_count": len(spans), "trace_count": reach, "as_of": text_of(self.born),
            "traces": [{"trace_id": f"{number * 10 + i:032x}", "started_at": text_of(start), "ended_at": text_of(at), "span_count": 4, "services": [self.service(CHAIN[i][0])]} for i in range(reach)],
            "steps": steps + [self.step_row(o["step"], o["service"], o["destination"], "process", o["destination"], "owed", None, None, [o["after"]], None, None, 0) for o in owed],
            "owed": owed, "messages": messages, "critical_path": [],
        }
        self.spans[order_id] = spans

    def step_row(self, step: str, service: str, operation: str, role: str, destination: str | None, state: str, start: float | None, end: float | None, causes: list[str], trace: str | None, span: str | None, attempts: int) -> dict[str, Any]:
        return {"step": step, "service": service, "operation": operation, "role": role, "destination": destination, "state": state, "attempts": attempts, "started_at": start and text_of(start), "ended_at": end and text_of(end), "error": "card declined: insufficient funds" if state == "failed" else None, "trace_id": trace, "span_id": span, "causes": list(causes)}

    def span(self, trace: str, span: str, parent: str | None, service: str, name: str, kind: str, start: float, took: float, failed: bool, step: str | None) -> dict[str, Any]:
        return {"trace_id": trace, "span_id": span, "parent_span_id": parent, "service": service, "name": name, "kind": kind, "started_at": text_of(start), "duration_ms": took * 1000, "status": "Error" if failed else "Unset", "status_message": "card declined" if failed else "", "step": step, "shared": False, "attributes": {"order.id": "ORD", "note": self.kind == "hostile" and HOSTILE or "plain"}, "resource": {"service.name": service, "service.version": "1.4.2"}, "events": []}

    # -- answers -----------------------------------------------------------------------------
    def matching(self, asked: dict[str, str]) -> list[dict[str, Any]]:
        rows = list(self.orders.values())
        if "from" in asked:
            rows = [row for row in rows if row["started_at"] >= asked["from"]]
        states = set(asked["state"].split(",")) if "state" in asked else None
        edge = asked.get("edge", "").partition(">")[2]
        return [
            row for row in rows
            if asked.get("workflow", row["workflow"]) == row["workflow"]
            and (states is None or row["state"] in states)
            and asked.get("cause", row["cause_id"]) == row["cause_id"]
            and asked.get("service", row["service"]) == row["service"]
            and asked.get("verdict", row["verdict"]) == row["verdict"]
            and asked.get("step", row["step"]) == row["step"]
            and (not edge or row["service"] == edge)
            and asked.get("q", "").lower() in row["order_id"].lower()
        ]

    def counts(self, rows: list[dict[str, Any]]) -> dict[str, int]:
        return {state: sum(row["state"] == state for row in rows) for state in STATES}

    def summary(self, asked: dict[str, str]) -> dict[str, Any]:
        rows = self.matching(asked)
        names = [self.workflow] if self.orders else []
        cold = self.kind in {"cold", "empty"}
        return {
            "as_of": text_of(time.time()), "spans": sum(map(len, self.spans.values())), "traces": 6 * len(rows), "services": 6 if rows else 0,
            "orders": self.counts(rows), "workflows": [*self.workflows(names), *([{"workflow": "fulfilment-checkout GET /healthz", "orders": self.counts([]), "trivial": True}] if names else [])],
            "ingest": {"spans_per_s": 12.4 if self.orders else 0.0, "refused": 0},
            "judged": {"through": None if cold else text_of(time.time()), "lag_s": 0.4, "model_at": None if cold else text_of(time.time() - 40), "settled": True},
        }

    def workflows(self, names: list[str]) -> list[dict[str, Any]]:
        return [{"workflow": name, "orders": self.counts(list(self.orders.values())), "trivial": False} for name in names]

    def answer_orders(self, asked: dict[str, str]) -> dict[str, Any]:
        urgency = {"failed": 1, "stuck": 0, "in_progress": 2}
        rows = sorted(self.matching(asked), key=lambda row: (urgency.get(row["state"], 3), row["started_at"]))
        start, limit = int(asked.get("next", "0")), int(asked.get("limit", "50"))
        keys = ("workflow", "order_id", "state", "verdict", "started_at", "last_seen_at", "state_since", "step", "service", "cause_id", "sentence", "span_count", "trace_count")
        page = [{key: row[key] for key in keys} for row in rows[start : start + limit]]
        following = start + limit
        return {"orders": page, "total": len(rows), "next": str(following) if following < len(rows) else None}

    def causes(self, asked: dict[str, str]) -> dict[str, Any]:
        found = []
        for cause, service, at, diagnosis, sentence in (
            ("c-cd", "cd", 3, "not_consumed", f"{self.service('cd')} did not consume {self.topic('stock.reserved')}"),
            ("c-payment", "payment", 1, "failed", f"{self.service('payment')} fails on {self.topic('order.placed')}: card declined"),
        ):
            rows = [row for row in self.matching(asked) if row["cause_id"] == cause]
            if rows:
                found.append({"cause_id": cause, "sentence": sentence, "workflow": self.workflow, "service": self.service(service), "step": self.step(at), "diagnosis": diagnosis, "state": rows[0]["state"], "orders": len(rows), "oldest_since": min(row["state_since"] for row in rows), "trend_per_min": 7.4 if cause == "c-cd" else 0.2, "contrast": ["service.version=1.4.2 (100 % of these, 12 % of the others)"]})
        return {"causes": found}

    def map(self, _asked: dict[str, str]) -> dict[str, Any]:
        if not self.orders:
            return {"nodes": [], "edges": []}
        if self.kind == "large":
            return self.large_map()
        stuck = sum(row["state"] == "stuck" for row in self.orders.values())
        nodes, edges = [], []
        for at, (name, _, _, topic) in enumerate(CHAIN):
            nodes.append({"id": self.service(name), "name": self.service(name), "kind": "service", "domain": "fulfilment", "stuck_orders": stuck if name == "cd" else 0})
            topic_id = f"topic:{self.topic(topic)}"
            nodes.append({"id": topic_id, "name": self.topic(topic), "kind": "topic", "domain": "fulfilment", "stuck_orders": 0})
            edges.append(self.edge(self.service(name), topic_id, "messaging", 640 - at * 8))
            if at + 1 < len(CHAIN):
                edges.append(self.edge(topic_id, self.service(CHAIN[at + 1][0]), "messaging", 640 - at * 8, stuck=stuck if topic == "stock.reserved" else 0))
        for name in ("payment", "stock", "invoice"):
            db = f"db:sqlite:/{name}.db"
            nodes.append({"id": db, "name": f"{name}.db", "kind": "database", "domain": "fulfilment", "stuck_orders": 0})
            edges.append(self.edge(self.service(name), db, "database", 1200))
        nodes.append({"id": "shop-web", "name": "shop-web", "kind": "service", "domain": "shop", "stuck_orders": 0})
        nodes.append({"id": "psp-gateway", "name": "psp-gateway", "kind": "external", "domain": "", "stuck_orders": 0})
        edges.append(self.edge("shop-web", self.service("checkout"), "rpc", 660))
        edges.append(self.edge(self.service("payment"), "psp-gateway", "rpc", 650, errors=48))
        return {"nodes": nodes, "edges": edges}

    def large_map(self, size: int = 200) -> dict[str, Any]:
        source = random.Random(3)
        domains = ["catalog", "checkout", "payments", "shipping", "search", "loyalty", "media", "risk"]
        nodes = [{"id": f"{domains[n % 8]}-{n}", "name": f"{domains[n % 8]}-{n}", "kind": "topic" if n % 7 == 0 else "service", "domain": domains[n % 8], "stuck_orders": 0} for n in range(size)]
        edges = {}
        for _ in range(size * 3):
            a, b = source.choice(nodes), source.choice(nodes)
            if a is b or a["kind"] == b["kind"] == "topic":
                continue
            kind = "messaging" if "topic" in {a["kind"], b["kind"]} else "rpc"
            edges[a["id"], b["id"]] = self.edge(a["id"], b["id"], kind, source.randint(5, 9000), errors=source.choice([0] * 30 + [900]))
        return {"nodes": nodes, "edges": list(edges.values())}

    def edge(self, source: str, target: str, kind: str, calls: int, errors: int = 0, stuck: int = 0) -> dict[str, Any]:
        return {"source": source, "target": target, "kind": kind, "calls": calls, "errors": errors, "p50_ms": 12.0, "p95_ms": 48.0, "p99_ms": 130.0, "stuck_orders": stuck, "last_seen_at": text_of(self.born - 2)}

    def series(self, asked: dict[str, str]) -> dict[str, Any]:
        points = []
        rows = self.matching({key: value for key, value in asked.items() if key == "workflow"})
        for minute in range(60):
            start, end = text_of(self.born - 3600 + minute * 60), text_of(self.born - 3540 + minute * 60)
            inside = [row for row in rows if start <= row["started_at"] < end]
            finished = [row for row in inside if row["state"] == "completed"]
            wave = 1 + (minute % 7) / 20
            points.append({"t": start, "started": len(inside), "finished": len(finished), "stuck": sum(r["state"] == "stuck" for r in inside), "failed": sum(r["state"] == "failed" for r in inside), "p50_s": 2.1 * wave if finished else None, "p95_s": 3.4 * wave if finished else None, "p99_s": 4.9 * wave if finished else None})
        return {"interval_s": 60, "series": points if self.orders else []}

    def services(self, _asked: dict[str, str]) -> dict[str, Any]:
        names = [self.service(name) for name, *_ in CHAIN] if self.orders else []
        return {"services": [{"service": name, "domain": "fulfilment", "first_seen_at": text_of(self.born - 3600), "last_seen_at": text_of(self.born), "spans": 900, "calls_in": 600, "calls_out": 600, "errors": 0, "stuck_orders": 0, "versions": ["1.4.2"]} for name in names]}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        scene: Scene = self.server.scene  # type: ignore[attr-defined]
        token: str | None = self.server.token  # type: ignore[attr-defined]
        parts = urlsplit(self.path)
        asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
        route = parts.path.removeprefix("/api/v1/")
        if token and self.headers.get("Authorization") != f"Bearer {token}":
            return self.reply(401, {"title": "Unauthorized", "status": 401, "detail": "A read token is needed."})
        if route == "orders":
            return self.reply(200, scene.answer_orders(asked))
        if route in {"order", "order/spans"}:
            row = scene.orders.get(asked.get("id", ""))
            if row is None:
                return self.reply(404, {"title": "Not Found", "status": 404, "detail": f"No order {asked.get('id')!r}."})
            if route == "order":
                return self.reply(200, row)
            spans = scene.spans[row["order_id"]]
            return self.reply(200, {"spans": spans[:5000], "total": len(spans), "truncated": len(spans) > 5000})
        answers = {"summary": scene.summary, "causes": scene.causes, "map": scene.map, "series": scene.series, "services": scene.services}
        if route in answers:
            return self.reply(200, answers[route](asked))
        return self.reply(404, {"title": "Not Found", "status": 404, "detail": f"No route {route}."})

    def reply(self, status: int, body: dict[str, Any]) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json" if status == 200 else "application/problem+json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        pass


class FakeCollector(ThreadingHTTPServer):
    """Serves a scene from a thread; `with FakeCollector(Scene()) as fake: fake.url`."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, scene: Scene, port: int = 0, token: str | None = None) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.scene, self.token = scene, token
        self.url = f"http://127.0.0.1:{self.server_address[1]}"

    def __enter__(self) -> FakeCollector:
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=4399)
    parser.add_argument("--scene", default="usual")
    given = parser.parse_args()
    FakeCollector(Scene(given.scene), given.port).serve_forever()
