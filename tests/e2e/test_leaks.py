"""Requests of every kind, thousands of them: memory stays what it was."""

import gzip
import http.client
import os
import random
import socket
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc
import pytest

from tests.cli.processes import Served
from tests.golden.spans import joined, request

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="asks the Linux kernel for memory"),
]
MIB = 2**20
LIMIT = 100_000
CLIENTS = 4
PROTOBUF = {"Content-Type": "application/x-protobuf"}
PACKED = PROTOBUF | {"Content-Encoding": "gzip"}
JSON = {"Content-Type": "application/json"}
EXPORT = "/opentelemetry.proto.collector.trace.v1.TraceService/Export"
GARBAGE = random.Random(1).randbytes(50_000)
BOMB = gzip.compress(bytes(2 * LIMIT))

Post = tuple[str, str, bytes, dict[str, str], int]
"""Method, path, body, headers, and the status that is expected."""

REFUSED: list[Post] = [
    ("POST", "/v1/traces", GARBAGE, PROTOBUF, 400),
    ("POST", "/v1/traces", GARBAGE, PACKED, 400),
    ("POST", "/v1/traces", gzip.compress(GARBAGE)[:20_000], PACKED, 400),
    ("POST", "/v1/traces", b'{"resourceSpans": [' * 500, JSON, 400),
    ("POST", "/v1/traces", bytes(LIMIT + 1), PROTOBUF, 413),
    ("POST", "/v1/traces", BOMB, PACKED, 413),
    ("POST", "/v1/traces", GARBAGE, {"Content-Type": "text/plain"}, 415),
    ("PUT", "/v1/traces", GARBAGE, PROTOBUF, 405),
    ("GET", "/api/v1/orders?state=odd&next=" + "x" * 2000, b"", {}, 422),
    ("GET", "/api/v1/" + "y" * 2000, b"", {}, 404),
    ("GET", "/healthz?" + "z" * 80_000, b"", {}, 431),
]


def taken() -> Iterator[Post]:
    """What is stored or answered, each body another."""
    for number in range(10**9):
        spans = [
            request(f"LEAK-{os.getpid()}-{number}", time.time_ns(), {"does": f"leak serve {n}"})
            for n in range(5)
        ]
        body = joined(spans)
        yield "POST", "/v1/traces", body, PROTOBUF, 200
        yield "POST", "/v1/traces", gzip.compress(body), PACKED, 200
        yield "GET", f"/api/v1/orders?q=LEAK-{number}&trivial=true", b"", {}, 200
        yield "GET", "/api/v1/summary", b"", {}, 200
        yield "GET", f"/api/v1/order?id={number}", b"", {}, 404


class Client:
    """Sends one request after the other."""

    def __init__(self, served: Served) -> None:
        self._address = served.url.removeprefix("http://")
        self._http = http.client.HTTPConnection(self._address, timeout=60)
        self._channel = grpc.insecure_channel(
            served.grpc_address, [("grpc.use_local_subchannel_pool", 1)]
        )
        self._export = self._channel.unary_unary(EXPORT)

    def send(self, post: Post) -> None:
        method, path, body, headers, expected = post
        try:
            self._http.request(method, path, body, headers)
            answer = self._http.getresponse()
            answer.read()
        except (BrokenPipeError, ConnectionResetError):
            assert expected in (413, 431)  # refused before all of it was sent
            self._http.close()
        else:
            assert answer.status == expected, (path, answer.status)

    def break_off(self) -> None:
        """Half a request, over both protocols."""
        host, port = self._address.split(":")
        with socket.create_connection((host, int(port))) as connection:
            head = "POST /v1/traces HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-protobuf\r\n"
            connection.sendall(head.encode() + b"Content-Length: 90000\r\n\r\n" + GARBAGE)
        self._export.future(GARBAGE).cancel()

    def export(self, body: bytes) -> None:
        try:
            self._export(body, timeout=60)
        except grpc.RpcError as error:
            assert error.code() in (  # type: ignore[attr-defined]
                grpc.StatusCode.INVALID_ARGUMENT,
                grpc.StatusCode.RESOURCE_EXHAUSTED,
            )

    def close(self) -> None:
        self._http.close()
        self._channel.close()


def memory(served: Served) -> int:
    """Bytes that the process has in memory."""
    status = Path(f"/proc/{served.process.pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) * 1024


def refused(client: Client, rounds: int) -> None:
    for _ in range(rounds):
        for post in REFUSED:
            client.send(post)
        client.break_off()
        client.export(GARBAGE)
        client.export(bytes(LIMIT + 1))


def stored(client: Client, rounds: int) -> None:
    posts = taken()
    for _ in range(rounds):
        for _ in range(5):
            client.send(next(posts))


def growth(served: Served, work: Callable[[Client, int], None], rounds: int) -> float:
    """MiB that so many rounds of every client add, after as many that warmed up."""

    def run() -> None:
        clients = [Client(served) for _ in range(CLIENTS)]
        with ThreadPoolExecutor(CLIENTS) as pool:
            for done in [pool.submit(work, client, rounds) for client in clients]:
                done.result()
        for client in clients:
            client.close()

    run()
    before = memory(served)
    run()
    return (memory(served) - before) / MIB


@pytest.mark.parametrize(
    "rounds", [6, pytest.param(300, marks=[pytest.mark.matrix, pytest.mark.timeout(3600)])]
)
def test_memory_stays(rounds: int, tmp_path: Path) -> None:
    with Served(tmp_path, "--max-request-bytes", str(LIMIT)) as served:
        assert growth(served, refused, rounds) < 15
        assert growth(served, stored, rounds) < 60
        assert served.errors == []
