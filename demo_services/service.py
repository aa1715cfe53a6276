"""A running service: FastAPI, NATS, a database and telemetry of its own. One object is one life."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from random import Random
from typing import Any

from fastapi import Depends, FastAPI
from faststream import AckPolicy
from faststream.nats import NatsBroker, PullSub
from faststream.nats.opentelemetry import NatsTelemetryMiddleware
from faststream.nats.publisher.usecase import LogicPublisher
from faststream.nats.subscriber.usecases import PullStreamSubscriber
from nats.errors import Error as NatsError
from opentelemetry.instrumentation.fastapi import FastAPIInstrumentor
from pydantic import BaseModel

from demo_services.http_server import HttpServer
from demo_services.interference import Interference
from demo_services.ledger import Ledger, NoLedger, PostgresLedger, SqliteLedger
from demo_services.messaging import (
    PUBLISH_TIMEOUT_S,
    DeadLetters,
    RetryLater,
    consumer_config,
    durable_name,
    stream_of,
)
from demo_services.requests import Requests, answer_failures
from demo_services.system import Blueprint, Release, Surroundings, System
from demo_services.telemetry import Telemetry

CONCURRENT_MESSAGES = 8
FETCH_S = 5.0
FINISH_S = 2.0


class Service:
    """What a blueprint's `assemble` is given, and what runs afterwards.

    Ends by `stop` (running handlers finish, spans are sent) or `kill` (nothing is acknowledged or
    sent any more, as after a crash). Afterwards it isn't started again: a new one is built.
    """

    def __init__(
        self,
        blueprint: Blueprint,
        system: System,
        around: Surroundings,
        port: int = 0,
        release: Release | None = None,
    ) -> None:
        """`release` is the version to run, None for the blueprint's own."""
        self.name = blueprint.name
        self.version = release.version if release else blueprint.version
        self._renames = release.renames if release else {}
        self.telemetry = Telemetry(
            self.name, system.name, self.version, around.otlp, around.otlp_protocol
        )
        self.requests = Requests(around.addresses, self.telemetry.provider)
        self.ledger = self._open_ledger(blueprint, system, around)
        self.interference = Interference()
        self.random = Random(f"{around.seed} {self.name}")
        self.subscribers: dict[str, PullStreamSubscriber] = {}
        self.publishes: list[str] = []
        self.can_decline = False
        self.can_abandon = False
        self._tasks: list[Callable[[], Awaitable[None]]] = []
        self._working: list[asyncio.Task[None]] = []
        self._dead_letters = system.dead_letters
        self.stream = stream_of(system.name, (*system.subjects, system.dead_letters))
        self.broker = NatsBroker(
            around.nats_url,
            name=self.name,
            logger=None,
            graceful_timeout=FINISH_S,
            max_reconnect_attempts=-1,
            middlewares=[
                RetryLater,
                NatsTelemetryMiddleware(tracer_provider=self.telemetry.provider),
                DeadLetters(self._bury).middleware,
                self.interference.middleware,
            ],
        )
        self.app = FastAPI(
            title=self.name,
            version=self.version,
            dependencies=[Depends(self.interference.on_request)],
        )
        answer_failures(self.app)
        blueprint.assemble(self)
        self.serves = len(self.app.routes) > len(FastAPI().routes)
        self.app.router.dependencies.clear()
        self.app.add_api_route("/healthz", healthz, tags=["health"])
        FastAPIInstrumentor.instrument_app(
            self.app,
            tracer_provider=self.telemetry.provider,
            excluded_urls="healthz",
            exclude_spans=["receive", "send"],  # three a request that say little
        )
        self.http = HttpServer(self.app, around.host, port)

    def consumer(self, subject: str, *, from_now_on: bool = False) -> PullStreamSubscriber:
        """Decorate a handler: it gets every message of `subject`, through a durable consumer.

        `from_now_on`: not those that were published before it first started.
        """
        subscriber = self.broker.subscriber(
            subject,
            stream=self.stream,
            durable=durable_name(self.name, subject),
            pull_sub=PullSub(batch_size=CONCURRENT_MESSAGES, timeout=FETCH_S),
            config=consumer_config(from_now_on=from_now_on),
            ack_policy=AckPolicy.NACK_ON_ERROR,
            no_reply=True,
        )
        self.subscribers[subject] = subscriber
        return subscriber

    def publisher(self, subject: str) -> LogicPublisher:
        """Decorate a handler: what it returns is published; or keep it, and call `publish`."""
        subject = self._renames.get(subject, subject)
        self.publishes.append(subject)
        return self.broker.publisher(subject, stream=self.stream, timeout=PUBLISH_TIMEOUT_S)

    def background(self, task: Callable[[], Awaitable[None]]) -> None:
        """Run something beside the handlers, for as long as the service lives."""
        self._tasks.append(task)

    def declines(self, share: float = 0.0) -> Callable[[], bool]:
        """Make the question whether the business says no: to `share` of the orders by itself."""
        self.can_decline = True

        def says_no() -> bool:
            asked = self.interference.declines
            return self.random.random() < share or (asked is not None and asked())

        return says_no

    def abandons(self) -> Callable[[], bool]:
        """Make the question whether an undoing is to be left half done now."""
        self.can_abandon = True

        def leaves() -> bool:
            return self.interference.abandons is not None and self.interference.abandons()

        return leaves

    async def work(self, at_least_ms: int, at_most_ms: int) -> None:
        """Take as long as the real work would (seeded)."""
        await asyncio.sleep(self.random.uniform(at_least_ms, at_most_ms) / 1000)

    async def start(self) -> None:
        """Connect, consume and serve."""
        if self.subscribers or self.publishes:
            await self.broker.start()
        await self.http.start()
        self._working = [asyncio.create_task(_running(task)) for task in self._tasks]

    async def pause(self) -> None:
        """Stop consuming; running handlers finish, new messages wait in the stream."""
        await asyncio.gather(*(subscriber.stop() for subscriber in self.subscribers.values()))

    async def resume(self) -> None:
        """Consume again, beginning with what has waited."""
        for subscriber in self.subscribers.values():
            await subscriber.start()

    async def stop(self) -> None:
        """End gently, within some seconds."""
        await self._end_tasks()
        with suppress(NatsError, OSError):
            await self.pause()
        await self.http.stop()
        await self._disconnect()
        await self.requests.close()
        await self.telemetry.stop()
        self.ledger.close()

    async def kill(self) -> None:
        """End as a crashed process does: unfinished messages go back, unsent spans are lost."""
        lost = asyncio.create_task(self.telemetry.lose())
        await self._end_tasks()
        running = [task for subscriber in self.subscribers.values() for task in subscriber.tasks]
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        await self.http.stop(at_once=True)
        await self._disconnect()
        await self.requests.close()
        await lost
        self.ledger.close()

    def _open_ledger(self, blueprint: Blueprint, system: System, around: Surroundings) -> Ledger:
        provider = self.telemetry.provider
        if not blueprint.schema:
            return NoLedger()
        if blueprint.shared and around.database_url:
            return PostgresLedger(around.database_url, provider, blueprint.schema)
        file = f"{system.name}-{blueprint.database}" if blueprint.shared else self.name
        path = around.data / f"{file}.sqlite"
        return SqliteLedger(path, provider, blueprint.schema, blueprint.database)

    async def _bury(self, body: bytes, why: str) -> None:
        headers = {"reason": why[:200], "service": self.name}
        await self.broker.publish(
            body,
            self._dead_letters,
            headers=headers,
            stream=self.stream.name,
            timeout=PUBLISH_TIMEOUT_S,
        )

    async def _end_tasks(self) -> None:
        for task in self._working:
            task.cancel()
        await asyncio.gather(*self._working, return_exceptions=True)

    async def _disconnect(self) -> None:
        """Leave the broker; when it is away, there is nothing to drain."""
        connection = self.broker.config.connection_state
        client = connection.connection if connection else None
        try:
            await self.broker.stop()
        except (NatsError, OSError):
            if client is not None:
                with suppress(NatsError, OSError):
                    await client.close()


async def _running(task: Callable[[], Awaitable[Any]]) -> None:
    await task()


class Health(BaseModel):
    """The service answers; whether it also consumes is for the observer to find out."""

    status: str = "ok"


async def healthz() -> Health:
    """Say that the HTTP side is up (excluded from telemetry)."""
    return Health()
