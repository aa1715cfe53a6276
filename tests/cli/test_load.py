"""Files into a folder and over HTTP: everything arrives, once, and is judged when it ends."""

import gzip
import json
import os
import pty
import shutil
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from collector.receivers.otlp_json import to_protobuf
from tests.golden.spans import joined, request

from .conftest import DATA
from .processes import COMMAND, Served, choreoscope, environ, failed, wait_until


def test_a_recording_into_a_folder_twice(
    recording: Path, spans_recorded: int, tmp_path: Path
) -> None:
    folder = tmp_path / "orders"
    for _ in range(2):
        done = choreoscope("load", recording, "--data", folder)
        assert (done.returncode, done.stderr) == (0, "")
        loaded, orders = done.stdout.splitlines()
        assert loaded.startswith(f"Loaded {spans_recorded:,} spans from 1 file into {folder} in ")
        assert orders.startswith("There are now ")
    with Served(folder) as served:
        wait_until(lambda: served.get("summary")["judged"]["settled"], "the first tick")
        summary = served.get("summary")
        assert summary["spans"] == spans_recorded
        assert summary["orders"]["stuck"] > 0
        done = choreoscope("load", recording, "--data", folder)
        assert "in use by another collector" in failed(done)


def test_every_format_and_folders_over_http(
    recording: Path, spans_recorded: int, tmp_path: Path
) -> None:
    lines = recording.read_text().splitlines()
    files = tmp_path / "files"
    (files / "deep").mkdir(parents=True)
    (files / ".hidden").write_text("not to be read")
    body = b"".join(to_protobuf(line.encode()) for line in lines[:20])
    (files / "first.pb").write_bytes(body)
    (files / "deep" / "second.pb.gz").write_bytes(gzip.compress(body))
    (files / "third.jsonl").write_text("\n".join(lines[20:60]) + "\n")
    (files / "fourth.json").write_text(json.dumps(json.loads(lines[60]), indent=2))
    (files / "fifth.jsonl.gz").write_bytes(gzip.compress("\n".join(lines[61:]).encode()))
    for example in (DATA / "otlp").glob("*.json"):
        shutil.copy(example, files)
    with Served(tmp_path / "data") as served:
        done = choreoscope("load", files, "--to", f"{served.url}/v1/traces")
        assert (done.returncode, done.stderr) == (0, "")
        assert f" spans from 8 files into {served.url} in " in done.stdout
        stored = served.get("summary")["spans"]
    theirs = sum(spans_in(path.read_bytes()) for path in (DATA / "otlp").glob("*.json"))
    assert stored == spans_recorded + theirs
    assert f"Loaded {stored + sum(spans_in(line.encode()) for line in lines[:20]):,} spans" in (
        done.stdout
    )


def spans_in(otlp_json: bytes) -> int:
    request = ExportTraceServiceRequest.FromString(to_protobuf(otlp_json))
    scopes = (scope for resource in request.resource_spans for scope in resource.scope_spans)
    return sum(len(scope.spans) for scope in scopes)


