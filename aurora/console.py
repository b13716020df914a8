"""What the command shows: results on stdout, everything said on the way on stderr, a bar where there is a terminal.

Knows nothing of what it is about.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Sequence
from types import TracebackType
from typing import IO, TYPE_CHECKING, Final, Protocol, Self

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

_BAR_NEEDS: Final = 50  # columns


def say(text: str) -> None:
    """A line for the person who waits; never part of a command's result."""
    print(text, file=sys.stderr, flush=True)


def result(text: str) -> None:
    """A line of the command's result."""
    print(text, flush=True)


class ProgressView(Protocol):
    """Shows how far a run of known length is."""

    def __enter__(self) -> Self: ...
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...
    def update(self, step: str, done: int, total: int) -> None:
        """``done`` of ``total`` are finished and ``step``, in a few words, is under way."""
        ...

    def note(self, text: str) -> None:
        """A line that stays, on what happens meanwhile."""
        ...


class ProgressLines:
    """One plain line whenever something changed: for logs and pipes."""

    def __init__(self, stream: IO[str], unit: str) -> None:
        self._stream = stream
        self._unit = unit
        self._last = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stream.flush()

    def update(self, step: str, done: int, total: int) -> None:
        line = f"{step}: {done} of {total} {self._unit}"
        if line != self._last:
            print(line, file=self._stream, flush=True)
            self._last = line

    def note(self, text: str) -> None:
        print(text, file=self._stream, flush=True)


class ProgressBar:
    """A bar with the step, the count and the time, redrawn in place: for terminals."""

    def __init__(self, stream: IO[str], unit: str) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

        self._progress: Progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn(unit),
            TimeElapsedColumn(),
            console=Console(file=stream),
        )
        self._task: TaskID = self._progress.add_task("", total=None)

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def update(self, step: str, done: int, total: int) -> None:
        self._progress.update(self._task, description=step, completed=done, total=total or None)

    def note(self, text: str) -> None:
        self._progress.console.print(text, markup=False, highlight=False, emoji=False)


def progress_view(unit: str, stream: IO[str] | None = None) -> ProgressView:
    """The view that suits where ``stream`` (stderr) goes; ``unit`` names what is counted."""
    target = sys.stderr if stream is None else stream
    # A dumb terminal cannot redraw a line, and a narrow one has no room for a bar.
    drawn = target.isatty() and os.environ.get("TERM") != "dumb" and shutil.get_terminal_size().columns >= _BAR_NEEDS
    return ProgressBar(target, unit) if drawn else ProgressLines(target, unit)


def counted(number: int, thing: str) -> str:
    """As in ``1 image`` and ``2,000 images``."""
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """The rows as lines, each column as wide as its longest cell."""
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
