"""The command line: what can be started, with which settings."""

import argparse
import os
from dataclasses import dataclass
from pathlib import Path

from demo_services.faults import FAULTS
from demo_services.schedule import Plan
from demo_services.system import System
from demo_services.systems import SYSTEMS
from demo_services.telemetry import PROTOCOLS


@dataclass(frozen=True)
class Options:
    """What was asked for. `systems` holds the services to run here."""

    systems: tuple[System, ...]
    nats_url: str | None
    """None: start a nats-server of our own."""
    otlp: str
    otlp_protocol: str
    data: Path | None
    """None: a temporary folder, removed at the end."""
    host: str
    port: int
    peers: str
    """Where services of other processes are: a URL with {service} in it."""
    database: str
    """PostgreSQL for shared databases; '' for SQLite files."""
    seed: int
    rate: float
    day: float
    plan: Plan
    control_host: str
    control_port: int | None


def parse(arguments: list[str]) -> Options:
    """Read the command line; ends the process with a message when it is wrong."""
    parser = _parser()
    given = parser.parse_args(arguments)
    plan = Plan(
        enabled=not given.no_schedule,
        service=given.fault_service,
        fault=given.fault,
        first=given.fault_first,
        lasts=given.fault_lasts,
        every=given.fault_every,
    )
    if plan.every <= plan.lasts:
        parser.error("--fault-every has to be longer than --fault-lasts")
    alone = given.command != "all"
    if alone:
        systems = tuple(s.only(given.service) for s in SYSTEMS if s.name == given.command)
    else:
        systems = tuple(s for s in SYSTEMS if s.name in given.systems)
    here = {blueprint.name for system in systems for blueprint in system.blueprints}
    if plan.enabled and plan.service not in here:
        if not alone and given.fault_service != Plan.service:
            parser.error(f"--fault-service: one of {', '.join(sorted(here))}")
        plan = Plan(enabled=False, service=next(iter(here)))
    return Options(
        systems=systems,
        nats_url=given.nats_url,
        otlp=given.otlp,
        otlp_protocol=given.otlp_protocol,
        data=given.data,
        host=given.host,
        port=given.port if alone else 0,
        peers=given.peers if alone else "",
        database=given.database,
        day=given.day,
        seed=given.seed,
        rate=given.rate,
        plan=plan,
        control_host=given.control_host,
        control_port=given.control_port,
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m demo_services",
        description="Demo systems that choreograph themselves over NATS JetStream and send "
        "OpenTelemetry spans. They run until SIGTERM or Ctrl-C.",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    everything = commands.add_parser(
        "all",
        help="every system in one process, with customers, scheduled faults and a control API",
        formatter_class=_Help,
    )
    everything.add_argument(
        "--nats-url", help="use this NATS server (with JetStream) instead of starting one"
    )
    everything.add_argument(
        "--systems",
        type=_systems,
        default=",".join(system.name for system in SYSTEMS),
        metavar="NAME,…",
        help="run only these",
    )
    everything.set_defaults(nats_url=None)
    _add_shared(everything, rate=1.0, control_port=8600)
    for system in SYSTEMS:
        alone = commands.add_parser(
            system.name,
            help=f"one service of the {system.name} system, for a container of its own",
            formatter_class=_Help,
        )
        alone.add_argument("service", choices=list(system.short_names()))
        alone.add_argument("--port", type=int, default=8000, help="port of the service's HTTP side")
        alone.add_argument(
            "--nats-url",
            default=os.environ.get("DEMO_NATS_URL", "nats://127.0.0.1:4222"),
            help="NATS server with JetStream [DEMO_NATS_URL]",
        )
        alone.add_argument(
            "--peers",
            default=os.environ.get("DEMO_PEERS", "http://{service}:8000"),
            metavar="URL",
            help="where the other services are, {service} for the name [DEMO_PEERS]",
        )
        _add_shared(alone, rate=0.0, control_port=None)
    return parser


class _Help(argparse.ArgumentDefaultsHelpFormatter):
    def _get_help_string(self, action: argparse.Action) -> str | None:
        """Give the default only where there is one."""
        if action.default in (None, False):
            return action.help
        return super()._get_help_string(action)


def _add_shared(parser: argparse.ArgumentParser, rate: float, control_port: int | None) -> None:
    add = parser.add_argument
    add(
        "--otlp",
        metavar="URL",
        default=os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4318"),
        help="base address of the collector [OTEL_EXPORTER_OTLP_ENDPOINT]",
    )
    add(
        "--otlp-protocol",
        choices=PROTOCOLS,
        default=os.environ.get("OTEL_EXPORTER_OTLP_PROTOCOL", PROTOCOLS[0]),
        help="[OTEL_EXPORTER_OTLP_PROTOCOL]",
    )
    add("--host", default="127.0.0.1", help="address the services listen on")
    add("--data", type=Path, metavar="DIR", help="folder to keep; without: a temporary one")
    add(
        "--database",
        metavar="URL",
        default=os.environ.get("DEMO_DATABASE_URL", ""),
        help="PostgreSQL for what services share; without: an SQLite file [DEMO_DATABASE_URL]",
    )
    add("--rate", type=_rate, default=rate, help="orders per second in each system (entry's host)")
    add(
        "--day",
        type=_seconds,
        default=0.0,
        metavar="SECONDS",
        help="let the rate follow a day of this length, little at night; 0: always the same",
    )
    add("--seed", type=int, default=7, help="seed of customers, durations and chances")
    add(
        "--control-port",
        type=int,
        default=control_port,
        help="port of the control API; 0: a free one; without: none",
    )
    add("--control-host", default="127.0.0.1", help="address the control API listens on")
    add("--no-schedule", action="store_true", help="no faults but those begun by the control API")
    add("--fault-service", default=Plan.service, help="whom the scheduled faults hit")
    add("--fault", choices=list(FAULTS), default=Plan.fault, help="the scheduled fault")
    add("--fault-first", type=_seconds, default=Plan.first, help="seconds to the first fault")
    add("--fault-lasts", type=_seconds, default=Plan.lasts, help="seconds that a fault lasts")
    add("--fault-every", type=_seconds, default=Plan.every, help="seconds from fault to fault")
    add(
        "--die-with-parent",
        action="store_true",
        help="stop when the process that started this one is gone, however it ended (Linux)",
    )


def _rate(text: str) -> float:
    return _between(text, 0, 500)


def _systems(text: str) -> list[str]:
    known = [system.name for system in SYSTEMS]
    names = text.split(",")
    for name in names:
        if name not in known:
            raise argparse.ArgumentTypeError(f"{name} is not one of {', '.join(known)}")
    return names


def _seconds(text: str) -> float:
    return _between(text, 0, 86_400)


def _between(text: str, least: float, most: float) -> float:
    number = float(text)
    if not least <= number <= most:
        raise argparse.ArgumentTypeError(f"{text} is not between {least:g} and {most:g}")
    return number
