"""Which services are there?"""

from __future__ import annotations

from collections import Counter

from collector.api.models import Service, Services
from collector.api.reader import Reader
from collector.api.skew import read_clocks
from collector.api.times import FIRST, LAST, text
from collector.engine import Param


def services(reader: Reader, *, service: str = "") -> Services:
    """All services, or one, with the calls at both of their sides."""
    calls_in: Counter[str] = Counter()
    calls_out: Counter[str] = Counter()
    everything: dict[str, Param] = {"workflow": "", "from": FIRST, "to": LAST}
    for row in reader.rows("edges", {**everything, "now": reader.clock.now()}):
        calls_out[row["source"]] += row["calls"]
        calls_in[row["target"]] += row["calls"]
    stuck: Counter[str] = Counter()
    for row in reader.shared("waiting", {"workflow": ""}):
        stuck[row["owing"]] += row["orders"]
    clocks = read_clocks(reader)
    return Services(
        services=[
            Service(
                service=row["service"],
                domain=row["domain"],
                first_seen_at=text(row["first_seen"]),
                last_seen_at=text(row["last_seen"]),
                spans=row["spans"],
                calls_in=calls_in[row["service"]],
                calls_out=calls_out[row["service"]],
                errors=row["errors"],
                stuck_orders=stuck[row["service"]],
                versions=row["versions"],
                clock_offset_s=clocks.of_service(row["service"])[0],
                clock_width_s=clocks.of_service(row["service"])[1],
            )
            for row in reader.rows("services", {"service": service})
        ]
    )
