"""OTLP files: what they are is told by what is in them."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from collector.receivers.files import FileError, read_otlp
from tests.ingest.spans import request, span, unnamed

DATA = Path(__file__).parents[1] / "data" / "otlp"
EXAMPLE = (DATA / "spec-example.json").read_bytes()
LINE = json.dumps(json.loads(EXAMPLE)).encode()


def names(path: Path) -> list[str]:
    return [
        span.name
        for piece in read_otlp(path)
        for resource in ExportTraceServiceRequest.FromString(piece.request.body).resource_spans
        for scope in resource.scope_spans
        for span in scope.spans
    ]


@pytest.fixture(params=["plain", "gzip"])
def file(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[bytes], Path]:
    def write(content: bytes) -> Path:
        path = tmp_path / "spans.dat"
        path.write_bytes(gzip.compress(content) if request.param == "gzip" else content)
        return path

    return write


@pytest.mark.parametrize("path", sorted(DATA.glob("*.json")), ids=lambda path: path.name)
def test_other_peoples_files(path: Path) -> None:
    (piece,) = read_otlp(path)
    assert (piece.request.spans, piece.request.refused, piece.line) == (
        path.read_text().count('"startTimeUnixNano"'),
        0,
        1,
    )


@pytest.mark.parametrize(
    ("content", "count"),
    [
        (EXAMPLE, 1),
        (b"\n \n" + EXAMPLE, 1),
        (b"\xef\xbb\xbf" + EXAMPLE, 1),
        (LINE, 1),
        (LINE + b"\n" + LINE + b"\r\n\n" + LINE + b"\n", 3),
        (b"\n" + LINE + b"\n" + LINE, 2),
        (b'{"resourceMetrics": []}\n' + LINE + b"\n{}\n", 1),
        (request(span("a"), span("b")), 2),
        (request(span("a")) + request(span("b")), 2),
        (b"", 0),
    ],
    ids=unnamed,
)
def test_every_format(file: Callable[[bytes], Path], content: bytes, count: int) -> None:
    assert len(names(file(content))) == count


def test_a_binary_file_that_starts_like_text(file: Callable[[bytes], Path]) -> None:
    """A first message of 123 bytes starts with a line feed and a brace."""
    bodies = (request(span("x" * length)) for length in range(100))
    body = next(body for body in bodies if body.startswith(b"\n{"))
    assert names(file(body)) == [names(file(body))[0]]


def test_large_binary_files_come_in_pieces(file: Callable[[bytes], Path]) -> None:
    body = request(*[span(f"{n}" * 100) for n in range(1000)])
    pieces = list(read_otlp(file(body * 60)))
    assert len(pieces) > 1
    assert sum(piece.request.spans for piece in pieces) == 60_000


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (LINE + b"\n" + LINE + b"\n" + LINE[:-5] + b"\n", 3),
        (LINE + b"\n\n" + b'{"resourceSpans": 5}\n' + LINE, 3),
        (EXAMPLE[:-20], 1),
        (b'{"data": [{"traceID": "resourceSpans"}]}', 1),
        (b'[{"traceId": "1"}]', 1),
        (b"\x89PNG\r\n\x1a\n\0\0\0", 0),
        (request(span())[:-3], 0),
        (b"traceId,spanId\n1,2\n", 0),
    ],
    ids=unnamed,
)
def test_errors_name_file_and_line(
    file: Callable[[bytes], Path], content: bytes, line: int
) -> None:
    path = file(content)
    with pytest.raises(FileError) as caught:
        names(path)
    assert (caught.value.path, caught.value.line) == (path, line)
    assert str(caught.value).startswith(f"{path}:{line}: " if line else f"{path}: ")


def test_whole_lines_before_an_error_are_read(file: Callable[[bytes], Path]) -> None:
    pieces = read_otlp(file(LINE + b"\n" + LINE + b"\nnonsense\n"))
    assert [next(pieces).line, next(pieces).line] == [1, 2]
    with pytest.raises(FileError):
        next(pieces)


def test_cut_gzip_and_missing_files(tmp_path: Path) -> None:
    cut = tmp_path / "cut.gz"
    cut.write_bytes(gzip.compress(LINE)[:-10])
    for path in (cut, tmp_path / "nowhere", tmp_path):
        with pytest.raises(FileError, match=str(path)):
            names(path)
