"""`kill -9` of the collector in full traffic: nothing that it acknowledged is missing then."""

import signal
import socket
import sys
import threading
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.cli.processes import Running, Served, wait_until
from tests.golden.spans import joined, request

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="the demo's services end with their parent"),
]


class Exporter(threading.Thread):
    """Sends orders of a shop of its own as fast as they are taken, and notes what was."""

    def __init__(self, url: str, name: str = "OWN") -> None:
        super().__init__()
        self.acknowledged: dict[str, int] = {}
        self.failures = 0
        self._url = f"{url}/v1/traces"
        self._name = name
        self._stopped = threading.Event()
        self._numbers = iter(range(10**9))

    def run(self) -> None:
        while not self._stopped.is_set():
            order_ids = [f"{self._name}-{next(self._numbers):06}" for _ in range(20)]
            now = time.time_ns()
            spans = [
                request(order_id, now, {"does": f"own serve step {step}", "order": True})
                for order_id in order_ids
                for step in range(5)
            ]
            headers = {"Content-Type": "application/x-protobuf"}
            try:
                answer = httpx.post(self._url, content=joined(spans), headers=headers, timeout=10)
                answer.raise_for_status()
            except httpx.HTTPError:
                self.failures += 1
                time.sleep(0.05)
            else:
                self.acknowledged |= dict.fromkeys(order_ids, 5)

    def stop(self) -> None:
        self._stopped.set()
        self.join()

    def __enter__(self) -> "Exporter":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def test_nothing_acknowledged_is_missing(tmp_path: Path) -> None:
    ports = {"http_port": free_port(), "grpc_port": free_port()}
    folder = tmp_path / "collector"
    with (
        Served(folder, **ports) as first,
        services(first.url, tmp_path / "services") as demo,
        Exporter(first.url) as exporter,
    ):
        wait_until(lambda: len(listed(first, "fulfilment-cd")) > 20, "orders")
        before = listed(first, "fulfilment-cd") | listed(first, "own")
        acknowledged = dict(exporter.acknowledged)
        assert before.keys() & acknowledged.keys()
        first.stop(signal.SIGKILL)
        time.sleep(1)
        began = time.monotonic()
        with Served(folder, **ports) as second:
            assert time.monotonic() - began < 10  # it answers again
            time.sleep(3)
            exporter.stop()
            accepted = quiet(demo)
            wait_until(
                lambda: len(listed(second, "fulfilment-checkout", state="completed")) == accepted,
                f"{accepted} completed orders",
                60,
            )
            wait_until(lambda: second.get("summary")["judged"]["settled"], "rest")
            shop, own = listed(second, "fulfilment-checkout"), listed(second, "own")
            assert before.keys() <= (shop | own).keys()
            assert len(shop) == accepted
            assert exporter.failures > 0
            assert len(exporter.acknowledged) > len(acknowledged)
            assert exporter.acknowledged.items() <= own.items()
            # Nothing counts twice, though what wasn't acknowledged was sent again.
            assert sum((shop | own).values()) == second.get("summary")["spans"]


def services(url: str, data: Path) -> Running:
    flags = ("--otlp", url, "--control-port", "0", "--rate", "5", "--no-schedule")
    one = ("--systems", "fulfilment", "--data", data)
    command = (sys.executable, "-m", "demo_services", "all", *flags, *one)
    return Running((*command, "--die-with-parent"), "demo: ready")


def quiet(demo: Running) -> int:
    """End the traffic; how many orders the shop has accepted."""
    control = demo.said("control  ").split()[-1].removesuffix("/docs")
    httpx.post(f"{control}/traffic", json={"rate": 0}).raise_for_status()
    time.sleep(1)
    accepted: int = httpx.get(f"{control}/traffic").json()["accepted"]
    return accepted


def listed(collector: Served, service: str, **more: str) -> dict[str, int]:
    """Every order of a service with its number of spans."""
    found: dict[str, int] = {}
    params: dict[str, Any] = {"service": service, "limit": 1000, "trivial": "true", **more}
    while True:
        page = collector.get("orders", **params)
        found |= {order["order_id"]: order["span_count"] for order in page["orders"]}
        if not page["next"]:
            return found
        params["next"] = page["next"]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port
