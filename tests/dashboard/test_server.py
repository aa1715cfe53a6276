from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

import dashboard
from dashboard import login
from dashboard.server import flat, options
from dashboard.shell import page_html
from tests.dashboard.conftest import Dashboard, free_port

ROOM = Path(dashboard.__file__).parent
Start = Callable[[str], Dashboard]


def test_options_are_streamlit_s() -> None:
    from streamlit import config

    known = config.get_config_options()
    assert set(options("127.0.0.1", 8501)) <= set(known)


def test_the_theme_s_fonts_are_there_with_their_licences() -> None:
    with (ROOM / "theme.toml").open("rb") as file:
        faces = tomllib.load(file)["theme"]["fontFaces"]
    for face in faces:
        assert (ROOM / face["url"].removeprefix("app/")).is_file()
    assert len(list((ROOM / "static" / "fonts").glob("*LICENSE.txt"))) == 2


def test_flat_keeps_lists() -> None:
    assert flat({"a": {"b": [1], "c": {"d": 2}}}) == {"a.b": [1], "a.c.d": 2}


def test_the_page_knows_its_server() -> None:
    html = page_html()
    assert "BACKEND_BASE_URL: window.location.origin" in html
    assert "<title>Choreoscope</title>" in html
    assert "SourceSans" not in html


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "No such file"),
        ("[auth", "Expected"),
        ("[login]", "no table"),
        ("[auth]\nclient_id = 'x'", "lacks redirect_uri, cookie_secret, client_secret"),
    ],
)
def test_a_login_that_can_t_work_is_told(tmp_path: Path, text: str | None, said: str) -> None:
    file = tmp_path / "login.toml"
    if text is not None:
        file.write_text(text)
    with pytest.raises(SystemExit, match=said):
        login.check(file)


def test_who_may_come_in() -> None:
    assert login.allowed("anybody@there.org", [])
    assert login.allowed("Ann@Example.com", ["bob@there.org", "@example.com"])
    assert not login.allowed("ann@example.com.evil.org", ["@example.com"])
    assert not login.allowed(None, ["@example.com", ""])


@pytest.mark.slow
def test_starts_anywhere_and_ends_on_sigterm(start_dashboard: Start) -> None:
    running = start_dashboard("http://127.0.0.1:9")
    assert httpx.get(f"{running.url}/healthz").json() == {"status": "ok"}
    for path in ("/", "/orders", "/order?id=1", "/map", "/service?id=a", "/model", "/health"):
        assert "BACKEND_BASE_URL" in httpx.get(running.url + path).text
    font = httpx.get(f"{running.url}/app/static/fonts/inter-latin-400-normal.woff2")
    assert font.status_code == 200
    began = time.monotonic()
    running.process.send_signal(signal.SIGTERM)
    assert running.process.wait(10) in {0, -signal.SIGTERM}
    assert time.monotonic() - began < 3


@pytest.mark.slow
def test_dies_with_its_parent(tmp_path: Path) -> None:
    port = free_port()
    parent = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import subprocess, sys\n"
            "child = subprocess.Popen(sys.argv[1:])\n"
            "print(child.pid, flush=True)\n"
            "child.wait()",
            *[sys.executable, "-m", "dashboard", "--port", str(port), "--die-with-parent"],
        ],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    for _ in range(200):
        try:
            httpx.get(f"http://127.0.0.1:{port}/healthz")
            break
        except httpx.TransportError:
            time.sleep(0.1)
    parent.kill()
    parent.wait()
    parent.stdout.close()
    for _ in range(50):
        if not alive(child):
            return
        time.sleep(0.1)
    os.kill(child, signal.SIGKILL)
    pytest.fail("the dashboard outlived its parent")


def alive(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def test_a_port_in_use_is_told(tmp_path: Path) -> None:
    from dashboard.server import bound

    taken = bound("127.0.0.1", 0)
    with pytest.raises(SystemExit, match="can't listen on"):
        bound("127.0.0.1", taken.getsockname()[1])
    taken.close()
