"""Files of spans: what they are is told by what is in them, and of broken ones all is read that is
whole."""

import gzip
import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from collector.receivers.files import Piece, SpanFile
from collector.receivers.json_documents import Document, documents
from collector.receivers.trouble import Trouble
from collector.receivers.unpacked import zstd
from tests.ingest.spans import request, span, unnamed

DATA = Path(__file__).parents[1] / "data" / "otlp"
EXAMPLE = (DATA / "spec-example.json").read_bytes()
LINE = json.dumps(json.loads(EXAMPLE)).encode()
RESOURCE = json.dumps(json.loads(EXAMPLE)["resourceSpans"][0]).encode()
PROTO = request(span("a")) + request(span("b"))
PACKINGS: dict[str, Callable[[bytes], bytes]] = {
    "plain": bytes,
    "gzip": gzip.compress,
    "zstd": zstd.compress,
}


def read(content: bytes) -> tuple[list[Span], list[Trouble]]:
    """The spans of a file and what is wrong with it."""
    found = list(SpanFile(lambda: io.BytesIO(content)).pieces())
    spans = [
        span
        for piece in found
        if isinstance(piece, Piece)
        for resource in ExportTraceServiceRequest.FromString(piece.request.body).resource_spans
        for scope in resource.scope_spans
        for span in scope.spans
    ]
    return spans, [trouble for trouble in found if isinstance(trouble, Trouble)]


def prefixed(*messages: bytes) -> bytes:
    """As the Collector's file exporter writes messages in protobuf, or those it packs."""
    return b"".join(len(message).to_bytes(4, "big") + message for message in messages)


@pytest.mark.parametrize("path", sorted(DATA.glob("*.json")), ids=lambda path: path.name)
def test_other_peoples_files(path: Path) -> None:
    spans, troubles = read(path.read_bytes())
    assert (len(spans), troubles) == (path.read_text().count('"startTimeUnixNano"'), [])


@pytest.mark.parametrize("packing", PACKINGS)
@pytest.mark.parametrize(
    ("content", "count"),
    [
        (EXAMPLE, 1),
        (b"\n \n" + EXAMPLE, 1),
        (b"\xef\xbb\xbf" + EXAMPLE, 1),
        (LINE + b"\n" + LINE + b"\r\n\n" + LINE + b"\n", 3),
        (b"\n" + LINE + b"\n" + LINE, 2),
        (b"\n[\n" + LINE + b",\n" + LINE + b"\n]", 2),
        (b'{"resourceMetrics": []}\n' + LINE + b"\n{}\n", 1),
        (b'{"result": ' + LINE + b"}", 1),
        (PROTO, 2),
        (prefixed(PROTO, PROTO), 4),
        (prefixed(LINE, LINE), 2),
        (prefixed(zstd.compress(LINE), zstd.compress(PROTO)), 3),
        (b"", 0),
    ],
    ids=unnamed,
)
def test_every_format(packing: str, content: bytes, count: int) -> None:
    spans, troubles = read(PACKINGS[packing](content))
    assert (len(spans), troubles) == (count, [])


def test_a_binary_file_that_starts_like_text() -> None:
    """A first message of 123 bytes starts with a line feed and a brace."""
    bodies = (request(span("x" * length)) for length in range(100))
    body = next(body for body in bodies if body.startswith(b"\n{"))
    assert len(read(body)[0]) == 1


def test_grafanas_ids_are_in_base64() -> None:
    found = json.loads(EXAMPLE)["resourceSpans"][0]
    in_base64 = found["scopeSpans"][0]["spans"][0] | {
        "traceId": "W4jv99GAdMwTOKHpTDdMuw==",
        "spanId": "7uGbfsPBsXQ=",
        "kind": "SPAN_KIND_SERVER",
    }
    batch = {"resource": found["resource"], "instrumentationLibrarySpans": [{"spans": [in_base64]}]}
    [told], troubles = read(json.dumps({"batches": [batch]}).encode())
    assert not troubles
    assert (told.trace_id.hex(), told.span_id.hex(), told.kind) == (
        "5b88eff7d18074cc1338a1e94c374cbb",
        "eee19b7ec3c1b174",
        Span.SPAN_KIND_SERVER,
    )


