"""How services talk: one JetStream stream a system, one durable consumer a service and subject."""

import logging
from collections.abc import Awaitable, Callable
from typing import Any

from faststream import BaseMiddleware
from faststream.exceptions import NackMessage
from faststream.message import StreamMessage
from faststream.nats import JStream
from faststream.nats.message import NatsMessage
from nats.js.api import ConsumerConfig, StorageType

logger = logging.getLogger(__name__)

ACK_WAIT_S = 5.0
"""A message that is neither acknowledged nor refused for so long is delivered again."""

MAX_DELIVERIES = 5
"""After that many failures a message is given up; its order is stuck for good."""

PUBLISH_TIMEOUT_S = 5.0
MAX_AGE_S = 6 * 3600.0
MAX_BACK_OFF_S = 8.0


def stream_of(system: str, subjects: tuple[str, ...]) -> JStream:
    """Describe the system's stream; every service declares it the same way, whoever comes first."""
    return JStream(
        system, subjects=list(subjects), storage=StorageType.FILE, max_age=MAX_AGE_S, num_replicas=1
    )


def durable_name(service: str, subject: str) -> str:
    """Name the consumer: `fulfilment-cd-stock-reserved` (dots mean something else to NATS)."""
    return f"{service}-{subject.replace('.', '-')}"


def consumer_config() -> ConsumerConfig:
    """Explicit acknowledgement, redelivery after a crash, a limit on redeliveries."""
    return ConsumerConfig(ack_wait=ACK_WAIT_S, max_deliver=MAX_DELIVERIES)


class RetryLater(BaseMiddleware):
    """A handler that raises refuses its message, and gets it again after 1, 2, 4, 8 seconds."""

    async def consume_scope(
        self, call_next: Callable[[Any], Awaitable[Any]], msg: StreamMessage[Any]
    ) -> Any:
        """Turn the handler's exception into a delayed refusal.

        That something doesn't answer is everyday life, seen in the spans; anything else is a
        defect of the demo and said.
        """
        try:
            return await call_next(msg)
        except Exception as error:
            if not isinstance(error, ConnectionError):
                logger.warning("a handler failed: %r", error)
            raise NackMessage(delay=back_off_s(deliveries(msg))) from error


def deliveries(msg: StreamMessage[Any]) -> int:
    """Count how often the broker delivered this message, this time included."""
    if isinstance(msg, NatsMessage):
        return msg.raw_message.metadata.num_delivered or 1
    return 1


def back_off_s(delivered: int) -> float:
    """Seconds until the next try, doubled with each."""
    return float(min(2.0 ** (delivered - 1), MAX_BACK_OFF_S))
