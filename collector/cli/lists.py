"""`orders`, `causes`, `map`, `services`: lists for people, JSON for scripts."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

from rich.console import Console
from rich.text import Text

from collector.api.models import STATES, Causes, Map, Orders, Services
from collector.cli import look
from collector.cli.ask import add_flags, asked, print_json, read
from collector.cli.help import Commands, command
from collector.cli.plain import clean, plain

_Show = Callable[[Console, Any], None]
# Flags of `orders` that are parameters of the API by the same name.
_FILTERS = {
    "workflow": "only this workflow",
    "verdict": "only this verdict, e.g. edge_stopped",
    "cause": "only orders of this cause (its id: `choreoscope causes`)",
    "service": "orders that this service took part in, or owes a step",
    "step": "orders that took or owe this step, e.g. 'payment process order.placed'",
    "edge": "SOURCE>TARGET by ids of the map: orders that took it, or wait at its end",
    "q": "part of an order id, or a whole trace id",
    "from": "only orders from this time on, e.g. 2026-11-20T14:02:18Z",
    "to": "only orders up to this time",
}


def add(commands: Commands) -> None:
    """Declare the commands."""
    orders = _command(
        commands,
        "orders",
        "which orders there are, the most urgent first",
        ["--state stuck", "--service fulfilment-cd --limit 20", "--state stuck,failed --json"],
    )
    orders.add_argument(
        "--state", action="append", metavar="STATE", help=f"any of {', '.join(STATES)}; repeatable"
    )
    for name, text in _FILTERS.items():
        orders.add_argument(f"--{name}", metavar=name.upper(), dest=f"filter_{name}", help=text)
    orders.add_argument("--trivial", action="store_true", help="also runs of one service alone")
    orders.add_argument("--limit", type=int, metavar="N", default=50, help="orders a page [50]")
    orders.add_argument("--next", metavar="TOKEN", help="the page after the one that ended so")
    orders.set_defaults(run=_orders)
    for name, text, example, show in (
        ("causes", "why orders are stuck or failed, the biggest first", "", _causes),
        ("map", "who calls whom, with the orders stuck on the way", "--workflow order", _map),
        ("services", "every service that has sent spans", "", _services),
    ):
        parser = _command(commands, name, text, [example])
        if name != "services":
            parser.add_argument("--workflow", metavar="NAME", help="only this workflow")
        parser.set_defaults(run=_asking(name, show))


def _command(
    commands: Commands, name: str, text: str, examples: list[str]
) -> argparse.ArgumentParser:
    parser = command(
        commands,
        name,
        text,
        f"{text[0].upper()}{text[1:]}. Times are in UTC.",
        [f"choreoscope {name} {example}".rstrip() for example in examples],
    )
    add_flags(parser)
    return parser


def _asking(path: str, show: _Show) -> Callable[[argparse.Namespace], int]:
    def ask(given: argparse.Namespace) -> int:
        params = {"workflow": getattr(given, "workflow", None)}
        return _answer(given, path, params, show)

    return ask


def _orders(given: argparse.Namespace) -> int:
    params: dict[str, Any] = {name: getattr(given, f"filter_{name}") for name in _FILTERS}
    params |= {"state": given.state, "limit": given.limit, "next": given.next}
    params["trivial"] = "true" if given.trivial else None
    return _answer(given, "orders", params, _show_orders)


def _answer(given: argparse.Namespace, path: str, params: dict[str, Any], show: _Show) -> int:
    document = asked(given, path, params)
    if given.json:
        print_json(document)
    else:
        show(look.console(), document)
    return 0


def _show_orders(console: Console, document: Any) -> None:
    page = read(Orders, document)
    if not page.orders:
        console.print("No such orders." if not page.total else "No more orders.")
        return
    several = len({order.workflow for order in page.orders}) > 1
    workflow = ("workflow",) if several else ()
    made = look.table(
        *("state", "order", *workflow, "started", "last seen", "what"),
        long=("workflow", "what"),
        extra=("started", "last seen", "workflow"),
        least={"what": 44, "workflow": 18},
    )
    for order in page.orders:
        made.add_row(
            look.state(order.state, order.verdict),
            plain(order.order_id, "bold"),
            *([look.cut(order.workflow)] if several else []),
            look.when(order.started_at),
            look.when(order.last_seen_at),
            look.cut(order.sentence),
        )
    console.print(made)
    rest = f" More: --next {clean(page.next)}" if page.next else ""
    shown = f"{len(page.orders):,} of {page.total:,} orders.{rest}"
    console.print(Text(shown, "dim"), soft_wrap=True)


def _causes(console: Console, document: Any) -> None:
    causes = read(Causes, document).causes
    if not causes:
        console.print("No order is stuck or failed.")
    for cause in causes:
        orders = f"  {cause.orders:,} {'order' if cause.orders == 1 else 'orders'}"
        since = f"  since {look.when(cause.oldest_since)}  {cause.trend_per_min:+.1f} a minute"
        state = look.state(cause.state, bold=True)
        head = Text.assemble(state, (orders, "bold"), (since, "dim"))
        console.print(head)
        console.print(plain(f"  {cause.sentence}"), soft_wrap=False)
        for difference in cause.contrast:
            console.print(plain(f"  {difference}"))
        console.print(Text(f"  choreoscope orders --cause {clean(cause.cause_id)}", "dim"))


def _map(console: Console, document: Any) -> None:
    graph = read(Map, document)
    if not graph.edges:
        console.print("No service has called another yet.")
        return
    numbers = ("calls", "errors", "p50", "p95", "p99", "stuck")
    made = look.table(
        "source",
        "target",
        "kind",
        *numbers,
        "last seen",
        right=numbers,
        long=("source", "target"),
        extra=("p99", "p50", "last seen", "kind"),
    )
    for edge in graph.edges:
        made.add_row(
            plain(edge.source),
            plain(edge.target),
            plain(edge.kind),
            look.amount(edge.calls),
            look.amount(edge.errors),
            *(look.duration(ms / 1000) for ms in (edge.p50_ms, edge.p95_ms, edge.p99_ms)),
            look.amount(edge.stuck_orders),
            look.when(edge.last_seen_at),
        )
    console.print(made)


def _services(console: Console, document: Any) -> None:
    services = read(Services, document).services
    if not services:
        console.print("No service has sent a span yet.")
        return
    numbers = ("spans", "calls in", "calls out", "errors", "stuck")
    words = ("service", "domain", "versions")
    made = look.table(
        *words,
        *numbers,
        "last seen",
        right=numbers,
        long=words,
        extra=("versions", "domain", "last seen"),
    )
    for service in services:
        counts = (service.spans, service.calls_in, service.calls_out, service.errors)
        made.add_row(
            plain(service.service, "bold"),
            plain(service.domain),
            plain(", ".join(service.versions)),
            *map(look.amount, (*counts, service.stuck_orders)),
            look.when(service.last_seen_at),
        )
    console.print(made)
