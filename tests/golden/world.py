"""A whole collector on a clock that only moves when told: spans in, judged orders out."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from collector.api import order as order_api
from collector.api import orders as orders_api
from collector.api.models import Order, OrderRow
from collector.app import Parts, parts
from collector.clock import VirtualClock
from collector.settings import Settings, load

DAWN = 1_790_000_000_000_000_000  # when stories begin: a day in September 2026
LATER = DAWN + 3_600_000_000_000  # when they are told: long enough after to be history


@dataclass
class World:
    clock: VirtualClock
    parts: Parts

    def take(self, body: bytes) -> None:
        """Store a request, acknowledged, at the clock's time."""
        self.parts.writer.submit(body, 1).result()

    def settle(self) -> None:
        """Tick until everything stored is correlated, learned from and judged."""
        while not self.parts.writer.idle():  # acknowledged, and not yet known to be over
            time.sleep(0.001)
        for _ in range(10):
            self.clock.advance(2)
            self.parts.runner.tick()
            if self.parts.runner.progress().learned:
                return
        raise AssertionError("the jobs don't settle")

    def order(self, order_id: str, workflow: str = "order") -> Order:
        return order_api.order(self.parts.reader, workflow=workflow, id=order_id)

    def orders(self, **wanted: object) -> list[OrderRow]:
        chosen = orders_api.Filter(trivial=True, **wanted)
        return orders_api.orders(self.parts.reader, chosen, limit=1000).orders


def settings(engine_url: str) -> Settings:
    """Settings for tests: no waiting for company."""
    return replace(load(environ={}), engine=engine_url, linger_ms=0)


@contextmanager
def world(engine_url: str, now: int = LATER) -> Iterator[World]:
    """Open a world on an engine; the jobs run only when told."""
    clock = VirtualClock(now)
    with parts(settings(engine_url), clock) as opened:
        yield World(clock, opened)
