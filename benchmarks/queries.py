"""How fast the API answers on many orders while spans come in: `make bench-query`.

A folder is filled with orders and judged; then a collector is started on it, clients send spans at
a steady rate, and each question is asked over HTTP again and again.
"""

from __future__ import annotations

import argparse
import itertools
import json
import random
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from urllib.request import urlopen

import numpy as np

from benchmarks.clients import Clients, Traffic
from benchmarks.collector_process import CollectorProcess
from benchmarks.machine import describe
from benchmarks.orders import Orders
from collector.api.summary import summary
from collector.app import parts
from collector.schema import otlp
from collector.settings import load

BATCH_BYTES = 8 * 1024 * 1024
ASKED = 40
STUCK_OF = 200
"""One of so many orders misses its last two services."""


def fill(folder: Path, orders: int, stuck_of: int = STUCK_OF) -> float:
    """Store and judge that many orders, one of `stuck_of` stuck; how many seconds it took."""
    made = Orders(167, 1)
    began = time.monotonic()
    with parts(replace(load(environ={}), data=folder)) as held:
        stored, requests = 0, 0
        numbers = itertools.count(1)
        while stored < orders:
            batch: list[bytes] = []
            while sum(map(len, batch)) < BATCH_BYTES:
                group = made.group(time.time_ns())
                # Some orders stop half-way: a whole group of them now and then.
                batch += group[:4] if next(numbers) % stuck_of == 0 else group
                stored += 167
            data = b"".join([*batch, otlp.received_at(time.time_ns())])
            held.engine.insert(otlp.insert_statement(), otlp.FORMAT, data)
            requests += 1
            if requests % 8 == 0:
                held.runner.tick()
        while not summary(held.reader).judged.settled:
            held.runner.tick()
    return time.monotonic() - began


def questions(collector: CollectorProcess) -> dict[str, list[str]]:
    """Each kind of question with some addresses to ask it at."""
    page = _get(f"{collector.url}/api/v1/orders?limit=1000")["orders"]
    some = random.Random(1).sample(page, min(ASKED, len(page)))

    def of(path: str, **params: str | int) -> str:
        return f"{collector.url}/api/v1/{path}?{urlencode(params)}"

    each = [{"workflow": order["workflow"], "id": order["order_id"]} for order in some]
    return {
        "one order": [of("order", **one) for one in each],
        "its spans": [of("order/spans", **one) for one in each],
        # another limit each time, or the answer before would do
        "list": [of("orders", limit=50 + n) for n in range(ASKED)],
        "list, stuck": [of("orders", limit=50 + n, state="stuck") for n in range(ASKED)],
        "list, by id": [of("orders", q=one["id"]) for one in each],
        "causes": [of("causes")],
        "summary": [of("summary")],
        "map": [of("map")],
        "series": [of("series")],
        "services": [of("services")],
    }


def ask(addresses: list[str], times: int) -> list[float]:
    """Seconds for each of so many answers."""
    took_s = []
    for address in itertools.islice(itertools.cycle(addresses), times):
        began = time.monotonic()
        _get(address)
        took_s.append(time.monotonic() - began)
    return took_s


def _get(address: str) -> Any:
    with urlopen(address, timeout=120) as answer:
        return json.load(answer)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="make bench-query", description=__doc__)
    parser.add_argument("--orders", type=int, default=1_000_000, help="how many [1,000,000]")
    parser.add_argument(
        "--rate", type=float, default=20_000, help="spans a second meanwhile [20,000]"
    )
    parser.add_argument(
        "--times", type=int, default=ASKED, help=f"how often each is asked [{ASKED}]"
    )
    parser.add_argument(
        "--folder", type=Path, help="fill this one and keep it; one that is there is taken as it is"
    )
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="choreoscope-bench-") as temporary:
        folder = given.folder or Path(temporary) / "data"
        filled_s = 0.0 if folder.exists() else fill(folder, given.orders)
        with CollectorProcess(folder) as collector:
            found = _get(f"{collector.url}/api/v1/summary")
            print(
                f"Questions on {sum(found['orders'].values()):,} orders, {found['spans']:,} spans "
                f"(stored and judged in {filled_s:.0f} s)\n{describe()}\n\n"
                f"{'':<14}{'quiet: p50':>12}{'p95':>8}{'CPU':>8}"
                f"{'busy: p50':>14}{'p95':>8}   ms; CPU: of the collector, an answer"
            )
            asked = questions(collector)
            quiet: dict[str, tuple[list[float], float]] = {}
            for name, addresses in asked.items():
                ask(addresses, 2)
                cpu_s = collector.cpu_s() or 0.0
                took_s = ask(addresses, given.times)
                quiet[name] = took_s, ((collector.cpu_s() or 0.0) - cpu_s) / given.times
            traffic = Traffic("http", 500, 4, 3600, given.rate)
            with Clients(traffic, collector.port):
                time.sleep(5)
                for name, addresses in asked.items():
                    calm = np.quantile(quiet[name][0], [0.5, 0.95]) * 1000
                    busy = np.quantile(ask(addresses, given.times), [0.5, 0.95]) * 1000
                    print(
                        f"{name:<14}{calm[0]:>12,.0f}{calm[1]:>8,.0f}{quiet[name][1] * 1000:>8,.0f}"
                        f"{busy[0]:>14,.0f}{busy[1]:>8,.0f}",
                        flush=True,
                    )
                rate = _get(f"{collector.url}/api/v1/summary")["ingest"]["spans_per_s"]
            print(f"\nspans that came in meanwhile: {rate:,.0f} a second")


if __name__ == "__main__":
    main()
