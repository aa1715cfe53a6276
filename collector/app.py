"""The composition root: settings → engine → writer → receivers, jobs, API. It knows everybody."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import uvicorn
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from collector.api import problems, routes
from collector.api.reader import Intake, Reader
from collector.clock import Clock, WallClock
from collector.engine import Engine
from collector.engine.connect import open_engine
from collector.flows.folder import Declared
from collector.flows.reader import FlowError
from collector.jobs.runner import Runner
from collector.keys import sources
from collector.receivers import otlp_http
from collector.receivers.otlp_grpc import GrpcReceiver
from collector.receivers.request import Door
from collector.schema.migrate import derive, migrate
from collector.settings import Settings, SettingsError
from collector.writer import Writer

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Parts:
    """The collector without its doors: what stores, what judges, what answers."""

    engine: Engine
    writer: Writer
    runner: Runner
    reader: Reader
    declared: Declared


@contextmanager
def parts(settings: Settings, clock: Clock | None = None) -> Iterator[Parts]:
    """Open the engine, bring its tables up to date, start the writer; close all in reverse order.

    The jobs don't run by themselves yet: `runner.start` sets them going, `runner.tick` runs once.
    Raises SettingsError, EngineError or SchemaTooNew, with a sentence for people.
    """
    clock = clock or WallClock()
    declared = _declared(settings)
    engine = open_engine(settings.engine_url, query_timeout_s=settings.query_timeout_s)
    try:
        outdated = migrate(engine, clock.now())
        _bind(engine, settings, declared, clock)
        if outdated:
            log.info("upgrading: deriving everything anew from the stored spans")
            derive(engine, clock.now())
        writer = Writer(
            engine,
            clock,
            max_batch_bytes=settings.max_batch_bytes,
            linger_s=settings.linger_ms / 1000,
            max_queue_bytes=settings.max_queue_bytes,
        )
        runner = Runner(
            engine,
            clock,
            writer.watermark,
            learn_every_s=settings.learn_every_s,
            min_orders=settings.learn_min_orders,
            declared=declared.flows,
            retention_days=settings.retention_days,
            max_operations=settings.max_operations,
        )
        runner.restore()

        def intake() -> Intake:
            counts = writer.counts()
            return Intake(counts.spans_per_s, sum(counts.refused_spans.values()))

        writer.start()
        try:
            reader = Reader(engine, clock, runner.progress, intake)
            yield Parts(engine, writer, runner, reader, declared)
        finally:
            writer.close()
            runner.stop()
    finally:
        engine.close()


def application(held: Parts, settings: Settings) -> tuple[FastAPI, Door]:
    """The HTTP application: OTLP in, questions answered, errors as problems; and the OTLP door."""
    app = FastAPI(
        title="Choreoscope",
        summary="Which orders are stuck or failed, at which step, and why.",
        version="1",
        docs_url="/docs",
        redoc_url=None,
    )
    problems.install(app)
    app.include_router(routes.health(held.reader))
    app.include_router(routes.router(held.reader, held.declared, token=settings.token))
    door = Door(held.writer)
    app.router.routes.append(
        otlp_http.route(door, token=settings.token, max_request_bytes=settings.max_request_bytes)
    )

    def openapi() -> dict[str, Any]:
        if not app.openapi_schema:
            document = get_openapi(
                title=app.title,
                version=app.version,
                openapi_version=app.openapi_version,
                summary=app.summary,
                routes=app.routes,
            )
            document["paths"][otlp_http.PATH] = otlp_http.openapi()
            app.openapi_schema = document
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]
    return app, door


@dataclass(frozen=True)
class Addresses:
    """Where a collector listens."""

    http: str
    grpc: str


class CannotListen(Exception):  # noqa: N818
    """An address can't be had; the message says which one and by what setting it is changed."""


def serve(settings: Settings, listening: Callable[[Addresses], None] | None = None) -> None:
    """Run the collector until SIGTERM or SIGINT, then commit what it holds and end.

    `listening` is called when clients can connect. Call it from the main thread. Raises
    SettingsError, CannotListen, EngineError or SchemaTooNew, each with a sentence for people.
    """
    with _socket(settings.host, settings.grpc_port, "grpc_port"):
        pass  # gRPC says it worse and later
    with (
        _socket(settings.host, settings.http_port, "http_port") as listener,
        parts(settings) as held,
    ):
        app, door = application(held, settings)
        config = uvicorn.Config(
            app, log_config=None, access_log=False, timeout_graceful_shutdown=8, lifespan="off"
        )

        async def run() -> None:
            server = _Server(config)
            for number in (signal.SIGTERM, signal.SIGINT):
                asyncio.get_running_loop().add_signal_handler(number, server.stop)
            grpc_door = GrpcReceiver(
                door,
                _address(settings.host, settings.grpc_port),
                token=settings.token,
                max_request_bytes=settings.max_request_bytes,
            )
            try:
                await grpc_door.start()
            except OSError as error:
                raise CannotListen(f"{error} (setting grpc_port, flag --grpc-port)") from None
            held.runner.start(settings.tick_s)
            if listening:
                http = f"http://{_address(settings.host, listener.getsockname()[1])}"
                listening(Addresses(http, _address(settings.host, grpc_door.port)))
            try:
                await server.serve(sockets=[listener])
            finally:
                await grpc_door.stop()
                await asyncio.to_thread(held.writer.close)

        with asyncio.Runner(loop_factory=config.get_loop_factory()) as runner:
            runner.run(run())


class _Server(uvicorn.Server):
    """Uvicorn, but signals are ours: its own handling would end the process before we commit."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    def stop(self) -> None:
        self.should_exit = True


def _socket(host: str, port: int, setting: str) -> socket.socket:
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        number = error.errno or 0  # names that can't be resolved have negative ones
        reason = os.strerror(number).lower() if number > 0 else str(error.strerror or error)
        raise CannotListen(
            f"can't listen on {_address(host, port)}: {reason} "
            f"(setting {setting}, flag --{setting.replace('_', '-')})"
        ) from None


def _address(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _declared(settings: Settings) -> Declared:
    """The flows that people wrote down: in the folder of the setting, else beside the embedded
    engine's data. The first look at them is strict; what is wrong refuses the start.
    """
    scheme, _, place = settings.engine_url.partition("://")
    beside = Path(unquote(place)) / "flows" if scheme == "chdb" else None
    names = [workflow.name for workflow in settings.workflows]
    declared = Declared(settings.flows or beside, names)
    try:
        declared.check(must_exist=settings.flows is not None)
    except FlowError as error:
        raise SettingsError(f"flows: {error}") from None
    return declared


def _bind(engine: Engine, settings: Settings, declared: Declared, clock: Clock) -> None:
    """Tell the engine which attributes carry the ids of which workflow, and on whose spans."""
    flows = {flow.workflow: flow for flow in declared.flows()}
    workflows = [
        replace(
            workflow,
            namespace=flow.namespace or workflow.namespace,
            services=flow.services or workflow.services,
        )
        if (flow := flows.get(workflow.name))
        else workflow
        for workflow in settings.workflows
    ]
    version = clock.now()
    rows = [{**source, "version": version} for source in sources(workflows)]
    engine.query("TRUNCATE TABLE workflows", lane="job")
    engine.insert("INSERT INTO workflows", "JSONEachRow", "\n".join(map(json.dumps, rows)).encode())
