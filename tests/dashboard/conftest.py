"""A made-up collector, pages drawn against it, and a dashboard in a process of its own."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from tests.dashboard.fake_collector import FakeCollector
from tests.dashboard.made_up import Scene

PAGES = {
    "overview": "from dashboard.app_pages import overview; overview.page()",
    "orders": "from dashboard.app_pages import orders; orders.page()",
    "order": "from dashboard.app_pages import order; order.page()",
    "map": "from dashboard.app_pages import service_map; service_map.page()",
    "service": "from dashboard.app_pages import service; service.page()",
    "model": "from dashboard.app_pages import model; model.page()",
    "health": "from dashboard.app_pages import health; health.page()",
}


def made_stale() -> None:
    """As if time had passed: what was answered is held, but is no longer fresh."""
    from dashboard import data

    kept = data._keeper()
    for key, answer in list(kept._good.items()):
        kept.keep(key, replace(answer, fetched_at=answer.fetched_at - 60))
    st.cache_data.clear()


class Drawn:
    """A page after a run: its exceptions and what its components were given, by key."""

    def __init__(self, app: AppTest) -> None:
        self.app = app

    @property
    def parts(self) -> dict[str, Any]:
        found = {}
        for element in self.app.get("bidi_component"):
            key = element.proto.id.split("-", 2)[2]  # $$ID-<hash>-<key>
            found[key] = json.loads(element.proto.json)
        return found

    def refreshed(self) -> Drawn:
        made_stale()
        self.app.run()
        return self


Draw = Callable[..., Drawn]


@pytest.fixture
def draw(monkeypatch: pytest.MonkeyPatch) -> Iterator[Draw]:
    """`draw("orders", fake.url, state="stuck")` runs a page with that address."""

    def run(page: str, collector: str, /, **address: str) -> Drawn:
        monkeypatch.setenv("CHOREOSCOPE_COLLECTOR", collector)
        st.cache_data.clear()
        st.cache_resource.clear()
        app = AppTest.from_string(PAGES[page], default_timeout=20)
        for name, value in address.items():
            app.query_params[name] = value
        app.run()
        assert not app.exception, app.exception
        return Drawn(app)

    yield run
    st.cache_data.clear()
    st.cache_resource.clear()


@pytest.fixture(scope="session")
def usual() -> Iterator[FakeCollector]:
    with FakeCollector(Scene()) as fake:
        yield fake


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Dashboard:
    """`python -m dashboard` in its own process, from a strange directory."""

    def __init__(self, collector: str, elsewhere: Path, *, port: int = 0, **variables: str) -> None:
        port = port or free_port()
        self.url = f"http://127.0.0.1:{port}"
        command = [sys.executable, "-m", "dashboard", "--port", str(port), "--collector", collector]
        self.process = subprocess.Popen(
            [*command, "--die-with-parent"],
            cwd=elsewhere,
            env={**os.environ, "PYTHONWARNINGS": "default", **variables},
        )
        self.wait()

    def wait(self) -> None:
        for _ in range(300):
            if self.process.poll() is not None:
                raise RuntimeError(f"the dashboard ended with {self.process.returncode}")
            try:
                if httpx.get(f"{self.url}/_stcore/health").status_code == 200:
                    return
            except httpx.TransportError:
                time.sleep(0.1)
        raise RuntimeError("the dashboard did not start")

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(10)


@pytest.fixture
def start_dashboard(tmp_path: Path) -> Iterator[Callable[[str], Dashboard]]:
    """Start a dashboard for a collector's URL; it is stopped after the test."""
    started: list[Dashboard] = []

    def start(collector: str) -> Dashboard:
        started.append(Dashboard(collector, tmp_path))
        return started[-1]

    yield start
    for dashboard in started:
        dashboard.stop()
