"""`serve` and `dashboard`: addresses, errors in a sentence, an end that commits."""

import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import httpx
import pytest

from tests.golden.spans import request

from .processes import COMMAND, Running, Served, choreoscope, failed, wait_until


def test_it_says_where_it_listens_and_stops_on_either_signal(tmp_path: Path) -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        with Served(tmp_path) as served:
            assert served.lines[0].startswith("choreoscope 0.")
            assert str(tmp_path) in served.said("  data ")
            assert httpx.get(f"{served.url}/healthz").json()["status"] == "ok"
            host, port = served.grpc_address.split(":")
            socket.create_connection((host, int(port))).close()
            assert served.stop(number) == 0
        assert served.errors == []


def test_it_commits_what_it_holds_before_it_ends(tmp_path: Path) -> None:
    body = request("A-1", time.time_ns(), {"does": "shop serve POST /orders", "order": True})
    answers: list[httpx.Response] = []
    with Served(tmp_path, "--linger-ms", "2000") as served:

        def send() -> None:
            headers = {"Content-Type": "application/x-protobuf"}
            url, content = f"{served.url}/v1/traces", body.SerializeToString()
            answers.append(httpx.post(url, content=content, headers=headers, timeout=30))

        send()  # the linger begins with the first commit
        sender = threading.Thread(target=send)
        sender.start()
        time.sleep(0.5)
        assert served.stop() == 0
        sender.join()
    assert [answer.status_code for answer in answers] == [200, 200]
    with Served(tmp_path) as served:
        wait_until(lambda: served.get("summary")["spans"] == 1, "the span")


def test_taken_ports_and_folders_are_one_sentence(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    with Served(folder) as served, socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        other = ("serve", "--data", tmp_path / "other")
        http = failed(choreoscope(*other, "--http-port", port, "--grpc-port", "0"))
        assert http.startswith(f"can't listen on 127.0.0.1:{port}: address already in use")
        assert "--http-port" in http
        grpc = failed(choreoscope(*other, "--http-port", "0", "--grpc-port", port))
        assert grpc.startswith(f"can't listen on 127.0.0.1:{port}: address already in use")
        assert "--grpc-port" in grpc
        free = ("--http-port", "0", "--grpc-port", "0")
        locked = failed(choreoscope("serve", "--data", folder, *free))
        assert locked.startswith(f"{folder} is in use by another collector")
        assert str(served.process.pid) in locked


def test_a_schema_from_the_future_is_one_sentence(tmp_path: Path) -> None:
    with Served(tmp_path):
        pass
    script = (
        "import sys; from collector.engine.connect import open_engine; "
        "engine = open_engine(f'chdb://{sys.argv[1]}'); "
        "engine.query('INSERT INTO schema_version SELECT 99, now()', lane='job'); engine.close()"
    )
    subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=True, timeout=60)
    free = ("--http-port", "0", "--grpc-port", "0")
    assert "schema version 99" in failed(choreoscope("serve", "--data", tmp_path, *free))


def test_a_token_guards_questions_and_spans(tmp_path: Path) -> None:
    with Served(tmp_path, "--token", "sesame") as served:
        sentence = failed(choreoscope("orders", "--collector", served.url))
        assert sentence.endswith("wants a token: set CHOREOSCOPE_TOKEN")
        asked = choreoscope("orders", "--collector", served.url, CHOREOSCOPE_TOKEN="sesame")
        assert (asked.returncode, asked.stdout) == (0, "No such orders.\n")


@pytest.mark.skipif(sys.platform != "linux", reason="asks the Linux kernel")
def test_a_collector_may_die_with_who_started_it(tmp_path: Path) -> None:
    arguments = [*COMMAND, "serve", "--data", str(tmp_path), "--http-port", "0"]
    script = "import subprocess, sys; subprocess.Popen(sys.argv[1:]).wait()"
    flags = ("--grpc-port", "0", "--die-with-parent")
    with Running((sys.executable, "-c", script, *arguments, *flags), "  data ") as parent:
        url = parent.said("OTLP/HTTP").split()[-1]
        parent.stop(signal.SIGKILL)  # ends when the child has let go of the pipe
        with pytest.raises(httpx.ConnectError):
            httpx.get(f"{url}/healthz")


def test_the_dashboard(collector: Served) -> None:
    flags = ("--port", "0", "--collector", collector.url)
    with Running((*COMMAND, "dashboard", *flags), "dashboard: ") as dashboard:
        url = dashboard.said("dashboard: ").split()[-1]
        assert httpx.get(f"{url}/healthz").is_success
        assert dashboard.stop() in (0, -signal.SIGTERM)
