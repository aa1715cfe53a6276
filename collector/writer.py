"""Group commit: many requests become one INSERT; a request is answered when it is durable."""

from __future__ import annotations

import asyncio
import logging
import math
import threading
import time
from collections import Counter, deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass

from collector.clock import Clock
from collector.engine import BadData, Engine, EngineError
from collector.schema import otlp

_log = logging.getLogger(__name__)

_RATE_WINDOW_S = 10.0
_ENGINE_RETRY_S = 5.0
# Who isn't ready gets no requests, and so could never show that it can store again.
_TROUBLE_S = 15.0


class WriteError(Exception):
    """The request is not stored."""


class Refused(WriteError):  # noqa: N818
    """The bytes can't be stored: sending them again won't help."""


class Overloaded(WriteError):  # noqa: N818
    """Too much is waiting already."""

    def __init__(self, retry_after_s: float) -> None:
        super().__init__("the collector has more to store than it can; try again later")
        self.retry_after_s = retry_after_s


class Unavailable(WriteError):  # noqa: N818
    """The engine can't store now."""

    def __init__(self, reason: str, retry_after_s: float = _ENGINE_RETRY_S) -> None:
        super().__init__(reason)
        self.retry_after_s = retry_after_s


@dataclass(frozen=True)
class Counts:
    """What the writer has done since it started."""

    accepted_spans: int
    refused_spans: dict[str, int]
    queue_bytes: int
    commits: int
    spans_per_s: float


@dataclass(frozen=True)
class _Body:
    data: bytes
    spans: int
    stored: Future[None]


