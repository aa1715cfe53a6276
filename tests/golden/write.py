"""Write the stories anew: `python -m tests.golden.write`. Then read the difference before you keep it.

Spans are written from the short tales below; what must come out of them is written by the collector
itself, and stays only what somebody has read and found right.
"""

import json
import tempfile
from pathlib import Path
from typing import Any

from tests.golden.stories import FOLDER, Story, answer, tell
from tests.golden.world import world

Told = dict[str, Any]


def usual(**more: Any) -> list[Told]:
    """checkout → payment → stock by messages, each consumer a child of its message."""
    return [
        {"does": "checkout serve POST /orders", "id": "placed", "order": True, "took": 0.06},
        {"does": "checkout send order.placed", "id": "sent", "under": "placed", "at": 0.02},
        {"does": "payment process order.placed", "id": "paid", "under": "sent", "at": 0.2},
        {"does": "payment query postgresql", "id": "row", "under": "paid", "at": 0.21},
        {"does": "payment send payment.taken", "id": "told", "under": "paid", "at": 0.22},
        {"does": "stock process payment.taken", "id": "reserved", "under": "told", "at": 0.5},
        {"does": "stock send stock.reserved", "id": "done", "under": "reserved", "at": 0.52},
    ]


def without(spans: list[Told], *ids: str) -> list[Told]:
    return [span for span in spans if span["id"] not in ids]


def linked() -> list[Told]:
    """Every consumer starts a trace of its own that links to the message; only checkout has the key."""
    return [
        {"does": "checkout serve POST /orders", "id": "placed", "order": True, "took": 0.06},
        {"does": "checkout send order.placed", "id": "sent", "under": "placed", "at": 0.02},
        {
            "does": "payment process order.placed",
            "id": "paid",
            "trace": "p",
            "links": [["", "sent"]],
            "at": 0.2,
        },
        {
            "does": "payment send payment.taken",
            "id": "told",
            "trace": "p",
            "under": "paid",
            "at": 0.22,
        },
        {
            "does": "stock process payment.taken",
            "id": "reserved",
            "trace": "s",
            "links": [["p", "told"]],
            "at": 0.5,
        },
    ]


def flattened() -> list[Told]:
    """FastStream's way: all consumers of a chain hang under the chain's first `create` span."""
    return [
        {"does": "checkout serve POST /orders", "id": "placed", "order": True, "took": 0.06},
        {
            "does": "checkout create order.placed",
            "id": "created",
            "under": "placed",
            "at": 0.02,
            "took": 0.0,
        },
        {"does": "checkout send order.placed", "id": "sent", "under": "created", "at": 0.02},
        {"does": "payment process order.placed", "id": "paid", "under": "created", "at": 0.2},
        {"does": "payment send payment.taken", "id": "told", "under": "paid", "at": 0.22},
        {"does": "stock process payment.taken", "id": "reserved", "under": "created", "at": 0.5},
        {"does": "stock send stock.reserved", "id": "done", "under": "reserved", "at": 0.52},
        {"does": "cd process stock.reserved", "id": "packed", "under": "created", "at": 0.8},
    ]


def by_key_alone() -> list[Told]:
    """No parent, no link: every handler starts a trace of its own and says the order's id."""
    return [
        {"does": "checkout serve POST /orders", "id": "placed", "order": True, "took": 0.06},
        {"does": "checkout send order.placed", "id": "sent", "under": "placed", "at": 0.02},
        {
            "does": "payment process order.placed",
            "id": "paid",
            "trace": "p",
            "order": "order_id",
            "at": 0.2,
        },
        {
            "does": "payment send payment.taken",
            "id": "told",
            "trace": "p",
            "under": "paid",
            "at": 0.22,
        },
        {
            "does": "stock process payment.taken",
            "id": "reserved",
            "trace": "s",
            "order": True,
            "at": 0.5,
        },
    ]


def late_key() -> list[Told]:
    spans = usual()
    del spans[0]["order"]
    spans[-1]["order"] = True
    return spans


def attempts(*errors: str | None) -> list[Told]:
    """payment tries the message again and again; None is a try that works."""
    spans = without(usual(), "paid", "row", "told", "reserved", "done")
    for n, error in enumerate(errors):
        told: Told = {
            "does": "payment process order.placed",
            "id": f"paid{n}",
            "under": "sent",
            "at": 0.2 + n,
        }
        if error:
            spans.append({**told, "error": error})
        else:
            spans.append(told)
            last = 0.2 + n
            spans += [
                {
                    "does": "payment send payment.taken",
                    "id": "told",
                    "under": f"paid{n}",
                    "at": last + 0.02,
                },
                {
                    "does": "stock process payment.taken",
                    "id": "reserved",
                    "under": "told",
                    "at": last + 0.3,
                },
                {
                    "does": "stock send stock.reserved",
                    "id": "done",
                    "under": "reserved",
                    "at": last + 0.32,
                },
            ]
    return spans


