"""What is a step and what it is called, however many names, spans or wrong kinds there are."""

from collections.abc import Callable

from opentelemetry.proto.trace.v1.trace_pb2 import Span

from tests.correlation.worlds import Told, digest, exported, world_of
from tests.golden.world import World

Place = Callable[[str], str]
LETTERS = "abcdefghij"


def word(n: int) -> str:
    return "".join(LETTERS[int(digit)] for digit in str(n))


def correlate(here: World, *told: Told) -> None:
    here.take(exported(*told))
    here.clock.advance(1)
    here.parts.runner._correlate()


def steps(here: World) -> dict[str, tuple[str, str, str]]:
    """Span → role, operation, cause."""
    rows = here.parts.engine.query(
        "SELECT s.1 AS id, s.2 AS role, s.3 AS operation, s.4 AS cause FROM traces FINAL "
        "ARRAY JOIN arrayZip(`steps.SpanId`, `steps.role`, `steps.operation`, `steps.cause_span`) "
        "AS s"
    ).to_pylist()
    return {row["id"]: (row["role"], row["operation"], row["cause"]) for row in rows}


def test_names_are_bounded_and_stay(engine_url: Place) -> None:
    with world_of(engine_url("chdb"), max_operations=20) as here:
        few = [Told(word(n), word(n), name=f"work {word(n)} of {word(n)}") for n in range(10)]
        correlate(here, *few)
        named = steps(here)
        many = [Told(word(n), word(n), name=f"do {word(n % 7)} {word(n)}") for n in range(10, 400)]
        other = Told("o", "o", "elsewhere", name="one more")
        correlate(here, *many, other)
        correlate(here, *(Told(f"{n}", f"{n}", name=f"{word(n)} x") for n in range(300)))
        first = steps(here)
        correlate(here, *few, *many, other)
        found = steps(here)
        cut = here.parts.engine.query(
            "SELECT service FROM operations FINAL WHERE operation = '{other}'"
        ).to_pylist()
    assert found == first
    assert {id_: found[id_] for id_ in named} == named
    names = {step[1] for step in found.values()}
    assert len(names) <= 1 + 20 + 5 + 1
    assert {"one more", "{other}"} < names
    assert any(name.endswith("…") for name in names)
    assert cut == [{"service": "shop"}]


def test_an_entry_is_told_by_the_boundary(engine_url: Place) -> None:
    """Kinds that are missing or wrong: a parent of another service, or none, makes an entry."""
    told = [
        Told("t", "a", "web", kind=Span.SPAN_KIND_UNSPECIFIED, name="Recv."),
        Told("t", "b", "web", kind=Span.SPAN_KIND_INTERNAL, under="a"),
        Told("t", "c", "till", kind=Span.SPAN_KIND_INTERNAL, under="b", name="pay"),
        Told("t", "d", "bank", kind=Span.SPAN_KIND_CLIENT, under="c", name="book"),
        Told("t", "e", "bank", kind=Span.SPAN_KIND_CLIENT, under="d", name="ask"),
        Told("t", "f", "bank", kind=Span.SPAN_KIND_INTERNAL, under="gone"),
    ]
    with world_of(engine_url("chdb")) as here:
        correlate(here, *told)
        found = steps(here)
    named = {digest(t.id, 8).hex(): t.id for t in told} | {"": ""}
    told_of = {named[id_]: (role, name, named[cause]) for id_, (role, name, cause) in found.items()}
    assert told_of == {
        "a": ("serve", "Recv.", ""),
        "c": ("serve", "pay", "a"),
        "d": ("serve", "book", "c"),
        "e": ("call", "ask", "d"),
    }


def test_a_large_trace_of_many_orders_is_taken_apart(engine_url: Place) -> None:
    """4,000 spans in one trace, a deep chain and a loop among them, 500 orders."""
    told = [Told("t", "poll", name="poll")]
    for n in range(500):
        told.append(Told("t", f"k{n}", under="poll", attributes={"order.id": f"N{n}"}))
        told += [
            Told("t", f"{n}/{m}", under=f"{n}/{m - 1}" if m else f"k{n}", kind=1) for m in range(6)
        ]
    told += [Told("t", f"deep{n}", under=f"deep{n - 1}" if n else "k0", kind=1) for n in range(500)]
    told.append(Told("t", "end", under="deep499", name="end", kind=Span.SPAN_KIND_CLIENT))
    told += [Told("t", "x", under="y", kind=1), Told("t", "y", under="x", kind=1)]
    told.append(Told("healthy", "healthy", attributes={"order.id": "H"}))
    with world_of(engine_url("chdb")) as here:
        correlate(here, *told)
        found = steps(here)
        rows = here.parts.engine.query(
            "SELECT count() AS orders, countIf(length(`steps.step`) = 3) AS with_end, "
            "countIf(order_id = 'H') AS healthy FROM order_facts FINAL WHERE workflow = 'order'"
        ).to_pylist()
    assert found[digest("end", 8).hex()][2] == digest("k0", 8).hex()
    assert rows == [{"orders": 501, "with_end": 1, "healthy": 1}]
