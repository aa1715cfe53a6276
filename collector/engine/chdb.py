"""The embedded engine: ClickHouse in this process, its data in a folder.

One connection runs one query at a time, several run in parallel; hence lanes of connections. A
process can have one folder open (chDB's limit), a folder can be open in one process (its lock).
"""

from __future__ import annotations

import fcntl
import os
import re
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
from chdb.state.sqlitelike import Connection

from collector.engine import EngineError, EngineUnavailable, Lane, Param
from collector.engine.answers import SESSION, read_table
from collector.engine.failures import failure
from collector.engine.format_schema import as_file
from collector.engine.parameters import encode

_CLOSE_PATIENCE_S = 60.0
# A file has the columns of the table it is inserted into, not those that its content suggests.
_BY_NAME = "use_structure_from_insertion_table_in_table_functions = 1"


class ChdbEngine:
    """An `Engine` on a folder."""

    def __init__(
        self,
        folder: Path,
        *,
        query_timeout_s: float = 10.0,
        writers: int = 2,
        readers: int = 3,
        jobs: int = 1,
    ) -> None:
        _FOLDER.claim(folder)
        self._folder = folder
        try:
            self._writers = _ConnectionPool(folder, writers, {})
            self._lanes: dict[Lane, _ConnectionPool] = {
                "read": _ConnectionPool(folder, readers, {"max_execution_time": query_timeout_s}),
                "job": _ConnectionPool(folder, jobs, {}),
            }
        except EngineUnavailable:
            _FOLDER.release()
            raise
        self._closed = False

    def insert(self, sql: str, format: str, data: bytes) -> None:
        """See `Engine.insert`."""
        with self._writers.connection() as connection:
            try:
                insert_bytes(connection, self._folder, sql, format, data)
            except OSError as error:
                raise EngineUnavailable(f"can't write: {error}") from None
            except (RuntimeError, UnicodeDecodeError) as error:
                raise failure(chdb_message(error), inserting=True) from None

    def query(
        self, sql: str, params: Mapping[str, Param] | None = None, *, lane: Lane = "read"
    ) -> pa.Table:
        """See `Engine.query`."""
        values = encode(sql, params)
        with self._lanes[lane].connection() as connection:
            try:
                result = connection.query(sql, "Arrow", params=values)
                data = result.get_memview().tobytes() if result.size() else b""
            except (RuntimeError, UnicodeDecodeError) as error:
                raise failure(chdb_message(error)) from None
        return read_table(data)

    def close(self) -> None:
        """See `Engine.close`; waits for the statements that still run."""
        if self._closed:
            return
        self._closed = True
        # A connection whose statement doesn't end stays open: closing under it is not safe, and
        # the folder stays claimed.
        idle = [pool.close() for pool in (self._writers, *self._lanes.values())]
        if all(idle):
            _FOLDER.release()


def insert_bytes(connection: Connection, folder: Path, sql: str, format: str, data: bytes) -> None:
    """Run an INSERT without FORMAT clause on `data`.

    Not by chDB's `send_insert`: it swallows what goes wrong in a materialized view (seen in 4.4),
    and rows would be missing without a word. Read as a file, the batch is an ordinary statement,
    with its errors.
    """
    head, _, settings = sql.partition(" SETTINGS ")
    settings = ", ".join(filter(None, [_BY_NAME, as_file(settings, folder)]))
    with _as_file(data) as path:
        connection.query(f"{head} SELECT * FROM file('{path}', '{format}') SETTINGS {settings}")


@contextmanager
def _as_file(data: bytes) -> Iterator[str]:
    """A path to read `data` from: in memory where the system can, else in the temporary folder."""
    if sys.platform == "linux":
        with os.fdopen(os.memfd_create("batch"), "wb") as file:
            file.write(data)
            file.flush()
            yield f"/proc/self/fd/{file.fileno()}"
    else:
        with tempfile.NamedTemporaryFile() as file:
            file.write(data)
            file.flush()
            yield file.name


