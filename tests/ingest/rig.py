"""A running collector's front: engine, writer, and both protocols on free ports."""

import asyncio
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
from starlette.applications import Starlette

from collector.access import Access
from collector.clock import WallClock
from collector.engine import Engine, EngineUnavailable, Lane, Param
from collector.listening import http_server
from collector.receivers import otlp_http
from collector.receivers.otlp_grpc import GrpcReceiver
from collector.receivers.request import Door, Rules
from collector.writer import Writer


class GatedEngine:
    """A real engine whose inserts can be held up or cut off, as a full disk would."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.open = threading.Event()
        self.open.set()
        self.waiting = threading.Semaphore(0)
        self.cut_off = False
        self.inserts = 0

    def insert(self, sql: str, format: str, data: bytes) -> None:
        self.waiting.release()
        self.open.wait()
        if self.cut_off:
            raise EngineUnavailable("no space left on device")
        self.inserts += 1
        self._engine.insert(sql, format, data)

    def query(
        self, sql: str, params: Mapping[str, Param] | None = None, *, lane: Lane = "read"
    ) -> pa.Table:
        return self._engine.query(sql, params, lane=lane)

    def close(self) -> None:
        self._engine.close()


@dataclass
class Front:
    engine: GatedEngine
    writer: Writer
    url: str
    grpc_address: str
    cut: list[tuple[int, int, int]]


@contextmanager
def running(
    engine: Engine,
    *,
    access: Access = Access(),  # noqa: B008
    rules: Rules = Rules(),  # noqa: B008
    max_request_bytes: int = 1 << 20,
    **writer: Any,
) -> Iterator[Front]:
    """Both receivers in one event loop in a thread, as the collector runs them."""
    gated = GatedEngine(engine)
    taker = Writer(gated, WallClock(), **writer)
    cut: list[tuple[int, int, int]] = []
    door = Door(taker, rules, on_cut=lambda *counts: cut.append(counts))
    limits: Any = {"access": access, "max_request_bytes": max_request_bytes}
    app = Starlette(routes=[otlp_http.route(door, **limits)])
    server = http_server(app, port=0)
    grpc_receiver = GrpcReceiver(door, "127.0.0.1:0", **limits)
    ready = threading.Event()

    async def serve() -> None:
        await grpc_receiver.start()
        serving = asyncio.create_task(server.serve())
        while not server.started:
            await asyncio.sleep(0.005)
        ready.set()
        await serving
        await grpc_receiver.stop()

    thread = threading.Thread(target=asyncio.run, args=(serve(),))
    taker.start()
    thread.start()
    assert ready.wait(10)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield Front(
            gated, taker, f"http://127.0.0.1:{port}", f"127.0.0.1:{grpc_receiver.port}", cut
        )
    finally:
        gated.open.set()
        server.should_exit = True
        thread.join(30)
        taker.close()
