"""Where `load` brings spans: a running collector, or a folder that this process opens itself."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Protocol

import httpx
from google.protobuf.message import DecodeError
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

from collector.api.models import Summary
from collector.cli import Failure
from collector.cli.ask import Collector, read
from collector.cli.plain import clean
from collector.settings import Settings

if TYPE_CHECKING:
    from collector.app import Parts

_PATIENCE_S = 120.0  # a collector that refuses for so long isn't merely busy
_RETRY_S = 1.0
_LONGEST_RETRY_S = 30.0
_LOOK_S = 0.2


class Rejected(Exception):  # noqa: N818
    """A request that will never be taken; the message says why."""


class Destination(Protocol):
    """Something that stores spans and judges orders."""

    def send(self, body: bytes) -> tuple[int, str]:
        """Store one OTLP request; how many of its spans were refused, and why.

        Called from several threads. Raises Rejected when all of it was, Failure when nobody takes
        anything.
        """
        ...

    def settled(self) -> Summary:
        """Wait until all that was sent is judged, and tell how everything is then."""
        ...

    def stop(self) -> None:
        """Let the senders that still try give up."""
        ...


class Remote:
    """A running collector, over OTLP/HTTP."""

    def __init__(self, collector: Collector) -> None:
        self._collector = collector
        self._reached = False
        self._stopped = threading.Event()
        self.stop = self._stopped.set

    def send(self, body: bytes) -> tuple[int, str]:
        """See `Destination.send`. A busy collector is asked again when it says so."""
        give_up_at = time.monotonic() + _PATIENCE_S
        while True:
            try:
                answer = self._collector.client.post(
                    f"{self._collector.url}/v1/traces",
                    content=body,
                    headers={"Content-Type": "application/x-protobuf"},
                )
            except httpx.HTTPError as error:
                # One that has answered may be starting anew; one that never did isn't there.
                if not self._reached or time.monotonic() > give_up_at:
                    raise self._collector.away(error) from None
                self._wait(_RETRY_S)
                continue
            self._reached = True
            if answer.status_code not in (429, 503):
                return _taken(answer, self._collector.url)
            if time.monotonic() > give_up_at:
                raise Failure(
                    f"the collector at {self._collector.url} has refused for {_PATIENCE_S:g} s: "
                    f"{_reason(answer)}"
                )
            self._wait(_retry_after_s(answer))

    def settled(self) -> Summary:
        """See `Destination.settled`. Under traffic of others a collector never rests: then until
        what was sent has been judged, learned from, and judged again.
        """
        sent = self._summary()
        judged_at = ""
        now = sent
        while not now.judged.settled:
            # Times are of one form and zone: they compare as text.
            if not judged_at and (now.judged.through or "") >= sent.as_of:
                judged_at = now.as_of
            if judged_at and (now.judged.model_at or "") >= judged_at:
                break
            time.sleep(_LOOK_S)
            now = self._summary()
        return now

    def _wait(self, seconds: float) -> None:
        if self._stopped.wait(seconds):
            raise Failure(f"stopped before {self._collector.url} took everything")

    def _summary(self) -> Summary:
        return read(Summary, self._collector.get("summary"))


class Local:
    """A data folder, opened in this process."""

    def __init__(self, held: Parts) -> None:
        self._held = held
        self._stopped = threading.Event()
        self.stop = self._stopped.set

    def send(self, body: bytes) -> tuple[int, str]:
        """See `Destination.send`."""
        from collector.receivers.answers import failure  # noqa: PLC0415

        give_up_at = time.monotonic() + _PATIENCE_S
        while True:
            try:
                checked = asyncio.run(self._held.door.take(body))
            except Exception as error:
                told = failure(error)
                if told.retry_after_s is None:
                    raise Rejected(told.message) from None
                if time.monotonic() > give_up_at or self._stopped.wait(told.retry_after_s):
                    raise Failure(f"can't store: {told.message}") from None
            else:
                return checked.refused, checked.why

    def settled(self) -> Summary:
        """See `Destination.settled`."""
        from collector.api.summary import summary  # noqa: PLC0415

        while True:
            self._held.runner.tick()
            found = summary(self._held.reader)
            if found.judged.settled:
                return found
            time.sleep(_LOOK_S)


@contextmanager
def local(settings: Settings) -> Iterator[Local]:
    """The folder of the settings, opened; raises Failure when it can't be."""
    # The engine takes half a second to load: only who needs it waits.
    from collector.app import parts  # noqa: PLC0415
    from collector.engine import EngineError  # noqa: PLC0415
    from collector.schema.migrate import SchemaTooNew, SpansLost  # noqa: PLC0415

    try:
        with parts(settings) as held:
            yield Local(held)
    except (EngineError, SchemaTooNew, SpansLost) as error:
        raise Failure(str(error)) from None


def _taken(answer: httpx.Response, url: str) -> tuple[int, str]:
    if answer.status_code == 401:
        raise Failure(f"the collector at {url} wants a token: set CHOREOSCOPE_TOKEN")
    if answer.status_code == 404:
        raise Failure(f"what answers at {url} takes no OTLP: is it a collector?")
    if not answer.is_success:
        raise Rejected(_reason(answer))
    try:
        partial = ExportTraceServiceResponse.FromString(answer.content).partial_success
    except DecodeError:
        return 0, ""
    return partial.rejected_spans, clean(partial.error_message)


def _reason(answer: httpx.Response) -> str:
    """The message of a refusal: OTLP's `Status` in the request's encoding, else the code."""
    from google.rpc.status_pb2 import Status  # type: ignore[import-untyped] # noqa: PLC0415

    message: Any = ""
    with suppress(DecodeError):
        message = Status.FromString(answer.content).message
    return clean(str(message)) or f"it answered {answer.status_code}"


def _retry_after_s(answer: httpx.Response) -> float:
    try:
        seconds = float(answer.headers.get("Retry-After", ""))
    except ValueError:
        return _RETRY_S
    return min(max(seconds, 0.1), _LONGEST_RETRY_S)