class Writer:
    """Joins request bodies, stamps each batch and inserts it; safe to use from many threads."""

    def __init__(
        self,
        engine: Engine,
        clock: Clock,
        *,
        max_batch_bytes: int = 8 * 1024 * 1024,
        linger_s: float = 0.2,
        max_queue_bytes: int = 256 * 1024 * 1024,
        connections: int = 2,
        on_commit: Callable[[float], object] | None = None,
    ) -> None:
        self._engine = engine
        self._on_commit = on_commit  # told how many seconds each insert took
        self._clock = clock
        self._max_batch_bytes = max_batch_bytes
        self._linger_s = linger_s
        self._max_queue_bytes = max_queue_bytes
        self._changed = threading.Condition()
        self._open = False
        self._queue: deque[_Body] = deque()
        self._waiting_bytes = 0  # in the queue
        self._held_bytes = 0  # in the queue or in a commit
        self._last_commit_at = -math.inf
        self._last_stamp = 0
        self._in_flight: set[int] = set()
        self._accepted = 0
        self._refused: Counter[str] = Counter()
        self._commits = 0
        self._recent: deque[tuple[float, int, int]] = deque()  # when, spans, bytes
        self._started_at = 0.0
        self._trouble = ""
        self._failed_at = -math.inf
        self._threads = [
            threading.Thread(target=self._work, name=f"writer-{n}", daemon=True)
            for n in range(connections)
        ]

    def start(self) -> None:
        """Begin to commit."""
        self._open = True
        self._started_at = time.monotonic()
        for thread in self._threads:
            thread.start()

    def submit(self, body: bytes, spans: int = 0) -> Future[None]:
        """Queue one OTLP request in protobuf; the future ends when it is durable.

        The body must be whole: its frames sum to its length (see `receivers.framing`). Raises
        Overloaded or Unavailable at once; the future holds Refused or Unavailable.
        """
        item = _Body(body, spans, Future())
        with self._changed:
            if not self._open:
                raise Unavailable("the collector is shutting down")
            if self._held_bytes and self._held_bytes + len(body) > self._max_queue_bytes:
                self._refused["overload"] += spans
                raise Overloaded(self._drain_s())
            self._queue.append(item)
            self._waiting_bytes += len(body)
            self._held_bytes += len(body)
            self._changed.notify()
        return item.stored

    def make_room(self, size: int, beside: int = 0) -> None:
        """Raise Overloaded or Unavailable where a body of `size` bytes would be refused now, when
        `beside` other bytes are on their way already.

        Asked before a request is read, unpacked and checked: when there is too much, none of that
        is worth doing.
        """
        with self._changed:
            if not self._open:
                raise Unavailable("the collector is shutting down")
            ahead = self._held_bytes + beside
            if ahead and ahead + size > self._max_queue_bytes:
                raise Overloaded(self._drain_s())

    def trouble(self) -> str:
        """Why the last commit failed; empty when it didn't, or when nobody has tried lately."""
        lately = time.monotonic() - self._failed_at < _TROUBLE_S
        return self._trouble if lately else ""

    async def write(self, body: bytes, spans: int = 0) -> None:
        """Store one OTLP request; returns when it is durable. Raises WriteError."""
        await asyncio.wrap_future(self.submit(body, spans))

    def count_refused(self, reason: str, spans: int = 1) -> None:
        """Count spans that a receiver refused before they came here."""
        with self._changed:
            self._refused[reason] += spans

    def watermark(self) -> int:
        """Nanoseconds: every batch stamped at or before it is committed, later ones come after."""
        with self._changed:
            if self._in_flight:
                return min(self._in_flight) - 1
            self._last_stamp = max(self._clock.now(), self._last_stamp)
            return self._last_stamp

    def idle(self) -> bool:
        """Nothing waits and nothing is being committed."""
        with self._changed:
            return not self._held_bytes

    def counts(self) -> Counts:
        """The counters now."""
        with self._changed:
            spans, _ = self._rate()
            return Counts(
                self._accepted, dict(self._refused), self._held_bytes, self._commits, spans
            )

    def close(self, timeout_s: float = 10.0) -> None:
        """Take no more, commit what is held; what isn't committed in time fails as Unavailable.

        Blocks: in asyncio, call it through `asyncio.to_thread`.
        """
        with self._changed:
            self._open = False
            self._changed.notify_all()
        deadline = time.monotonic() + timeout_s
        for thread in self._threads:
            if thread.ident:
                thread.join(max(0.0, deadline - time.monotonic()))
        with self._changed:
            left = list(self._queue)
            self._queue.clear()
        for item in left:
            if item.stored.set_running_or_notify_cancel():
                item.stored.set_exception(Unavailable("the collector is shutting down"))

    def _work(self) -> None:
        while batch := self._next_batch():
            stamp, items = batch
            try:
                self._commit(items, otlp.received_at(stamp))
            finally:
                with self._changed:
                    self._in_flight.discard(stamp)
                    self._held_bytes -= sum(len(item.data) for item in items)

    def _next_batch(self) -> tuple[int, list[_Body]] | None:
        """Wait for bodies worth a commit and take them; None when closed and empty."""
        with self._changed:
            while True:
                if self._queue:
                    wait = self._linger_left() if self._open else 0.0
                    if wait <= 0:
                        break
                    self._changed.wait(wait)
                elif self._open:
                    self._changed.wait()
                else:
                    return None
            items = [self._queue.popleft()]
            size = len(items[0].data)
            while self._queue and size + len(self._queue[0].data) <= self._max_batch_bytes:
                items.append(self._queue.popleft())
                size += len(items[-1].data)
            self._waiting_bytes -= size
            self._last_commit_at = time.monotonic()
            self._last_stamp = max(self._clock.now(), self._last_stamp + 1)
            self._in_flight.add(self._last_stamp)
            return self._last_stamp, items

    def _linger_left(self) -> float:
        """How long to wait for company: the whole linger for little, nothing for half a batch.

        Batches of 4 MB cost a third less CPU a span than batches of 1 MB, and light traffic should
        make few parts.
        """
        fullness = self._waiting_bytes / (self._max_batch_bytes / 2)
        since = time.monotonic() - self._last_commit_at
        return self._linger_s * (1 - fullness) - since

    def _commit(self, items: list[_Body], stamp: bytes) -> None:
        """Insert the items as one batch; halve it on failure until the bad ones stand alone."""
        waiting = [item for item in items if item.stored.set_running_or_notify_cancel()]
        pending = [waiting] if waiting else []
        while pending:
            batch = pending.pop()
            try:
                data = b"".join([*(item.data for item in batch), stamp])
                began = time.monotonic()
                self._engine.insert(otlp.insert_statement(), otlp.FORMAT, data)
                if self._on_commit:
                    self._on_commit(time.monotonic() - began)
            except EngineError as error:
                if len(batch) > 1 and type(error) in (BadData, EngineError):
                    half = len(batch) // 2
                    pending += [batch[half:], batch[:half]]
                else:
                    self._fail(batch, error)
            except Exception as error:
                _log.exception("a commit failed")
                self._fail(batch, error)
            else:
                self._acknowledge(batch)

    def _acknowledge(self, batch: list[_Body]) -> None:
        spans = sum(item.spans for item in batch)
        with self._changed:
            self._trouble = ""
            self._commits += 1
            self._accepted += spans
            size = sum(len(item.data) for item in batch)
            self._recent.append((time.monotonic(), spans, size))
        for item in batch:
            item.stored.set_result(None)

    def _fail(self, batch: list[_Body], error: Exception) -> None:
        bad = isinstance(error, BadData)
        with self._changed:
            if not bad:
                self._trouble, self._failed_at = str(error), time.monotonic()
            self._refused["undecodable" if bad else "engine"] += sum(item.spans for item in batch)
        if not bad:
            _log.warning("can't store: %s", error)
        for item in batch:
            item.stored.set_exception(Refused(str(error)) if bad else Unavailable(str(error)))

    def _rate(self) -> tuple[float, float]:
        """Spans and bytes a second, lately."""
        now = time.monotonic()
        while self._recent and self._recent[0][0] < now - _RATE_WINDOW_S:
            self._recent.popleft()
        span_s = max(1.0, min(_RATE_WINDOW_S, now - self._started_at))
        spans = sum(spans for _, spans, _ in self._recent)
        return spans / span_s, sum(size for _, _, size in self._recent) / span_s

    def _drain_s(self) -> float:
        """How long what is held will take, at the present speed; between 1 and 30 s."""
        _, bytes_per_s = self._rate()
        return min(
            30.0, max(1.0, self._held_bytes / bytes_per_s if bytes_per_s else _ENGINE_RETRY_S)
        )
