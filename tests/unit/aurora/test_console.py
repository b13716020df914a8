"""Progress: lines where there is no terminal, a bar where there is."""

from __future__ import annotations

import io
import re

import pytest

from aurora.console import aligned, counted, progress_view


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_pipe_gets_a_line_for_each_change() -> None:
    stream = io.StringIO()
    with progress_view("lessons", stream) as view:
        for done in (0, 1, 1, 2):
            view.update("Writing", done, 2)
    assert stream.getvalue().splitlines() == [f"Writing: {done} of 2 lessons" for done in (0, 1, 2)]


def test_a_terminal_gets_a_bar_with_step_and_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "80")
    stream = Terminal()
    with progress_view("lessons", stream) as view:
        view.update("Writing", 1, 2)
    shown = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", stream.getvalue())  # without colours and movements
    assert "Writing" in shown
    assert "1/2 lessons" in shown


@pytest.mark.parametrize(("term", "columns"), [("dumb", "80"), ("xterm", "30")])
def test_a_terminal_that_cannot_show_a_bar_gets_lines(term: str, columns: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", term)
    monkeypatch.setenv("COLUMNS", columns)
    stream = Terminal()
    with progress_view("lessons", stream) as view:
        view.update("Writing", 1, 2)
        view.note("Waiting: [too] many requests")
    assert stream.getvalue().splitlines() == ["Writing: 1 of 2 lessons", "Waiting: [too] many requests"]


def test_a_note_stays_above_the_bar_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "80")
    stream = Terminal()
    with progress_view("lessons", stream) as view:
        view.note("Waiting: [too] many requests")
    assert "Waiting: [too] many requests" in stream.getvalue()


def test_rows_are_aligned_and_end_without_blanks() -> None:
    assert aligned([("changed", "a.py"), ("new", "longer.py"), ("removed", "")]) == [
        "changed  a.py",
        "new      longer.py",
        "removed",
    ]
    assert aligned([]) == []


@pytest.mark.parametrize(("number", "told"), [(0, "0 images"), (1, "1 image"), (2000, "2,000 images")])
def test_a_number_of_things_is_told_as_people_do(number: int, told: str) -> None:
    assert counted(number, "image") == told
