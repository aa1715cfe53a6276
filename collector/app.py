"""The composition root: settings → engine → writer → receivers, jobs, API. It knows everybody."""

from __future__ import annotations

import asyncio
import json
import logging
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from collector.access import Access, is_local_name
from collector.api import health, problems, routes
from collector.api.reader import Intake, Reader
from collector.api.shared import MOST_AGE_S, Shared
from collector.clock import Clock, WallClock
from collector.ending import STOP_S, Ending
from collector.engine import Engine
from collector.engine.connect import open_engine
from collector.engine.damage import SetsAside
from collector.flows.folder import Declared
from collector.flows.model import Flow
from collector.flows.reader import FlowError
from collector.jobs.expiry import Kept
from collector.jobs.runner import Runner
from collector.keys import sources
from collector.listening import (
    CannotListen,
    HeadAsGet,
    address,
    certificate,
    http_server,
    listener,
)
from collector.meters import Meters
from collector.power import REWIND_NS, went_down
from collector.receivers import otlp_http
from collector.receivers.limits import Limits
from collector.receivers.otlp_grpc import GrpcReceiver
from collector.receivers.redaction import Redaction
from collector.receivers.request import Door, Rules
from collector.schema.migrate import keep_through_power_loss, migrate
from collector.settings import Settings, SettingsError
from collector.writer import Writer

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Parts:
    """The collector without its network: what takes, stores, judges and answers."""

    engine: Engine
    writer: Writer
    door: Door
    runner: Runner
    reader: Reader
    declared: Declared


@contextmanager
def parts(settings: Settings, clock: Clock | None = None) -> Iterator[Parts]:
    """Open the engine, bring its tables up to date, start the writer; close all in reverse order.

    The jobs don't run by themselves yet: `runner.start` sets them going, `runner.tick` runs once.
    Raises SettingsError, EngineError, SchemaTooNew or SpansLost, with a sentence for people.
    """
    turned = clock is not None
    clock = clock or WallClock()
    meters = Meters()
    declared = _declared(settings)
    engine = SetsAside(open_engine(settings.engine_url, query_timeout_s=settings.query_timeout_s))
    try:
        why_anew = migrate(engine, clock.now())
        flows_in_force = _bound(engine, settings, declared, clock)
        keep_through_power_loss(engine, settings.fsync)
        if why_anew:
            log.warning("%s: everything is derived anew from the stored spans", why_anew)
        writer = Writer(
            engine,
            clock,
            max_batch_bytes=settings.max_batch_bytes,
            linger_s=settings.linger_ms / 1000,
            max_queue_bytes=settings.max_queue_bytes,
            on_commit=meters.commit_s.observe,
        )
        door = Door(
            writer,
            _rules(settings),
            on_stored=meters.acknowledge_s.observe,
            on_cut=meters.count_cut,
        )
        runner = Runner(
            engine,
            clock,
            writer.watermark,
            learn_every_s=settings.learn_every_s,
            min_orders=settings.learn_min_orders,
            declared=flows_in_force,
            kept=_kept(settings),
            max_operations=settings.max_operations,
            on_tick=meters.tick_s.observe,
        )
        runner.restore(REWIND_NS if _went_down(settings) else 0)

        def intake() -> Intake:
            counts = writer.counts()
            return Intake(
                counts.spans_per_s,
                counts.accepted_spans,
                counts.refused_spans,
                counts.queue_bytes,
                settings.max_queue_bytes,
            )

        def troubles() -> list[str]:
            told = (("can't store", writer.trouble()), ("can't judge", runner.trouble()))
            amiss = [f"{what}: {why}" for what, why in told if why]
            if derived := sorted(engine.damaged_tables - {"otel_traces"}):
                names = ", ".join(derived)
                amiss.append(f"damaged: {names}; restart it, and they are derived anew")
            return amiss

        writer.start()
        try:
            reader = Reader(
                engine,
                clock,
                runner.progress,
                intake,
                troubles,
                meters.registry,
                retention_days=settings.retention_days,
                min_free_bytes=settings.min_free_bytes,
                # Who turns the clock wants to see what he has done.
                answers=Shared(0.0 if turned else MOST_AGE_S),
            )
            yield Parts(engine, writer, door, runner, reader, declared)
        finally:
            writer.close()
            runner.stop()
    finally:
        engine.close()


