"""The real collector in a process of its own, with the recorded demo in it: 60 done, 15 stuck."""

from __future__ import annotations

import gzip
import json
import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import httpx

from tests.dashboard.conftest import free_port

RECORDING = Path(__file__).parents[1] / "data" / "fulfilment-recording.jsonl.gz"
TIME = re.compile(r'("[a-zA-Z]*[tT]imeUnixNano": ?)"?(\d{19})"?')
AGO_NS = 180 * 1_000_000_000
"""How long ago the recording ends: older than what counts as live, so all is judged at once."""


class Product:
    """`choreoscope serve` on free ports."""

    def __init__(self, folder: Path) -> None:
        port = free_port()
        self.url, self.folder = f"http://127.0.0.1:{port}", folder
        ports = ["--http-port", str(port), "--grpc-port", str(free_port())]
        data = ["--data", str(folder)]
        self.command = [sys.executable, "-m", "collector", "serve", *data, *ports]
        self.start()

    def start(self) -> None:
        self.process = subprocess.Popen(self.command, cwd=self.folder.parent)
        self._until(lambda: httpx.get(f"{self.url}/healthz").status_code == 200)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def tell_recording(self) -> None:
        """Send the recording as if it had ended three minutes ago; returns when it is judged."""
        with gzip.open(RECORDING, "rt") as lines:
            entries = [json.loads(line) for line in lines]
        shift = time.time_ns() - AGO_NS - entries[-1]["received_at"]
        spans = [part for entry in entries for part in entry["request"]["resourceSpans"]]
        told = TIME.sub(
            lambda found: f'{found[1]}"{int(found[2]) + shift}"',
            json.dumps({"resourceSpans": spans}),
        )
        headers = {"Content-Type": "application/json"}
        answer = httpx.post(f"{self.url}/v1/traces", content=told, headers=headers, timeout=30)
        answer.raise_for_status()
        self._until(lambda: self.counts().get("stuck") == 15)

    def counts(self) -> dict[str, int]:
        answer: dict[str, dict[str, int]] = httpx.get(f"{self.url}/api/v1/summary").json()
        return answer["orders"]

    def _until(self, there: Callable[[], bool]) -> None:
        for _ in range(400):
            if self.process.poll() is not None:
                raise RuntimeError(f"the collector ended with {self.process.returncode}")
            try:
                if there():
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.1)
        raise RuntimeError("the collector did not get there in 40 s")

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(15)
