"""The command as its users run it: real processes, warnings are errors."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import httpx

T = TypeVar("T")
COMMAND = (sys.executable, "-W", "error", "-m", "collector")
PATIENCE_S = 30.0


def environ(**more: str) -> dict[str, str]:
    """Our environment without settings and without a terminal's size."""
    kept = {n: v for n, v in os.environ.items() if not n.startswith("CHOREOSCOPE_")}
    for name in ("COLUMNS", "LINES"):
        kept.pop(name, None)
    return {**kept, **more}


def choreoscope(*arguments: str | Path, **variables: str) -> "subprocess.CompletedProcess[str]":
    """Run a command to its end."""
    return subprocess.run(
        [*COMMAND, *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env=environ(**variables),
    )


def failed(done: "subprocess.CompletedProcess[str]", code: int = 1) -> str:
    """The one sentence with which a command failed."""
    assert done.returncode == code, (done.stdout, done.stderr)
    assert "Traceback" not in done.stderr
    [line] = done.stderr.splitlines()
    assert line.startswith("choreoscope: ")
    return line.removeprefix("choreoscope: ")


def wait_until(look: Callable[[], T], what: str, seconds: float = PATIENCE_S) -> T:
    """Look until something true is seen, and return it."""
    deadline = time.monotonic() + seconds
    while not (seen := look()):
        assert time.monotonic() < deadline, f"waited {seconds:g} s for {what}"
        time.sleep(0.1)
    return seen


class Running:
    """A command that runs until it is told to end; a context manager that leaves nothing behind."""

    def __init__(self, command: Sequence[str | Path], ready: str) -> None:
        self.lines: list[str] = []
        self.errors: list[str] = []
        self._command = [str(part) for part in command]
        self._ready = ready

    def __enter__(self) -> "Running":
        self.process = subprocess.Popen(
            self._command,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environ(PYTHONUNBUFFERED="1"),
        )
        self._readers = [
            threading.Thread(target=self._read, args=(self.process.stdout, self.lines)),
            threading.Thread(target=self._read, args=(self.process.stderr, self.errors)),
        ]
        for reader in self._readers:
            reader.start()
        try:
            wait_until(
                lambda: self.said(self._ready) or self.process.poll() is not None,
                f"{self._ready!r} from {self._command}",
                60,
            )
            assert self.process.poll() is None, (self.lines, self.errors)
        except BaseException:
            self.stop(signal.SIGKILL)
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def said(self, word: str) -> str:
        """The first line with this word; empty while there is none."""
        return next((line for line in list(self.lines) if word in line), "")

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """End it, wait for it and return its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        try:
            code = self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise
        for reader in self._readers:
            reader.join(10)
        return code

    @staticmethod
    def _read(stream: Any, lines: list[str]) -> None:
        with stream:
            lines.extend(line.rstrip() for line in stream)


class Served(Running):
    """`choreoscope serve` on a folder, by default on free ports."""

    def __init__(self, data: Path, *flags: str, http_port: int = 0, grpc_port: int = 0) -> None:
        ports = ("--http-port", str(http_port), "--grpc-port", str(grpc_port))
        # "data" is in the last line of what it says when it listens.
        super().__init__((*COMMAND, "serve", "--data", data, *ports, *flags), "  data ")

    def __enter__(self) -> "Served":
        super().__enter__()
        self.url = self.said("OTLP/HTTP").split()[-1]
        self.grpc_address = self.said("OTLP/gRPC").split()[-1]
        return self

    def get(self, path: str, **params: str | int) -> Any:
        """The JSON at `/api/v1/…`."""
        answer = httpx.get(f"{self.url}/api/v1/{path}", params=params, timeout=30)
        return answer.raise_for_status().json()


def descendants(pid: int) -> set[int]:
    """The processes that this one and those that it started have started (Linux)."""
    found: set[int] = set()
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in map(int, (task / "children").read_text().split()):
            found |= {child} | descendants(child)
    return found


def is_running(pid: int) -> bool:
    """Whether a process exists and isn't a zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False
