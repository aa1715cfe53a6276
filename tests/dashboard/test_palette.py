"""States can be told apart by everybody, and all text can be read."""

from __future__ import annotations

from itertools import combinations

import pytest

from dashboard.figures import palette
from dashboard.figures.palette import MODES, Mode
from tests.dashboard.colour_vision import DEFICIENCIES, contrast, difference, seen_by

DISTINCT = (
    palette.COMPLETED,
    palette.RUNNING,
    palette.WAITING,
    palette.STUCK,
    palette.FAILED,
    palette.COMPENSATED,
)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("deficiency", [None, *DEFICIENCIES])
def test_any_two_states_differ(mode: Mode, deficiency: str | None) -> None:
    fills = [seen_by(look.fill(mode), deficiency) for look in DISTINCT]
    assert min(difference(one, other) for one, other in combinations(fills, 2)) >= 13


@pytest.mark.parametrize("mode", MODES)
def test_text_of_states_reads_on_page_and_panel(mode: Mode) -> None:
    for look in palette.STATES.values():
        for ground in (palette.PAGE, palette.PANEL):
            assert contrast(look.ink(mode), ground.of(mode)) >= 4.5, look.word


@pytest.mark.parametrize("mode", MODES)
def test_marks_show_on_the_page(mode: Mode) -> None:
    for look in palette.STATES.values():
        assert contrast(look.fill(mode), palette.PAGE.of(mode)) >= 3, look.word
    for tone in (palette.RPC, palette.MESSAGING, palette.FAILING, palette.NODE):
        assert contrast(tone.of(mode), palette.PAGE.of(mode)) >= 3


@pytest.mark.parametrize("mode", MODES)
def test_plain_text_reads(mode: Mode) -> None:
    for tone in (palette.TEXT, palette.MUTED):
        assert contrast(tone.of(mode), palette.PAGE.of(mode)) >= 4.5
        assert contrast(tone.of(mode), palette.PANEL.of(mode)) >= 4.5


def test_colour_never_stands_alone() -> None:
    looks = palette.STATES.values()
    assert len({look.icon for look in looks}) == len({look.word for look in looks}) == 7


def test_a_hesitant_order_looks_waiting_but_keeps_its_word() -> None:
    look = palette.order_look("in_progress", "suspect")
    assert (look.word, look.icon) == ("in progress", "○")
    assert palette.order_look("in_progress", "on_time").icon == "▶"


def test_a_state_from_the_future_is_unknown() -> None:
    assert palette.order_look("teleported").word == "unknown"
    assert palette.step_look("teleported").word == "unknown"


def test_every_look_has_a_token_of_the_stylesheet() -> None:
    sheet = palette.stylesheet()
    for look in [*palette.STATES.values(), *palette.STEPS.values()]:
        assert f"--{palette.token(look)}: light-dark({look.light}, {look.dark})" in sheet
        assert f"--{palette.token(look)}-ink: light-dark({look.light_ink}" in sheet