def calls(*, error: str = "", handled: bool = False) -> list[Told]:
    """shop calls price over HTTP; what it does with an error is its own affair."""
    failed = {"error": error} if error else {}
    return [
        {"does": "shop serve POST /orders", "id": "asked", "order": True, "took": 0.3}
        | ({} if handled else failed),
        {"does": "shop call GET /price", "id": "call", "under": "asked", "at": 0.05, "took": 0.1}
        | failed,
        {"does": "price serve GET /price", "id": "priced", "under": "call", "at": 0.08} | failed,
    ]


def batch(orders: tuple[str, ...]) -> list[Told]:
    """One receive for several messages; each message is processed in the batch's trace, with a link."""
    trace = f"shared:{'+'.join(orders)}"
    return [
        {
            "does": "stock receive payment.taken",
            "id": "batch",
            "trace": trace,
            "at": 1.5,
            "links_to": [[order, "", "told"] for order in orders],
        },
        *(
            {
                "does": "stock process payment.taken",
                "id": f"reserved {order}",
                "trace": trace,
                "under": "batch",
                "at": 1.51,
                "links_to": [[order, "", "told"]],
            }
            for order in orders
        ),
    ]


STORIES: dict[str, Story] = {
    "happy": Story("Every order goes its way; nothing is owed.", usual(), {}, [12]),
    "lost_message": Story(
        "One order's message was published and nobody got it; later orders passed.",
        usual(),
        {12: without(usual(), "paid", "row", "told", "reserved", "done")},
        [12, 13],
    ),
    "silent_consumer": Story(
        "stock stopped consuming: the last five orders wait, nobody passes.",
        usual(),
        {n: without(usual(), "reserved", "done") for n in range(35, 40)},
        [34, 35, 39],
    ),
    "never_sent": Story(
        "payment took the message and never published its own.",
        usual(),
        {12: without(usual(), "told", "reserved", "done")},
        [12],
    ),
    "retry": Story(
        "The third attempt works: that is no failure.",
        usual(),
        {12: attempts("card reader away", "card reader away", None)},
        [12],
    ),
    "failed": Story(
        "Every attempt fails and none is left.",
        usual(),
        {12: attempts("CardDeclined: no money", "CardDeclined: no money")},
        [12],
    ),
    "link_instead_of_parent": Story(
        "Consumers link to their message from traces of their own, without a key; one message is lost.",
        linked(),
        {12: without(linked(), "reserved")},
        [11, 12],
    ),
    "flattened_parents": Story(
        "All consumers hang under the chain's first message; the causes must come out as a chain.",
        flattened(),
        {12: without(flattened(), "packed")},
        [11, 12],
    ),
    "key_alone": Story(
        "Neither parent nor link, only the order's id in every handler, under two names.",
        by_key_alone(),
        {12: without(by_key_alone(), "reserved")},
        [11, 12],
    ),
    "key_on_last_span": Story("Only the last span has the order's id.", late_key(), {}, [12]),
    "dropped_span": Story(
        "payment's span was lost on its way to us, what came after it wasn't: it happened.",
        usual(),
        {12: without(usual(), "paid", "row")},
        [12],
    ),
    "handled_error": Story(
        "The callee fails, the caller copes: no failure.",
        calls(),
        {12: calls(error="503", handled=True)},
        [12],
    ),
    "failed_call": Story(
        "The callee fails and the caller with it: the callee's step is named.",
        calls(),
        {12: calls(error="503")},
        [12],
    ),
    "batch": Story(
        "stock takes messages two at a time, linked, in a trace without a key.",
        without(usual(), "reserved", "done"),
        {},
        [12, 13, 39],
        extra=[batch((f"ORD-{n:04}", f"ORD-{n + 1:04}")) for n in range(0, 38, 2)],
    ),
}


def main() -> None:
    for name, story in STORIES.items():
        (FOLDER / f"{name}.spans.json").write_text(story.text(), "utf-8")
        with tempfile.TemporaryDirectory() as folder, world(f"chdb://{folder}") as here:
            tell(here, story)
            found = json.dumps(answer(here, story), indent=1, ensure_ascii=False)
        Path(FOLDER / f"{name}.order.json").write_text(found + "\n", "utf-8")
        print(name)  # noqa: T201


if __name__ == "__main__":
    main()
