"""Which steps look as if they undo others."""

import pytest

from collector.flows.compensation import is_negative, pairs, proposals

SHOP = [
    "shop serve POST /orders",
    "shop send order.placed",
    "payment process order.placed",
    "payment send payment.captured",
    "stock process payment.captured",
    "stock send stock.reserved",
    "stock send stock.rejected",
    "stock send stock.released",
    "payment process stock.rejected",
    "payment send payment.refunded",
    "shop process payment.refunded",
    "shop send order.cancelled",
    "shipping send parcel.shipped",
]


def undone(steps: list[str]) -> dict[str, str]:
    """With every order taking the unhappy way."""
    named = pairs(steps)
    return {
        p.step: p.compensates for p in proposals(named, ((n.step, n.undone, 9, 9) for n in named))
    }


def test_steps_that_undo_others_by_name() -> None:
    assert undone(SHOP) == {
        "payment send payment.refunded": "payment send payment.captured",
        "shop send order.cancelled": "shop send order.placed",
        "stock send stock.released": "stock send stock.reserved",
    }


@pytest.mark.parametrize(
    ("step", "done"),
    [
        ("stock serve POST /stock/undo", "stock serve POST /stock"),
        ("saga call POST /cd/{id}/undo", "saga call POST /cd"),
        ("stock serve DELETE /reservations/{id}", "stock serve POST /reservations"),
        ("hotel send BookingCancelled", "hotel send BookingConfirmed"),
        ("seats serve Seats/UnlockSeat", "seats serve Seats/LockSeat"),
        ("card serve Cards/VoidAuthorization", "card serve Cards/Authorize"),
        ("ledger send transfer.reversed", "ledger send transfer.posted"),
        ("stock serve ReleaseHold", "stock serve PlaceHold"),
    ],
)
def test_pairs(step: str, done: str) -> None:
    others = ["shipping send parcel.shipped", "mail process order.placed", "until send unit.united"]
    assert undone([*others, step, done]) == {step: done}


def test_what_orders_do_not_show_is_not_proposed() -> None:
    [pair] = pairs(["stock send stock.reserved", "stock send stock.released"])
    assert proposals([pair], [(pair.step, pair.undone, 80, 100)]) == []
    assert proposals([pair], [(pair.step, pair.undone, 2, 2)]) == []
    assert proposals([pair], []) == []
    [found] = proposals([pair], [(pair.step, pair.undone, 95, 100)])
    assert (found.seen, found.of) == (95, 100)
    assert found.why == "releas… undoes reserv…; both speak of stock…"


def test_steps_that_say_that_something_went_wrong() -> None:
    wrong = [name for name in SHOP if is_negative(name)]
    assert wrong == [
        "stock send stock.rejected",
        "payment process stock.rejected",
        "shop send order.cancelled",
    ]
    assert not is_negative("failover send order.placed")
