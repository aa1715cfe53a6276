"""The engine on a server: ClickHouse over HTTP, by its own Python client."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from urllib.parse import parse_qs, unquote, urlsplit

import clickhouse_connect
import pyarrow as pa
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import ClickHouseError, DatabaseError, OperationalError

from collector.engine import EngineError, EngineUnavailable, Lane, Param
from collector.engine.answers import SESSION, read_table
from collector.engine.failures import failure
from collector.engine.parameters import encode

# The client logs what it then raises.
logging.getLogger("clickhouse_connect").setLevel(logging.CRITICAL)


class ClickHouseEngine:
    """An `Engine` on a ClickHouse server: `clickhouse://user:password@host:8123/database`.

    `?secure=true` speaks TLS. The database is created if it is missing.
    """

    def __init__(self, url: str, *, query_timeout_s: float = 10.0) -> None:
        parts = urlsplit(url)
        database = unquote(parts.path.lstrip("/")) or "default"
        secure = parse_qs(parts.query).get("secure", ["false"])[0] in ("true", "1", "yes")
        self._place = f"ClickHouse at {parts.hostname}:{parts.port or (8443 if secure else 8123)}"
        self._closed = False
        self._read_settings = {"max_execution_time": query_timeout_s}
        try:
            self._client: Client = clickhouse_connect.get_client(
                host=parts.hostname or "localhost",
                port=parts.port or 0,
                username=unquote(parts.username or "default"),
                password=unquote(parts.password or ""),
                secure=secure,
                settings=dict(SESSION),
                # Sessions run one query at a time; without them one client serves all threads.
                autogenerate_session_id=False,
                dedicated_pool=True,
                # Parameters may be longer than an address.
                form_encode_query_params=True,
            )
            self._use(database)
        except ClickHouseError as error:
            raise EngineUnavailable(str(self._failure(error))) from None

    def insert(self, sql: str, format: str, data: bytes) -> None:
        """See `Engine.insert`."""
        self._check_open()
        try:
            self._client.raw_insert(
                "",  # the statement comes with the data
                insert_block=f"{sql} FORMAT {format}\n".encode() + data,
                settings={"wait_end_of_query": 1},
            )
        except ClickHouseError as error:
            raise self._failure(error, inserting=True) from None

    def query(
        self, sql: str, params: Mapping[str, Param] | None = None, *, lane: Lane = "read"
    ) -> pa.Table:
        """See `Engine.query`."""
        self._check_open()
        values = {name: _Encoded(text) for name, text in encode(sql, params).items()}
        try:
            data = self._client.raw_query(
                sql.rstrip().rstrip(";"),
                values,
                settings=self._read_settings if lane == "read" else None,
                # Not a FORMAT clause: statements without rows don't take one.
                transport_settings={"X-ClickHouse-Format": "Arrow"},
            )
        except ClickHouseError as error:
            raise self._failure(error) from None
        return read_table(data)

    def close(self) -> None:
        """See `Engine.close`."""
        self._closed = True
        self._client.close()

    def _check_open(self) -> None:
        if self._closed:
            raise EngineUnavailable("the engine is closed")

    def _use(self, database: str) -> None:
        found = self.query(
            "SELECT 1 FROM system.databases WHERE name = {name:String}", {"name": database}
        )
        if not found.num_rows:
            name = database.replace("\\", "\\\\").replace("`", "\\`")
            self._client.command(f"CREATE DATABASE IF NOT EXISTS `{name}`")
        self._client.database = database

    def _failure(self, error: ClickHouseError, *, inserting: bool = False) -> EngineError:
        code = error.code if isinstance(error, DatabaseError) else None
        if code is None and isinstance(error, OperationalError):
            return EngineUnavailable(f"{self._place} doesn't answer: {_first_cause(error)}")
        return failure(str(error), inserting=inserting)


def _first_cause(error: BaseException) -> str:
    """What went wrong at the bottom: "Connection refused" says more than the layers above it."""
    while cause := error.__cause__ or error.__context__:
        error = cause
    return getattr(error, "strerror", None) or str(error)[:200]


class _Encoded:
    """A parameter that is already in ClickHouse's text form: the client passes it as it is."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __str__(self) -> str:
        return self._text
