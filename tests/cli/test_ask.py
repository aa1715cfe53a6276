"""Tables for people, JSON for scripts, and nothing that a terminal would obey."""

import json
import re
import time
from collections.abc import Iterator
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from collector.cli.command import main
from collector.cli.fitted import Fitted
from collector.cli.plain import clean, plain
from tests.golden.spans import joined, request

from .processes import Served, choreoscope, failed

_HOSTILE = "A\x1b[31m1\x07\u202e[bold]\r\n2"
_SHOWN = "A[31m1[bold]  2"


def asked(served: Served, *arguments: str) -> str:
    """What a command prints; in this process, which saves its start."""
    with redirect_stdout(StringIO()) as out:
        assert main([*arguments, "--collector", served.url]) == 0
    return out.getvalue()


def asked_json(served: Served, *arguments: str) -> Any:
    return json.loads(asked(served, *arguments, "--json"))


def ageless(page: Any) -> Any:
    """Orders without their sentences, which say how long ago something was."""
    return {**page, "orders": [{**order, "sentence": ""} for order in page["orders"]]}


def stuck(served: Served) -> dict[str, Any]:
    order: dict[str, Any] = asked_json(served, "orders", "--state", "stuck")["orders"][0]
    return order


def test_orders(collector: Served) -> None:
    page = asked_json(collector, "orders", "--limit", "1000")
    assert ageless(page) == ageless(collector.get("orders", limit=1000))
    lines = asked(collector, "orders", "--limit", "1000").splitlines()
    assert lines[0].split() == ["state", "order", "started", "last", "seen", "what"]
    assert lines[-1] == f"{page['total']} of {page['total']} orders."
    assert len(lines) == page["total"] + 3
    first = page["orders"][0]
    assert re.match(rf"◆ stuck \(.*\) +{first['order_id']} .* fulfilment-cd did not ", lines[2])
    assert any(line.startswith("✓ completed  ") for line in lines)


def test_orders_takes_the_filters_of_the_api(collector: Served) -> None:
    one = stuck(collector)
    cause = one["cause_id"]
    filters = (
        ("--state", "completed"),
        ("--state", "stuck", "--state", "failed"),
        ("--verdict", one["verdict"]),
        ("--cause", cause),
        ("--service", "fulfilment-cd"),
        ("--step", "fulfilment-cd process stock.reserved"),
        ("--edge", "topic:stock.reserved>fulfilment-cd"),
        ("--q", one["order_id"]),
        ("--workflow", "order"),
        ("--from", one["started_at"], "--to", one["started_at"]),
        ("--trivial",),
    )
    for given in filters:
        flags = [flag.removeprefix("--") for flag in given[::2]]
        params: dict[str, Any] = dict(zip(flags, given[1::2], strict=False))
        if given == ("--trivial",):
            params = {"trivial": "true"}
        if given[0] == "--state":
            params = {"state": ",".join(given[1::2])}
        found = asked_json(collector, "orders", *given)
        assert ageless(found) == ageless(collector.get("orders", **params)), given
        assert found["total"] > 0, given


def test_doctor(collector: Served) -> None:
    found = asked_json(collector, "doctor")
    assert found["services"] == collector.get("doctor")["services"]
    lines = asked(collector, "doctor").splitlines()
    named = [line for line in lines if line and not line.startswith(" ")]
    assert [name for name in named if name in found["services"]] == sorted(
        {finding["service"] for finding in found["findings"]}
    )
    for finding in found["findings"]:
        assert any(finding["sentence"] in line for line in lines)
        assert f"      {finding['fix'].splitlines()[0]}" in lines
    assert "looked at" in lines[-1]


def test_pages_of_orders(collector: Served) -> None:
    first = asked(collector, "orders", "--state", "stuck", "--limit", "2").splitlines()
    match = re.fullmatch(r"2 of (\d+) orders\. More: --next (\S+)", first[-1])
    assert match
    rest = ("orders", "--state", "stuck", "--limit", "1000", "--next", match[2])
    assert len(asked_json(collector, *rest)["orders"]) == int(match[1]) - 2
    wrong = choreoscope("orders", "--next", "x", "--collector", collector.url)
    assert failed(wrong) == "next: not a cursor of this API"


def test_a_narrow_terminal_cuts_sentences_and_keeps_ids(collector: Served) -> None:
    done = choreoscope(
        "orders", "--limit", "3", "--collector", collector.url, COLUMNS="100"
    ).stdout.splitlines()
    assert all(len(line) <= 100 for line in done[:-1])
    assert stuck(collector)["order_id"] in done[2]
    assert done[2].rstrip().endswith("…")


def test_tables_give_way_in_their_order() -> None:
    """First long columns, then whole ones; an id is never cut."""
    made = Fitted(
        ("id", "when", "source", "target", "n"),
        right=("n",),
        long=("source", "target"),
        extra=("when", "source"),
    )
    made.add_row("0" * 32, "2026-11-25 18:00:00", "a" * 30, "b" * 25, "7")

    def printed(width: int) -> str:
        out = StringIO()
        Console(file=out, width=width).print(made)
        lines = out.getvalue().splitlines()
        assert all(len(line) <= max(width, 50) for line in lines)
        assert width < 50 or "0" * 32 in out.getvalue()
        return out.getvalue()

    assert "a" * 30 in printed(200)
    assert "when" in printed(112)
    assert "a" * 30 not in printed(112)
    assert "when" not in printed(92)
    assert "source" in printed(92)
    assert "source" not in printed(70)
    assert "b" * 25 in printed(70)
    assert "0" * 32 in printed(55)
    made.add_row("1" * 500, "2026-11-25 18:00:00", "a" * 30, "b" * 25, "7")
    assert printed(112).count("1") >= 500  # it folds
    assert "target" in printed(112)


