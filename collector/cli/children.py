"""Processes that a command starts: begun in a session of their own, ended without leftovers."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, STDOUT, Process
from collections import deque
from collections.abc import Callable, Mapping

_PR_SET_PDEATHSIG = 1
_LINE_BYTES = 1024 * 1024


def die_with_parent() -> None:
    """Ask the kernel for a SIGTERM when the process that started this one ends (Linux only)."""
    if sys.platform == "linux":
        parent = os.getppid()
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:  # it ended before the call
            raise SystemExit(0)


class Child:
    """One Python module as a process; its lines go to `hear(name, line)`.

    Start it from the main thread: the kernel ends it with the *thread* that started it.
    """

    def __init__(
        self,
        name: str,
        module: str,
        *arguments: str,
        hear: Callable[[str, str], None],
        environ: Mapping[str, str],
    ) -> None:
        self.name = name
        self._command = (sys.executable, "-P", "-m", module, *arguments)
        self._hear = hear
        self._environ = dict(environ)
        self._process: Process | None = None
        self._reading: asyncio.Task[None] | None = None
        self.last_lines: deque[str] = deque(maxlen=20)
        self.ended: asyncio.Task[int]
        """Ends with the process, with its exit code; there after `start`."""

    async def start(self) -> None:
        """Start the process."""
        self._process = await asyncio.create_subprocess_exec(
            *self._command,
            stdin=DEVNULL,
            stdout=PIPE,
            stderr=STDOUT,
            env=self._environ,
            limit=_LINE_BYTES,
            start_new_session=True,  # Ctrl-C in the terminal ends us, and we end it in its turn
        )
        self._reading = asyncio.create_task(self._read(self._process))
        self.ended = asyncio.create_task(self._end(self._process, self._reading))

    async def stop(self, patience_s: float) -> None:
        """End it by SIGTERM, and by SIGKILL when it doesn't end within `patience_s`."""
        if self._process is None:
            return
        self._signal(signal.SIGTERM)
        done, _ = await asyncio.wait([self.ended], timeout=patience_s)
        if not done:
            self._signal(signal.SIGKILL)
            await self.ended

    def kill(self) -> None:
        """End it at once."""
        if self._process is not None:
            self._signal(signal.SIGKILL)

    def _signal(self, number: signal.Signals) -> None:
        assert self._process is not None
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.send_signal(number)

    async def _read(self, process: Process) -> None:
        assert process.stdout is not None
        while True:
            try:
                line = await process.stdout.readline()
            except ValueError:  # longer than a line can be
                continue
            if not line:
                return
            text = line.decode(errors="replace").rstrip()
            self.last_lines.append(text)
            self._hear(self.name, text)

    async def _end(self, process: Process, reading: asyncio.Task[None]) -> int:
        code = await process.wait()
        # What it had started may still hold the pipe: don't wait for that for ever.
        await asyncio.wait([reading], timeout=1)
        reading.cancel()
        return code
