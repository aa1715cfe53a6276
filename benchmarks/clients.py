"""Clients in a process of their own: `python -m benchmarks.clients`, told what to do by flags.

They send OTLP requests over HTTP or gRPC as fast as they are acknowledged, or at a rate, and print
what they have seen as a line of JSON.
"""

from __future__ import annotations

import argparse
import http.client
import json
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from typing import Any, Protocol

import grpc
import numpy as np

from benchmarks.orders import SPANS_A_STEP, Orders

_METHOD = "/opentelemetry.proto.collector.trace.v1.TraceService/Export"
_TIMEOUT_S = 60
_LATER = (grpc.StatusCode.RESOURCE_EXHAUSTED, grpc.StatusCode.UNAVAILABLE)


@dataclass
class Sent:
    """What the clients have seen."""

    spans: int = 0
    requests: int = 0
    refused: int = 0
    """Spans in requests that were to come again later."""
    errors: list[str] = field(default_factory=list)
    p50_ms: float = 0.0
    p99_ms: float = 0.0
    took_s: float = 0.0
    cpu_s: float = 0.0


@dataclass(frozen=True)
class Traffic:
    """What to send: `spans` a request, from `clients` at once, `rate` spans a second (0: all).

    `patience_s`: how long a client that is told to come later waits at most.
    """

    protocol: str
    spans: int
    clients: int
    seconds: float
    rate: float = 0.0
    seed: int = 0
    patience_s: float = 3600.0


class _Connection(Protocol):
    def send(self, body: bytes) -> tuple[str, float]:
        """ "", "later" or an error; and the seconds to wait before the next."""
        ...


class _Http:
    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_TIMEOUT_S)

    def send(self, body: bytes) -> tuple[str, float]:
        headers = {"Content-Type": "application/x-protobuf"}
        try:
            self._connection.request("POST", "/v1/traces", body, headers)
            answer = self._connection.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException) as error:
            self._connection.close()
            return repr(error), 0.1
        if answer.status in (429, 503):
            return "later", float(answer.headers.get("Retry-After") or 1)
        return "" if answer.status == 200 else f"HTTP {answer.status}", 0.0


class _Grpc:
    def __init__(self, port: int) -> None:
        options = [("grpc.max_send_message_length", -1), ("grpc.use_local_subchannel_pool", 1)]
        self._export = grpc.insecure_channel(f"127.0.0.1:{port}", options).unary_unary(_METHOD)

    def send(self, body: bytes) -> tuple[str, float]:
        try:
            self._export(body, timeout=_TIMEOUT_S)
        except grpc.RpcError as error:
            later = error.code() in _LATER
            return ("later", 1.0) if later else (f"gRPC {error.code().name}", 0.0)
        return "", 0.0


def send(traffic: Traffic, port: int) -> Sent:
    """Keep the connections busy for so long; what is to come later is left out."""
    sent, lock, acks_s = Sent(), threading.Lock(), []
    made = Orders(max(1, round(traffic.spans / SPANS_A_STEP)), traffic.seed)
    began = time.monotonic()
    until = began + traffic.seconds

    def client(number: int) -> None:
        orders = made.others(traffic.seed + number)
        connection: _Connection = _Http(port) if traffic.protocol == "http" else _Grpc(port)
        pause_s = orders.spans_a_request * traffic.clients / traffic.rate if traffic.rate else 0.0
        due = time.monotonic() + pause_s * number / traffic.clients
        while time.monotonic() < until:
            for body in orders.group(time.time_ns()):
                time.sleep(max(0.0, due - time.monotonic()))
                due = max(due, time.monotonic() - 1) + pause_s
                asked = time.monotonic()
                said, wait_s = connection.send(body)
                took_s = time.monotonic() - asked
                with lock:
                    if not said:
                        sent.spans += orders.spans_a_request
                        acks_s.append(took_s)
                    elif said == "later":
                        sent.refused += orders.spans_a_request
                    else:
                        sent.errors.append(said)
                if wait_s:
                    left_s = max(0.0, until - time.monotonic())
                    time.sleep(min(wait_s, traffic.patience_s, left_s))

    with ThreadPoolExecutor(traffic.clients) as pool:
        for done in [pool.submit(client, number) for number in range(traffic.clients)]:
            done.result()
    sent.took_s, sent.cpu_s, sent.requests = (
        time.monotonic() - began,
        time.process_time(),
        len(acks_s),
    )
    if acks_s:
        p50, p99 = np.quantile(acks_s, [0.5, 0.99]) * 1000
        sent.p50_ms, sent.p99_ms = float(p50), float(p99)
    return sent


class Clients:
    """The clients' process; a context manager that ends it."""

    def __init__(self, traffic: Traffic, port: int) -> None:
        flags = {"port": port, **asdict(traffic)}
        command = [sys.executable, "-m", "benchmarks.clients"]
        command += [f"--{name}={value}" for name, value in flags.items()]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)

    def __enter__(self) -> Clients:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.poll() is None:
            self._process.terminate()
        self._process.wait()

    @property
    def pid(self) -> int:
        """The process."""
        return self._process.pid

    def running(self) -> bool:
        """Whether it still sends."""
        return self._process.poll() is None

    def seen(self) -> Sent:
        """Wait for its end; what it saw."""
        said, _ = self._process.communicate()
        found: dict[str, Any] = json.loads(said)
        return Sent(**found)


def main() -> None:
    """Send as the flags say, and print what was seen."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--protocol", choices=["http", "grpc"], required=True)
    for name, kind in (("spans", int), ("clients", int), ("seed", int)):
        parser.add_argument(f"--{name}", type=kind, required=True)
    for name in ("seconds", "rate", "patience_s"):
        parser.add_argument(f"--{name}", type=float, required=True)
    given = vars(parser.parse_args())
    port = given.pop("port")
    sent = send(Traffic(**given), port)
    sent.errors = sent.errors[:5]
    print(json.dumps(asdict(sent)))


if __name__ == "__main__":
    main()
