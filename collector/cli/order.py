"""`choreoscope order ID`: one order, the sentence first, then what happened and what didn't."""

from __future__ import annotations

import argparse

from rich.console import Console
from rich.text import Text

from collector.api.models import Order, Owed, Step
from collector.cli import look
from collector.cli.ask import add_flags, asked, print_json, read
from collector.cli.fitted import Fitted
from collector.cli.help import Commands, command
from collector.cli.plain import plain


def add(commands: Commands) -> None:
    """Declare the command."""
    parser = command(
        commands,
        "order",
        "one order: what happened, what should have, and why it didn't",
        "One order: the verdict in a sentence, every step it took, what it owes, and its "
        "messages. Times are in UTC.",
        ["choreoscope order ORD-2VQ4W-000042", "choreoscope order ORD-2VQ4W-000042 --json"],
    )
    parser.add_argument("id", metavar="ID", help="the order id; any characters")
    parser.add_argument("--workflow", metavar="NAME", help="its workflow, if several have this id")
    add_flags(parser)
    parser.set_defaults(run=_order)


def _order(given: argparse.Namespace) -> int:
    document = asked(given, "order", {"id": given.id, "workflow": given.workflow})
    if given.json:
        print_json(document)
    else:
        _show(look.console(), read(Order, document))
    return 0


def _show(console: Console, order: Order) -> None:
    now = look.moment(order.as_of)
    head = look.state(order.state, order.verdict, bold=True)
    console.print(Text.assemble(plain(order.order_id, "bold"), "  ", head))
    sentences = [owed.sentence for owed in order.owed if owed.late] or [order.sentence]
    for sentence in sentences:
        console.print(plain(sentence))
    took = (look.moment(order.last_seen_at) - look.moment(order.started_at)).total_seconds()
    facts = (
        f"workflow {order.workflow}, started {look.when(order.started_at)} "
        f"({look.ago(order.started_at, now)} ago), seen for {look.duration(took)}, "
        f"{order.span_count:,} spans in {_counted(order.trace_count, 'trace')}"
    )
    console.print(plain(facts, "dim"))
    console.print()
    console.print(_steps(order))
    if order.owed:
        console.print()
        for owed in order.owed:
            console.print(_owed(owed), soft_wrap=True)
    if order.messages:
        console.print()
        console.print(_messages(order))


def _steps(order: Order) -> Fitted:
    late = {owed.step for owed in order.owed if owed.late}
    retried = ("tries",) if any(step.attempts > 1 for step in order.steps) else ()
    errors = ("error",) if any(step.error for step in order.steps) else ()
    columns = ("step", "state", "started", "took", *retried, *errors)
    made = look.table(*columns, right=("took", "tries"), long=("step", "error"))
    for step in order.steps:
        word: str = step.state
        if word == "owed":
            word = "owed" if step.step in late else "waiting"
        made.add_row(
            plain(step.step, "bold" if step.state in ("owed", "failed") else ""),
            look.state(word),
            look.clock(step.started_at),
            look.duration(_took(step)),
            *([str(step.attempts) if step.attempts else ""] if retried else []),
            *([look.cut(step.error or "", "red")] if errors else []),
        )
    return made


def _owed(owed: Owed) -> Text:
    """One line on a step that should come: since when, and why it doesn't, as far as is known."""
    word = "owed" if owed.diagnosis else "delayed" if owed.late else "waiting"
    line = look.state(word).append(" ").append_text(plain(owed.step, "bold"))
    why = f"{owed.diagnosis}; " if owed.diagnosis else ""
    after = f"{why}expected by {look.clock(owed.expected_by)[:8]}, after {owed.after}"
    return line.append(": ").append_text(plain(after))


def _took(step: Step) -> float | None:
    if step.started_at is None or step.ended_at is None:
        return None
    return (look.moment(step.ended_at) - look.moment(step.started_at)).total_seconds()


def _messages(order: Order) -> Fitted:
    retried = ("tries",) if any(message.attempts > 1 for message in order.messages) else ()
    columns = ("message", "producer", "published", "consumer", "consumed", "in broker", *retried)
    names = ("message", "producer", "consumer")
    made = look.table(*columns, right=("in broker", "tries"), long=names, extra=("published",))
    for message in order.messages:
        made.add_row(
            plain(message.destination),
            plain(message.producer or "–"),
            look.clock(message.published_at),
            plain(message.consumer or "–"),
            look.clock(message.consumed_at),
            look.duration(message.lag_s),
            *([str(message.attempts)] if retried else []),
        )
    return made


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
