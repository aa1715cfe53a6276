"""One run of the demo: start its processes, say where they are, end them in order."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import time
from collections.abc import Coroutine
from datetime import UTC, datetime
from typing import Any

import httpx
from rich.console import Console
from rich.text import Text

from collector.cli import Failure
from collector.cli.children import Child
from collector.cli.demo_plan import Plan, environ
from collector.cli.demo_tour import tour
from collector.cli.demo_watch import watch
from collector.cli.demo_words import relayed, welcome

_START_S = 60.0
# The demo services finish the orders under way and send their last spans (15 s at most); the
# collector commits what it holds.
_PATIENCE_S = {"services": 20.0, "dashboard": 5.0, "collector": 20.0}


async def run(plan: Plan) -> int:
    """Run the demo until SIGINT, SIGTERM or SIGHUP; raises Failure when a part of it ends."""
    return await _Demo(plan).run()


class _Demo:
    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._console = Console(highlight=False, soft_wrap=True)
        self._stop = asyncio.Event()
        self._asked_at = 0.0
        self._services_ready = asyncio.Event()
        self._relaying = False
        self._children: list[Child] = []

    async def run(self) -> int:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            asyncio.get_running_loop().add_signal_handler(number, self._asked_to_stop)
        self._say(Text("Starting collector, dashboard, NATS and services…", "dim"))
        try:
            if await self._until_stopped(self._start()):
                self._say(welcome(self._plan, await self._first_fault_in()))
                self._relaying = True
                await self._until_stopped(self._show())
        finally:
            self._say(Text("Ending services, dashboard, collector…", "dim"))
            for child in reversed(self._children):
                await child.stop(_PATIENCE_S[child.name])
        self._say(Text("Ended.", "dim"))
        return 0

    async def _start(self) -> None:
        plan, began = self._plan, time.monotonic()
        await self._begin("collector", *plan.collector())
        await self._begin("dashboard", *plan.dashboard())
        await self._answers(plan.collector_url)
        await self._begin("services", *plan.services(time.monotonic() - began))
        await asyncio.gather(self._answers(plan.dashboard_url), self._services_ready.wait())

    async def _show(self) -> None:
        """Tell what becomes of the orders, and go through the tour if there is to be one."""
        plan = self._plan
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(watch(plan.collector_url, self._tell))
            if plan.tour:
                tasks.create_task(
                    tour(plan.control_url, plan.collector_url, plan.systems, self._guide)
                )

    async def _begin(self, name: str, *command: str) -> None:
        variables = environ()
        if name == "dashboard":
            variables["CHOREOSCOPE_DEMO_CONTROL"] = self._plan.control_url
        child = Child(name, *command, hear=self._hear, environ=variables)
        await child.start()
        self._children.append(child)

    async def _until_stopped(self, work: Coroutine[Any, Any, None]) -> bool:
        """Do `work`; True when it is done, False when we were asked to stop meanwhile.

        Raises Failure when a child ends by itself.
        """
        working = asyncio.create_task(work)
        stopped = asyncio.create_task(self._stop.wait())
        try:
            while not (working.done() or stopped.done()):
                # The children that `work` starts meanwhile are waited for from the next round on.
                await asyncio.wait(
                    [working, stopped, *(child.ended for child in self._children)],
                    timeout=0.5,
                    return_when=asyncio.FIRST_COMPLETED,
                )
                for child in self._children:
                    if child.ended.done() and not self._stop.is_set():
                        raise self._lost(child)
            if stopped.done():
                return False
            working.result()
            return True
        finally:
            for task in (working, stopped):
                task.cancel()
            await asyncio.gather(working, stopped, return_exceptions=True)

    def _lost(self, child: Child) -> Failure:
        if not self._relaying:
            for line in child.last_lines:
                self._say(relayed(child.name, line))
        code = child.ended.result()
        how = f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
        return Failure(f"{child.name} ended by itself ({how}), so the demo ended")

    async def _answers(self, url: str) -> None:
        async with httpx.AsyncClient(trust_env=False, timeout=5) as client:
            until = time.monotonic() + _START_S
            while time.monotonic() < until:
                with contextlib.suppress(httpx.HTTPError):
                    if (await client.get(f"{url}/healthz")).is_success:
                        return
                await asyncio.sleep(0.1)
        raise Failure(f"{url} doesn't answer {_START_S:g} s after the start")

    async def _first_fault_in(self) -> float | None:
        """Seconds to the first fault, by the control API; None when none comes by itself."""
        try:
            async with httpx.AsyncClient(trust_env=False, timeout=5) as client:
                schedule = (await client.get(f"{self._plan.control_url}/schedule")).json()
            if not schedule["next_at"]:
                return None
            until = datetime.fromisoformat(schedule["next_at"]) - datetime.now(UTC)
            return max(0.0, until.total_seconds())
        except (httpx.HTTPError, ValueError, KeyError):
            return self._plan.fault_first

    def _asked_to_stop(self) -> None:
        """Stop; by force when asked again (a wrapper may pass on the same Ctrl-C at once)."""
        if not self._stop.is_set():
            self._asked_at = time.monotonic()
            self._stop.set()
        elif time.monotonic() - self._asked_at > 1:
            for child in self._children:
                child.kill()

    def _hear(self, name: str, line: str) -> None:
        if name == "services" and line.endswith("demo: ready"):
            self._services_ready.set()
        elif self._relaying and line:
            self._say(relayed(name, line))

    def _tell(self, sentence: str) -> None:
        self._say(relayed("orders", sentence))

    def _guide(self, sentence: str) -> None:
        self._say(relayed("tour", sentence))

    def _say(self, text: Text) -> None:
        # The terminal may be gone (rich exits on a broken pipe): the demo has to end in order.
        with contextlib.suppress(OSError, SystemExit):
            self._console.print(text)
