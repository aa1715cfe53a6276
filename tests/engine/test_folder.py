"""Folders that the embedded engine can't use, said in words."""

import subprocess
import sys
from pathlib import Path

import pytest

from collector.engine import EngineError, EngineUnavailable
from collector.engine.connect import open_engine

HOLD = """
import sys
from collector.engine.connect import open_engine
engine = open_engine(sys.argv[1])
print("open", flush=True)
sys.stdin.read()
engine.close()
"""


def test_a_folder_that_another_process_uses(tmp_path: Path) -> None:
    url = f"chdb://{tmp_path}"
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, url],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == b"open\n"
        with pytest.raises(EngineUnavailable, match=rf"in use .*process {process.pid}"):
            open_engine(url)
        process.communicate(timeout=30)
    open_engine(url).close()


def test_a_folder_that_cant_be(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    for folder in (tmp_path / "file", tmp_path / "file" / "below", Path("/proc/nothing")):
        with pytest.raises(EngineUnavailable, match=str(folder)):
            open_engine(f"chdb://{folder}")


def test_one_folder_at_a_time(tmp_path: Path) -> None:
    first, again = open_engine(f"chdb://{tmp_path}/a"), open_engine(f"chdb://{tmp_path}/a")
    with pytest.raises(EngineError, match="one data folder"):
        open_engine(f"chdb://{tmp_path}/b")
    first.close()
    assert again.query("SELECT 1 AS one").to_pylist() == [{"one": 1}]
    again.close()
    open_engine(f"chdb://{tmp_path}/b").close()


def test_a_server_that_isnt_there() -> None:
    with pytest.raises(EngineUnavailable, match="doesn't answer: Connection refused"):
        open_engine("clickhouse://default@127.0.0.1:9/place")


def test_a_wrong_password(clickhouse_port: int) -> None:
    with pytest.raises(EngineUnavailable, match=r"AUTHENTICATION_FAILED|password"):
        open_engine(f"clickhouse://default:guess@127.0.0.1:{clickhouse_port}/place")
