"""Folders that something has happened to: told in words or healed, never a silent empty start."""

import logging
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from collector.api.summary import summary
from collector.engine import DamagedData, EngineUnavailable
from collector.schema.migrate import SpansLost
from tests.golden.spans import joined, request
from tests.golden.stories import order_id, read
from tests.golden.world import DAWN, world

FLOW = read("happy").usual
ORDERS = 3
DEFINITIONS = Path("metadata") / "default"


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with three orders, a part of `otel_traces` each."""
    folder = tmp_path_factory.mktemp("sound")
    with world(f"chdb://{folder}") as here:
        for number in range(ORDERS):
            here.take(joined(request(order_id(number), DAWN, span) for span in FLOW))
        here.settle()
    return folder


@pytest.fixture
def folder(sound: Path, tmp_path: Path) -> Path:
    """A copy of it to damage."""
    shutil.copytree(sound, tmp_path / "data", symlinks=True)
    return tmp_path / "data"


def part(folder: Path, table: str) -> Path:
    """The first part of a table."""
    uuid = re.findall(r"UUID '([^']+)'", (folder / DEFINITIONS / f"{table}.sql").read_text())[0]
    return min((folder / "store" / uuid[:3] / uuid).glob("*/data.bin")).parent


def counted(folder: Path) -> tuple[int, int]:
    """Spans and orders after a start, a tick or two later."""
    with world(f"chdb://{folder}") as here:
        here.settle()
        told = summary(here.parts.reader)
        [stored] = here.parts.engine.query("SELECT count() AS n FROM otel_traces").to_pylist()
    return stored["n"], sum(n for _, n in told.orders)


def lost_definitions(folder: Path) -> None:
    (folder / DEFINITIONS).unlink()


def garbage(folder: Path) -> None:
    (folder / DEFINITIONS / "notes.sql").write_text("to do")


def emptied(folder: Path) -> None:
    (folder / DEFINITIONS / "otel_traces.sql").write_bytes(b"")


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lost_definitions, "metadata/default, which says what it is, is gone"),
        (garbage, r"metadata/default/notes\.sql doesn't define a table"),
        (emptied, r"metadata/default/otel_traces\.sql doesn't define a table"),
    ],
)
def test_definitions_that_are_gone_or_none_refuse_the_start(
    folder: Path, damage: Callable[[Path], None], words: str
) -> None:
    damage(folder)
    with pytest.raises(EngineUnavailable, match=words), world(f"chdb://{folder}"):
        pass


def test_spans_that_are_gone_refuse_the_start(folder: Path) -> None:
    (folder / DEFINITIONS / "otel_traces.sql").unlink()
    with pytest.raises(SpansLost, match="otel_traces, which holds the spans"):
        counted(folder)


@pytest.mark.parametrize("table", ["orders", "schema_version"])
def test_what_is_derived_and_gone_is_derived_anew(folder: Path, table: str) -> None:
    (folder / DEFINITIONS / f"{table}.sql").unlink()
    assert counted(folder) == (ORDERS * len(FLOW), ORDERS)


def test_what_is_derived_and_damaged_is_derived_anew(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    data = part(folder, "order_facts") / "data.bin"
    data.write_bytes(data.read_bytes()[:50])
    (folder / "store" / "stray").write_text("no harm")
    assert counted(folder) == (ORDERS * len(FLOW), ORDERS)
    assert "damaged: order_facts" in caplog.text


def test_spans_that_are_cut_off_are_told_and_the_others_stay(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    data = part(folder, "otel_traces") / "data.bin"
    data.write_bytes(data.read_bytes()[:50])
    assert counted(folder) == ((ORDERS - 1) * len(FLOW), ORDERS)
    assert "parts of the table otel_traces are damaged" in caplog.text


def test_a_wrong_byte_sets_its_part_aside(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    data = part(folder, "otel_traces") / "data.bin"
    content = bytearray(data.read_bytes())
    content[len(content) // 2] ^= 0xFF
    data.write_bytes(content)
    with world(f"chdb://{folder}") as here, caplog.at_level(logging.ERROR):
        everything = "SELECT * FROM otel_traces"
        with pytest.raises(DamagedData, match="hecksum"):
            here.parts.engine.query(everything)
        assert here.parts.engine.query(everything).num_rows == (ORDERS - 1) * len(FLOW)
        assert f"{len(FLOW)} rows of the table otel_traces are set aside" in caplog.text
        here.parts.runner.tick()
        assert here.parts.reader.troubles() == []
