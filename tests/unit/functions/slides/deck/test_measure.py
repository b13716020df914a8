from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.slides.deck.geometry import Type
from functions.slides.deck.measure import columns, fitted, joined, plain, text_width, wrap
from functions.slides.deck.model import Run

TYPE = Type(20, 25)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.builds(Run, st.text(min_size=1, max_size=80), st.booleans(), code=st.booleans()), max_size=5))
def test_lines_are_no_wider_than_asked_and_lose_nothing(runs: list[Run]) -> None:
    lines = wrap(runs, TYPE, 120)
    assert plain([run for line in lines for run in line]) == plain(joined(runs))
    for line in lines:
        ink = [*line[:-1], *(Run(run.text.rstrip(" \n"), run.bold, code=run.code) for run in line[-1:])]
        assert sum(text_width(run.text, 20, bold=run.bold, code=run.code) for run in ink) <= 120


def test_lines_break_at_blanks_and_where_they_are_told() -> None:
    assert [plain(line) for line in wrap([Run("one two\nthree four five")], TYPE, 100)] == [
        "one two\n",
        "three four ",
        "five",
    ]


def test_a_word_is_not_broken_where_its_style_changes() -> None:
    runs = [Run("some words "), Run("emphasi", bold=True), Run("sed")]
    assert [plain(line) for line in wrap(runs, TYPE, 140)] == ["some words ", "emphasised"]


@pytest.mark.parametrize(("narrow", "wide"), [("iii", "WWW"), ("word", "漢字漢字"), ("aa", "👩🌾"), ("leaf", "Жщюя")])
def test_what_is_wide_counts_as_wide(narrow: str, wide: str) -> None:
    assert text_width(wide, 20) > text_width(narrow, 20)


def test_an_accent_hardly_changes_a_width_and_bold_widens_it() -> None:
    assert text_width("ñandú él", 20) == pytest.approx(text_width("nandu el", 20))
    assert text_width("soil", 20, bold=True) > text_width("soil", 20)


def test_in_code_every_letter_takes_a_column_and_foreign_ones_two() -> None:
    assert columns("def ñandú():") == 12
    assert columns("漢字") == 4
    assert text_width("iiii", 10, code=True) == text_width("WWWW", 10, code=True)


def test_what_does_not_fit_is_cut_at_a_word_with_a_sign_and_keeps_its_number() -> None:
    text = fitted("A very long title of a section that goes on and on", TYPE, 200, 2, " (3)")
    assert text.endswith("… (3)")
    assert len(wrap([Run(text)], TYPE, 200)) == 2
    assert "A very long title of a section that goes on and on".startswith(text.removesuffix("… (3)"))
    assert fitted("Short", TYPE, 200, 2, " (3)") == "Short (3)"
