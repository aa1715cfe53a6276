"""How many spans a second are stored, correlated and judged: `make bench`.

Clients in this process send OTLP/HTTP requests as fast as they are acknowledged; the collector is a
process of its own on the same machine, so the two share its cores. Afterwards everything is waited
for until it is judged. The limit it is compared with: the engine alone, decoding such requests.
"""

from __future__ import annotations

import argparse
import http.client
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from benchmarks.collector_process import CollectorProcess
from benchmarks.machine import busy_s, describe
from benchmarks.orders import SPANS_AN_ORDER, Orders
from collector.engine.connect import open_engine
from collector.schema import otlp
from collector.schema.migrate import statements

BATCH_BYTES = 8 * 1024 * 1024
LIMIT_S = 3.0


@dataclass
class Sent:
    """What the clients have seen."""

    spans: int = 0
    acks_s: list[float] = field(default_factory=list)
    refused: int = 0
    errors: list[str] = field(default_factory=list)
    took_s: float = 0.0


def send(port: int, orders_a_group: int, clients: int, seconds: float) -> Sent:
    """Keep `clients` connections busy for so long; an answer 429 or 503 is waited out."""
    sent, lock = Sent(), threading.Lock()
    began = time.monotonic()
    until = began + seconds

    def client(seed: int) -> None:
        orders = Orders(orders_a_group, seed)
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        while time.monotonic() < until:
            for body in orders.group(time.time_ns()):
                ack_s, status, retry_after = _post(connection, body)
                with lock:
                    if status == 200:
                        sent.spans += orders.spans_a_request
                        sent.acks_s.append(ack_s)
                    elif status in (429, 503):
                        sent.refused += orders.spans_a_request
                    else:
                        sent.errors.append(f"HTTP {status}")
                if retry_after:
                    time.sleep(min(retry_after, max(0.0, until - time.monotonic())))
        connection.close()

    with ThreadPoolExecutor(clients) as pool:
        for done in [pool.submit(client, seed) for seed in range(clients)]:
            done.result()
    sent.took_s = time.monotonic() - began
    return sent


def _post(connection: http.client.HTTPConnection, body: bytes) -> tuple[float, int, float]:
    began = time.monotonic()
    connection.request("POST", "/v1/traces", body, {"Content-Type": "application/x-protobuf"})
    answer = connection.getresponse()
    answer.read()
    retry_after = float(answer.headers.get("Retry-After") or 0)
    return time.monotonic() - began, answer.status, retry_after


class Watch:
    """Asks the collector for its lag twice a second, while the clients send and afterwards."""

    def __init__(self, collector: CollectorProcess) -> None:
        self._collector = collector
        self.lags_s: list[float] = []
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _watch(self) -> None:
        while not self._end.wait(0.5):
            try:
                self.lags_s.append(self._collector.summary()["judged"]["lag_s"])
            except OSError:  # answered too late, or not at all: a gap in the measurement
                self.lags_s.append(float("nan"))

    def stop(self) -> None:
        """Ask no more."""
        self._end.set()
        self._thread.join()


def processor(collector: CollectorProcess) -> tuple[float, float, float] | None:
    """Seconds of processor time: the collector's, this process's, everybody's. Linux, else None."""
    theirs, everybody = collector.cpu_s(), busy_s()
    if theirs is None or everybody is None:
        return None
    return theirs, time.process_time(), everybody


def settled_after(collector: CollectorProcess, patience_s: float) -> float | None:
    """Seconds until everything acknowledged is judged; None when it takes longer than that."""
    began = time.monotonic()
    while time.monotonic() < began + patience_s:
        if collector.summary()["judged"]["settled"]:
            return time.monotonic() - began
        time.sleep(0.2)
    return None


