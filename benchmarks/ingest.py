"""How many spans a second are stored, correlated and judged: `make bench-ingest`.

Clients in a process of their own send OTLP requests as fast as they are acknowledged, to a
collector on the same machine, which shares its cores with them; one run for each kind of traffic.
Beside it, in the same run: what the engine alone decodes and stores, and what each step costs.
"""

from __future__ import annotations

import argparse
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.clients import Clients, Sent, Traffic
from benchmarks.collector_process import CollectorProcess
from benchmarks.machine import busy_s, describe
from benchmarks.orders import SPANS_AN_ORDER, Orders
from benchmarks.steps import Step, steps

_MIB = 2**20
_HEAD = (
    "traffic             spans/s   of raw  p50 ms  p99 ms   refused  "
    "CPU s/M  clients   RSS MiB  lag s  settled  B/span"
)
FULL = [
    Traffic(protocol, spans, clients, 60)
    for protocol in ("http", "grpc")
    for spans in (50, 500, 5000)
    for clients in (1, 4, 16)
]
QUICK = [
    Traffic("http", 500, 16, 8),
    Traffic("grpc", 500, 16, 8),
    Traffic("http", 50, 16, 8),
    Traffic("http", 5000, 4, 8),
]


@dataclass
class Measured:
    """What a run of the collector has shown."""

    sent: Sent
    cpu_s: float
    """Seconds of the collector's processor time, until everything was judged."""
    memory: int
    lags_s: list[float]
    reads_s: list[float]
    settled_s: float | None
    stored: int
    disk: int


class Watch:
    """Asks the collector for its summary twice a second: how late it is, and how long it takes."""

    def __init__(self, collector: CollectorProcess) -> None:
        self._collector = collector
        self.lags_s: list[float] = []
        self.reads_s: list[float] = []
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _watch(self) -> None:
        while not self._end.wait(0.5):
            asked = time.monotonic()
            try:
                self.lags_s.append(self._collector.summary()["judged"]["lag_s"])
            except OSError:  # answered too late, or not at all: a gap in the measurement
                self.lags_s.append(float("nan"))
            self.reads_s.append(time.monotonic() - asked)

    def stop(self) -> None:
        """Ask no more."""
        self._end.set()
        self._thread.join()


def run(traffic: Traffic, folder: Path, patience_s: float, *flags: str) -> Measured:
    """Send this traffic to a collector of its own, and wait until all of it is judged."""
    with CollectorProcess(folder, *flags) as collector:
        before = collector.cpu_s() or 0.0
        watch = Watch(collector)
        with Clients(traffic, collector.port_of(traffic.protocol)) as clients:
            sent = clients.seen()
        lags_s, reads_s = list(watch.lags_s), list(watch.reads_s)
        settled_s = settled_after(collector, patience_s)
        watch.stop()
        memory = collector.memory()
        return Measured(
            sent,
            (collector.cpu_s() or 0.0) - before,
            memory[1] if memory else 0,
            lags_s,
            reads_s,
            settled_s,
            int(collector.summary()["spans"]),
            collector.disk_bytes(),
        )


def settled_after(collector: CollectorProcess, patience_s: float) -> float | None:
    """Seconds until everything acknowledged is judged; None when it takes longer than that."""
    began = time.monotonic()
    while time.monotonic() < began + patience_s:
        if collector.summary()["judged"]["settled"]:
            return time.monotonic() - began
        time.sleep(0.2)
    return None


def row(traffic: Traffic, found: Measured, raw: float) -> str:
    """A line of the table."""
    sent = found.sent
    rate = sent.spans / sent.took_s
    millions = max(sent.spans, 1) / 1e6
    settled = "no" if found.settled_s is None else f"{found.settled_s:.0f} s"
    lag = float(np.nanmax(found.lags_s)) if found.lags_s else 0.0
    return (
        f"{traffic.protocol} {traffic.spans:>5} x {traffic.clients:<4} "
        f"{rate:>9,.0f} {rate / raw:>8.2f} "
        f"{sent.p50_ms:>7,.0f} {sent.p99_ms:>7,.0f} {sent.refused:>9,} "
        f"{found.cpu_s / millions:>8.1f} {sent.cpu_s / millions:>8.1f} "
        f"{found.memory / _MIB:>9,.0f} "
        f"{lag:>6.1f} {settled:>8} {found.disk / max(1, found.stored):>7.0f}"
        + (f"  {found.stored - sent.spans:+,} spans to those acknowledged!" if _lost(found) else "")
        + (f"  {len(sent.errors)} errors: {sent.errors[0]}" if sent.errors else "")
    )


