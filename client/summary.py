"""The summary at the end of an execution: a table of what was written and paid, what is missing, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator
from typing import Final

from aurora import console
from client.api import Execution, Unit
from functions.courses.options import CONTENT_KINDS
from functions.outline.units import SLIDES, UNIT_KINDS

FORMATS: Final = ("md", "json", "html", "pdf", "docx")

_LISTED: Final = 20  # a quota that is used up may leave hundreds missing, all for one reason
_COLUMNS: Final[dict[str, Callable[[Unit], bool]]] = {
    "written": lambda unit: unit.state == "written",
    "kept": lambda unit: unit.state == "skipped",
    "failed": lambda unit: unit.state == "failed",
    "not started": lambda unit: unit.state in ("cancelled", "waiting"),
    "unfinished": lambda unit: unit.state == "writing",
}


def table(execution: Execution) -> list[str]:
    """A row for each kind of unit; columns in which nothing would stand are left out."""
    kinds = {kind.plural: units for kind in UNIT_KINDS.values() if (units := execution.of_kind(kind.name))}
    if not kinds:
        return []
    counts = [name for name, holds in _COLUMNS.items() if name == "written" or any(map(holds, execution.units))]
    asked = any(unit.input_tokens or unit.output_tokens for unit in execution.units)
    paid = any(unit.cost for unit in execution.units)
    rows = [["", *counts, *(["tokens read", "tokens written"] if asked else []), *(["cost"] if paid else [])]]
    for name, units in kinds.items():
        row = [name, *(f"{sum(map(_COLUMNS[column], units)):,}" for column in counts)]
        if asked:
            row += [f"{sum(unit.input_tokens for unit in units):,}", f"{sum(unit.output_tokens for unit in units):,}"]
        if paid:
            row.append(console.dollars(sum(unit.cost for unit in units)))
        rows.append(row)
    return console.aligned(rows, numbers=True)


def money(execution: Execution) -> str:
    """What this run and the whole course cost; "" where nothing did and nothing was set."""
    if not (execution.cost or execution.spent or execution.budget):
        return ""
    course = f"; the course so far {console.dollars(execution.spent)}" if execution.spent else ""
    limit = f", of a budget of {console.dollars(execution.budget)}" if execution.budget else ""
    return f"This run cost {console.dollars(execution.cost)}{course}{limit}."


def missing(execution: Execution) -> Iterator[str]:
    """The units that are not there, each with its reason."""
    absent = [unit for unit in execution.units if not unit.there]
    if not absent:
        return
    kinds = Counter(unit.kind for unit in absent)
    yield "Missing: " + ", ".join(
        console.counted(kinds[kind.name], kind.singular) for kind in UNIT_KINDS.values() if kind.name in kinds
    )
    for unit in absent[:_LISTED]:
        yield f"  {unit.id} {unit.title}: {unit.reason or _WHY.get(unit.state, 'no reason given')}"
    if len(absent) > _LISTED:
        yield f"  ... and {len(absent) - _LISTED:,} more"


def results(execution: Execution, files: Collection[str]) -> tuple[list[str], list[str]]:
    """The books and slides that an execution of this content makes: those among ``files``, and those that are not."""
    books = [UNIT_KINDS[kind].book for kind in CONTENT_KINDS[execution.content]]
    expected = [f"{book}.{format_}" for book in books if book for format_ in FORMATS]
    decks = sorted(name for name in files if name.startswith(SLIDES.folder))
    absent = [name for name in expected if name not in files]
    wanted = sum(unit.there for unit in execution.of_kind(SLIDES.name))
    if len(decks) < wanted:
        absent.append(f"slides of {console.counted(wanted - len(decks), 'module')}")
    return [*(name for name in expected if name in files), *decks], absent


_WHY: Final = {
    "cancelled": "not started: the run was cancelled",
    "waiting": "not started when the run ended",
    "writing": "not finished when the run ended",
}