def test_what_is_broken_is_named_and_the_rest_goes_on(
    recording: Path, spans_recorded: int, tmp_path: Path
) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    lines = recording.read_bytes().splitlines(keepends=True)
    half = len(lines) // 2
    whole = sum(spans_in(line) for line in lines[:half])
    (folder / "a cut.jsonl").write_bytes(b"".join(lines[:half]) + lines[half][:-500])
    (folder / "b padded.jsonl").write_bytes(b"".join(lines[half:]) + bytes(512))
    (folder / "c spans.json").write_text('{"name": "x"}')
    (folder / "notes.txt").write_text("Dear diary,\nnothing was stuck today.\n")
    (folder / "README").write_text("# Recordings\n")
    diary = tmp_path / "diary.txt"
    diary.write_text("[x] nothing was stuck today")
    absent = tmp_path / "absent.json"
    done = choreoscope("load", folder, diary, absent, "--data", tmp_path / "data")
    assert done.returncode == 1
    complaints = [
        line.removeprefix(f"choreoscope: {tmp_path}/") for line in done.stderr.splitlines()
    ]
    assert [complaint.partition(":")[0] for complaint in complaints] == [
        "files/a cut.jsonl",
        "files/b padded.jsonl",
        "files/c spans.json",
        "diary.txt",
        "absent.json",
    ]
    cut, padded, other, text, missing = complaints
    assert f"line {half + 1}, byte " in cut
    assert "cut off" in cut
    loaded = int(cut.partition("(")[2].partition(" spans of it are loaded)")[0].replace(",", ""))
    assert whole <= loaded < whole + spans_in(lines[half])
    assert "512 NUL bytes" in padded
    assert f"({spans_recorded - whole:,} spans of it are loaded)" in padded
    assert "its names are name (nothing of it is loaded)" in other
    assert "no JSON" in text
    assert missing == "absent.json: there is no such file (nothing of it is loaded)"
    left_alone = f"Left alone, for they hold no spans: {folder}/README, {folder}/notes.txt"
    assert left_alone in done.stdout
    assert f"Loaded {loaded + spans_recorded - whole:,} spans from 2 files" in done.stdout


def test_jaeger_zipkin_and_standard_input(recording: Path, tmp_path: Path) -> None:
    span = {"traceID": "1", "spanID": "2", "operationName": "x", "startTime": 1, "duration": 1}
    trace = {"traceID": "1", "spans": [span], "processes": {}}
    (tmp_path / "jaeger").write_text(json.dumps({"data": [trace]}))
    with (DATA / "zipkin" / "skew.json").open("rb") as zipkin:
        done = subprocess.run(
            [*COMMAND, "load", "jaeger", "-", "--data", "data"],
            stdin=zipkin,
            capture_output=True,
            text=True,
            env=environ(TMPDIR=str(tmp_path)),
            timeout=60,
            check=True,
        )
    assert "Loaded 5 spans from 2 files" in done.stdout
    assert "in 5 spans of 2 traces" in done.stdout
    assert not list(tmp_path.glob("choreoscope-*"))  # what was kept of standard input


def test_refused_spans_are_counted_with_the_reason(tmp_path: Path) -> None:
    export = request("A-1", time.time_ns(), {"does": "shop serve POST /orders", "order": True})
    spans = export.resource_spans[0].scope_spans[0].spans
    bad = spans.add()
    bad.CopyFrom(spans[0])
    bad.span_id = b"short"
    file = tmp_path / "spans.pb"
    file.write_bytes(export.SerializeToString())
    done = choreoscope("load", file, "--data", tmp_path / "data")
    assert done.returncode == 0
    assert "Loaded 1 span from 1 file" in done.stdout
    assert "Refused 1 span without a valid id: a trace id is 16 bytes" in done.stdout


def test_a_busy_collector_gets_it_later_and_all_of_it(tmp_path: Path) -> None:
    """Three requests of two megabytes at once to a collector that holds one megabyte."""
    now, filling = time.time_ns(), "x" * 30_000
    exports = [
        request(
            f"A-{number}",
            now,
            {"does": "shop serve POST /orders", "order": True, "attributes": {"note": filling}},
        )
        for number in range(200)
    ]
    file = tmp_path / "large.pb"
    file.write_bytes(joined(exports))
    with Served(tmp_path / "data", "--max-queue-bytes", str(1024 * 1024)) as served:
        done = choreoscope("load", file, "--to", served.url)
        assert (done.returncode, done.stderr) == (0, "")
        assert "Loaded 200 spans" in done.stdout
        summary = served.get("summary")
        assert summary["spans"] == 200
        assert summary["ingest"]["refused"] > 0  # it did answer 429