def chdb_message(error: Exception) -> str:
    """The engine's message; chDB stumbles over its own where it quotes bytes that aren't UTF-8."""
    cause = error if isinstance(error, UnicodeDecodeError) else error.__cause__
    return (
        cause.object.decode(errors="replace")
        if isinstance(cause, UnicodeDecodeError)
        else str(error)
    )


class _ConnectionPool:
    """A fixed number of connections, each lent to one thread at a time."""

    def __init__(self, folder: Path, size: int, settings: Mapping[str, str | float]) -> None:
        session = {**SESSION, **settings}
        self._set = "SET " + ", ".join(f"{name} = {value!r}" for name, value in session.items())
        self._folder = folder
        self._size = size
        self._changed = threading.Condition()
        self._closed = False
        self._free: list[Connection | None] = []
        for _ in range(size):
            self._free.append(self._connect())

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        with self._changed:
            self._changed.wait_for(lambda: self._free or self._closed)
            if self._closed:
                raise EngineUnavailable("the engine is closed")
            connection = self._free.pop()
        try:
            connection = connection or self._connect()
            yield connection
        except BaseException:
            # chDB puts what a failed statement had written so far before the next answer of the
            # same connection (seen in 26.9): such a connection is never used again.
            if connection:
                connection.close()
            connection = None
            raise
        finally:
            with self._changed:
                self._free.append(connection)
                self._changed.notify_all()

    def close(self) -> bool:
        with self._changed:
            self._closed = True
            self._changed.notify_all()
            idle = self._changed.wait_for(lambda: len(self._free) == self._size, _CLOSE_PATIENCE_S)
            for connection in self._free:
                if connection:
                    connection.close()
            return idle

    def _connect(self) -> Connection:
        try:
            connection = Connection(str(self._folder))
            connection.query(self._set)
        except RuntimeError as error:
            said = str(failure(str(error)))
            if said.startswith("Error initializing EmbeddedServer: ."):
                said = "the engine refuses it, and has said why on the standard error output"
            raise EngineUnavailable(f"can't open {self._folder}: {said}") from None
        return connection


class _OpenFolder:
    """The one folder that this process has open, counted by the engines on it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._folder: Path | None = None
        self._engines = 0

    def claim(self, folder: Path) -> None:
        with self._lock:
            if self._engines and folder != self._folder:
                raise EngineError(
                    f"{self._folder} is open: a process can have one data folder open"
                )
            if not self._engines:
                _check_usable(folder)
            self._folder = folder
            self._engines += 1

    def release(self) -> None:
        with self._lock:
            self._engines -= 1


_FOLDER = _OpenFolder()


def _check_whole(folder: Path) -> None:
    """Refuse a folder whose table definitions are gone or no definitions.

    The engine would start without the tables that it doesn't know, silently, or not at all, with no
    more than a number; and what no definition names it clears away.
    """
    definitions = list((folder / "metadata" / "default").glob("*.sql"))
    for file in definitions:
        with file.open("rb") as content:
            if content.read(7) != b"ATTACH ":
                raise EngineUnavailable(
                    f"{folder} is damaged: {file.relative_to(folder)} doesn't define a table. Put "
                    "the file back from a copy of the folder, or take it away: a table that isn't "
                    "the spans themselves is then derived anew"
                )
    if not definitions and next((folder / "store").glob("*/*/*/columns.txt"), None):
        raise EngineUnavailable(
            f"{folder} is damaged: store holds data, but metadata/default, which says what it is, "
            "is gone. Put it back from a copy of the folder, or use another folder"
        )


def _check_usable(folder: Path) -> None:
    """Say what is wrong with a folder in words that chDB's own errors lack."""
    if "?" in str(folder):
        raise EngineUnavailable(f"{folder}: the engine can't use a path with a question mark")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
        with (folder / "status").open("a+") as status:
            try:
                fcntl.flock(status, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                status.seek(0)
                pid = re.search(r"PID: (\d+)", status.read())
                owner = f" (process {pid.group(1)})" if pid else ""
                raise EngineUnavailable(
                    f"{folder} is in use by another collector{owner}; one process can have it open"
                ) from None
        _check_whole(folder)
    except OSError as error:
        raise EngineUnavailable(f"can't use the folder {folder}: {error.strerror}") from None
