"""`choreoscope demo fault`: let something go wrong in the running demo, or end it."""

from __future__ import annotations

import argparse
import re
from typing import Any

import httpx
from rich.console import Console

from collector.cli import Failure, look
from collector.cli.help import Commands, command
from collector.cli.plain import clean, plain

CONTROL = "http://127.0.0.1:8600"


def add(commands: Commands) -> None:
    """Declare the command."""
    parser = command(
        commands,
        "fault",
        "let something go wrong, or end it; without arguments: list what does and could",
        "Begin or end a fault in the running demo. Without arguments: what goes wrong now, and "
        "what could.",
        [
            "choreoscope demo fault",
            "choreoscope demo fault silent_consumer --service fulfilment-cd --seconds 40",
            "choreoscope demo fault --clear fulfilment-cd",
        ],
        usage="choreoscope demo fault [FAULT --service SERVICE [options] | --clear SERVICE]",
    )
    parser.add_argument("fault", nargs="?", metavar="FAULT", help="which one, e.g. silent_consumer")
    parser.add_argument("--service", help="whom it hits, e.g. fulfilment-cd")
    parser.add_argument("--seconds", type=float, help="how long; without: until it is cleared")
    parser.add_argument("--share", type=float, help="share of the messages that are hit [1]")
    parser.add_argument("--clear", metavar="SERVICE", help="end what is wrong with this service")
    parser.add_argument(
        "--control", metavar="URL", default=CONTROL, help=f"the demo's control API [{CONTROL}]"
    )
    parser.set_defaults(run=_fault)


def _fault(given: argparse.Namespace) -> int:
    console = look.console()
    if given.clear:
        if given.fault:
            raise Failure("begin a fault or --clear one, not both at once", 2)
        ended = ask("DELETE", f"{given.control}/faults/{given.clear}")["ended"]
        if not ended:
            console.print(plain(f"nothing was wrong with {given.clear}"))
        for fault in ended:
            console.print(plain(f"{fault['service']}: {fault['fault']} ended"))
    elif given.fault:
        if not given.service:
            raise Failure("whom shall it hit? Add --service, e.g. --service fulfilment-cd", 2)
        wanted = {"service": given.service, "fault": given.fault}
        wanted |= {k: v for k in ("seconds", "share") if (v := getattr(given, k)) is not None}
        fault = ask("POST", f"{given.control}/faults", wanted)
        end = f"--clear {fault['service']} ends it"
        until = f"for {given.seconds:g} s" if given.seconds else f"until cleared ({end})"
        console.print(plain(f"{fault['service']}: {fault['fault']} began, {until}"))
    else:
        _list(console, ask("GET", f"{given.control}/faults"))
    return 0


def _list(console: Console, faults: dict[str, Any]) -> None:
    if not faults["active"]:
        console.print("Nothing goes wrong at the moment. What could:")
    for fault in faults["active"]:
        until = f" until {fault['ends_at'][11:19]} UTC" if fault["ends_at"] else ""
        console.print(plain(f"{fault['service']}: {fault['fault']}{until}", "bold red"))
    made = look.table("fault", "what happens", long=("what happens",))
    for fault in faults["known"]:
        made.add_row(plain(fault["fault"], "bold"), plain(fault["summary"]))
    console.print(made)
    suited: dict[str, list[str]] = {}
    for fault in faults["known"]:
        suited.setdefault(", ".join(fault["services"]), []).append(fault["fault"])
    for services, names in suited.items():
        if services:
            console.print(plain(f"{', '.join(names)}: {services}", "dim"))


def ask(method: str, url: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    """The control API's answer. Raises Failure, with what it says is wrong."""
    try:
        answer = httpx.request(method, url, json=body, timeout=30, trust_env=False)
        document: dict[str, Any] = answer.json()
    except (httpx.HTTPError, httpx.InvalidURL, ValueError):
        where = re.sub(r"/(faults|services).*", "", url)
        raise Failure(
            f"no demo answers at {where}; `choreoscope demo` starts one, "
            "--control names another address"
        ) from None
    if not answer.is_success:
        raise Failure(_explained(document))
    return document


def _explained(problem: dict[str, Any]) -> str:
    detail = clean(str(problem.get("detail") or problem.get("title") or problem))
    known = problem.get("known")
    return f"{detail}; there are: {', '.join(map(str, known))}" if known else detail
