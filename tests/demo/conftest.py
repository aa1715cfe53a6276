"""One demo for all tests that leave it as they found it: no faults, no traffic of its own."""

from collections.abc import Iterator

import pytest

from .demo_process import DemoProcess
from .otlp_receiver import OtlpReceiver

QUIET = ("--control-port", "0", "--no-schedule", "--rate", "0")
ONE_SYSTEM = (*QUIET, "--systems", "fulfilment")


@pytest.fixture(scope="session")
def receiver() -> Iterator[OtlpReceiver]:
    with OtlpReceiver() as receiver:
        yield receiver


@pytest.fixture(scope="session")
def running_demo(receiver: OtlpReceiver) -> Iterator[DemoProcess]:
    with DemoProcess("--otlp", receiver.url, *QUIET) as demo:
        yield demo


@pytest.fixture
def demo(running_demo: DemoProcess) -> Iterator[DemoProcess]:
    yield running_demo
    running_demo.client.delete(f"{running_demo.control}/faults").raise_for_status()
    running_demo.post("/traffic", rate=0).raise_for_status()
