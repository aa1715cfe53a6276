"""What must not be stored isn't, wherever it comes in."""

import hashlib
import hmac
import json
from pathlib import Path

import httpx
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, ArrayValue, KeyValue, KeyValueList
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from collector.engine import Engine
from collector.receivers.redaction import Redaction
from collector.receivers.request import Checked, Rules, check
from tests.ingest.rig import running
from tests.ingest.spans import request, span

KEY = "a long secret"


def text(value: str) -> AnyValue:
    return AnyValue(string_value=value)


def hashed(value: bytes) -> str:
    return hmac.new(KEY.encode(), value, hashlib.sha256).hexdigest()[:32]


def redacted(body: bytes, **patterns: list[str]) -> tuple[Checked, dict[str, AnyValue]]:
    checked = check(body, Rules(redaction=Redaction(**patterns, key=KEY)))  # type: ignore[arg-type]
    whole = ExportTraceServiceRequest.FromString(checked.body)
    found = whole.resource_spans[0].scope_spans[0].spans[0]
    return checked, {attribute.key: attribute.value for attribute in found.attributes}


def spans(*attributes: tuple[str, AnyValue]) -> bytes:
    return request(span(attributes=[KeyValue(key=key, value=value) for key, value in attributes]))


def test_names_decide_and_case_does_not() -> None:
    body = spans(
        ("user.email", text("a@b.c")), ("User.Name", text("Ann")), ("order.id", text("A-1"))
    )
    checked, left = redacted(body, drop=["user.*"], hash=["*.id"])
    assert left == {"order.id": text(hashed(b"A-1"))}
    assert checked.redacted == 3


def test_a_request_without_such_a_name_passes_as_it_is() -> None:
    body = spans(("order.id", text("A-1")))
    checked, _ = redacted(body, drop=["user.*"], hash=["enduser.*"])
    assert checked == Checked(body, 1)


def test_equal_values_of_any_type_have_equal_hashes() -> None:
    body = spans(("a.id", AnyValue(int_value=17)), ("b.id", text("17")), ("c.id", AnyValue()))
    _, left = redacted(body, hash=["*.id"])
    assert left["a.id"] == left["b.id"] == text(hashed(b"17"))
    assert left["c.id"] == text(hashed(b""))


def test_entries_of_maps_by_their_own_name_or_behind_the_maps() -> None:
    entries = KeyValueList(
        values=[KeyValue(key=key, value=text("x")) for key in ("address", "email", "tier")]
    )
    inside = AnyValue(kvlist_value=entries)
    body = spans(("users", AnyValue(array_value=ArrayValue(values=[inside]))))
    _, left = redacted(body, drop=["users.address", "email"])
    kept = left["users"].array_value.values[0].kvlist_value.values
    assert [entry.key for entry in kept] == ["tier"]


def test_it_reaches_neither_the_folder_nor_the_answer(store: Engine) -> None:
    """Through every door of the body: resource, scope, span, event, link; protobuf and JSON."""
    secret = "hunter2-c0ffee"
    rules = Rules(redaction=Redaction(drop=["pass*"], hash=["order.id"], key=KEY))
    pair = {"key": "password", "value": {"stringValue": secret}}
    ids = {"traceId": "0a" * 16, "spanId": "0b" * 8}
    document = {
        "resourceSpans": [
            {
                "resource": {"attributes": [pair]},
                "scopeSpans": [
                    {
                        "scope": {"attributes": [pair]},
                        "spans": [
                            {
                                **ids,
                                "name": "redacted",
                                "attributes": [pair],
                                "events": [{"attributes": [pair]}],
                                "links": [{**ids, "attributes": [pair]}],
                            }
                        ],
                    }
                ],
            }
        ]
    }
    event = Span.Event(attributes=[KeyValue(key="Password", value=text(secret))])
    body = request(span("redacted too", events=[event]))
    with running(store, rules=rules) as front, httpx.Client(base_url=front.url) as client:
        assert client.post("/v1/traces", json=document).json() == {}
        headers = {"Content-Type": "application/x-protobuf"}
        assert client.post("/v1/traces", content=body, headers=headers).content == b""
    assert front.cut == [(0, 0, 5), (0, 0, 1)]
    rows = store.query("SELECT * FROM otel_traces WHERE SpanName LIKE 'redacted%'").to_pylist()
    assert len(rows) == 2
    assert secret not in json.dumps(rows, default=str)


def test_loading_into_a_folder_redacts_too(tmp_path: Path) -> None:
    from tests.cli.processes import choreoscope

    file = tmp_path / "spans.pb"
    file.write_bytes(spans(("user.email", text("a@b.c")), ("order.id", text("A-1"))))
    settings = {"CHOREOSCOPE_REDACT_DROP": "user.*", "CHOREOSCOPE_REDACT_HASH": "order.id"}
    done = choreoscope(
        "load", file, "--data", tmp_path / "data", CHOREOSCOPE_REDACT_KEY=KEY, **settings
    )
    assert done.returncode == 0, done.stderr
    found = [
        path
        for path in (tmp_path / "data").rglob("*")
        if path.is_file() and b"a@b.c" in path.read_bytes()
    ]
    assert found == []
