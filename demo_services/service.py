"""A running service: FastAPI, NATS, SQLite and telemetry of its own. One object is one life."""

import asyncio
from contextlib import suppress
from random import Random

from fastapi import FastAPI
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
from demo_services.ledger import Ledger
from demo_services.messaging import (
    PUBLISH_TIMEOUT_S,
    RetryLater,
    consumer_config,
    durable_name,
    stream_of,
)
from demo_services.system import Blueprint, Surroundings, System
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
        self, blueprint: Blueprint, system: System, around: Surroundings, port: int = 0
    ) -> None:
        self.name = blueprint.name
        self.telemetry = Telemetry(
            self.name, system.name, blueprint.version, around.otlp, around.otlp_protocol
        )
        self.ledger = Ledger(
            around.data / f"{self.name}.sqlite", self.telemetry.provider, blueprint.schema
        )
        self.interference = Interference()
        self.random = Random(f"{around.seed} {self.name}")
        self.stream = stream_of(system.name, system.subjects)
        self.broker = NatsBroker(
            around.nats_url,
            name=self.name,
            logger=None,
            graceful_timeout=FINISH_S,
            max_reconnect_attempts=-1,
            middlewares=[
                RetryLater,
                NatsTelemetryMiddleware(tracer_provider=self.telemetry.provider),
                self.interference.middleware,
            ],
        )
        self.app = FastAPI(title=self.name, version=blueprint.version)
        self.app.add_api_route("/healthz", healthz, tags=["health"])
        self.subscribers: dict[str, PullStreamSubscriber] = {}
        self.publishes: list[str] = []
        blueprint.assemble(self)
        FastAPIInstrumentor.instrument_app(
            self.app, tracer_provider=self.telemetry.provider, excluded_urls="healthz"
        )
        self.http = HttpServer(self.app, around.host, port)

    def consumer(self, subject: str) -> PullStreamSubscriber:
        """Decorate a handler: it gets every message of `subject`, through a durable consumer."""
        subscriber = self.broker.subscriber(
            subject,
            stream=self.stream,
            durable=durable_name(self.name, subject),
            pull_sub=PullSub(batch_size=CONCURRENT_MESSAGES, timeout=FETCH_S),
            config=consumer_config(),
            ack_policy=AckPolicy.NACK_ON_ERROR,
            no_reply=True,
        )
        self.subscribers[subject] = subscriber
        return subscriber

    def publisher(self, subject: str) -> LogicPublisher:
        """Decorate a handler: what it returns is published; or keep it, and call `publish`."""
        self.publishes.append(subject)
        return self.broker.publisher(subject, stream=self.stream, timeout=PUBLISH_TIMEOUT_S)

    async def work(self, at_least_ms: int, at_most_ms: int) -> None:
        """Take as long as the real work would (seeded)."""
        await asyncio.sleep(self.random.uniform(at_least_ms, at_most_ms) / 1000)

    async def start(self) -> None:
        """Connect, consume and serve."""
        await self.broker.start()
        await self.http.start()

    async def pause(self) -> None:
        """Stop consuming; running handlers finish, new messages wait in the stream."""
        await asyncio.gather(*(subscriber.stop() for subscriber in self.subscribers.values()))

    async def resume(self) -> None:
        """Consume again, beginning with what has waited."""
        for subscriber in self.subscribers.values():
            await subscriber.start()

    async def stop(self) -> None:
        """End gently, within some seconds."""
        with suppress(NatsError, OSError):
            await self.pause()
        await self.http.stop()
        await self._disconnect()
        await self.telemetry.stop()
        self.ledger.close()

    async def kill(self) -> None:
        """End as a crashed process does: unfinished messages go back, unsent spans are lost."""
        lost = asyncio.create_task(self.telemetry.lose())
        running = [task for subscriber in self.subscribers.values() for task in subscriber.tasks]
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        await self.http.stop(at_once=True)
        await self._disconnect()
        await lost
        self.ledger.close()

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


class Health(BaseModel):
    """The service answers; whether it also consumes is for the observer to find out."""

    status: str = "ok"


async def healthz() -> Health:
    """Say that the HTTP side is up (excluded from telemetry)."""
    return Health()