def application(held: Parts, settings: Settings) -> FastAPI:
    """The HTTP application: OTLP in, questions answered, errors as problems."""
    app = FastAPI(
        title="Choreoscope",
        summary="Which orders are stuck or failed, at which step, and why.",
        version="1",
        docs_url=None,  # FastAPI's own page loads scripts from elsewhere
        redoc_url=None,
        redirect_slashes=False,
    )
    app.add_middleware(HeadAsGet)
    access = _access(settings)
    problems.install(app)
    app.include_router(health.router(held.reader, access=access))
    app.include_router(routes.router(held.reader, held.declared, access=access))
    app.router.routes.append(
        otlp_http.route(held.door, access=access, max_request_bytes=settings.max_request_bytes)
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
    return app


@dataclass(frozen=True)
class Addresses:
    """Where a collector listens."""

    http: str
    grpc: str


def serve(settings: Settings, listening: Callable[[Addresses], None] | None = None) -> None:
    """Run the collector until SIGTERM or SIGINT, then commit what it holds and end.

    `listening` is called when clients can connect. Call it from the main thread. Raises
    SettingsError, CannotListen, EngineError, SchemaTooNew or SpansLost, each with a sentence for
    people.
    """
    pair = certificate(settings.tls_cert, settings.tls_key)
    tls = {"ssl_certfile": settings.tls_cert, "ssl_keyfile": settings.tls_key} if pair else {}
    with listener(settings.host, settings.grpc_port, "grpc_port"):
        pass  # gRPC says it worse and later
    with (
        listener(settings.host, settings.http_port, "http_port") as http_socket,
        parts(settings) as held,
    ):
        server = http_server(application(held, settings), **tls)
        ending = Ending(STOP_S)

        async def run() -> None:
            grpc_door = GrpcReceiver(
                held.door,
                address(settings.host, settings.grpc_port),
                access=_access(settings),
                max_request_bytes=settings.max_request_bytes,
                certificate=pair,
            )

            def end() -> None:
                server.stop()
                held.runner.end_soon()
                ending.begin(asyncio.to_thread(held.writer.close, STOP_S), grpc_door.stop(STOP_S))

            for number in (signal.SIGTERM, signal.SIGINT):
                asyncio.get_running_loop().add_signal_handler(number, end)
            try:
                await grpc_door.start()
            except OSError as error:
                raise CannotListen(f"{error} (setting grpc_port, flag --grpc-port)") from None
            held.runner.start(settings.tick_s)
            if listening:
                here = address(settings.host, http_socket.getsockname()[1])
                scheme = "https" if pair else "http"
                listening(Addresses(f"{scheme}://{here}", address(settings.host, grpc_door.port)))
            try:
                await server.serve(sockets=[http_socket])
            finally:
                end()
                await ending.done()

        with asyncio.Runner(loop_factory=server.config.get_loop_factory()) as runner:
            runner.run(run())
    ending.over()


def _access(settings: Settings) -> Access:
    return Access(
        settings.token,
        settings.ingest_token,
        settings.read_token,
        local_only=is_local_name(settings.host)
        and not (settings.token or settings.allow_insecure_host),
    )


def _rules(settings: Settings) -> Rules:
    redaction = Redaction(settings.redact_drop, settings.redact_hash, settings.redact_key)
    wanted = settings.redact_drop or settings.redact_hash
    return Rules(
        Limits(settings.max_attributes, settings.max_value_bytes), redaction if wanted else None
    )


def _went_down(settings: Settings) -> bool:
    """Whether the machine went down since the embedded engine's folder was last open."""
    scheme, _, place = settings.engine_url.partition("://")
    return scheme == "chdb" and went_down(Path(unquote(place)))


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


def _kept(settings: Settings) -> Kept:
    """How long things stay."""
    day = 86_400_000_000_000
    return Kept(
        traces_ns=int(settings.retention_days * day),
        failed_ns=int(max(settings.retention_days, settings.failed_retention_days) * day),
        orders_ns=int(max(settings.retention_days, settings.order_retention_days) * day),
        max_bytes=settings.retention_bytes,
    )


def _bound(
    engine: Engine, settings: Settings, declared: Declared, clock: Clock
) -> Callable[[], tuple[Flow, ...]]:
    """Asks for the declared flows; before they are told, the engine knows whose spans they bind."""
    bound = declared.flows()
    _bind(engine, settings, bound, clock)

    def flows() -> tuple[Flow, ...]:
        nonlocal bound
        found = declared.flows()
        if found is not bound:
            _bind(engine, settings, found, clock)
            bound = found
        return found

    return flows


def _bind(engine: Engine, settings: Settings, declared: Sequence[Flow], clock: Clock) -> None:
    """Tell the engine which attributes carry the ids of which workflow, and on whose spans."""
    flows = {flow.workflow: flow for flow in declared}
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
