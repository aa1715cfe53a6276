"""`choreoscope demo start` and `demo stop`: let a service join the running demo, or leave it."""

from __future__ import annotations

import argparse

from collector.cli import look
from collector.cli.fault import CONTROL, ask
from collector.cli.help import Commands, command
from collector.cli.plain import plain


def add(commands: Commands) -> None:
    """Declare both commands."""
    for name, title, words in (
        ("start", "let a service join, such as marketplace-loyalty", "Starts a service"),
        ("stop", "take a service out; what is sent to it waits", "Stops a service gently"),
    ):
        parser = command(
            commands,
            name,
            title,
            f"{words} of the running demo. No other service is changed or told.",
            [f"choreoscope demo {name} marketplace-loyalty"],
        )
        parser.add_argument("service", metavar="SERVICE", help="which one")
        parser.add_argument(
            "--control", metavar="URL", default=CONTROL, help=f"the demo's control API [{CONTROL}]"
        )
        parser.set_defaults(run=_run, asked=name)


def _run(given: argparse.Namespace) -> int:
    state = ask("POST", f"{given.control}/services/{given.service}/{given.asked}")
    word = "runs" if state["up"] else "is stopped"
    look.console().print(plain(f"{state['service']} {word}"))
    return 0
