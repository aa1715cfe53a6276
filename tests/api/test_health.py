"""What watches the collector: alive, ready, and its numbers."""

from collections.abc import Iterator
from dataclasses import replace

import httpx
import pytest
from prometheus_client import Metric
from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics
from prometheus_client.parser import text_string_to_metric_families as families

from collector.api.models import STATES
from collector.engine import EngineUnavailable
from tests.api.conftest import served
from tests.golden.spans import request
from tests.golden.world import DAWN, World
from tests.project.test_docs import section


def numbers(found: Iterator[Metric]) -> dict[str, float]:
    """Samples by name and labels."""
    return {
        sample.name + "".join(f" {name}={value}" for name, value in sample.labels.items()): float(
            sample.value
        )
        for metric in found
        for sample in metric.samples
    }


def test_the_numbers_are_true(api: httpx.Client, told: World) -> None:
    before = numbers(families(api.get("/metrics").text))
    summary = api.get("/api/v1/summary").json()
    assert before["choreoscope_stored_spans"] == summary["spans"]
    for state in STATES:
        assert before[f"choreoscope_orders state={state}"] == summary["orders"][state]
    assert before["choreoscope_judged_lag_seconds"] == 0
    assert before["choreoscope_ready"] == before["choreoscope_engine_up"] == 1
    assert before["choreoscope_disk_bytes"] > 10_000
    assert before["choreoscope_disk_free_bytes"] > 0
    assert before["process_resident_memory_bytes"] > 1_000_000

    sent = request("LATE", DAWN, {"does": "checkout serve GET /healthz"}).SerializeToString()
    headers = {"Content-Type": "application/x-protobuf"}
    for body in (sent, sent, sent.replace(b"\x0a\x10", b"\x0a\x0f", 1), b"nonsense"):
        api.post("/v1/traces", content=body, headers=headers)
    api.post("/v1/traces", content=b"x", headers={"Content-Type": "text/plain"})
    no_id = {"resourceSpans": [{"scopeSpans": [{"spans": [{"name": "a"}, {"name": "b"}]}]}]}
    api.post("/v1/traces", json=no_id)
    after = numbers(families(api.get("/metrics").text))

    def grown(name: str) -> float:
        return after[name] - before.get(name, 0)

    assert grown("choreoscope_ingest_spans_total") == 2
    assert grown("choreoscope_ingest_refused_spans_total reason=undecodable") == 2
    assert grown("choreoscope_ingest_refused_spans_total reason=invalid id") == 2
    assert grown("choreoscope_ingest_refused_spans_total reason=unsupported") == 1
    assert 1 <= grown("choreoscope_commit_seconds_count") <= 2
    assert grown("choreoscope_acknowledge_seconds_count") == 2
    refused = sum(v for name, v in after.items() if "refused" in name)
    assert api.get("/api/v1/summary").json()["ingest"]["refused"] == refused
    told.settle()
    assert numbers(families(api.get("/metrics").text))["choreoscope_tick_seconds_count"] > 0


def test_openmetrics_for_who_asks(api: httpx.Client) -> None:
    answer = api.get("/metrics", headers={"Accept": "application/openmetrics-text;version=1.0.0"})
    assert answer.headers["content-type"].startswith("application/openmetrics-text")
    assert "choreoscope_build_info" in str(numbers(openmetrics(answer.text)))
    plain = api.get("/metrics")
    assert plain.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"


def test_every_number_is_described(api: httpx.Client) -> None:
    described = section("docs/operations.md", "Metrics")
    for metric in families(api.get("/metrics").text):
        if metric.name.startswith("choreoscope"):
            assert f"`{metric.name}" in described, metric.name


def test_ready_says_why_not(told: World, monkeypatch: pytest.MonkeyPatch) -> None:
    with served(told) as api:
        assert api.get("/readyz").json()["status"] == "ok"
        monkeypatch.setattr(told.parts.runner, "_trouble", "no space left on device")
        answer = api.get("/readyz")
        assert (answer.status_code, answer.headers["content-type"]) == (
            503,
            "application/problem+json",
        )
        assert answer.json()["detail"] == "can't judge: no space left on device"
        assert api.get("/healthz").status_code == 200
        assert numbers(families(api.get("/metrics").text))["choreoscope_ready"] == 0


def test_a_disk_that_fills_up_is_no_place_to_send_to(told: World) -> None:
    cramped = replace(told.parts.reader, min_free_bytes=2**60)
    with served(replace(told, parts=replace(told.parts, reader=cramped))) as api:
        answer = api.get("/readyz")
        assert answer.status_code == 503
        assert answer.json()["detail"].startswith("the disk is nearly full: ")
        [trouble] = api.get("/api/v1/collector").json()["troubles"]
        assert trouble.startswith("the disk is nearly full: ")
        assert numbers(families(api.get("/metrics").text))["choreoscope_ready"] == 0


def test_numbers_that_the_engine_owes_are_told_in_the_log(
    told: World,
    api: httpx.Client,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def away(*_: object, **__: object) -> None:
        raise EngineUnavailable("connection refused")

    monkeypatch.setattr(told.parts.engine, "query", away)
    assert numbers(families(api.get("/metrics").text))["choreoscope_engine_up"] == 0
    assert "no numbers from the engine: connection refused" in caplog.text
    assert "engine doesn't answer" in api.get("/readyz").json()["detail"]


def test_a_mistake_of_ours_is_a_problem_document(
    told: World, api: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> None:
        raise RuntimeError("a secret of ours")

    monkeypatch.setattr(told.parts.writer, "counts", broken)
    answer = api.get("/api/v1/summary")
    assert (answer.status_code, answer.headers["content-type"]) == (500, "application/problem+json")
    assert "secret" not in answer.text


def test_who_calls_by_another_name_is_not_answered(told: World, api: httpx.Client) -> None:
    """A page whose name was made to point here; its browser sends that name."""
    for path in ("/api/v1/summary", "/metrics"):
        answer = api.get(path, headers={"Host": "evil.example:4318"})
        assert (answer.status_code, answer.headers["content-type"]) == (
            403,
            "application/problem+json",
        )
        for name in (
            "localhost:4318",
            "127.0.0.1",
            "[::1]:4318",
            "[::1]",
            "0.0.0.0:1",
            "host.docker.internal:4318",
        ):
            assert api.get(path, headers={"Host": name}).status_code == 200, name
    sent = api.post("/v1/traces", json={}, headers={"Host": "evil.example"})
    assert (sent.status_code, sent.json()["code"]) == (403, 7)
    with served(told, token="sesame") as guarded:
        headers = {"Host": "choreoscope.example", "Authorization": "Bearer sesame"}
        assert guarded.get("/api/v1/summary", headers=headers).status_code == 200


def test_the_reference_loads_nothing_and_lists_everything(api: httpx.Client) -> None:
    page = api.get("/docs")
    assert page.headers["content-security-policy"].startswith("default-src 'none'")
    assert "<script" not in page.text
    assert "http" not in page.text.replace("OTLP/HTTP", "").replace("HTTP", "")
    for path in api.get("/openapi.json").json()["paths"]:
        assert f" {path}</h2>" in page.text


def test_head_is_answered_where_get_is(api: httpx.Client) -> None:
    for path in ("/healthz", "/metrics", "/api/v1/orders"):
        answer = api.head(path)
        assert (answer.status_code, answer.content) == (200, b"")
        assert int(answer.headers["content-length"]) > 0
    assert api.head("/v1/traces").status_code == 405
