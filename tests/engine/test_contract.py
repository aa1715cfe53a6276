"""What both engines promise; every test runs on each of them."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from collector.engine import (
    BadData,
    Engine,
    EngineError,
    EngineUnavailable,
    Param,
    QueryTimeout,
)
from collector.engine.connect import open_engine
from tests.engine.fixtures import KINDS

NAUGHTY = [
    *(
        "",
        " ",
        "'",
        '"',
        "`",
        "\\",
        "\\\\",
        "\\N",
        "\\n",
        "\\x41",
        "\\0",
        "a\\'b",
        "'; DROP TABLE t",
    ),
    *(
        "NULL",
        "nan",
        "{id:String}",
        "%s %d %%",
        "$1",
        "--",
        "/*",
        "#",
        "&a=b;c=d?e",
        "+",
        "\x00a\x00",
    ),
    *(
        "two\nlines",
        "\r\n",
        "\ttab",
        "\b\f\v\x1b\x7f",
        "naïve",
        "名前",
        "🦑 👩‍👩‍👧",
        "\u202eRTL",
        "\ufeff",
        "\uffff",
    ),
    "ʼ" * 5000,
]


def one(engine: Engine, sql: str, **params: Param) -> Any:
    (row,) = engine.query(sql, params).to_pylist()
    (value,) = row.values()
    return value


def test_strings_come_back_as_they_went(engine: Engine) -> None:
    for text in NAUGHTY:
        assert one(engine, "SELECT {text:String}", text=text) == text
        assert one(engine, "SELECT {texts:Array(String)}", texts=[text, "x"]) == [text, "x"]
    assert one(engine, "SELECT {texts:Array(String)}", texts=NAUGHTY) == NAUGHTY


def test_strings_are_stored_and_found(engine: Engine) -> None:
    engine.query("CREATE TABLE names (n UInt32, name String) ENGINE = MergeTree ORDER BY n")
    for n, name in enumerate(NAUGHTY):
        engine.query(
            "INSERT INTO names SELECT {n:UInt32}, {name:String}", {"n": n, "name": name}, lane="job"
        )
    found = engine.query("SELECT name FROM names ORDER BY n").column("name").to_pylist()
    assert found == NAUGHTY
    for n, name in enumerate(NAUGHTY):
        assert one(engine, "SELECT n FROM names WHERE name = {name:String}", name=name) == n


PARAMETERS: list[tuple[str, Param]] = [
    ("Int64", -(2**63)),
    ("Int64", 2**63 - 1),
    ("UInt64", 2**64 - 1),
    ("UInt8", 255),
    ("Float64", 0.1),
    ("Float64", float("-inf")),
    ("Bool", True),
    ("Bool", False),
    ("Array(Int64)", [-(2**63), 0, 2**63 - 1]),
    ("Array(UInt64)", [2**64 - 1]),
    ("Array(String)", []),
    ("LowCardinality(String)", "it's"),
]
YEARS = {
    1948: -694_310_399_500_000_000,
    1969: -1,
    1970: 5,
    2023: 1_700_000_000_123_456_789,
    2262: 9_214_646_400_500_000_000,
}


def test_parameters_of_every_type(engine: Engine) -> None:
    for type_, value in PARAMETERS:
        assert one(engine, f"SELECT {{value:{type_}}}", value=value) == value


def test_times_keep_their_nanoseconds(engine: Engine) -> None:
    for year, ns in YEARS.items():
        sql = "SELECT (toUnixTimestamp64Nano({t:DateTime64(9)}), toYear({t:DateTime64(9)}))"
        assert list(one(engine, sql, t=ns).values()) == [ns, year]
    sql = "SELECT arrayMap(t -> toUnixTimestamp64Nano(t), {ts:Array(DateTime64(9))})"
    assert one(engine, sql, ts=list(YEARS.values())) == list(YEARS.values())


def test_times_are_utc(engine: Engine) -> None:
    text = "2024-02-29T23:59:59.123456789Z"
    ns = one(engine, "SELECT toUnixTimestamp64Nano({t:DateTime64(9)})", t=text)
    assert ns == 1_709_251_199_123_456_789
    table = engine.query("SELECT {t:DateTime64(9)} AS t, timezone() AS zone", {"t": text})
    assert table.column("zone").to_pylist() == ["UTC"]
    assert table.schema.field("t").type == pa.timestamp("ns", tz="UTC")


def test_unnamed_parameters_are_ignored_and_missing_ones_refused(engine: Engine) -> None:
    assert one(engine, "SELECT 1", unused="x") == 1
    with pytest.raises(EngineError, match="id"):
        engine.query("SELECT {id:String}")
    with pytest.raises(EngineError):
        engine.query("SELECT {n:Int64}", {"n": "not a number"})


def test_many_values_in_one_parameter(engine: Engine) -> None:
    ids = [f"{n:032x}" for n in range(3000)]
    assert one(engine, "SELECT length({ids:Array(String)})", ids=ids) == 3000


def test_arrow_answers_are_plain_values(engine: Engine) -> None:
    (row,) = engine.query(
        """
        SELECT toLowCardinality('low') AS low,
               CAST(map('k', 'v'), 'Map(LowCardinality(String), String)') AS attributes,
               CAST([('e', 1)], 'Nested(name String, n UInt64)') AS events,
               CAST(NULL, 'Nullable(String)') AS nothing,
               [CAST('a', 'Nullable(String)'), NULL] AS list,
               toUInt64(18446744073709551615) AS big, true AS yes, 1.5 AS half;
        """
    ).to_pylist()
    assert row["low"] == "low"
    assert dict(row["attributes"]) == {"k": "v"}
    assert row["events"] == [{"name": "e", "n": 1}]
    assert row["nothing"] is None
    assert row["list"] == ["a", None]
    assert (row["big"], row["yes"], row["half"]) == (2**64 - 1, True, 1.5)


def test_bytes_that_are_no_text_dont_break_an_answer(engine: Engine) -> None:
    (row,) = engine.query(
        """
        SELECT unhex('61FF62') AS plain, [unhex('FF')] AS list, map('k', unhex('C3')) AS attributes,
               CAST([('é', unhex('FE'))], 'Nested(name String, value String)') AS nested,
               'ok' AS fine
        """
    ).to_pylist()
    assert row["plain"] == "a\ufffdb"
    assert row["list"] == ["\ufffd"]
    assert dict(row["attributes"]) == {"k": "\ufffd"}
    assert row["nested"] == [{"name": "é", "value": "\ufffd"}]
    assert row["fine"] == "ok"


def test_statements_without_rows_give_empty_tables(engine: Engine) -> None:
    for statement in (
        "CREATE TABLE t (a Int64) ENGINE = MergeTree ORDER BY a -- a comment at the end",
        "INSERT INTO t SELECT number FROM numbers(3)",
        "ALTER TABLE t ADD COLUMN b String;",
        "OPTIMIZE TABLE t FINAL",
        "TRUNCATE TABLE t",
    ):
        assert engine.query(statement, lane="job").num_rows == 0
    empty = engine.query("SELECT a, b FROM t")
    assert (empty.num_rows, empty.column_names) == (0, ["a", "b"])


def _native(engine: Engine) -> bytes:
    engine.query("CREATE TABLE source (a Int64, s String) ENGINE = Memory")
    sink = pa.BufferOutputStream()
    table = pa.table({"a": [1, 2], "s": ["x", "y"]})
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return bytes(sink.getvalue())


@pytest.mark.parametrize(
    ("format", "data"),
    [
        ("JSONEachRow", b'{"a":1,"s":"x"}\n{"a":2,"s":"y"}\n'),
        ("TSV", b"1\tx\n2\ty\n"),
        ("RowBinary", b"\x01\0\0\0\0\0\0\0\x01x\x02\0\0\0\0\0\0\0\x01y"),
        ("ArrowStream", None),
    ],
)
def test_inserts_in_several_formats(engine: Engine, format: str, data: bytes | None) -> None:
    engine.query("CREATE TABLE t (a Int64, s String) ENGINE = MergeTree ORDER BY a")
    engine.insert("INSERT INTO t (a, s)", format, data or _native(engine))
    assert engine.query("SELECT * FROM t ORDER BY a").to_pylist() == [
        {"a": 1, "s": "x"},
        {"a": 2, "s": "y"},
    ]


PROTOBUF = (
    "INSERT INTO t SETTINGS format_schema_source = 'string', format_schema_message_name = 'Row', "
    "format_schema = 'syntax = \"proto3\"; message Row { int64 a = 1; string s = 2; }'"
)


def test_inserts_protobuf_with_the_schema_in_the_statement(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    engine.query("CREATE TABLE t (a Int64, s String) ENGINE = MergeTree ORDER BY a")
    engine.insert(PROTOBUF, "ProtobufSingle", b"\x08\x07\x12\x03\xff\x00z")
    assert engine.query("SELECT a, s FROM t").to_pylist() == [{"a": 7, "s": "\ufffd\0z"}]
    with pytest.raises(BadData):
        engine.insert(PROTOBUF, "ProtobufSingle", b"\x08\x07\x12\x7fshort")
    assert not list(tmp_path.iterdir())
    assert one(engine, "SELECT count() FROM t") == 1


def test_bad_data_stores_nothing_and_the_engine_goes_on(engine: Engine) -> None:
    engine.query("CREATE TABLE t (a Int64) ENGINE = MergeTree ORDER BY a")
    for data in (b'{"a":1}\n{"a":', b'{"a":"x"}\n', b"\xff\xfe", b"\0"):
        with pytest.raises(BadData):
            engine.insert("INSERT INTO t", "JSONEachRow", data)
    engine.insert("INSERT INTO t", "JSONEachRow", b'{"a":2}\n')
    assert engine.query("SELECT a FROM t").to_pylist() == [{"a": 2}]


def test_an_insert_fails_when_a_view_behind_it_fails(engine: Engine) -> None:
    engine.query("CREATE TABLE numbers_in (a Int64) ENGINE = Null")
    engine.query("CREATE TABLE shares (a Int64) ENGINE = MergeTree ORDER BY a")
    engine.query(
        "CREATE MATERIALIZED VIEW numbers_to_shares TO shares AS "
        "SELECT intDiv(100, a) AS a FROM numbers_in"
    )
    engine.insert("INSERT INTO numbers_in", "JSONEachRow", b'{"a":4}')
    with pytest.raises(EngineError):
        engine.insert("INSERT INTO numbers_in", "JSONEachRow", b'{"a":0}')
    assert engine.query("SELECT a FROM shares").to_pylist() == [{"a": 25}]


def test_columns_are_matched_by_name(engine: Engine) -> None:
    engine.query("CREATE TABLE t (a Int64, b Int64 DEFAULT a * 2, s String) ENGINE = Memory")
    engine.insert("INSERT INTO t", "JSONEachRow", b'{"s":"x","a":1}\n{"b":5}')
    engine.insert("INSERT INTO t (s, a)", "TSV", b"y\t7\n")
    rows = [tuple(row.values()) for row in engine.query("SELECT a, b, s FROM t").to_pylist()]
    assert rows == [(1, 2, "x"), (0, 5, ""), (7, 14, "y")]


def test_bad_statements_are_neither_bad_data_nor_an_outage(engine: Engine) -> None:
    attempts: list[Callable[[], object]] = [
        lambda: engine.query("SELEC 1"),
        lambda: engine.query("SELECT * FROM nowhere"),
        lambda: engine.insert("INSERT INTO nowhere", "JSONEachRow", b"{}"),
        lambda: engine.insert("INSRT INTO t", "JSONEachRow", b"{}"),
    ]
    for attempt in attempts:
        with pytest.raises(EngineError) as caught:
            attempt()
        assert type(caught.value) is EngineError
        assert "DB::Exception" not in str(caught.value)
        assert "version" not in str(caught.value)


def test_a_failed_question_leaves_nothing_in_the_next_answers(engine: Engine) -> None:
    failing = "SELECT number, throwIf(number = 100000) FROM numbers(200000)"
    for _ in range(2):
        with pytest.raises(EngineError):
            engine.query(f"{failing} SETTINGS max_block_size = 1000, max_threads = 1")
        for _ in range(4):
            assert engine.query("SELECT 1 AS one").to_pylist() == [{"one": 1}]


@pytest.mark.parametrize("kind", KINDS)
def test_questions_have_a_time_limit_and_jobs_dont(
    engine_url: Callable[[str], str], kind: str
) -> None:
    engine = open_engine(engine_url(kind), query_timeout_s=0.2)
    try:
        with pytest.raises(QueryTimeout):
            engine.query("SELECT sum(cityHash64(number)) FROM numbers(1000000000000)")
        assert one(engine, "SELECT 1") == 1
        engine.query("SELECT sleep(0.5)", lane="job")
    finally:
        engine.close()


def test_threads_share_an_engine(engine: Engine) -> None:
    engine.query("CREATE TABLE t (a Int64) ENGINE = MergeTree ORDER BY a")

    def work(n: int) -> object:
        if n % 3 == 0:
            engine.insert("INSERT INTO t", "JSONEachRow", f'{{"a":{n}}}'.encode())
        return one(engine, "SELECT {n:Int64}", n=n)

    with ThreadPoolExecutor(12) as pool:
        assert list(pool.map(work, range(120))) == list(range(120))
    assert one(engine, "SELECT count() FROM t") == 40


def test_readers_dont_wait_for_jobs_or_writers(engine: Engine) -> None:
    """A question is answered while a job runs that ends only when told to."""
    engine.query("CREATE TABLE stop (a Int64) ENGINE = Memory")
    ended = threading.Event()

    def job() -> None:
        while not one(engine, "SELECT count() FROM stop"):
            engine.query("SELECT sleepEachRow(0.05) FROM numbers(4)", lane="job")
        ended.set()

    thread = threading.Thread(target=job)
    thread.start()
    assert one(engine, "SELECT 1") == 1
    assert not ended.is_set()
    engine.insert("INSERT INTO stop", "JSONEachRow", b'{"a":1}')
    thread.join()
    assert ended.is_set()


@pytest.mark.parametrize("kind", KINDS)
def test_data_outlives_the_engine(engine_url: Callable[[str], str], kind: str) -> None:
    url = engine_url(kind)
    for n in range(3):
        engine = open_engine(url)
        engine.query("CREATE TABLE IF NOT EXISTS t (a Int64) ENGINE = MergeTree ORDER BY a")
        engine.insert("INSERT INTO t", "JSONEachRow", f'{{"a":{n}}}'.encode())
        assert one(engine, "SELECT count() FROM t") == n + 1
        engine.close()
        engine.close()
        with pytest.raises(EngineUnavailable):
            engine.query("SELECT 1")


@pytest.mark.parametrize("kind", KINDS)
def test_closing_waits_for_what_runs(engine_url: Callable[[str], str], kind: str) -> None:
    engine = open_engine(engine_url(kind))
    started = threading.Event()

    def ask() -> object:
        started.set()
        try:
            return one(engine, "SELECT count() FROM (SELECT sleepEachRow(0.05) FROM numbers(4))")
        except EngineError:
            return 4  # closed before it began

    with ThreadPoolExecutor(8) as pool:
        answers = [pool.submit(ask) for _ in range(8)]
        started.wait()
        engine.close()
        assert [answer.result() for answer in answers] == [4] * 8


def test_places_are_apart(engine_url: Callable[[str], str]) -> None:
    for kind in KINDS:
        for _ in range(2):
            engine = open_engine(engine_url(kind))
            engine.query("CREATE TABLE t (a Int64) ENGINE = MergeTree ORDER BY a")
            engine.close()


@pytest.mark.parametrize(
    "url",
    ["chdb://relative", "postgres://here", "clickhouse:///nohost", "chdb:///a?b"],
)
def test_urls_that_make_no_sense(url: str) -> None:
    with pytest.raises(EngineError):
        open_engine(url)


def test_a_path_may_hold_odd_characters(tmp_path: Path) -> None:
    engine = open_engine(f"chdb://{tmp_path}/a%20b/%C3%A9'%25")
    assert (tmp_path / "a b" / "é'%").is_dir()
    engine.close()
