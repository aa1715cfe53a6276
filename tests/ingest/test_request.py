"""The check before joining: nothing that passes can hurt its neighbours."""

import asyncio
import random
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.resource.v1.resource_pb2 import Resource

from collector.clock import WallClock
from collector.engine import Engine
from collector.receivers.framing import frames
from collector.receivers.request import Checked, Door, Undecodable, check
from collector.writer import WriteError, Writer
from tests.ingest.spans import request, span


@given(st.lists(st.integers(0, 4), max_size=5))
def test_frames_are_where_the_fields_are(sizes: list[int]) -> None:
    bodies = [request(*[span() for _ in range(size)]) for size in sizes]
    joined = b"".join(bodies) + b"\xc1\x3e" + bytes(8)  # and a fixed64, as the commit's stamp
    ends = [end for _, end in frames(joined)]
    assert ends[-1] == len(joined)
    assert len(ends) == len(bodies) + 1


@given(st.binary(max_size=60))
def test_frames_of_anything_end_or_raise(body: bytes) -> None:
    try:
        found = list(frames(body))
    except ValueError:
        return
    starts = [start for start, _ in found]
    assert starts == sorted(set(starts))
    assert (found[-1][1] if found else 0) == len(body)


def test_a_good_request_passes_as_it_is() -> None:
    body = request(span(), span())
    assert check(body) == Checked(body, 2)
    assert check(b"") == Checked(b"", 0)


def test_a_cut_request_is_refused() -> None:
    body = request(span(), span())
    for length in range(1, len(body)):
        with pytest.raises(Undecodable):
            check(body[:length])


def test_mutated_requests_never_hurt_their_neighbours(
    store: Engine, stored: Callable[[str], list[str]]
) -> None:
    """Whatever the check lets through, joined between two good requests."""
    dice = random.Random(7)
    base = request(span("x", attributes=[]), service="mutant")
    passed = 0
    writer = Writer(store, WallClock(), connections=1, linger_s=0.0)
    door = Door(writer)

    async def three(body: bytes, number: int) -> None:
        good = [request(span(f"{number:03}{side}"), service="neighbours") for side in "ab"]
        outcomes = await asyncio.gather(
            door.take(good[0]), door.take(body), door.take(good[1]), return_exceptions=True
        )
        assert isinstance(outcomes[0], Checked)
        assert isinstance(outcomes[2], Checked)
        assert isinstance(outcomes[1], Checked | Undecodable | WriteError)

    writer.start()
    while passed < 60:
        mutant = bytearray(base)
        for _ in range(dice.choice([1, 1, 2])):
            place = dice.randrange(len(mutant))
            if dice.random() < 0.5:
                mutant[place] = dice.randrange(256)
            else:
                mutant[place : place + dice.randrange(2)] = dice.randbytes(dice.randrange(2))
        try:
            check(bytes(mutant))
        except Undecodable:
            continue
        asyncio.run(three(bytes(mutant), passed))
        passed += 1
    writer.close()
    assert stored("neighbours") == [f"{n:03}{side}" for n in range(passed) for side in "ab"]


def field(number: int, content: bytes) -> bytes:
    assert len(content) < 128
    return bytes([number << 3 | 2, len(content)]) + content


def test_valid_protobuf_that_the_engine_dislikes_is_stored_in_plain_form(
    store: Engine, stored: Callable[[str], list[str]]
) -> None:
    two_values = b"\x0a\x01a\x18\x05"  # of a oneof: the last one counts
    true = b"\x10\x02"  # a boolean of 2
    oddities = b"".join(field(9, field(1, b"k") + field(2, value)) for value in (two_values, true))
    whole = span("odd").SerializeToString() + oddities + b"\xfb\x07\xfc\x07"  # an unknown group
    resource = Resource(attributes=[KeyValue(key="service.name", value=AnyValue(string_value="o"))])
    body = field(1, field(1, resource.SerializeToString()) + field(2, field(2, whole)))
    assert check(body).spans == 1
    writer = Writer(store, WallClock())
    writer.start()
    asyncio.run(Door(writer).take(body))
    writer.close()
    assert stored("o") == ["odd"]
    sql = "SELECT SpanAttributes AS a FROM otel_traces WHERE ServiceName = 'o'"
    assert dict(store.query(sql).to_pylist()[0]["a"]) == {"k": "true"}
