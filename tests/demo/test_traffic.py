"""Customers come at the rate that was asked for, and no more of them than can be answered."""

import asyncio

from demo_services import traffic as customers
from demo_services.addresses import Addresses
from demo_services.customers import Customer
from demo_services.system import Journey
from demo_services.traffic import Traffic


async def _counts(journey: Journey, rate: float, seconds: float) -> Traffic:
    traffic = Traffic("shop", [journey], Addresses(""), seed=1)
    traffic.rate = rate
    traffic.start()
    await asyncio.sleep(seconds)
    await traffic.stop()
    return traffic


async def _answered(_: Customer) -> str:
    return "ORD-1"


async def _unanswered(_: Customer) -> str:
    await asyncio.Event().wait()
    return "never"


def test_what_is_answered_is_counted_and_paced() -> None:
    traffic = asyncio.run(_counts(Journey("order", _answered), 200, 0.5))
    sent = traffic.sent["order"]
    assert 0 < sent.sent == sent.accepted < 200
    assert traffic.pace == sent.sent / customers.PACE_S


def test_who_finds_a_queue_too_long_does_not_join_it() -> None:
    traffic = asyncio.run(_counts(Journey("order", _unanswered), 500, 2.0))
    sent = traffic.sent["order"]
    assert (sent.sent, sent.accepted) == (customers.MOST_UNANSWERED, 0)
