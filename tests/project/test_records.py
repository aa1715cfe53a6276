"""What the dashboard takes the API's answers for is what they are: records beside models."""

import typing
from types import NoneType, UnionType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from collector.api import models
from collector.api.orders import ends
from dashboard import records
from dashboard.links import edge_id

RECORDS = {name: record for name, record in vars(records).items() if typing.is_typeddict(record)}
OTHER_NAMES = {"DoctorFinding": "Finding", "DoctorCandidate": "Candidate"}


@pytest.mark.parametrize("name", RECORDS)
def test_a_record_has_fields_of_the_answer_and_their_types(name: str) -> None:
    model = getattr(models, OTHER_NAMES.get(name, name))
    promised = {field: shape(told.annotation) for field, told in model.model_fields.items()}
    taken = {field: shape(hint) for field, hint in typing.get_type_hints(RECORDS[name]).items()}
    differ = {field: (kind, promised.get(field)) for field, kind in taken.items()}
    assert not {field: both for field, both in differ.items() if both[0] != both[1]}


def shape(hint: Any) -> object:
    """A type as far as JSON knows it; models and records by their names."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is typing.Annotated:
        return shape(arguments[0])
    if origin is typing.Literal:
        return {type(value).__name__ for value in arguments}.pop()
    if origin in (typing.Union, UnionType):
        kinds = [shape(one) for one in arguments if one is not NoneType]
        return (*kinds, "null") if NoneType in arguments else tuple(kinds)
    if origin is list:
        return [shape(arguments[0])]
    if origin is dict or hint is models.OrderCounts:
        return "object"
    if typing.is_typeddict(hint) or (isinstance(hint, type) and issubclass(hint, BaseModel)):
        return OTHER_NAMES.get(hint.__name__, hint.__name__)
    return getattr(hint, "__name__", str(hint))


NAMES = st.text(alphabet="ab>%3E25:", min_size=1)


@given(NAMES, NAMES)
def test_the_api_reads_edges_as_the_dashboard_names_them(source: str, target: str) -> None:
    assert ends(edge_id(source, target)) == (source, target)
