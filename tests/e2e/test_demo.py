"""The whole product as a newcomer meets it: one command, which says what it does and ends well.

The first tests share one demo with those of all systems, and end it.
"""

import os
import signal
import sys
from pathlib import Path

import httpx
import pytest

from tests.cli.processes import (
    COMMAND,
    Running,
    choreoscope,
    descendants,
    is_running,
)

from .demo import FREE_PORTS, Demo

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc"),
]

FAMILY = {"collector", "dashboard", "demo_services", "nats-server"}
CD = "fulfilment-cd"


def test_it_shows_where_everything_is(demo: Demo) -> None:
    assert httpx.get(f"{demo.collector}/docs").is_success
    assert httpx.get(demo.dashboard).is_success
    assert httpx.get(f"{demo.control}/docs").is_success
    assert demo.family().keys() == FAMILY
    assert Path(demo.folder).is_dir()
    assert demo.said("Customers place 1.5 orders a second in each of 6 systems.")
    assert demo.control in demo.said("More trouble: choreoscope demo fault silent_consumer")


def test_wrong_faults_are_explained(demo: Demo) -> None:
    for arguments, sentence in (
        (("crush", "--service", CD), "there is no fault 'crush'; there are: "),
        (("crash", "--service", "cd"), "no service 'cd' runs here; there are: "),
        (("--clear", "cd"), "no service 'cd' runs here; there are: "),
    ):
        done = choreoscope("demo", "fault", *arguments, "--control", demo.control)
        assert done.returncode == 1
        assert done.stderr.startswith(f"choreoscope: {sentence}")


def test_a_second_demo_names_the_port_in_its_way(demo: Demo) -> None:
    port = demo.dashboard.rpartition(":")[2]
    done = choreoscope("demo", *FREE_PORTS, "--dashboard-port", port)
    assert (done.returncode, done.stdout) == (1, "")
    assert f"port {port} for the dashboard can't be had: address already in use" in done.stderr


def test_ctrl_c_ends_it_and_leaves_nothing_behind(demo: Demo) -> None:
    family = demo.family()
    assert demo.stop(signal.SIGINT) == 0
    demo.gone(family, 0)
    assert demo.errors == []
    assert demo.lines[-1] == "Ended."
    assert not Path(demo.folder).exists()
    ended = " ".join(demo.lines)
    assert ended.index("Ending services") < ended.index("stopping") < ended.index("stopped")
    for url in (demo.collector, demo.dashboard, demo.control):
        with pytest.raises(httpx.ConnectError):
            httpx.get(url)


def test_it_ends_when_a_part_of_it_does_and_says_which() -> None:
    with Demo("--rate", "1") as demo:
        assert "the distribution centre falls silent in " in demo.said("Customers place one order")
        seconds = demo.said("falls silent in").partition("silent in ")[2].split()[0]
        assert 30 <= int(seconds) <= 55
        family = demo.family()
        os.kill(family["dashboard"], signal.SIGKILL)
        assert demo.process.wait(30) == 1
        demo.gone(family, 0)
    [line] = demo.errors
    assert line == ("choreoscope: dashboard ended by itself (killed by SIGKILL), so the demo ended")


def test_everything_ends_with_a_killed_demo_and_kept_data_stays(tmp_path: Path) -> None:
    with Demo("--rate", "1", "--data", str(tmp_path / "kept")) as demo:
        assert demo.folder == str(tmp_path / "kept")
        family = demo.family()
        assert family.keys() == FAMILY
        os.kill(demo.process.pid, signal.SIGKILL)
        demo.gone(family)
    assert (tmp_path / "kept" / "collector").is_dir()


def test_it_can_be_ended_while_it_starts() -> None:
    with Running((*COMMAND, "demo", *FREE_PORTS), "Starting collector") as demo:
        family = descendants(demo.process.pid)
        assert demo.stop() == 0
    assert demo.errors == []
    assert not [pid for pid in family if is_running(pid)]