def test_a_request_that_will_never_fit_is_named_and_takes_no_other_with_it(tmp_path: Path) -> None:
    """What is small goes in one request with its neighbours, until one of them is refused."""
    note = {"note": "x" * 100_000}
    for name, more in (("a", {}), ("b", note), ("c", {})):
        told = {"does": "shop serve POST /x", "attributes": more}
        export = request(f"A-{name}", time.time_ns(), told)
        assert isinstance(export, ExportTraceServiceRequest)
        (tmp_path / f"{name}.pb").write_bytes(export.SerializeToString())
    with Served(tmp_path / "data", "--max-request-bytes", "2048") as served:
        files = [tmp_path / f"{name}.pb" for name in "abc"]
        done = choreoscope("load", *files, "--to", served.url)
        assert f"{files[1]}: refused: the request is larger than 2048 bytes" in failed(done)
        assert f"Refused 1 span of {files[1]}: the request is larger" in done.stdout
        assert "Loaded 2 spans from 2 files" in done.stdout


def test_a_collector_that_is_away(recording: Path) -> None:
    sentence = failed(choreoscope("load", recording, "--to", "http://127.0.0.1:9"))
    assert sentence.startswith("no collector answers at http://127.0.0.1:9; ")


def test_it_ends_under_the_traffic_of_others(recording: Path, tmp_path: Path) -> None:
    """A collector that never rests is settled never; what was sent is judged all the same."""
    with (
        Served(tmp_path) as served,
        subprocess.Popen(["sh", "-c", _TRAFFIC.format(url=f"{served.url}/v1/traces")]) as traffic,
    ):
        try:
            done = choreoscope("load", recording, "--to", served.url)
            assert traffic.poll() is None
        finally:
            traffic.terminate()
        assert done.returncode == 0, done.stderr
        assert "◆ stuck" in done.stdout


def test_a_terminal_sees_how_far_it_is(recording: Path, tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [*COMMAND, "load", str(recording), "--data", str(tmp_path / "data")],
        stdout=subprocess.PIPE,
        stderr=theirs,
        env=environ(TERM="xterm"),
        text=True,
    ) as process:
        os.close(theirs)
        shown = b""
        with suppress(OSError):  # that's how a terminal whose other end is closed ends
            while part := os.read(ours, 65536):
                shown += part
        os.close(ours)
        assert process.stdout is not None
        told = process.stdout.read()
    assert process.returncode == 0
    assert b"Judging" in shown
    megabytes = f"{recording.stat().st_size / 1e6:.1f}"
    assert f"{megabytes}/{megabytes} MB".encode() in shown
    assert "\x1b" not in told


def test_ctrl_c_ends_it_at_once(recording: Path, tmp_path: Path) -> None:
    """Also while it waits for a collector that is busy."""
    with Served(tmp_path) as served:
        served.process.send_signal(signal.SIGSTOP)
        try:
            process = subprocess.Popen(
                [*COMMAND, "load", str(recording), "--to", served.url],
                stderr=subprocess.PIPE,
                text=True,
                env=environ(),
            )
            time.sleep(2)
            process.send_signal(signal.SIGINT)
            time.sleep(0.5)
        finally:
            served.process.send_signal(signal.SIGCONT)
        _, errors = process.communicate(timeout=30)
        assert process.returncode == 130
        [told] = errors.splitlines()
        assert told.startswith("choreoscope: stopped: 0 spans are stored, of ")
        assert "Load the same again" in told


_TRAFFIC = """
while true; do
    id=$(od -An -N8 -tx1 /dev/urandom | tr -d ' \\n')
    now=$(date +%s%N)
    printf '{{"resourceSpans":[{{"scopeSpans":[{{"spans":[{{"traceId":"%s%s","spanId":"%s",\
"name":"x","kind":2,"startTimeUnixNano":"%s","endTimeUnixNano":"%s"}}]}}]}}]}}' \
        $id $id $id $now $now |
        curl -s -o /dev/null -H 'Content-Type: application/json' --data-binary @- {url}
done
"""


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