def test_a_stuck_order_begins_with_the_sentence(collector: Served) -> None:
    order_id = stuck(collector)["order_id"]
    order = collector.get("order", id=order_id)
    lines = asked(collector, "order", order_id).splitlines()
    assert lines[0].startswith(f"{order_id}  ◆ stuck")
    assert lines[1].startswith("fulfilment-cd did not consume stock.reserved: published ")
    steps = [line for line in lines if re.search(r" (✓ done|◆ owed) ", line)]
    assert [
        line[: len(step["step"])] for line, step in zip(steps, order["steps"], strict=True)
    ] == [step["step"] for step in order["steps"]]
    assert " ◆ owed " in steps[-1]
    [owed] = [line for line in lines if line.startswith("◆ owed fulfilment-cd process ")]
    assert "not_consumed; expected by " in owed
    assert owed.endswith("after fulfilment-stock send stock.reserved")
    [waiting] = [line for line in lines if line.startswith("stock.reserved ")]
    assert "fulfilment-stock" in waiting and "–" in waiting


def test_a_completed_order(collector: Served) -> None:
    row = asked_json(collector, "orders", "--state", "completed", "--limit", "1")["orders"][0]
    text = asked(collector, "order", row["order_id"], "--workflow", "order")
    assert text.startswith(f"{row['order_id']}  ✓ completed\n{row['sentence']}\n")
    assert "◆" not in text
    assert asked_json(collector, "order", row["order_id"])["state"] == "completed"


def test_an_order_that_nobody_knows(collector: Served) -> None:
    done = choreoscope("order", "no/such [order]", "--collector", collector.url)
    assert failed(done) == "no order 'no/such [order]' is known"


def test_causes(collector: Served) -> None:
    causes = asked_json(collector, "causes")["causes"]
    text = asked(collector, "causes", "--workflow", "order")
    for cause in causes:
        assert f"◆ stuck  {cause['orders']:,} orders  since " in text
        assert cause["sentence"] in text
        assert f"choreoscope orders --cause {cause['cause_id']}" in text
    assert asked(collector, "causes", "--workflow", "none") == "No order is stuck or failed.\n"


@pytest.mark.parametrize(
    ("command", "key", "words"),
    [
        ("map", "edges", ["topic:stock.reserved", "fulfilment-cd", "messaging"]),
        ("services", "services", ["fulfilment-cd", "fulfilment"]),
        ("expectations", "expectations", ["fulfilment-stock send stock.reserved", "learned"]),
    ],
)
def test_other_lists(collector: Served, command: str, key: str, words: list[str]) -> None:
    document = asked_json(collector, command)
    assert document == collector.get(command)
    lines = asked(collector, command).splitlines()
    assert len(lines) >= len(document[key]) + 2
    assert any(all(word in line for word in words) for line in lines)


def test_the_collector_may_be_named_by_a_variable(collector: Served) -> None:
    done = choreoscope("services", CHOREOSCOPE_COLLECTOR=collector.url)
    assert "fulfilment-cd" in done.stdout


def test_something_else_that_answers(collector: Served) -> None:
    sentence = failed(choreoscope("orders", "--collector", f"{collector.url}/elsewhere"))
    assert sentence


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A collector whose services, steps, topics and ids want to rule the terminal."""
    folder: Path = tmp_path_factory.mktemp("hostile")
    now = time.time_ns() - 10**10
    topic = {"messaging.destination.name": _HOSTILE, "messaging.system": _HOSTILE}
    exports = [
        request(_HOSTILE, now, {"does": f"{_HOSTILE} serve {_HOSTILE}", "id": "a", "order": True}),
        request(
            _HOSTILE,
            now,
            {"does": f"{_HOSTILE} send x", "id": "b", "under": "a", "attributes": topic},
        ),
        request(
            _HOSTILE,
            now,
            {
                "does": f"x{_HOSTILE} process x",
                "under": "b",
                "attributes": topic,
                "error": _HOSTILE,
            },
        ),
    ]
    file = folder / "spans.pb"
    file.write_bytes(joined(exports))
    with Served(folder / "data") as served:
        done = choreoscope("load", file, "--to", served.url)
        assert done.returncode == 0, done.stderr
        yield served


@pytest.mark.parametrize(
    "command", [["orders"], ["order", _HOSTILE], ["causes"], ["map"], ["services"]]
)
@pytest.mark.parametrize("flags", [[], ["--json"]])
def test_untrusted_text_rules_no_terminal(
    hostile: Served, command: list[str], flags: list[str]
) -> None:
    text = asked(hostile, *command, *flags)
    assert text.replace("\n", "").isprintable()
    if flags:
        assert _HOSTILE in json.dumps(json.loads(text), ensure_ascii=False).replace(
            "\\u001b", "\x1b"
        ).replace("\\u0007", "\x07").replace("\\r\\n", "\r\n") or command == ["causes"]
    elif command != ["causes"]:
        assert _SHOWN in text


def test_an_unknown_hostile_id(hostile: Served) -> None:
    sentence = failed(choreoscope("order", "\x1b[2Jx", "--collector", hostile.url))
    assert sentence.isprintable()


def test_clean_keeps_words_and_drops_orders() -> None:
    assert clean("Zürich 東京 ✓") == "Zürich 東京 ✓"
    assert clean(_HOSTILE) == _SHOWN
    assert clean("\x9b31m\ud800\x00\u2028x") == "31m x"
    console = Console(width=80)
    with console.capture() as captured:
        console.print(plain("[red]x[/red] [link=http://x]y[/link]"))
    assert captured.get() == "[red]x[/red] [link=http://x]y[/link]\n"
