"""A collector that isn't one: serves made-up orders on the API's routes.

For page states that are hard to provoke on the real one (hostile names, nothing yet, no
permission, thousands of spans, hundreds of services). By hand:
`python -m tests.dashboard.fake_collector --port 4399 --scene usual`.
"""

from __future__ import annotations

import argparse
import json
import threading
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from tests.dashboard import made_up_pages
from tests.dashboard.made_up import Record, Scene
from tests.dashboard.made_up_map import answered_map
from tests.dashboard.made_up_states import States


def answer(scene: Scene, route: str, asked: dict[str, str]) -> tuple[int, Record]:
    """Status and body, as the API would answer."""
    if route in {"order", "order/spans"}:
        order = scene.orders.get(asked.get("id", ""))
        if order is None:
            return 404, {"title": "Not Found", "status": 404, "detail": "No such order."}
        if route == "order":
            return 200, order
        spans = scene.spans[order["order_id"]]
        limit = int(asked.get("limit", "20000"))
        told = [span for span in spans if asked.get("span", span["span_id"]) == span["span_id"]]
        return 200, {"spans": told[:limit], "total": len(told), "truncated": len(told) > limit}
    routes = {
        "orders": scene.answer_orders,
        "summary": scene.summary,
        "causes": scene.causes,
        "series": scene.series,
        "services": lambda _asked: {"services": made_up_pages.service_rows(scene)},
        "expectations": partial(made_up_pages.expectations, scene),
        "critical_path": scene.critical_path,
        "map": lambda asked: answered_map(scene, asked),
        "doctor": partial(made_up_pages.doctor, scene),
        "collector": partial(made_up_pages.collector, scene),
        "flows": partial(made_up_pages.flows, scene),
    }
    if route.startswith("services/"):
        found = made_up_pages.service(scene, unquote(route.removeprefix("services/")))
        return (200, found) if found else (404, {"status": 404, "detail": "No such service."})
    if route not in routes:
        return 404, {"title": "Not Found", "status": 404, "detail": f"No route {route}."}
    return 200, routes[route](asked)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: FakeCollector

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
        self.server.asked.append(self.path)
        token = self.server.token
        if token and self.headers.get("Authorization") != f"Bearer {token}":
            self.reply(401, {"title": "Unauthorized", "status": 401, "detail": "No token."})
        else:
            self.reply(*answer(self.server.scene, parts.path.removeprefix("/api/v1/"), asked))

    def reply(self, status: int, body: Record) -> None:
        content = json.dumps(body).encode()
        kind = "application/json" if status == 200 else "application/problem+json"
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


class FakeCollector(ThreadingHTTPServer):
    """Serves a scene from a thread: `with FakeCollector(Scene()) as fake: fake.url`."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, scene: Scene, port: int = 0, token: str | None = None) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.scene, self.token = scene, token
        self.asked: list[str] = []
        self.url = f"http://127.0.0.1:{self.server_address[1]}"

    def __enter__(self) -> FakeCollector:
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=4399)
    parser.add_argument("--scene", default="usual")
    given = parser.parse_args()
    scene = States() if given.scene == "states" else Scene(given.scene)
    FakeCollector(scene, given.port).serve_forever()
