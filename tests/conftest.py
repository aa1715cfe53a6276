"""Fixtures that every test may use."""

from tests.engine.fixtures import clickhouse_port, engine, engine_url

__all__ = ["clickhouse_port", "engine", "engine_url"]
