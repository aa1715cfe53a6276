"""How the process begins and ends."""

import signal
import socket
import subprocess
import sys

import pytest

from .conftest import ONE_SYSTEM
from .demo_process import DemoProcess, children_of, is_running, wait_until
from .orders import wait_for
from .otlp_receiver import OtlpReceiver

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


def test_it_stops_cleanly_and_leaves_nothing_behind(receiver: OtlpReceiver) -> None:
    with DemoProcess("--otlp", receiver.url, *ONE_SYSTEM) as demo:
        [nats] = children_of(demo.pid)
        order_ids = demo.place(2)
        assert demo.stop() == 0
    assert demo.errors == []
    assert demo.said("stopped")
    assert not is_running(nats)
    wait_for(receiver, order_ids)  # orders under way were finished, spans were sent


def test_nats_ends_with_a_killed_demo(receiver: OtlpReceiver) -> None:
    with DemoProcess("--otlp", receiver.url, *ONE_SYSTEM) as demo:
        [nats] = children_of(demo.pid)
        demo.stop(signal.SIGKILL)
    wait_until(lambda: not is_running(nats), "the end of nats-server")


def test_the_demo_ends_with_a_killed_parent(receiver: OtlpReceiver) -> None:
    arguments = ["all", "--otlp", receiver.url, *ONE_SYSTEM, "--die-with-parent"]
    script = (
        "import subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-m', 'demo_services', *sys.argv[1:]])\n"
        "print(child.pid, flush=True)\n"
        "child.wait()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, *arguments], stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        for line in parent.stdout:
            if "ready" in line:
                break
        [nats] = children_of(pid)
        parent.kill()
        wait_until(lambda: not is_running(pid) and not is_running(nats), "the end of the demo")


def test_an_absent_collector_is_said_once_and_nothing_is_lost() -> None:
    port = free_port()
    with DemoProcess("--otlp", f"http://127.0.0.1:{port}", *ONE_SYSTEM) as demo:
        order_ids = demo.place(2)
        wait_until(lambda: demo.said("no collector"), "the warning")
        with OtlpReceiver(port) as late:
            wait_for(late, order_ids)
            wait_until(lambda: demo.said("answers again"), "the good news")
    assert len(demo.said("no collector")) == 1
    assert demo.errors == []


def test_one_service_alone_joins_the_others(demo: DemoProcess, receiver: OtlpReceiver) -> None:
    demo.begin("fulfilment-cd", "crash")
    alone = ("fulfilment", "cd")
    arguments = ("--nats-url", demo.address("NATS"), "--otlp", receiver.url, "--port", "0")
    with DemoProcess(*arguments, "--control-port", "0", "--no-schedule", command=alone) as cd:
        wait_for(receiver, demo.place())
        assert [service["service"] for service in cd.get("/state")["services"]] == ["fulfilment-cd"]
    assert cd.errors == []


def test_a_taken_control_port_is_one_readable_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = subprocess.run(
            [sys.executable, "-m", "demo_services", "all", "--control-port", port],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert done.returncode == 1
    assert "in use" in done.stderr
    assert "Traceback" not in done.stderr
