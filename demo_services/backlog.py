"""How many messages wait for whom, asked of the broker: true also for a service that is down."""

import nats
from nats.aio.client import Client
from nats.errors import Error as NatsError
from nats.js import JetStreamContext

from demo_services.messaging import durable_name

ANSWER_S = 2.0


class Backlog:
    """A connection of our own; the services know nothing of it."""

    def __init__(self, nats_url: str) -> None:
        self._url = nats_url
        self._client: Client | None = None
        self._streams: JetStreamContext | None = None

    async def open(self) -> None:
        """Connect; waits for a broker that isn't up yet."""
        self._client = await nats.connect(
            self._url, name="demo-control", max_reconnect_attempts=-1, error_cb=_ignore
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
            await self._client.close()


async def _ignore(error: Exception) -> None:
    """The services' own behaviour shows that the broker is away; no second report of it."""
