"""YAML files → flows, and what is said of files that can't be used."""

from pathlib import Path

import pytest

from collector.flows.model import Entry, Flow, Step, step
from collector.flows.reader import FlowError, read, read_flows

FLOW = """\
workflow: order
steps:
  - step: fulfilment-cd process stock.reserved
    after: fulfilment-stock send stock.reserved
    within: 30s
  - {step: shipping call POST /parcels, after: [cd send packed, invoice serve GET /bills]}
"""


WHOLE = """\
workflow: order
namespace: shop
services: [stock, payment, fraud]
steps:
  placed: shop send order.placed
  payment: {on: payment process order.placed, after: placed, within: 30s}
  reserved: {on: stock send reserved}
  rejected: {step: stock send rejected}
  stock: {any_of: [reserved, rejected], after: payment, within: 1m}
  review: {on: fraud process check, after: payment, optional: true, pauses: stock, within: 8h}
  packed: {on: cd send packed, after: [reserved, payment]}
  invoice send bill:
    after_any: [packed, [rejected, fraud process check]]
    critical: false
  refund: {on: payment call POST /refunds, compensates: payment, after: rejected, within: 2m}
  undo: {on: stock send released, compensates: reserved}
ends: {success: invoice send bill, failure: [refund, undo]}
"""
RESERVED, REJECTED = Step("stock", "send", "reserved"), Step("stock", "send", "rejected")
PAYMENT = Step("payment", "process", "order.placed")


def flow(text: str) -> Flow:
    return read(text.encode(), "order.yaml", ["order"])


def test_a_flow_in_full() -> None:
    placed, paid = "shop send order.placed", PAYMENT.name
    packed, bill = Step("cd", "send", "packed"), Step("invoice", "send", "bill")
    refund = Step("payment", "call", "POST /refunds")
    review = Step("fraud", "process", "check")
    released = Step("stock", "send", "released")
    assert flow(WHOLE) == Flow(
        workflow="order",
        entries=(
            Entry("placed", (Step("shop", "send", "order.placed"),)),
            Entry("payment", (PAYMENT,), ((placed,),), 30.0),
            Entry("reserved", (RESERVED,)),
            Entry("rejected", (REJECTED,)),
            Entry("stock", (RESERVED, REJECTED), ((paid,),), 60.0),
            Entry("review", (review,), ((paid,),), 28800.0, optional=True, pauses=("stock",)),
            Entry("packed", (packed,), ((paid, RESERVED.name),)),
            Entry(
                bill.name,
                (bill,),
                ((packed.name,), (review.name, REJECTED.name)),
                critical=False,
            ),
            Entry("refund", (refund,), ((REJECTED.name,),), 120.0, compensates=(paid,)),
            Entry("undo", (released,), compensates=(RESERVED.name,)),
        ),
        namespace="shop",
        services=("fraud", "payment", "stock"),
        ends_success=(bill.name,),
        ends_failure=(refund.name, released.name),
    )


def test_after_a_choice_is_after_any_of_it() -> None:
    found = flow(WHOLE.replace("after: [reserved, payment]", "after: [stock, payment]"))
    packed = next(entry for entry in found.entries if entry.name == "packed")
    ways = [(PAYMENT.name, RESERVED.name), (PAYMENT.name, REJECTED.name)]
    assert packed.after == tuple(tuple(sorted(way)) for way in ways)


def test_a_list_of_steps_needs_no_short_names(tmp_path: Path) -> None:
    (tmp_path / "order.yaml").write_text(FLOW)
    (tmp_path / "notes.txt").write_text("not a flow")
    consumed = Step("fulfilment-cd", "process", "stock.reserved")
    sent = "fulfilment-stock send stock.reserved"
    called = Step("shipping", "call", "POST /parcels")
    [found] = read_flows(tmp_path, ["order"])
    both = ("cd send packed", "invoice serve GET /bills")
    assert found.entries == (
        Entry(consumed.name, (consumed,), ((sent,),), 30.0),
        Entry(called.name, (called,), (both,)),
    )
    assert (consumed.destination, called.destination) == ("stock.reserved", "")


