"""The demo as its users start it: a process, its lines, and what it offers by HTTP."""

import contextlib
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import httpx

T = TypeVar("T")
PATIENCE_S = 30.0
BASKET = {"customer": "CUST-001", "sku": "lamp", "quantity": 2, "amount": 11_800}

ENTRIES = {
    "fulfilment": ("fulfilment-checkout", "/orders", "order_id"),
    "marketplace": ("marketplace-orders", "/orders", "order_id"),
    "saga": ("saga-orchestrator", "/orders", "order_id"),
    "aggregator": ("aggregator-aggregation", "/purchases", "purchase_id"),
    "store": ("store-order", "/orders", "order_id"),
}
"""Where orders enter: the service, the path, and the name of the id in the answer."""


def wait_until(look: Callable[[], T], what: str, seconds: float = PATIENCE_S) -> T:
    """Look until something true is seen, and return it."""
    deadline = time.monotonic() + seconds
    while not (seen := look()):
        assert time.monotonic() < deadline, f"waited {seconds:g} s for {what}"
        time.sleep(0.05)
    return seen


class DemoProcess:
    """A context manager: starts `python -m demo_services …`, waits for `ready`, stops it."""

    def __init__(self, *arguments: str, command: tuple[str, ...] = ("all",)) -> None:
        self.lines: list[str] = []
        self.errors: list[str] = []
        self._arguments = [*command, *arguments]

    def __enter__(self) -> "DemoProcess":
        self._process = subprocess.Popen(
            [sys.executable, "-W", "error", "-m", "demo_services", *self._arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._readers = [
            threading.Thread(target=self._read, args=(self._process.stdout, self.lines)),
            threading.Thread(target=self._read, args=(self._process.stderr, self.errors)),
        ]
        for reader in self._readers:
            reader.start()
        wait_until(
            lambda: self.said("ready") or self._process.poll() is not None, "the demo's start"
        )
        assert self._process.poll() is None, self.errors
        self.control = self.address("control").removesuffix("/docs")
        self.client = httpx.Client(timeout=10)
        return self

    def __exit__(self, *_: object) -> None:
        self.client.close()
        self.stop()

    @property
    def pid(self) -> int:
        return self._process.pid

    def said(self, word: str) -> list[str]:
        """The lines with this word."""
        return [line for line in self.lines if word in line]

    def address(self, word: str) -> str:
        """The address in the line with this word."""
        [line, *_] = self.said(word)
        return next(part for part in line.split() if "://" in part)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """End the process, wait for it and return its exit code."""
        with contextlib.suppress(ProcessLookupError):
            self._process.send_signal(number)
        code = self._process.wait(PATIENCE_S)
        for reader in self._readers:
            reader.join()
        return code

    def get(self, path: str) -> Any:
        return self.client.get(f"{self.control}{path}").raise_for_status().json()

    def post(self, path: str, **body: object) -> httpx.Response:
        return self.client.post(f"{self.control}{path}", json=body)

    basket = BASKET

    def place(
        self, count: int = 1, system: str = "fulfilment", status: int | None = None
    ) -> list[str]:
        """Order something, so often, and return the order ids.

        With a `status`: of those answers that have it, of which there must be one.
        """
        entry, path, name = ENTRIES[system]
        url = self.service(entry)["url"]
        answers = [self.client.post(f"{url}{path}", json=BASKET) for _ in range(count)]
        if status is None:
            return [answer.raise_for_status().json()[name] for answer in answers]
        found = [answer.json()[name] for answer in answers if answer.status_code == status]
        assert found, [answer.status_code for answer in answers]
        return found

    def service(self, name: str) -> dict[str, Any]:
        return next(s for s in self.get("/state")["services"] if s["service"] == name)

    def waiting(self, name: str) -> int:
        """Count what waits for a service."""
        return sum(consumed["waiting"] for consumed in self.service(name)["consumes"])

    def begin(self, service: str, fault: str, **more: object) -> None:
        answer = self.post("/faults", service=service, fault=fault, **more)
        assert answer.status_code == 201, answer.text

    def end(self, service: str) -> None:
        self.client.delete(f"{self.control}/faults/{service}").raise_for_status()

    @staticmethod
    def _read(stream: Any, lines: list[str]) -> None:
        with stream:
            lines.extend(line.rstrip() for line in stream)


def children_of(pid: int) -> list[int]:
    """The processes that this one has started (Linux)."""
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def is_running(pid: int) -> bool:
    """Whether a process exists and isn't a zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False
