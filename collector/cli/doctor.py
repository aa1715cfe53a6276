"""`doctor`: what the telemetry lacks, service by service, and the lines that add it."""

from __future__ import annotations

import argparse
from itertools import groupby

from rich.console import Console
from rich.text import Text

from collector.api.models import Doctor, Finding
from collector.cli import look
from collector.cli.ask import add_flags, asked, print_json, read
from collector.cli.help import Commands, command
from collector.cli.plain import clean, plain

_ICONS = {"error": ("✕", "red"), "warning": ("◆", "yellow"), "info": ("○", "dim")}


def add(commands: Commands) -> None:
    """Declare the command."""
    parser = command(
        commands,
        "doctor",
        "what your telemetry lacks, and the line that adds it",
        "What the spans of each service lack, the gravest first, with the lines that add it. "
        "It looks at a sample of the traces that came last.",
        ["choreoscope doctor", "choreoscope doctor --json"],
    )
    add_flags(parser)
    parser.set_defaults(run=_doctor)


def _doctor(given: argparse.Namespace) -> int:
    document = asked(given, "doctor")
    if given.json:
        print_json(document)
    else:
        _show(look.console(), read(Doctor, document))
    return 0


def _show(console: Console, found: Doctor) -> None:
    if not found.spans:
        console.print(
            "Nothing has come yet: no service has sent a span. "
            "Set OTEL_EXPORTER_OTLP_ENDPOINT to the collector's address."
        )
        return
    for service, findings in groupby(found.findings, key=lambda finding: finding.service):
        console.print(plain(service, "bold"))
        for finding in findings:
            _finding(console, finding)
        console.print()
    for candidate in found.candidates:
        console.print(plain(candidate.sentence, "bold"), soft_wrap=True)
        _lines(console, candidate.fix)
        console.print()
    services = f"{len(found.services)} {'service' if len(found.services) == 1 else 'services'}"
    looked = f"{found.spans:,} recent spans of {services} looked at"
    grave = sum(finding.severity != "info" for finding in found.findings)
    if not found.findings:
        console.print(f"Nothing is wrong: {looked}, and they say all that is needed.")
    elif not grave:
        console.print(f"Nothing is wrong, and more could be known: {looked}.")
    else:
        console.print(Text(f"{looked}.", "dim"))


def _finding(console: Console, finding: Finding) -> None:
    icon, colour = _ICONS[finding.severity]
    head = Text.assemble((f"  {icon} ", colour), (clean(finding.problem), "bold"), "  ")
    head.append(clean(finding.sentence))
    console.print(head, soft_wrap=True)
    if finding.examples:
        console.print(Text(f"    e.g. trace {clean(finding.examples[0])}", "dim"))
    _lines(console, finding.fix)


def _lines(console: Console, lines: str) -> None:
    for line in lines.splitlines():
        console.print(plain(f"      {line}"), soft_wrap=True)
