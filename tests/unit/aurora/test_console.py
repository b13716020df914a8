"""Progress: lines where there is no terminal, a bar where there is."""

from __future__ import annotations

import io
import re

import pytest

from aurora.console import Row, aligned, counted, dollars, progress_view


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def whole(done: int, total: int) -> Row:
    return Row("Course", "", done, total, "$0.50")


def test_a_pipe_gets_a_line_for_each_step_and_each_tenth_of_the_way() -> None:
    stream = io.StringIO()
    with progress_view(stream) as view:
        view.update(Row("Course", "starting", 0, 0), [])
        for done in range(101):
            view.update(whole(done, 100), [Row("Lessons", "writing", done, 100)])
        view.update(whole(100, 100), [Row("Lessons", "making the book", 100, 100, "2 retries")])
    assert stream.getvalue().splitlines() == [
        "Course: starting",
        *(f"Lessons: writing, {done} of 100" for done in range(0, 101, 10)),
        "Lessons: making the book, 100 of 100 (2 retries)",
    ]


def test_a_terminal_gets_a_bar_for_the_whole_and_one_for_each_part(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "80")
    stream = Terminal()
    with progress_view(stream) as view:
        view.update(whole(3, 5), [Row("Lessons", "writing", 1, 2, "1 failed"), Row("Labs", "planning", 2, 3)])
    shown = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", stream.getvalue())  # without colours and movements
    assert re.search(r"Course  +\S+ +\S* *3/5 0:0\d, \$0\.50", shown)
    assert re.search(r"Lessons +\S+ +\S* *1/2 writing, 1 failed", shown)
    assert re.search(r"Labs  +\S+ +\S* *2/3 planning", shown)


@pytest.mark.parametrize(("term", "columns"), [("dumb", "80"), ("xterm", "30")])
def test_a_terminal_that_cannot_show_a_bar_gets_lines(term: str, columns: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", term)
    monkeypatch.setenv("COLUMNS", columns)
    stream = Terminal()
    with progress_view(stream) as view:
        view.update(whole(1, 2), [Row("Lessons", "writing", 1, 2)])
        view.note("Waiting: [too] many requests")
    assert stream.getvalue().splitlines() == ["Lessons: writing, 1 of 2", "Waiting: [too] many requests"]


def test_a_note_stays_above_the_bars_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "80")
    stream = Terminal()
    with progress_view(stream) as view:
        view.note("Waiting: [too] many requests")
    assert "Waiting: [too] many requests" in stream.getvalue()


@pytest.mark.parametrize(
    ("amount", "told"), [(0, "$0.00"), (0.00123, "$0.0012"), (0.5, "$0.50"), (1234.5, "$1,234.50")]
)
def test_money_is_told_in_dollars_and_less_than_a_cent_with_its_digits(amount: float, told: str) -> None:
    assert dollars(amount) == told


def test_rows_are_aligned_and_end_without_blanks() -> None:
    assert aligned([("changed", "a.py"), ("new", "longer.py"), ("removed", "")]) == [
        "changed  a.py",
        "new      longer.py",
        "removed",
    ]
    assert aligned([("", "written"), ("labs", "7")], numbers=True) == ["      written", "labs        7"]
    assert aligned([]) == []


@pytest.mark.parametrize(("number", "told"), [(0, "0 images"), (1, "1 image"), (2000, "2,000 images")])
def test_a_number_of_things_is_told_as_people_do(number: int, told: str) -> None:
    assert counted(number, "image") == told
