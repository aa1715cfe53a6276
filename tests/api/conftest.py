"""The real application on a real port, in front of a world that has lived through a story."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import httpx
import pytest

from collector.app import application
from collector.listening import http_server
from tests.golden.spans import joined, request
from tests.golden.stories import order_id, read, requests
from tests.golden.world import DAWN, World, settings, world


@contextmanager
def served(here: World, **changed: Any) -> Iterator[httpx.Client]:
    """A client for the collector's HTTP side."""
    app = application(here.parts, replace(settings("chdb:///unused"), **changed))
    server = http_server(app, port=0)
    thread = threading.Thread(target=asyncio.run, args=(server.serve(),))
    thread.start()
    while not server.started:
        threading.Event().wait(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
        yield client
    server.should_exit = True
    thread.join()


@pytest.fixture(scope="module")
def told(engine_url: Callable[[str], str]) -> Iterator[World]:
    """40 orders, the last five waiting for a silent stock; one failed; one keyless health check."""
    story = read("silent_consumer")
    failed = read("failed").odd[12]
    with world(engine_url("chdb")) as here:
        poll = request("POLL", DAWN, {"does": "checkout serve GET /healthz"})
        broken = [request("BROKEN", DAWN + 20 * 10**9, span) for span in failed]
        here.take(joined([*requests(story), poll, *broken]))
        here.settle()
        yield here


@pytest.fixture(scope="module")
def api(told: World) -> Iterator[httpx.Client]:
    with served(told) as client:
        yield client


@pytest.fixture
def stuck_id() -> str:
    return order_id(39)
