"""`choreoscope expectations`: what should come next, as a table or as a flow to declare."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from collector.api.models import Expectation, Expectations
from collector.cli import Failure, look
from collector.cli.ask import add_flags, asked, named, print_json, read
from collector.cli.help import Commands, command
from collector.cli.plain import clean, plain

_STDOUT = "-"


def add(commands: Commands) -> None:
    """Declare the command."""
    parser = command(
        commands,
        "expectations",
        "what should come after each step, as learned or declared",
        "What should come after each step, how often it did, and when it is late; or, with "
        "--export, the same as a declared flow: a YAML file to review, edit and compare. "
        "Times are in UTC.",
        [
            "choreoscope expectations",
            "choreoscope expectations --workflow order --export flows/order.yaml",
            "choreoscope flows put flows/order.yaml",
        ],
    )
    parser.add_argument("--workflow", metavar="NAME", help="only this workflow")
    parser.add_argument(
        "--export",
        metavar="FILE",
        nargs="?",
        const=_STDOUT,
        help="write the rules of one workflow as YAML, to FILE or to standard output",
    )
    add_flags(parser)
    parser.set_defaults(run=_expectations)


def _expectations(given: argparse.Namespace) -> int:
    if given.export is not None:
        return _export(given)
    document = asked(given, "expectations", {"workflow": given.workflow})
    if given.json:
        print_json(document)
    else:
        _show(look.console(), document)
    return 0


def _export(given: argparse.Namespace) -> int:
    if given.json:
        raise Failure("--export writes YAML and --json JSON: give one of them", 2)
    with named(given) as collector:
        params = {"workflow": given.workflow, "format": "yaml"}
        answer = collector.answer("GET", "expectations", params)
        if not answer.is_success:
            raise collector.refused(answer)
    if given.export == _STDOUT:
        sys.stdout.write(answer.text)
        return 0
    path = Path(given.export)
    try:
        path.write_text(answer.text, "utf-8")
    except OSError as error:
        raise Failure(f"can't write {path}: {error.strerror}") from None
    print(f"Wrote {clean(str(path))}; `choreoscope flows put {clean(str(path))}` declares it.")
    return 0


def _show(console: Console, document: Any) -> None:
    known = read(Expectations, document)
    if not known.expectations:
        console.print("Nothing is expected yet: it is learned from orders that have finished.")
        return
    several = len({rule.workflow for rule in known.expectations}) > 1
    numbers = ("seen", "median", "p99", "late after")
    first = ["workflow"] if several else []
    words = ("after", "comes")
    made = look.table(
        *first,
        *words,
        *numbers,
        "source",
        right=numbers,
        long=("workflow", *words),
        extra=("p99", "median", "source"),
    )
    for rule in known.expectations:
        made.add_row(
            *([look.cut(rule.workflow)] if several else []),
            plain(_after(rule)),
            plain(_comes(rule)),
            f"{rule.seen:,} of {rule.of:,}",
            look.duration(rule.median_s if rule.seen else None),
            look.duration(rule.p99_s if rule.seen else None),
            look.duration(rule.limit_s),
            plain(_source(rule)),
        )
    console.print(made)
    learned = f"Learned from {known.mature_orders:,} orders at {look.when(known.model_at)}."
    console.print(Text(learned, "dim"))
    for proposal in known.proposals:
        console.print(
            plain(
                f"{proposal.step} seems to undo {proposal.compensates} ({proposal.seen:,} of "
                f"{proposal.of:,} orders); if it does, declare it: compensates"
            )
        )


def _after(rule: Expectation) -> str:
    if not rule.requires:
        return "an order failed"
    return " and ".join(rule.requires)


def _comes(rule: Expectation) -> str:
    shown = [
        f"{found.step} ({found.share:.0%})"
        if len(rule.any_of) > 1 and found.share is not None
        else found.step
        for found in rule.any_of
    ]
    undone = f", undoing {' and '.join(rule.compensates)}" if rule.compensates else ""
    return " or ".join(shown) + undone


def _source(rule: Expectation) -> str:
    return rule.source if rule.critical else f"{rule.source}, not critical"