def test_a_step_by_its_parts() -> None:
    said = "{service: '', role: send, operation: a send b, destination: b}"
    [entry] = flow(f"workflow: order\nsteps:\n  odd: {{step: {said}, after: c call d}}").entries
    assert entry.any_of == (Step("", "send", "a send b", "b"),)
    assert (entry.steps, entry.any_of[0].destination) == ((" send a send b",), "b")


@pytest.mark.parametrize(
    ("within", "seconds"),
    [("500ms", 0.5), ("1.5s", 1.5), ("5 m", 300), ('"8h"', 28800), ("2d", 172800)],
)
def test_times(tmp_path: Path, within: str, seconds: float) -> None:
    (tmp_path / "order.yml").write_text(FLOW.replace("30s", within))
    assert read_flows(tmp_path, ["order"])[0].entries[0].within_s == seconds


def test_runs_without_an_id_of_their_own_are_workflows_too(tmp_path: Path) -> None:
    (tmp_path / "poll.yaml").write_text(FLOW.replace("workflow: order", "workflow: cron nightly"))
    assert read_flows(tmp_path, ["order"])[0].workflow == "cron nightly"


def test_an_empty_folder_declares_nothing(tmp_path: Path) -> None:
    assert read_flows(tmp_path, ["order"]) == []


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
        (FLOW, "- a", "line 1: this has no fields; expected workflow, namespace"),
        (FLOW, "workflow: order", "line 1: steps is missing; expected steps: …"),
        (FLOW, FLOW + "---\n", "line 7: not YAML: but found another document"),
        (FLOW, "[" * 5000, "not YAML: characters or nesting"),
        (FLOW, "a: \0", "not YAML: characters or nesting"),
        ("order", "ordre", "line 1: there is no workflow 'ordre'; expected order"),
        ("workflow: order", "workflow:", "line 1: nothing stands here; expected the name of a wo"),
        ("workflow:", "workflows:", "line 1: there is no field workflows; expected workflow"),
        ("within:", "whithin:", "line 5: there is no field whithin; expected within"),
        ("within:", "any_of:", "line 5: step and any_of both; expected one of them"),
        ("within:", "after_any:", "line 5: after and after_any both; expected one of them"),
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
        ("  - step: fulfilment-cd process stock.reserved\n    a", "  - a", "line 3: step is mis"),
    ],
)
def test_what_is_refused(tmp_path: Path, old: str, new: str, says: str) -> None:
    (tmp_path / "order.yaml").write_text(FLOW.replace(old, new, 1))
    with pytest.raises(FlowError, match=says) as raised:
        read_flows(tmp_path, ["order"])
    assert str(raised.value).startswith(str(tmp_path / "order.yaml"))
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("after: placed", "after: plaecd", "line 6: there is no step 'plaecd'; expected placed or"),
        ("after: placed", "after: nothing like it", "expected placed, payment, reserved, rejected"),
        ("pauses: stock", "pauses: stok", "line 10: there is no step 'stok'; expected stock or"),
        ("after: placed", "after: payment", "line 6: a step can't come after itself"),
        ("after: placed", "after: [packed]", "line 6: a circle: payment → packed → payment"),
        ("[reserved, payment]", "[reserved, reserved]", "line 11: .* stands here twice"),
        ("[reserved, payment]", "[stock, reserved]", "line 11: .* stands here twice"),
        ("[reserved, rejected]", "[reserved, reserved]", "line 9: .* twice; expected each step"),
        ("  packed:", "  stock:", "line 11: stock stands here twice"),
        ("optional: true", "optional: maybe", "line 10: optional: maybe; expected true or false"),
        (", pauses: stock", "", "line 10: what is optional is never late; expected pauses"),
        ("2m", "2m, optional: true, pauses: packed", "line 15: what is optional is never owed"),
        ("compensates: reserved", "compensates: undo", "line 16: a step can't be meant by its own"),
        ("pauses: stock", "pauses: review", "line 10: a step can't pause itself"),
        ("pauses:", "pause:", "line 10: there is no field pause; expected pauses"),
        ("refund: {on", "stock send reserved: {on", "line 15: 'stock send reserved' is the name o"),
        ("on: cd send packed, ", "", "line 11: 'packed' says no step; expected step: service role"),
        ("[reserved, rejected]", "[packed, stock]", "line 9: stock is a choice itself"),
        ("[refund, undo]", "[refund, invoice send bill]", "invoice send bill is success and fail"),
        ("success:", "succes:", "line 17: there is no field succes; expected success"),
        ("placed: shop send", "placed: shop sends", "line 5: 'shop sends order.placed' is no step"),
        (
            "  packed: {on: cd send packed, after: [reserved, payment]}",
            "  packed: {on: payment process order.placed, after: placed}",
            "line 11: payment process order.placed after shop send order.placed stands here twice, "
            "as in line 6",
        ),
        (
            "  packed:",
            "  maybe: {on: cd send packed, optional: true}\n  packed:",
            "line 12: maybe is optional, but is owed here",
        ),
        ("on: stock send reserved", "on: {service: a, role: sent, operation: b}", "role: sent; e"),
        ("on: stock send reserved", "on: {service: a, role: send}", "line 7: operation is missing"),
    ],
)
def test_what_is_refused_of_short_names(old: str, new: str, says: str) -> None:
    assert old in WHOLE
    with pytest.raises(FlowError, match=says):
        flow(WHOLE.replace(old, new, 1))


