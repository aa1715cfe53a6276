from __future__ import annotations

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from dashboard.client import (
    BadQuestion,
    Collector,
    CollectorAway,
    CollectorFault,
    CollectorProblem,
    NoPermission,
    NotFound,
)
from tests.dashboard.conftest import free_port
from tests.dashboard.fake_collector import FakeCollector
from tests.dashboard.made_up import Scene


@pytest.fixture
def collector(usual: FakeCollector) -> Iterator[Collector]:
    found = Collector(usual.url)
    yield found
    found.close()


def asked(url: str, token: str | None = None, timeout_s: float = 5) -> CollectorProblem:
    """The problem that asking this URL for a summary runs into."""
    collector = Collector(url, token, timeout_s)
    with pytest.raises(CollectorProblem) as caught:
        collector.ask("summary", {}, "orders")
    collector.close()
    return caught.value


class Replies(ThreadingHTTPServer):
    """Answers every request with one status and body."""

    daemon_threads = True

    def __init__(self, status: int, body: bytes) -> None:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                pass

        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"

    def __enter__(self) -> Replies:
        Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()


def test_answers_are_the_api_s(collector: Collector) -> None:
    assert collector.ask("summary", {}, "orders")["orders"]["stuck"] == 40
    stuck = collector.ask("orders", {"state": "stuck", "limit": "7"}, "orders")
    assert (len(stuck["orders"]), stuck["total"]) == (7, 40)


def test_an_order_id_may_hold_any_character() -> None:
    with FakeCollector(Scene("hostile")) as fake:
        collector = Collector(fake.url)
        wanted = next(iter(fake.scene.orders))
        assert "&" not in wanted and "<img" in wanted
        assert collector.ask("order", {"id": wanted}, "steps")["order_id"] == wanted
        collector.close()


def test_nobody_there_is_away() -> None:
    problem = asked(f"http://127.0.0.1:{free_port()}")
    assert isinstance(problem, CollectorAway)
    assert "can't be reached" in problem.detail


def test_an_overloaded_collector_is_away() -> None:
    with Replies(503, b'{"title": "Busy", "detail": "Shutting down."}') as server:
        problem = asked(server.url)
    assert isinstance(problem, CollectorAway)
    assert "Shutting down." in problem.detail


def test_a_slow_collector_is_away() -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as silent:
        problem = asked(f"http://127.0.0.1:{silent.server_address[1]}", timeout_s=0.2)
    assert isinstance(problem, CollectorAway)


def test_a_wrong_token_is_no_permission() -> None:
    with FakeCollector(Scene("empty"), token="right") as fake:
        problem = asked(fake.url, "wrong")
        assert isinstance(problem, NoPermission)
        assert "CHOREOSCOPE_TOKEN" in problem.detail
        collector = Collector(fake.url, "right")
        assert collector.ask("summary", {}, "orders")["spans"] == 0
        collector.close()


@pytest.mark.parametrize("token", ["tök", "“quoted”", "two\nlines"])
def test_a_token_that_can_t_be_sent_is_told_before_it_is(token: str) -> None:
    with pytest.raises(NoPermission, match="CHOREOSCOPE_TOKEN can't be a token"):
        Collector("http://127.0.0.1:1", token).ask("summary", {}, "orders")


def test_an_unknown_order_is_not_found(collector: Collector) -> None:
    with pytest.raises(NotFound, match="No such order"):
        collector.ask("order", {"id": "none"}, "steps")


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (422, b'{"title": "Bad", "detail": "limit must be positive"}', BadQuestion),
        (500, b"<html>oops</html>", CollectorFault),
        (200, b"<html>a proxy's login page</html>", CollectorFault),
        (200, b"[]", CollectorFault),
        (200, b'{"something": "else"}', CollectorFault),
    ],
)
def test_what_isn_t_an_answer_is_told(
    status: int, body: bytes, kind: type[CollectorProblem]
) -> None:
    with Replies(status, body) as server:
        problem = asked(server.url)
    assert isinstance(problem, kind)
    assert problem.detail and "<html>" not in problem.detail


@pytest.mark.parametrize("url", ["http://[::1", "localhost:4318", "ftp://collector"])
def test_what_isn_t_an_address_is_told(url: str) -> None:
    assert isinstance(asked(url), CollectorFault)


def test_the_environment_names_the_collector(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHOREOSCOPE_COLLECTOR", "http://collector:4318/")
    collector = Collector.from_environment()
    assert collector.url == "http://collector:4318"
    collector.close()
    monkeypatch.delenv("CHOREOSCOPE_COLLECTOR")
    collector = Collector.from_environment()
    assert collector.url == "http://127.0.0.1:4318"
    collector.close()