# What is wrong, how many spans are read all the same, and where it is: line and byte.
BROKEN = {
    "a line is cut off": (
        LINE + b"\n" + LINE[:-70] + b"\n" + LINE + b"\n",
        2,
        [(2, len(LINE) + 1)],
        "cut off",
    ),
    "the last line is cut off": (LINE + b"\n" + LINE[:300], 1, [(2, len(LINE) + 1)], "cut off"),
    "a line is of another kind": (
        LINE + b'\n{"resourceSpans": 5}\n' + LINE,
        2,
        [(2, len(LINE) + 1)],
        "is no object",
    ),
    "a line is no JSON": (LINE + b"\nnonsense\n" + LINE, 2, [(2, len(LINE) + 1)], "no object"),
    "the first line begins in its middle": (LINE[90:] + b"\n" + LINE, 1, [(1, 0)], "no object"),
    "NUL bytes within": (LINE + b"\n" + bytes(4096) + LINE + b"\n", 2, [(2, len(LINE) + 1)], "NUL"),
    "NUL bytes behind": (LINE + b"\n" + bytes(5000), 1, [(2, len(LINE) + 1)], "5,000 NUL bytes"),
    "a list is cut off": (b"[" + LINE + b"," + LINE[:99], 1, [(1, len(LINE) + 2)], "cut off"),
    "one document is cut off": (
        b'{"resourceSpans": [' + RESOURCE + b"," + RESOURCE[:400],
        1,
        [(1, len(RESOURCE) + 19)],
        "cut off",
    ),
    "one span of a line is wrong": (
        LINE + b"\n" + LINE.replace(b'"kind": 2', b'"kind": "no kind"') + b"\n" + LINE,
        2,
        [(2, len(LINE) + 1)],
        "is no integer",
    ),
    "not UTF-8": (LINE + b"\n" + LINE.replace(b"my.service", b"my\xff"), 1, [(2, 0)], "surrogate"),
    "protobuf is cut off": (PROTO[:-3], 1, [(0, len(PROTO) // 2)], "cut off"),
    "NUL bytes behind protobuf": (PROTO + bytes(99), 2, [(0, len(PROTO))], "NUL bytes"),
    "a message is cut off": (prefixed(PROTO, PROTO)[:-2], 3, [(0, 0), (0, 0)], "cut off"),
    "NUL bytes behind messages": (prefixed(PROTO) + bytes(9), 2, [(0, len(PROTO) + 4)], "NUL"),
    "only NUL bytes": (bytes(100_000), 0, [(0, 0)], "100,000 NUL bytes"),
    "deep": (b'{"a":' + b"[" * 100_000, 0, [(1, 0)], "nested too deeply"),
    "a picture": (b"\x89PNG\r\n\x1a\n\0\0\0", 0, [(0, 0)], "this can't be loaded; OTLP as "),
    "a table": (b"traceId,spanId\n1,2\n", 0, [(0, 0)], "this text can't be loaded; OTLP as "),
    "UTF-16": (LINE.decode().encode("utf-16"), 0, [(1, 0)], "UTF-16"),
    "another JSON": (b'{"name": "x", "version": 3}', 0, [(1, 0)], "its names are name, version"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_of_broken_files_is_read_what_is_whole(name: str) -> None:
    content, count, places, reason = BROKEN[name]
    spans, troubles = read(content)
    assert len(spans) == count, troubles
    assert len(troubles) == len(places), troubles
    for trouble, (line, byte) in zip(troubles, places, strict=True):
        assert trouble.line == line
        assert not byte or trouble.byte == byte, trouble
    assert reason in troubles[0].reason


def test_spans_before_a_cut_within_one_large_message() -> None:
    """As an SDK sends them: one resource, one scope, all spans in it."""
    body = request(*[span(f"number {n}") for n in range(10)])
    spans, [trouble] = read(body[: len(body) * 7 // 10])
    assert [found.name for found in spans] == [f"number {n}" for n in range(len(spans))]
    assert 5 <= len(spans) <= 7
    assert "cut off" in trouble.reason


@pytest.mark.parametrize("packing", ["gzip", "zstd"])
def test_what_is_packed_is_cut_off_or_damaged(packing: str) -> None:
    lines = [LINE.replace(b"I'm a server span", b"%032x" % (n * 7919**8)) for n in range(2000)]
    packed = PACKINGS[packing](b"\n".join(lines))
    for broken in (packed[: len(packed) // 2], packed[: len(packed) // 2] + bytes(4096)):
        spans, troubles = read(broken)
        # zstd gives whole blocks only, of 128 KiB
        assert 0.4 * len(lines) < len(spans) < 0.6 * len(lines)
        assert troubles[-1].reason.startswith("what is packed is ")


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "nowhere"):
        [trouble] = SpanFile(lambda path=path: path.open("rb")).pieces()  # type: ignore[misc]
        assert isinstance(trouble, Trouble)
        assert trouble.reason.startswith("can't read it: ")


def test_large_files_come_in_pieces_however_they_are_written() -> None:
    body = request(*[span(f"{n}" * 100) for n in range(1000)])
    resources = b",".join([RESOURCE] * 12_000)
    for content, count in (
        (body * 8, 8000),
        (b'{"resourceSpans": [' + resources + b'], "more": [1]}', 12_000),
        (b'[{"resourceSpans": [' + resources + b"]}]", 12_000),
    ):
        pieces = list(SpanFile(lambda content=content: io.BytesIO(content)).pieces())  # type: ignore[misc]
        assert len(pieces) > 1
        assert sum(piece.request.spans for piece in pieces if isinstance(piece, Piece)) == count


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.sampled_from(['{"a": 1}', '{"b": ["\u20ac{"]}', "[]", '[{"c": "\\"]"}, {}]'])),
    st.integers(min_value=1, max_value=40),
    st.integers(min_value=0, max_value=200),
)
def test_documents_are_the_same_however_the_stream_is_cut(
    lines: list[str], size: int, cut: int
) -> None:
    """Whole lines before the cut are found, whatever is read at a time; the cut itself is told."""
    whole = "\n".join(lines).encode()
    stream = io.BytesIO(whole[:cut])
    found = list(documents(lambda: stream.read(size)))
    expected: list[object] = []
    for line in whole[:cut].split(b"\n"):
        try:
            value = json.loads(line)
        except ValueError:
            break
        expected += value if isinstance(value, list) else [value]
    told = [document.value for document in found if isinstance(document, Document)]
    assert told[: len(expected)] == expected
    if cut >= len(whole):
        assert len(told) == len(found) == len(expected)


def test_a_stream_in_which_nothing_ends_stays_small() -> None:
    """A gigabyte of NUL bytes, or of a text without an end, isn't kept."""

    def endless() -> Iterator[bytes]:
        yield b'{"a": 1}\n'
        for _ in range(200):
            yield bytes(1024 * 1024)
        yield b'\n{"a": 2}\n'

    stream = endless()
    first, gap, last = documents(lambda: next(stream, b""))
    assert isinstance(first, Document)
    assert isinstance(last, Document)
    assert isinstance(gap, Trouble)
    assert gap.reason == f"{200 * 1024 * 1024:,} NUL bytes instead of text"
    assert last.byte == 200 * 1024 * 1024 + 10
