"""The whole product as a newcomer meets it: one command, and a shop whose orders get stuck.

The first tests share one demo and go through its life in the order of this file.
"""

import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.cli.processes import (
    COMMAND,
    Running,
    choreoscope,
    descendants,
    is_running,
    wait_until,
)

from .demo import FREE_PORTS, Demo

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc"),
]

FAMILY = {"collector", "dashboard", "demo_services", "nats-server"}
CD = "fulfilment-cd"


@pytest.fixture(scope="module")
def demo() -> Iterator[Demo]:
    with Demo("--rate", "3", "--no-schedule") as demo:
        yield demo


def orders(demo: Demo, state: str) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = demo.ask("orders", "--state", state, "--limit", "1000")["orders"]
    return listed


def test_it_shows_where_everything_is(demo: Demo) -> None:
    assert httpx.get(f"{demo.collector}/docs").is_success
    assert httpx.get(demo.dashboard).is_success
    assert httpx.get(f"{demo.control}/docs").is_success
    assert demo.family().keys() == FAMILY
    assert Path(demo.folder).is_dir()
    assert demo.said("Customers place 3 orders a second.")
    assert demo.control in demo.said("More trouble: choreoscope demo fault silent_consumer")


def test_orders_complete_within_a_minute(demo: Demo) -> None:
    completed = wait_until(lambda: orders(demo, "completed"), "completed orders", 60)
    one = demo.ask("order", completed[0]["order_id"])
    assert [step["state"] for step in one["steps"]] == ["done"] * len(one["steps"])
    services = {step["service"].removeprefix("fulfilment-") for step in one["steps"]}
    assert services == {"checkout", "payment", "stock", "cd", "invoice", "shipping"}
    assert orders(demo, "stuck") == []
    assert demo.ask("causes") == {"causes": []}


def test_a_silent_consumer_is_found_within_half_a_minute_and_clears(demo: Demo) -> None:
    assert demo.fault("silent_consumer", "--service", CD).startswith(
        f"{CD}: silent_consumer began, until cleared"
    )
    assert f"{CD}: silent_consumer" in demo.fault()
    wait_until(lambda: orders(demo, "stuck"), "stuck orders", 30)
    time.sleep(3)
    stuck = orders(demo, "stuck")
    assert len(stuck) > 3
    for order in stuck:
        assert order["service"] == CD
        assert order["step"] == f"{CD} process stock.reserved"
        assert order["sentence"].startswith(f"{CD} did not consume stock.reserved")
    for order in stuck[::5]:
        one = demo.ask("order", order["order_id"])
        [owed] = [owed for owed in one["owed"] if owed["late"]]
        assert (owed["service"], owed["diagnosis"]) == (CD, "not_consumed")
        assert owed["sentence"].startswith(f"{CD} did not consume stock.reserved: published ")
    [cause] = demo.ask("causes")["causes"]
    assert (cause["service"], cause["diagnosis"]) == (CD, "not_consumed")
    assert cause["orders"] >= len(stuck)

    assert demo.fault("--clear", CD) == f"{CD}: silent_consumer ended\n"
    wait_until(lambda: not orders(demo, "stuck"), "the clearing", 60)
    were_stuck = {order["order_id"] for order in stuck}
    wait_until(
        lambda: were_stuck <= {order["order_id"] for order in orders(demo, "completed")},
        "their completion",
        60,
    )
    wait_until(lambda: demo.said(f"services  fault off: {CD} silent_consumer"), "the line")
    assert demo.said(f"orders stuck: {CD} did not consume stock.reserved")
    wait_until(lambda: demo.said(f"orders    ✓ cleared: {CD} did not consume"), "the other line")
    assert demo.fault().startswith("Nothing goes wrong at the moment.")


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