def _lost(found: Measured) -> bool:
    return found.settled_s is not None and found.stored != found.sent.spans


def overload(protocol: str, folder: Path, seconds: float) -> None:
    """Ten times what fits: a queue of 16 MiB, 64 clients of 5,000 spans (2.7 MB) that hardly wait
    when they are told to.
    """
    traffic = Traffic(protocol, 5000, 64, seconds, patience_s=0.05)
    found = run(traffic, folder, 300, "--max-queue-bytes", str(16 * _MIB))
    p95 = float(np.quantile(found.reads_s, 0.95)) if found.reads_s else 0.0
    print(
        f"\nOverload: {protocol}, 64 clients of 5,000 spans, a queue of 16 MiB, {seconds:g} s\n"
        f"  acknowledged {found.sent.spans:,} spans, refused {found.sent.refused:,}, "
        f"stored {found.stored:,}\n"
        f"  errors: {len(found.sent.errors)} {found.sent.errors[:1]}\n"
        f"  memory at most {found.memory / _MIB:,.0f} MiB; a question meanwhile: p95 {p95:.2f} s\n"
        f"  everything judged after {found.settled_s or float('nan'):.1f} s"
    )


def print_steps(measured: list[Step]) -> None:
    """What each step costs, one added after the other."""
    print("\nOne step after the other, in one process: CPU seconds a million spans")
    total = 0.0
    for step in measured:
        total += step.cpu_s_per_million
        print(f"  {step.name:<28}{step.cpu_s_per_million:>7.1f}   together {total:>6.1f}")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="make bench-ingest", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="four kinds of traffic, 8 s each")
    parser.add_argument("--seconds", type=float, help="how long to send [60; 8 with --quick]")
    parser.add_argument("--protocol", choices=["http", "grpc"], help="one protocol only")
    parser.add_argument("--spans", type=int, help="spans a request; one size only")
    parser.add_argument("--clients", type=int, help="requests under way at once; one number only")
    parser.add_argument("--patience", type=float, default=300, help="seconds to wait for the end")
    parser.add_argument("--no-steps", action="store_true", help="leave out what each step costs")
    parser.add_argument("--overload", action="store_true", help="also ten times what fits")
    given = parser.parse_args()
    wanted = [
        Traffic(t.protocol, t.spans, t.clients, given.seconds or t.seconds)
        for t in (QUICK if given.quick else FULL)
        if given.protocol in (None, t.protocol)
        and given.spans in (None, t.spans)
        and given.clients in (None, t.clients)
    ]
    orders = Orders(167, 0)
    print(
        f"Ingest: {SPANS_AN_ORDER} spans an order, {orders.bytes_a_span:.0f} bytes a span in OTLP, "
        f"the clients on the same machine\n{describe()}\n"
    )
    with tempfile.TemporaryDirectory(prefix="choreoscope-bench-") as temporary:
        measured = steps(Path(temporary) / "steps", whole=not given.no_steps)
        decode, raw = (1e6 / step.wall_s_per_million for step in measured[:2])
        print(
            f"the engine alone: decodes {decode:,.0f} spans/s, decodes and stores {raw:,.0f} "
            f"(one connection)\n\n{_HEAD}"
        )
        for number, traffic in enumerate(wanted):
            found = run(traffic, Path(temporary) / str(number), given.patience)
            print(row(traffic, found, raw), flush=True)
        if given.overload:
            for protocol in ("http", "grpc"):
                overload(protocol, Path(temporary) / f"over-{protocol}", given.seconds or 20)
    if not given.no_steps:
        print_steps(measured)
    busy = busy_s()
    if busy is not None:
        print("\nOther processes shared the machine; CPU seconds say more than spans/s.")


if __name__ == "__main__":
    main()