def decoding_limit(folder: Path, orders_a_group: int) -> float:
    """Spans a second that the engine decodes in this process, without storing them."""
    engine = open_engine(f"chdb://{folder}")
    try:
        null_table = next(sql for _, sql in statements() if "EXISTS otlp\n" in sql)
        engine.query(null_table, lane="job")
        orders = Orders(orders_a_group, 0)
        requests = [body for _ in range(8) for body in orders.group(time.time_ns())]
        per_batch = max(1, BATCH_BYTES // len(requests[0]))
        batch = b"".join([*requests[:per_batch], otlp.received_at(time.time_ns())])
        spans, began = 0, time.monotonic()
        while time.monotonic() < began + LIMIT_S:
            engine.insert(otlp.insert_statement(), otlp.FORMAT, batch)
            spans += min(per_batch, len(requests)) * orders.spans_a_request
        return spans / (time.monotonic() - began)
    finally:
        engine.close()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--seconds", type=float, default=12, help="how long to send [12]")
    parser.add_argument("--clients", type=int, default=16, help="requests under way at once [16]")
    parser.add_argument("--spans", type=int, default=500, help="spans a request, about [500]")
    parser.add_argument("--patience", type=float, default=120, help="seconds to wait for the end")
    given = parser.parse_args()
    group = max(1, round(given.spans / 3))
    orders = Orders(group, 0)
    with tempfile.TemporaryDirectory(prefix="choreoscope-bench-") as temporary:
        with CollectorProcess(Path(temporary) / "data") as collector:
            watch = Watch(collector)
            before = processor(collector)
            sent = send(collector.port, group, given.clients, given.seconds)
            loaded, after = collector.memory(), processor(collector)
            while_sending = list(watch.lags_s)
            settled = settled_after(collector, given.patience)
            watch.stop()
            found, disk, memory = collector.summary(), collector.disk_bytes(), collector.memory()
        limit = decoding_limit(Path(temporary) / "limit", group)

    def row(what: str, value: str, more: str = "") -> None:
        print(f"{what:<32}{value:<18}{more}".rstrip())

    print(
        f"Ingest over OTLP/HTTP: {given.clients} clients on the same machine, "
        f"{orders.spans_a_request} spans a request, {SPANS_AN_ORDER} spans an order"
    )
    print(describe(), end="\n\n")
    rate = sent.spans / sent.took_s
    row("acknowledged, durable", f"{rate:,.0f} spans/s", f"{sent.spans:,} in {sent.took_s:.1f} s")
    row(
        "the engine alone, decoding",
        f"{limit:,.0f} spans/s",
        f"the rate is {rate / limit:.2f} of it",
    )
    if sent.acks_s:
        p50, p99 = np.quantile(sent.acks_s, [0.5, 0.99]) * 1000
        row("acknowledged within", f"p50 {p50:,.0f} ms", f"p99 {p99:,.0f} ms")
    row("refused, to come again", f"{sent.refused:,} spans", "429 and 503")
    if sent.errors:
        row("failed", f"{len(sent.errors)} requests", sent.errors[0])
    if while_sending:
        row("age of the oldest unjudged span", f"{np.nanmax(while_sending):.1f} s", "at most")
    wait = f"not within {given.patience:g} s" if settled is None else f"{settled:.1f} s"
    row("all judged after the last one", wait)
    row("stored", f"{found['spans']:,} spans", f"{found['spans'] - sent.spans:+,} to acknowledged")
    states = ", ".join(f"{n:,} {state}" for state, n in found["orders"].items() if n)
    row("orders", f"{sum(found['orders'].values()):,}", states)
    if loaded and memory:
        row(
            "memory of the collector",
            f"{loaded[0] / 2**20:,.0f} MiB",
            f"at most {memory[1] / 2**20:,.0f}",
        )
    if before and after:
        theirs, ours, all_ = (
            (late - early) / sent.took_s for early, late in zip(before, after, strict=True)
        )
        others = f"clients {ours:.2f}, other processes {max(0.0, all_ - theirs - ours):.2f}"
        row("processor while sending", f"{theirs:.2f} cores", others)
    per_span = disk / max(1, found["spans"])
    row("disk", f"{per_span:.0f} bytes a span", f"all tables; OTLP {orders.bytes_a_span:.0f} bytes")


if __name__ == "__main__":
    main()
