"""The OpenAPI document holds: whatever it allows is answered as it says, and nothing is a 5xx."""

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from collector.app import application
from tests.golden.world import World
from tests.golden.world import settings as world_settings

CHECKS = [
    not_a_server_error,
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
]
few = settings(
    max_examples=4,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
many = settings(few, max_examples=150, derandomize=False)


@pytest.fixture(scope="module")
def operations(told: World) -> list[Any]:
    document = application(told.parts, world_settings("chdb:///unused")).openapi()
    schema = schemathesis.openapi.from_dict(document)
    return [found.ok() for found in schema.get_all_operations()]


@pytest.fixture
def alive(api: httpx.Client) -> Iterator[httpx.Client]:
    yield api
    assert api.get("/api/v1/summary").json()["orders"]["completed"] == 35


def fuzz(api: httpx.Client, operations: list[Any], how: settings) -> None:
    for operation in operations:
        for mode in GenerationMode:
            if mode == GenerationMode.NEGATIVE and not (operation.query or operation.body):
                continue
            how(given(operation.as_strategy(generation_mode=mode))(asking(api)))()


def asking(api: httpx.Client) -> Callable[[schemathesis.Case], None]:
    def ask(case: schemathesis.Case) -> None:
        case.call_and_validate(base_url=str(api.base_url), checks=CHECKS)

    return ask


def test_every_route_answers_as_it_says(alive: httpx.Client, operations: list[Any]) -> None:
    assert len(operations) > 20
    fuzz(alive, operations, few)


@pytest.mark.matrix
@pytest.mark.timeout(1200)
def test_every_route_answers_as_it_says_at_length(
    alive: httpx.Client, operations: list[Any]
) -> None:
    fuzz(alive, operations, many)
