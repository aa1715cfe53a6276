"""`otel_traces` beside the table of the OpenTelemetry Collector's ClickHouse exporter.

The exporter's columns: exporter/clickhouseexporter/internal/sql_templates/traces_table.sql in
open-telemetry/opentelemetry-collector-contrib. Same names, same types: its rows and ours can live
in one table.
"""

import re

import pytest

from collector.schema.migrate import statements
from tests.project.tree import sources, text, tracked

EXPORTER = {
    "Timestamp": "DateTime64(9)",
    "TraceId": "String",
    "SpanId": "String",
    "ParentSpanId": "String",
    "TraceState": "String",
    "SpanName": "LowCardinality(String)",
    "SpanKind": "LowCardinality(String)",
    "ServiceName": "LowCardinality(String)",
    "ResourceAttributes": "Map(LowCardinality(String), String)",
    "ScopeName": "String",
    "ScopeVersion": "String",
    "SpanAttributes": "Map(LowCardinality(String), String)",
    "Duration": "UInt64",
    "StatusCode": "LowCardinality(String)",
    "StatusMessage": "String",
    "Events.Timestamp": "DateTime64(9)",
    "Events.Name": "LowCardinality(String)",
    "Events.Attributes": "Map(LowCardinality(String), String)",
    "Links.TraceId": "String",
    "Links.SpanId": "String",
    "Links.TraceState": "String",
    "Links.Attributes": "Map(LowCardinality(String), String)",
}
OURS = {"seen_at": "DateTime64(9)", "stored_at": "DateTime64(9)"}


def columns(create: str) -> dict[str, str]:
    """Column → type of a CREATE TABLE, in its order; nested ones as `Events.Name`.

    Codecs, defaults and the time zone that DateTime64 is shown in don't change what is stored.
    """
    body = create[create.index("(\n") : create.index("\nENGINE")]
    found: dict[str, str] = {}
    nested = ""
    for line in map(str.strip, body.splitlines()):
        if start := re.match(r"(\w+) Nested \(", line):
            nested = start[1] + "."
        elif line.startswith(")"):
            nested = ""
        elif column := re.match(r"(\w+) ([\w(]+(?:[^,]|, (?!$))*?)(?: DEFAULT| CODEC|,?$)", line):
            found[nested + column[1]] = column[2].replace("(9, 'UTC')", "(9)")
    return found


def test_otel_traces_has_the_exporters_columns_and_then_ours() -> None:
    create = next(sql for _, sql in statements() if "EXISTS otel_traces\n" in sql)
    assert list(columns(create).items()) == list((EXPORTER | OURS).items())


SQL_FILES = [path for path in tracked() if path.suffix == ".sql"]


@pytest.mark.parametrize("path", SQL_FILES, ids=str)
def test_an_sql_file_opens_with_a_comment_of_what_it_is(path: object) -> None:
    first = text(str(path)).split("\n", 1)[0]
    assert re.match(r"-- \S.{10,}", first), first


def test_sql_stands_in_sql_files() -> None:
    """Tables and views are made in one place; a query of a line or two may stand in Python."""
    creators = [
        str(path)
        for package in ("collector", "dashboard", "demo_services")
        for path in sources(package)
        if re.search(r"CREATE (MATERIALIZED VIEW|TABLE)", text(str(path)))
        and path.parts[:2] != ("collector", "schema")
        and path.parts[0] != "demo_services"  # their own SQLite tables
    ]
    assert creators == []
