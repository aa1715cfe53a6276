"""How many messages wait for whom, asked of the broker: true also for a service that is down."""

import logging
from contextlib import suppress

import nats
from nats.aio.client import Client
from nats.errors import Error as NatsError
from nats.js import JetStreamContext

from demo_services.messaging import durable_name

logger = logging.getLogger(__name__)

ANSWER_S = 2.0


class Backlog:
    """A connection of our own; the services know nothing of it."""

    def __init__(self, nats_url: str) -> None:
        self._url = nats_url
        self._client: Client | None = None
        self._streams: JetStreamContext | None = None
        self._complained = False

    async def open(self) -> None:
        """Connect; waits for a broker that isn't up yet."""
        self._client = await nats.connect(
            self._url, name="demo-control", max_reconnect_attempts=-1, error_cb=self._on_error
        )
        self._streams = self._client.jetstream(timeout=ANSWER_S)

    async def waiting(self, system: str, service: str, subject: str) -> int | None:
        """Count the messages published on `subject` that `service` hasn't acknowledged yet.

        None when the broker doesn't know this consumer, or doesn't answer.
        """
        if self._streams is None:
            return None
        try:
            consumer = await self._streams.consumer_info(system, durable_name(service, subject))
        except (NatsError, TimeoutError):
            return None
        return (consumer.num_pending or 0) + (consumer.num_ack_pending or 0)

    async def close(self) -> None:
        """Disconnect."""
        if self._client is not None:
            with suppress(NatsError, OSError):
                await self._client.close()

    async def _on_error(self, error: Exception) -> None:
        """Say once that nobody answers; the client tries on by itself."""
        if not self._complained:
            self._complained = True
            logger.warning("NATS at %s: %s; trying on", self._url, str(error) or repr(error))
