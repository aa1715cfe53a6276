"""More than a collector can take, over both protocols: refused at once, and soon forgotten."""

import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc
import httpx
import pytest
from google.rpc.error_details_pb2 import RetryInfo
from google.rpc.status_pb2 import Status

from collector.engine.connect import open_engine
from tests.cli.processes import Served, wait_until
from tests.golden.spans import joined, request

from .test_leaks import EXPORT, MIB, PROTOBUF, memory

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="asks the Linux kernel for memory"),
]
CLIENTS, SPANS = 12, 1200
NOW = 1_790_000_000_000_000_000


class Impatient:
    """Sends the same spans again and again, whatever it is told."""

    def __init__(self, served: Served, number: int) -> None:
        told = [request(f"O-{number}-{n}", NOW, {"does": "own serve it"}) for n in range(SPANS)]
        self._body = joined(told)
        self._served = served
        self.taken = self.refused = 0

    def over_http(self, ended: threading.Event) -> None:
        with httpx.Client(base_url=self._served.url, timeout=60) as client:
            while not ended.is_set():
                answer = client.post("/v1/traces", content=self._body, headers=PROTOBUF)
                if answer.status_code == 429:
                    assert int(answer.headers["Retry-After"]) >= 1
                    self.refused += 1
                else:
                    assert answer.status_code == 200, answer.text
                    self.taken += 1

    def over_grpc(self, ended: threading.Event) -> None:
        options = [("grpc.use_local_subchannel_pool", 1)]
        with grpc.insecure_channel(self._served.grpc_address, options) as channel:
            export = channel.unary_unary(EXPORT)
            while not ended.is_set():
                try:
                    export(self._body, timeout=60)
                    self.taken += 1
                except grpc.RpcError as error:
                    assert error.code() == grpc.StatusCode.RESOURCE_EXHAUSTED  # type: ignore[attr-defined]
                    trailers = dict(error.trailing_metadata())  # type: ignore[attr-defined]
                    status = Status.FromString(trailers["grpc-status-details-bin"])
                    assert any(detail.Is(RetryInfo.DESCRIPTOR) for detail in status.details)
                    self.refused += 1


def test_it_refuses_answers_questions_and_recovers(tmp_path: Path) -> None:
    with Served(tmp_path, "--max-queue-bytes", str(MIB)) as served:
        clients = [Impatient(served, number) for number in range(CLIENTS)]
        before, most = memory(served), 0
        answered = 0
        ended = threading.Event()

        def watch() -> None:
            nonlocal most, answered
            while not ended.wait(0.1):
                most = max(most, memory(served))
                served.get("summary")
                answered += 1

        with ThreadPoolExecutor(CLIENTS + 1) as pool:
            watching = pool.submit(watch)
            sending = [
                pool.submit(client.over_grpc if n % 2 else client.over_http, ended)
                for n, client in enumerate(clients)
            ]

            def seen() -> bool:
                """All of it: refusals by both protocols, spans taken, questions answered."""
                refused = [sum(c.refused for c in clients[half::2]) for half in (0, 1)]
                failed = any(future.done() for future in (watching, *sending))
                taken = sum(client.taken for client in clients)
                return failed or (min(refused) > 5 and taken > 5 and answered > 5)

            try:
                wait_until(seen, "refusals", 60)
            finally:
                ended.set()
            for done in (watching, *sending):
                done.result()
        assert most - before < 400 * MIB
        last = request("LAST", NOW, {"does": "own serve it"}).SerializeToString()
        answer = httpx.post(f"{served.url}/v1/traces", content=last, headers=PROTOBUF, timeout=30)
        assert answer.status_code == 200
        assert served.stop() == 0
        assert served.errors == []
    engine = open_engine(f"chdb://{tmp_path}")
    [row] = engine.query("SELECT uniqExact(TraceId, SpanId) AS spans FROM otel_traces").to_pylist()
    engine.close()
    # the same spans came again and again; of who was always refused none is there
    assert row["spans"] >= SPANS * sum(client.taken > 0 for client in clients) + 1
    assert row["spans"] % SPANS == 1
