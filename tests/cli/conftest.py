"""A collector that has judged the recording, and the recording as OTLP files."""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from .processes import Served, choreoscope

DATA = Path(__file__).parent.parent / "data"


@pytest.fixture(scope="session")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """78 orders of the demo as JSON lines; some of them stuck at the distribution centre."""
    path = tmp_path_factory.mktemp("recording") / "fulfilment.jsonl"
    with gzip.open(DATA / "fulfilment-recording.jsonl.gz", "rt") as lines:
        path.write_text("".join(json.dumps(json.loads(line)["request"]) + "\n" for line in lines))
    return path


@pytest.fixture(scope="session")
def spans_recorded(recording: Path) -> int:
    """How many spans it has."""
    return recording.read_text().count('"spanId"')


@pytest.fixture(scope="session")
def collector(tmp_path_factory: pytest.TempPathFactory, recording: Path) -> Iterator[Served]:
    """Tests only ask it."""
    with Served(tmp_path_factory.mktemp("collector")) as served:
        done = choreoscope("load", recording, "--to", served.url)
        assert done.returncode == 0, done.stderr
        yield served
