"""`choreoscope demo`: everything at once, on this machine, until Ctrl-C."""

from __future__ import annotations

import argparse
import asyncio
import math
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from collector.cli import Failure, demo_service, fault
from collector.cli.demo_plan import SYSTEMS, Plan
from collector.cli.demo_run import run
from collector.cli.help import Commands, command
from collector.cli.ports import claim

_FAULT_FIRST_S = 50.0
_RATE_HELP = "orders a second in each system [1]"
_PORTS = {
    "--http-port": ("OTLP/HTTP and the API", 4318),
    "--grpc-port": ("OTLP/gRPC", 4317),
    "--dashboard-port": ("the dashboard", 8501),
    "--control-port": ("the demo's control API", 8600),
}


def add(commands: Commands) -> None:
    """Declare `demo` and `demo fault`."""
    demo = command(
        commands,
        "demo",
        "show everything: collector, dashboard, demo services, customers, faults",
        "Run the collector, the dashboard and six systems of real services that talk by HTTP and "
        "over a real broker (NATS), with customers who order. After a while the distribution "
        "centre falls silent, and comes back. Ctrl-C ends everything. `choreoscope demo fault` "
        "lets more go wrong while it runs.",
        [
            "choreoscope demo",
            "choreoscope demo --tour",
            "choreoscope demo --rate 5 --no-schedule --systems fulfilment,saga",
            "choreoscope demo fault silent_consumer --service fulfilment-cd --seconds 40",
        ],
        usage="choreoscope demo [options]\n       choreoscope demo fault …\n"
        "       choreoscope demo start|stop SERVICE",
    )
    number = demo.add_argument
    number("--rate", type=_between(0, 500), default=1.0, metavar="N", help=_RATE_HELP)
    names = ",".join(SYSTEMS)
    text = f"run only these of: {names}"
    number("--systems", type=_systems, default=SYSTEMS, metavar="NAME,…", help=text)
    text = "let the rate follow a day of so many seconds, little at night [0: always the same]"
    number("--day", type=_between(0, 86_400), default=0.0, metavar="S", help=text)
    number("--seed", type=int, default=7, metavar="N", help="seed of customers and chances [7]")
    number("--data", metavar="DIR", help="folder to keep; without: a temporary one, removed")
    for flag, (purpose, port) in _PORTS.items():
        text = f"port of {purpose} [{port}]; 0: a free one"
        number(flag, type=_port, default=port, metavar="PORT", help=text)
    seconds = _between(0, 86_400)
    for flag, default, text in (
        ("--fault-first", _FAULT_FIRST_S, "from the start to the first fault"),
        ("--fault-lasts", 40.0, "that a fault lasts"),
        ("--fault-every", 180.0, "from fault to fault"),
    ):
        shown = f"seconds {text} [{default:g}]"
        number(flag, type=seconds, default=default, metavar="S", help=shown)
    number("--no-schedule", action="store_true", help="no faults but those you begin")
    text = "go through what can go wrong, one after the other, with a line of explanation each"
    number("--tour", action="store_true", help=text)
    demo.set_defaults(run=_demo)
    commands = demo.add_subparsers(metavar="", title="commands, while it runs")
    fault.add(commands)
    demo_service.add(commands)


def _demo(given: argparse.Namespace) -> int:
    if given.fault_every <= given.fault_lasts:
        raise Failure("--fault-every has to be longer than --fault-lasts", 2)
    wanted = {
        flag: (purpose, getattr(given, flag[2:].replace("-", "_")))
        for flag, (purpose, _) in _PORTS.items()
    }
    ports = claim(wanted)
    with _folder(given.data) as folder:
        plan = Plan(
            folder=folder,
            kept=given.data is not None,
            http_port=ports["--http-port"],
            grpc_port=ports["--grpc-port"],
            dashboard_port=ports["--dashboard-port"],
            control_port=ports["--control-port"],
            systems=given.systems,
            rate=given.rate,
            day=given.day,
            seed=given.seed,
            tour=given.tour,
            fault_first=given.fault_first if _scheduled(given) else None,
            fault_lasts=given.fault_lasts,
            fault_every=given.fault_every,
        )
        return asyncio.run(run(plan))


@contextmanager
def _folder(asked: str | None) -> Iterator[Path]:
    """The folder asked for, which stays; else a temporary one."""
    if asked is None:
        with tempfile.TemporaryDirectory(prefix="choreoscope-", ignore_cleanup_errors=True) as made:
            yield Path(made)
        return
    folder = Path(asked).expanduser().absolute()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Failure(f"can't use the folder {folder}: {error.strerror}") from None
    yield folder


def _between(least: float, most: float) -> Callable[[str], float]:
    def number(text: str) -> float:
        value = float(text)
        if not (math.isfinite(value) and least <= value <= most):
            raise argparse.ArgumentTypeError(f"{text} is not between {least:g} and {most:g}")
        return value

    return number


def _scheduled(given: argparse.Namespace) -> bool:
    """Whether the fault of the schedule comes: it is one of the fulfilment system."""
    return not (given.no_schedule or given.tour) and "fulfilment" in given.systems


def _systems(text: str) -> tuple[str, ...]:
    names = tuple(dict.fromkeys(text.split(",")))
    for name in names:
        if name not in SYSTEMS:
            raise argparse.ArgumentTypeError(f"{name!r} is not one of {', '.join(SYSTEMS)}")
    return names


def _port(text: str) -> int:
    value = int(text)
    if not 0 <= value <= 65535:
        raise argparse.ArgumentTypeError(f"{text} is not between 0 and 65535")
    return value
