"""`choreoscope flows`: declare what should come next, read it, check files without a collector."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from collector.api.models import FlowFiles, FlowTaken
from collector.cli import Failure, look
from collector.cli.ask import add_flags, asked, named, print_json, read
from collector.cli.help import Commands, command
from collector.cli.plain import clean, plain
from collector.settings import load

if TYPE_CHECKING:
    from collector.flows.nodes import Fault


def add(commands: Commands) -> None:
    """Declare the commands."""
    top = command(
        commands,
        "flows",
        "declare what should come next; read and check what is declared",
        "Declared flows: a YAML file a workflow, kept by the collector, which says what should "
        "come after what. `choreoscope expectations --export` writes such a file of what was "
        "learned.",
        [
            "choreoscope flows check order.yaml",
            "choreoscope flows put order.yaml",
            "choreoscope flows list",
        ],
    )
    below = top.add_subparsers(dest="deed", required=True, metavar="DEED")
    put = command(
        below,
        "put",
        "declare a workflow by a file",
        "Hands a file to the collector, which keeps it; it is in force when the orders are "
        "judged next. A file with mistakes changes nothing.",
        ["choreoscope flows put order.yaml"],
    )
    put.add_argument("file", metavar="FILE", help="a declared flow")
    put.set_defaults(run=_put)
    for name, line, text, run in (
        ("get", "print a declared flow", "Prints the file of a declared workflow.", _get),
        (
            "delete",
            "declare nothing of a workflow any more",
            "Deletes the file of a declared workflow; what is learned of it counts again.",
            _delete,
        ),
    ):
        parser = command(below, name, line, text, [f"choreoscope flows {name} order"])
        parser.add_argument("workflow", metavar="WORKFLOW", help="the name of the workflow")
        parser.set_defaults(run=run)
    shown = command(
        below,
        "list",
        "which workflows are declared",
        "Which workflows are declared, in which files, and what is wrong with files now.",
        ["choreoscope flows list", "choreoscope flows list --json"],
    )
    shown.set_defaults(run=_list)
    for parser in below.choices.values():
        add_flags(parser)
    check = command(
        below,
        "check",
        "check files without a collector",
        "Reads files, or all in a folder, and says all that is wrong with them, by line. Names of "
        "workflows are compared with the configuration, if one is given.",
        ["choreoscope flows check order.yaml", "choreoscope flows check flows --config c.toml"],
    )
    check.add_argument("files", nargs="+", metavar="FILE", help="files and folders")
    check.add_argument("--config", metavar="FILE", help="TOML file with settings")
    check.set_defaults(run=_check)


def _put(given: argparse.Namespace) -> int:
    from collector.flows import reader  # noqa: PLC0415

    path = Path(given.file)
    try:
        content = path.read_bytes()
        workflow = reader.read(content, str(path)).workflow
    except OSError as error:
        raise Failure(f"can't read {path}: {error.strerror}") from None
    except reader.FlowError as error:
        return _wrong(path, error.faults)
    with named(given) as collector:
        answer = collector.answer("PUT", _place(workflow), content=content)
        if answer.status_code == 400:
            return _refused(path, answer.json(), collector.refused(answer))
        if not answer.is_success:
            raise collector.refused(answer)
        document = answer.json()
    if given.json:
        print_json(document)
        return 0
    taken = read(FlowTaken, document)
    print(f"{clean(taken.workflow)}: {_counted(taken.rules)} declared, in force at once.")
    for step in taken.unseen:
        print(f"No order is known to have taken {clean(step)}: is that its name?")
    return 0


def _get(given: argparse.Namespace) -> int:
    with named(given) as collector:
        answer = collector.answer("GET", _place(given.workflow))
        if not answer.is_success:
            raise collector.refused(answer)
    if given.json:
        print_json({"workflow": given.workflow, "text": answer.text})
    else:
        sys.stdout.write(answer.text)
    return 0


def _delete(given: argparse.Namespace) -> int:
    with named(given) as collector:
        answer = collector.answer("DELETE", _place(given.workflow))
        if not answer.is_success:
            raise collector.refused(answer)
    if given.json:
        print_json({"workflow": given.workflow, "deleted": True})
    else:
        print(f"{clean(given.workflow)}: nothing is declared any more.")
    return 0


def _list(given: argparse.Namespace) -> int:
    document = asked(given, "flows")
    if given.json:
        print_json(document)
        return 0
    found = read(FlowFiles, document)
    console = look.console()
    if not found.flows:
        console.print("Nothing is declared.")
        return 0
    made = look.table("workflow", "file", "rules", "state", right=("rules",), long=("state",))
    for flow in found.flows:
        faults = "; ".join(
            f"line {fault.line}: {fault.wrong}" if fault.line else fault.wrong
            for fault in flow.faults
        )
        made.add_row(
            plain(flow.workflow or "–"),
            plain(flow.file),
            look.amount(flow.rules),
            plain(f"broken: {faults}" if faults else "in force"),
        )
    console.print(made)
    console.print(plain(f"In {found.folder}", "dim"), soft_wrap=True)
    return 0


def _check(given: argparse.Namespace) -> int:
    from collector.flows.reader import FlowError, paths, read_file  # noqa: PLC0415

    configured: Collection[str] | None = None
    if given.config or os.environ.get("CHOREOSCOPE_CONFIG"):
        settings = load({"config": given.config})
        configured = [workflow.name for workflow in settings.workflows]
    wrong = 0
    declared: dict[str, Path] = {}
    for path in map(Path, given.files):
        try:
            files = paths(path) if path.is_dir() else [path]
        except FlowError as error:
            raise Failure(str(error)) from None
        for file in files:
            try:
                flow = read_file(file, configured)
            except FlowError as error:
                wrong += _wrong(file, error.faults)
                continue
            if flow.workflow in declared:
                other = clean(str(declared[flow.workflow]))
                print(f"{clean(str(file))}: {other} declares {clean(flow.workflow)} already")
                wrong += 1
                continue
            declared[flow.workflow] = file
            rules = sum(len(entry.ways) for entry in flow.entries)
            print(f"{clean(str(file))}: {clean(flow.workflow)}, {_counted(rules)}")
    return 1 if wrong else 0


def _refused(path: Path, document: object, failure: Failure) -> int:
    """What the collector finds wrong with a file that could be read here."""
    errors = document.get("errors") if isinstance(document, dict) else None
    if not errors:
        raise failure
    for error in errors:
        _print_fault(path, error["line"], error["wrong"], error["expected"])
    return 1


def _wrong(path: Path, faults: Iterable[Fault]) -> int:
    for fault in faults:
        _print_fault(path, fault.line, fault.wrong, fault.expected)
    return 1


def _print_fault(path: Path, line: int, wrong: str, expected: str) -> None:
    place = f"{path}:{line}" if line else str(path)
    end = f"; expected {expected}" if expected else ""
    print(clean(f"{place}: {wrong}{end}"), file=sys.stderr)


def _counted(rules: int) -> str:
    return f"{rules} {'rule' if rules == 1 else 'rules'}"


def _place(workflow: str) -> str:
    return f"flows/{quote(workflow, safe='')}"
