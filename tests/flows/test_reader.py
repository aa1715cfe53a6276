"""YAML files → rules, and what is said of files that can't be used."""

from pathlib import Path

import pytest

from collector.flows.model import Rule, Step, step
from collector.flows.reader import FlowError, read_folder

FLOW = """\
workflow: order
steps:
  - step: fulfilment-cd process stock.reserved
    after: fulfilment-stock send stock.reserved
    within: 30s
  - {step: shipping call POST /parcels, after: [cd send packed, invoice serve GET /bills]}
"""


def test_a_flow_is_read(tmp_path: Path) -> None:
    (tmp_path / "order.yaml").write_text(FLOW)
    (tmp_path / "notes.txt").write_text("not a flow")
    consumed = Step("fulfilment-cd", "process", "stock.reserved")
    sent = Step("fulfilment-stock", "send", "stock.reserved")
    called = Step("shipping", "call", "POST /parcels")
    assert read_folder(tmp_path, ["order"]) == [
        Rule("order", sent, consumed, 30.0),
        Rule("order", Step("cd", "send", "packed"), called, None),
        Rule("order", Step("invoice", "serve", "GET /bills"), called, None),
    ]
    assert (consumed.destination, called.destination) == ("stock.reserved", "")


@pytest.mark.parametrize(
    ("within", "seconds"),
    [("500ms", 0.5), ("1.5s", 1.5), ("5 m", 300), ('"8h"', 28800), ("2d", 172800)],
)
def test_times(tmp_path: Path, within: str, seconds: float) -> None:
    (tmp_path / "order.yml").write_text(FLOW.replace("30s", within))
    assert read_folder(tmp_path, ["order"])[0].within_s == seconds


def test_runs_without_an_id_of_their_own_are_workflows_too(tmp_path: Path) -> None:
    (tmp_path / "poll.yaml").write_text(FLOW.replace("workflow: order", "workflow: cron nightly"))
    assert read_folder(tmp_path, ["order"])[0].workflow == "cron nightly"


def test_an_empty_folder_declares_nothing(tmp_path: Path) -> None:
    assert read_folder(tmp_path, ["order"]) == []


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("a process b", Step("a", "process", "b")),
        ("big shop serve GET /send it", Step("big shop", "serve", "GET /send it")),
        ("a handles b", None),
        ("process b", None),
        ("a process ", None),
        ("a processes b", None),
    ],
)
def test_names_of_steps(name: str, parts: Step | None) -> None:
    assert step(name) == parts
    assert parts is None or parts.name == name


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (FLOW, "", "is empty; expected workflow and steps"),
        (FLOW, "- a", "line 1: this has no fields; expected workflow, steps"),
        (FLOW, "workflow: order", "line 1: steps is missing; expected steps: …"),
        (FLOW, FLOW + "---\n", "line 7: not YAML: but found another document"),
        (FLOW, "[" * 5000, "not YAML: characters or nesting"),
        (FLOW, "a: \0", "not YAML: characters or nesting"),
        ("order", "ordre", "line 1: there is no workflow 'ordre'; expected order"),
        ("workflow: order", "workflow:", "line 1: nothing stands here; expected the name of a wo"),
        ("workflow:", "workflows:", "line 1: there is no field workflows; expected workflow"),
        ("within:", "whithin:", "line 5: there is no field whithin; expected within"),
        ("within:", "any_of:", "line 5: there is no field any_of; expected step, after, within"),
        ("within:", "after:", "line 5: after stands here twice; expected it once"),
        ("within: 30s", "within: 30", "line 5: within: 30; expected a time such as 500ms, 30s"),
        ("within: 30s", "within: 0s", "over 0 and at most 365d"),
        ("within: 30s", "within: 366d", "over 0 and at most 365d"),
        ("within: 30s", "within: [30s]", "line 5: a list or a table stands here; expected a time"),
        ("within: 30s", "within: '30s", "line 7: not YAML"),
        ("cd process", "cd handles", "line 3: 'fulfilment-cd handles stock.reserved' is no step"),
        ("stock send", "cd process", "line 4: a step can't come after itself"),
        ("[cd send packed, ", "[cd send packed, cd send packed, ", "line 6: .* stands here twice"),
        ("[cd send packed, invoice serve GET /bills]", "[]", "line 6: after is empty"),
        ("    after: fulfilment-stock send stock.reserved\n", "", "line 3: after is missing"),
    ],
)
def test_what_is_refused(tmp_path: Path, old: str, new: str, says: str) -> None:
    (tmp_path / "order.yaml").write_text(FLOW.replace(old, new, 1))
    with pytest.raises(FlowError, match=says) as raised:
        read_folder(tmp_path, ["order"])
    assert str(raised.value).startswith(str(tmp_path / "order.yaml"))
    assert "\n" not in str(raised.value)


def test_a_workflow_has_one_file(tmp_path: Path) -> None:
    for name in ("a.yaml", "b.yaml"):
        (tmp_path / name).write_text(FLOW)
    with pytest.raises(FlowError, match=r"b\.yaml: .*a\.yaml declares workflow order already"):
        read_folder(tmp_path, ["order"])


def test_what_can_not_be_read(tmp_path: Path) -> None:
    with pytest.raises(FlowError, match=r"can.t read the folder .*missing: No such"):
        read_folder(tmp_path / "missing", ["order"])
    (tmp_path / "latin.yaml").write_bytes("workflow: bestellung-für".encode("latin-1"))
    with pytest.raises(FlowError, match=r"latin\.yaml: expected text in UTF-8"):
        read_folder(tmp_path, ["order"])
