"""How services talk: one JetStream stream a system, one durable consumer a service and subject."""

import logging
from collections.abc import Awaitable, Callable
from typing import Any

from faststream import BaseMiddleware
from faststream.exceptions import NackMessage, RejectMessage
from faststream.message import StreamMessage
from faststream.nats import JStream
from faststream.nats.message import NatsMessage
from nats.js.api import ConsumerConfig, DeliverPolicy, StorageType

logger = logging.getLogger(__name__)

ACK_WAIT_S = 5.0
"""A message that is neither acknowledged nor refused for so long is delivered again."""

MAX_DELIVERIES = 5
"""After that many failures a message is given up: it goes to the dead letters."""

MAX_DELIVERIES_UNREADABLE = 3
"""Trying again won't make it readable."""

PUBLISH_TIMEOUT_S = 5.0
MAX_AGE_S = 6 * 3600.0
MAX_BACK_OFF_S = 8.0


class UnreadableError(ValueError):
    """A message that the handler can't understand, now or ever: a poison message."""


def stream_of(system: str, subjects: tuple[str, ...]) -> JStream:
    """Describe the system's stream; every service declares it the same way, whoever comes first."""
    return JStream(
        system, subjects=list(subjects), storage=StorageType.FILE, max_age=MAX_AGE_S, num_replicas=1
    )


def durable_name(service: str, subject: str) -> str:
    """Name the consumer: `fulfilment-cd-stock-reserved` (dots mean something else to NATS)."""
    return f"{service}-{subject.replace('.', '-')}"


def consumer_config(*, from_now_on: bool) -> ConsumerConfig:
    """Explicit acknowledgement, redelivery after a crash, a limit on redeliveries."""
    begin = DeliverPolicy.NEW if from_now_on else DeliverPolicy.ALL
    return ConsumerConfig(ack_wait=ACK_WAIT_S, max_deliver=MAX_DELIVERIES, deliver_policy=begin)


class RetryLater(BaseMiddleware):
    """Outermost. A handler that raises refuses its message; it comes again after 1, 2, 4, 8 s."""

    async def consume_scope(
        self, call_next: Callable[[Any], Awaitable[Any]], msg: StreamMessage[Any]
    ) -> Any:
        """Turn the handler's exception into a delayed refusal, in the end into a final one.

        That something doesn't answer or can't be read is everyday life, seen in the spans;
        anything else is a defect of the demo and said.
        """
        try:
            return await call_next(msg)
        except Exception as error:
            if not isinstance(error, ConnectionError | UnreadableError):
                logger.warning("a handler failed: %r", error)
            if is_last(msg, error):
                raise RejectMessage from error
            raise NackMessage(delay=back_off_s(deliveries(msg))) from error


class DeadLetters:
    """Publishes what is given up to a subject of its own, from within the last failed attempt."""

    def __init__(self, publish: Callable[[bytes, str], Awaitable[Any]]) -> None:
        """`publish` takes the message as it came, and why it was given up."""
        self._publish = publish

    def middleware(self, msg: Any, /, *, context: Any) -> "_Burying":
        """Build FastStream's middleware for one message."""
        return _Burying(msg, context=context, publish=self._publish)


class _Burying(BaseMiddleware):
    """Inside of the telemetry, so that the publication is seen as part of the attempt."""

    def __init__(
        self, msg: Any, /, *, context: Any, publish: Callable[[bytes, str], Awaitable[Any]]
    ) -> None:
        super().__init__(msg, context=context)
        self._publish = publish

    async def consume_scope(
        self, call_next: Callable[[Any], Awaitable[Any]], msg: StreamMessage[Any]
    ) -> Any:
        try:
            return await call_next(msg)
        except Exception as error:
            if is_last(msg, error):
                await self._publish(msg.body, f"{type(error).__name__}: {error}")
            raise


def is_last(msg: StreamMessage[Any], error: Exception) -> bool:
    """Whether a message that failed is now given up."""
    most = MAX_DELIVERIES_UNREADABLE if isinstance(error, UnreadableError) else MAX_DELIVERIES
    return deliveries(msg) >= most


def deliveries(msg: StreamMessage[Any]) -> int:
    """Count how often the broker delivered this message, this time included."""
    if isinstance(msg, NatsMessage):
        return msg.raw_message.metadata.num_delivered or 1
    return 1


def position(msg: StreamMessage[Any]) -> int:
    """Where in its stream a message stands: the same at every delivery."""
    if isinstance(msg, NatsMessage):
        return int(msg.raw_message.metadata.sequence.stream)
    return 0


def back_off_s(delivered: int) -> float:
    """Seconds until the next try, doubled with each."""
    return float(min(2.0 ** (delivered - 1), MAX_BACK_OFF_S))