def test_all_that_is_wrong_is_said_at_once_by_line() -> None:
    text = WHOLE.replace("30s", "soon").replace("after: rejected", "after: rejectde")
    with pytest.raises(FlowError, match=r"'plcaed'; .* \(and 2 more: ") as raised:
        flow(text.replace("order.placed, after: placed", "order.placed, after: plcaed"))
    assert [(fault.line, fault.wrong) for fault in raised.value.faults] == [
        (6, "there is no step 'plcaed'"),
        (6, "within: soon"),
        (15, "there is no step 'rejectde'"),
    ]


def test_nothing_too_large_is_read() -> None:
    with pytest.raises(FlowError, match="too large; expected at most"):
        flow(WHOLE + "#" * 1024 * 1024)
    many = ", ".join(f"a send {n}" for n in range(11))
    steps = "".join(f"  c{n}: {{any_of: [a send {n}, b send {n}]}}\n" for n in range(11))
    late = f"  end: {{on: z send z, after: [{', '.join(f'c{n}' for n in range(11))}]}}\n"
    with pytest.raises(FlowError, match="too many ways to come here; expected at most 100"):
        flow(f"workflow: order\nsteps:\n{steps}{late}")
    assert flow(f"workflow: order\nsteps:\n  end: {{on: z send z, after: [{many}]}}").entries


def test_a_long_chain_is_no_circle() -> None:
    chain = "".join(f"  s{n} send x: {{after: s{n + 1} send x}}\n" for n in range(3000))
    assert len(flow(f"workflow: order\nsteps:\n{chain}").entries) == 3000
    with pytest.raises(FlowError, match="a circle: s"):
        flow(f"workflow: order\nsteps:\n{chain}  s3000 send x: {{after: s0 send x}}\n")


def test_a_workflow_has_one_file(tmp_path: Path) -> None:
    for name in ("a.yaml", "b.yaml"):
        (tmp_path / name).write_text(FLOW)
    with pytest.raises(FlowError, match=r"b\.yaml: .*a\.yaml declares workflow order already"):
        read_flows(tmp_path, ["order"])


def test_what_can_not_be_read(tmp_path: Path) -> None:
    with pytest.raises(FlowError, match=r"missing: can.t read the folder: No such"):
        read_flows(tmp_path / "missing", ["order"])
    (tmp_path / "latin.yaml").write_bytes("workflow: bestellung-für".encode("latin-1"))
    with pytest.raises(FlowError, match=r"latin\.yaml: not text; expected text in UTF-8"):
        read_flows(tmp_path, ["order"])
