from __future__ import annotations

import pytest

from dashboard.figures import formats

THIN = formats.THIN


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0"),
        (812, "812"),
        (49_947, "49 947"),
        (100_000, "100 k"),
        (1_240_000, "1.2 M"),
        (999_990, "1.0 M"),
        (3_400_000_000, "3.4 G"),
    ],
)
def test_number(count: float, text: str) -> None:
    assert formats.number(count) == text.replace(" ", THIN)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, "–"),
        (0, "0|ms"),
        (0.0000471, "47|µs"),
        (0.0044, "4.4|ms"),
        (0.012, "12|ms"),
        (0.41, "410|ms"),
        (0.9999, "1.0|s"),
        (4.9, "4.9|s"),
        (9.97, "10|s"),
        (59.7, "1|min 00|s"),
        (2460, "41|min 00|s"),
        (18_300, "5|h 05|min"),
        (273_600, "3|d 4|h"),
        (-3, "−3.0|s"),
    ],
)
def test_duration_has_at_most_two_units(seconds: float | None, text: str) -> None:
    assert formats.duration(seconds) == text.replace("|", THIN)


def test_age_is_the_largest_unit_alone() -> None:
    assert [formats.age(s) for s in (None, 4, 61, 7300, 200_000)] == [
        "–",
        f"4{THIN}s",
        f"1{THIN}min",
        f"2{THIN}h",
        f"2{THIN}d",
    ]


def test_percent() -> None:
    shown = [formats.percent(share).replace(THIN, " ") for share in (0, 0.0004, 0.184, 1)]
    assert shown == ["0 %", "<0.1 %", "18.4 %", "100.0 %"]


def test_rate() -> None:
    assert [formats.rate(value) for value in (0, 0.2, 41.2)] == ["0/s", "12.0/min", "41.2/s"]


def test_nanoseconds_keeps_all_nine_decimals() -> None:
    assert formats.nanoseconds("2026-11-20T14:02:18.123456789Z") % 1_000_000_000 == 123_456_789
    assert formats.nanoseconds("2026-11-20T14:02:18Z") == 1_795_183_338_000_000_000
    same = "2026-11-20T15:02:18.5+01:00"
    assert formats.nanoseconds(same) == formats.nanoseconds("2026-11-20T14:02:18.500Z")


def test_times_are_utc() -> None:
    assert formats.stamp("2026-11-20T15:02:18+01:00") == "2026-11-20 14:02:18"
    assert formats.clock("2026-11-20T14:02:18.123456789Z", 3) == "14:02:18.123"
    assert formats.stamp(None) == formats.clock(None) == "–"


def test_times_out_of_the_calendar_are_held_at_its_ends() -> None:
    assert formats.moment(10**21).year == 9999


def test_names_are_cut_where_they_differ_least() -> None:
    assert formats.shortened("payment", 10) == "payment"
    assert formats.shortened("payment-service", 8) == "payment…"
    assert formats.squeezed("fulfilment-payment", 11) == "fulfi…yment"
    assert len(formats.squeezed("x" * 99, 24)) == 24


def test_step_name_leaves_the_service_out() -> None:
    assert formats.step_name("cd process stock.reserved", "cd") == "process stock.reserved"
    assert formats.step_name("cd", "cd") == "cd"
