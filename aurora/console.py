"""Output of commands: results on stdout, messages on stderr, progress bars on a terminal."""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import IO, TYPE_CHECKING, Final, Protocol, Self

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

_BARS_NEED: Final = 60  # columns
_TENTHS: Final = 10  # a line for each part of the way: more would be chatty


def say(text: str) -> None:
    """Prints a message to stderr; it is never part of a command's result."""
    print(text, file=sys.stderr, flush=True)


def result(text: str) -> None:
    """Prints a line of the command's result to stdout."""
    print(text, flush=True)


@dataclass(frozen=True)
class Row:
    """The progress of one part of the work: ``done`` of ``total`` (0: not known yet), its current step, and details."""

    label: str
    step: str
    done: int
    total: int
    detail: str = ""


class ProgressView(Protocol):
    """Shows the progress of a run."""

    def __enter__(self) -> Self: ...
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...
    def update(self, whole: Row, parts: Sequence[Row]) -> None:
        """Shows the progress of the whole and of its parts; later calls may add parts."""
        ...

    def note(self, text: str) -> None:
        """Prints a line that stays."""
        ...


class ProgressLines:
    """Prints a line when a part's step changes and at every tenth of its total: for logs and pipes."""

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream
        self._shown: dict[str, tuple[str, int]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stream.flush()

    def update(self, whole: Row, parts: Sequence[Row]) -> None:
        for row in parts or [whole]:
            point = (row.step, row.done * _TENTHS // row.total if row.total else 0)
            if self._shown.get(row.label) != point:
                self._shown[row.label] = point
                count = f", {row.done} of {row.total}" if row.total else ""
                self.note(f"{row.label}: {row.step}{count}{f' ({row.detail})' if row.detail else ''}")

    def note(self, text: str) -> None:
        print(text, file=self._stream, flush=True)


class ProgressBars:
    """A bar for the whole and one for each part, redrawn in place: for terminals."""

    def __init__(self, stream: IO[str]) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
        from rich.table import Column

        # Texts of the platform are not markup.
        self._progress: Progress = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=20),
            MofNCompleteColumn(),
            TextColumn("{task.fields[about]}", markup=False, table_column=Column(no_wrap=True, overflow="ellipsis")),
            console=Console(file=stream),
        )
        self._bars: dict[str, TaskID] = {}
        self._began = time.monotonic()

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def update(self, whole: Row, parts: Sequence[Row]) -> None:
        minutes, seconds = divmod(int(time.monotonic() - self._began), 60)
        for row, clock in ((whole, f"{minutes}:{seconds:02d}"), *((part, "") for part in parts)):
            if row.label not in self._bars:
                self._bars[row.label] = self._progress.add_task(row.label, total=None, about="")
            about = ", ".join(filter(None, (clock, row.step, row.detail)))
            self._progress.update(self._bars[row.label], completed=row.done, total=row.total or None, about=about)

    def note(self, text: str) -> None:
        self._progress.console.print(text, markup=False, highlight=False, emoji=False)


def progress_view(stream: IO[str] | None = None) -> ProgressView:
    """The view that suits where ``stream`` (stderr) goes."""
    target = sys.stderr if stream is None else stream
    # A dumb terminal cannot redraw a line, and a narrow one has no room for a bar.
    drawn = target.isatty() and os.environ.get("TERM") != "dumb" and shutil.get_terminal_size().columns >= _BARS_NEED
    return ProgressBars(target) if drawn else ProgressLines(target)


def dollars(amount: float) -> str:
    """As in ``$1.25``; amounts below a cent have two significant digits."""
    return f"${amount:.2g}" if 0 < amount < 0.01 else f"${amount:,.2f}"


def counted(number: int, thing: str) -> str:
    """As in ``1 image`` and ``2,000 images``."""
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def aligned(rows: Sequence[Sequence[str]], *, numbers: bool = False) -> list[str]:
    """The rows as lines of aligned columns; with ``numbers``, all columns but the first are right-aligned."""
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    lines: list[str] = []
    for first, *others in ([*zip(row, widths, strict=True)] for row in rows):
        cells = [first[0].ljust(first[1])]
        cells += [cell.rjust(width) if numbers else cell.ljust(width) for cell, width in others]
        lines.append("  ".join(cells).rstrip())
    return lines
