"""A FastAPI app served by uvicorn inside our event loop, on a port that is ours from the start."""

import asyncio
import contextlib
import socket
from collections.abc import Generator

import uvicorn
from fastapi import FastAPI

STOP_S = 2


class HttpServer:
    """Binds at once (so `port` is known and stays free for us), serves from `start` to `stop`."""

    def __init__(self, app: FastAPI, host: str, port: int = 0) -> None:
        self._socket = socket.create_server((host, port), backlog=128)
        self.port: int = self._socket.getsockname()[1]
        reachable = "127.0.0.1" if host in ("0.0.0.0", "::", "") else host
        self.url = f"http://{reachable}:{self.port}"
        self._server = _Embedded(
            uvicorn.Config(
                app,
                log_config=None,
                access_log=False,
                lifespan="off",
                timeout_graceful_shutdown=STOP_S,
                ws="none",
            )
        )
        self._serving: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Serve; returns when requests are taken."""
        self._serving = asyncio.create_task(self._server.serve(sockets=[self._socket]))
        while not self._server.started:
            if self._serving.done():
                self._serving.result()
                raise RuntimeError(f"the HTTP server on port {self.port} ended at once")
            await asyncio.sleep(0.005)

    async def stop(self, *, at_once: bool = False) -> None:
        """Finish the running requests (at most `STOP_S` seconds) or, `at_once`, drop them."""
        self._server.force_exit = at_once
        self._server.should_exit = True
        if self._serving is not None:
            await self._serving
        self._socket.close()


class _Embedded(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Leave the signals alone: the process has one place that handles them."""
        yield
