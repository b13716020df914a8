"""Progress: lines where there is no terminal, a bar where there is."""

from __future__ import annotations

import io
import re

from aurora.console import progress_view


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_pipe_gets_a_line_for_each_change() -> None:
    stream = io.StringIO()
    with progress_view("lessons", stream) as view:
        for done in (0, 1, 1, 2):
            view.update("Writing", done, 2)
    assert stream.getvalue().splitlines() == [f"Writing: {done} of 2 lessons" for done in (0, 1, 2)]


def test_a_terminal_gets_a_bar_with_step_and_count() -> None:
    stream = Terminal()
    with progress_view("lessons", stream) as view:
        view.update("Writing", 1, 2)
    shown = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", stream.getvalue())  # without colours and movements
    assert "Writing" in shown
    assert "1/2 lessons" in shown
