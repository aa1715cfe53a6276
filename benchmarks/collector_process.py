"""A collector as its users run it: a process of its own, on a temporary folder and a free port."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

START_S = 60.0
STOP_S = 30.0


class CollectorProcess:
    """A context manager around `choreoscope serve --data FOLDER …`."""

    def __init__(self, folder: Path, *flags: str) -> None:
        self.folder = folder
        self.port, self.grpc_port = _free_port(), _free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._flags = flags

    def __enter__(self) -> CollectorProcess:
        command = [sys.executable, "-P", "-m", "collector", "serve", "--data", str(self.folder)]
        ports = [
            "--http-port",
            str(self.port),
            "--grpc-port",
            str(self.grpc_port),
            "--log-level",
            "warning",
        ]
        self._process = subprocess.Popen(
            [*command, *ports, *self._flags], stdout=subprocess.DEVNULL, start_new_session=True
        )
        until = time.monotonic() + START_S
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > until:
                self._process.kill()
                raise SystemExit("the collector does not start")
            time.sleep(0.1)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def port_of(self, protocol: str) -> int:
        """Where OTLP is taken over "http" or "grpc"."""
        return self.port if protocol == "http" else self.grpc_port

    def summary(self) -> dict[str, Any]:
        """What `/api/v1/summary` answers."""
        with urlopen(f"{self.url}/api/v1/summary", timeout=60) as answer:
            found: dict[str, Any] = json.load(answer)
            return found

    def memory(self) -> tuple[int, int] | None:
        """Bytes of memory now and at most (Linux; elsewhere None)."""
        try:
            status = Path(f"/proc/{self._process.pid}/status").read_text("ascii")
        except OSError:
            return None
        fields = dict(line.split(":", 1) for line in status.splitlines())
        now, most = (int(fields[name].split()[0]) * 1024 for name in ("VmRSS", "VmHWM"))
        return now, most

    def cpu_s(self) -> float | None:
        """Seconds of processor time that it has used (Linux; elsewhere None)."""
        try:
            stat = Path(f"/proc/{self._process.pid}/stat").read_text("ascii")
        except OSError:
            return None
        user, system = stat.rpartition(")")[2].split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")

    def disk_bytes(self) -> int:
        """Bytes that the folder takes on the disk."""
        return sum(p.stat().st_blocks * 512 for p in self.folder.rglob("*") if p.is_file())

    def _answers(self) -> bool:
        try:
            with urlopen(f"{self.url}/healthz", timeout=5):
                return True
        except (URLError, OSError):
            return False


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port
