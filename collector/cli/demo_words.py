"""What the demo says: where everything is, what will happen, and its parts' own lines."""

from __future__ import annotations

import re
import time

from rich.text import Text

from collector.cli.demo_plan import Plan
from collector.cli.plain import plain
from collector.cli.ports import HOST

_COLOURS = {
    "services": "cyan",
    "dashboard": "magenta",
    "collector": "green",
    "orders": "yellow",
    "tour": "bold blue",
}
_OWN_STAMP = re.compile(r"^\d\d:\d\d:\d\d (?:demo: )?")
_USUAL_CONTROL_PORT = 8600


def welcome(plan: Plan, first_fault_in: float | None) -> Text:
    """The block at the start; seconds to the first fault, None when none comes by itself."""
    rows = (
        ("Dashboard", plan.dashboard_url),
        ("API", f"{plan.collector_url}/docs"),
        ("OTLP", f"{plan.collector_url} (HTTP), {HOST}:{plan.grpc_port} (gRPC)"),
        ("Control", f"{plan.control_url}/docs"),
        ("Data", str(plan.folder) + ("" if plan.kept else " (removed at the end)")),
    )
    text = Text("\n").append("The Choreoscope demo runs. Ctrl-C ends it.\n\n", "bold")
    for name, value in rows:
        text.append(f"  {name:<11}", "dim").append_text(plain(value)).append("\n")
    one = "one order" if plan.rate == 1 else f"{plan.rate:g} orders"
    where = "" if len(plan.systems) == 1 else f" in each of {len(plan.systems)} systems"
    text.append(f"\nCustomers place {one} a second{where}")
    if first_fault_in is not None:
        text.append(
            f"; the distribution centre falls silent in {first_fault_in:.0f} s, for "
            f"{plan.fault_lasts:g} s:\norders get stuck there, and clear when it is back"
        )
    where = f" --control {plan.control_url}" if plan.control_port != _USUAL_CONTROL_PORT else ""
    command = "choreoscope demo fault silent_consumer --service fulfilment-cd --seconds 40"
    return text.append(".\nMore trouble: ").append(f"{command}{where}\n", "cyan")


def relayed(name: str, line: str) -> Text:
    """A line of a part, with the time and the part's name in front."""
    words = plain(_OWN_STAMP.sub("", line))
    stamp = (time.strftime("%H:%M:%S "), "dim")
    return Text.assemble(stamp, (f"{name:<10}", _COLOURS.get(name, "")), words)
