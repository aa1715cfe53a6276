"""`choreoscope demo` on free ports, and the ways to ask it."""

import json
from pathlib import Path
from typing import Any

import httpx

from tests.cli.processes import COMMAND, Running, choreoscope, descendants, is_running, wait_until

FREE_PORTS = ("--http-port=0", "--grpc-port=0", "--dashboard-port=0", "--control-port=0")


class Demo(Running):
    """A running demo; its addresses are in the block that it prints."""

    def __init__(self, *flags: str) -> None:
        super().__init__((*COMMAND, "demo", *FREE_PORTS, *flags), "More trouble:")

    def __enter__(self) -> "Demo":
        super().__enter__()
        self.collector = self.said("OTLP  ").split()[1]
        self.dashboard = self.said("Dashboard  ").split()[1]
        self.control = self.said("Control  ").split()[1].removesuffix("/docs")
        self.folder = self.said("Data  ").split()[1]
        return self

    def fault(self, *arguments: str) -> str:
        """`choreoscope demo fault …`"""
        done = choreoscope("demo", "fault", *arguments, "--control", self.control)
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout

    def start(self, service: str) -> str:
        """`choreoscope demo start …`"""
        done = choreoscope("demo", "start", service, "--control", self.control)
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout

    def summary(self) -> Any:
        """The collector's summary."""
        answer = httpx.get(f"{self.collector}/api/v1/summary", timeout=30)
        return answer.raise_for_status().json()

    def ask(self, *arguments: str) -> Any:
        """A question by the command line; the API's JSON."""
        done = choreoscope(*arguments, "--json", "--collector", self.collector)
        assert (done.returncode, done.stderr) == (0, "")
        return json.loads(done.stdout)

    def family(self) -> dict[str, int]:
        """Its processes by what they are, those that its children started among them."""
        found = {}
        for pid in descendants(self.process.pid):
            words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
            name = words[words.index(b"-m") + 1] if b"-m" in words else words[0].rpartition(b"/")[2]
            found[name.decode()] = pid
        return found

    def gone(self, family: dict[str, int], seconds: float = 30) -> None:
        """Wait until none of them is left."""
        wait_until(
            lambda: not [name for name, pid in family.items() if is_running(pid)],
            f"the end of {', '.join(family)}",
            seconds,
        )
