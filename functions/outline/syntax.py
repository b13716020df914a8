"""What a YAML parser's error means to an author: the place to change, in plain words, with a hint.

Parsers stop where they cannot go on, often lines after the fault. This looks at the text around that place; the names
of outline fields distinguish a key from words before a colon.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import yaml

from functions.outline.errors import Problem

# fmt: off
FIELDS: Final = frozenset(
    {
        "course", "modules", "lessons", "labs", "lab_activities", "title", "number", "summary", "description",
        "language", "level", "audience", "prerequisites", "learning_outcomes", "total_duration_minutes",
        "duration_minutes", "duration_hours", "hours_total", "hours_theory", "hours_practice",
        "percent_theory", "percent_practice", "bloom_level", "objectives", "objective", "topics", "activities",
    }
)
# fmt: on
_INDENTATION: Final = "the indentation does not fit the lines above"
_LONGEST_EXAMPLE: Final = 200
_LEAD: Final = re.compile(r"\s*(?:- +)*")


@dataclass(frozen=True)
class _Entry:
    """A line that reads `key: value`, perhaps after dashes; `lead` and `start` are the columns of key and value."""

    lead: int
    key: str
    start: int
    value: str


def _entry(line: str) -> _Entry | None:
    # By hand and not by one pattern: no line, however long and odd, may take more than one pass.
    lead = _lead(line)
    colon = re.search(r":(?=\s|$)", line[lead:])
    key = line[lead : lead + colon.start()].rstrip() if colon else ""
    if not colon or not key or set(key) & set("#\"'[]{}"):
        return None
    rest = line[lead + colon.end() :]
    return _Entry(lead, key, len(line) - len(rest.lstrip()), rest.strip())


def _line(lines: list[str], row: int) -> str:
    # A parser that runs out of text is past the last line.
    return lines[row] if row < len(lines) else ""


def _lead(line: str) -> int:
    found = _LEAD.match(line)
    return found.end() if found else 0


def explain(error: yaml.MarkedYAMLError, lines: list[str]) -> tuple[Problem, list[str] | None]:
    """The problem that a parser's error stands for, and the lines with it passed over (None if that cannot be done).

    Passing over keeps every line and column, so that the next errors are reported at their true place.
    """
    mark = error.problem_mark or error.context_mark
    row, column = (mark.line, mark.column) if mark else (0, 0)
    said = error.problem or "this is not YAML"
    line = _line(lines, row)
    if "\t" in line[: len(line) - len(line.lstrip())] or line[column : column + 1] == "\t":
        where = line.index("\t")
        return Problem(row + 1, where + 1, "a tab where YAML wants spaces", "indent with spaces only"), None
    if "mapping values are not allowed" in said:
        return _colon(lines, row, column)
    return _other(error, lines, row, column), None


def _colon(lines: list[str], row: int, column: int) -> tuple[Problem, list[str] | None]:
    """A colon that starts a value where none can start: within a text, or because the lines above went wrong."""
    line = _line(lines, row)
    entry = _entry(line)
    if entry and entry.value and column >= entry.start:
        # Where no field precedes the first colon, all of it is text, and that colon goes too.
        start = column if entry.key in FIELDS else entry.lead
        return _unquoted(row, column, _quoted(line, entry)), _without_colons(lines, row, start)
    above = next(_rows_above(lines, row), None)
    if above is not None:
        fault = _missing_space_or_colon(lines[above], above)
        if fault:
            return fault, None
    if entry and entry.key in FIELDS:
        return Problem(row + 1, entry.lead + 1, _INDENTATION, _alignment(lines, above)), None
    entries = (_entry(lines[i]) for i in _rows_above(lines, row))
    key = next((f"{found.key}: " for found in entries if found and found.key in FIELDS), "")
    return _unquoted(row, column, f'{key}"..."'), _without_colons(lines, row, column)


def _rows_above(lines: list[str], row: int) -> Iterator[int]:
    """The rows above `row` that are not blank, from below."""
    return (i for i in range(row - 1, -1, -1) if lines[i].strip())


def _unquoted(row: int, column: int, example: str) -> Problem:
    message = "a colon followed by a space inside an unquoted value"
    return Problem(row + 1, column + 1, message, f"put the value in quotes: {example}")


def _quoted(line: str, entry: _Entry) -> str:
    """How the entry should be written: its value in quotes, or all of it if what precedes the colon is no field."""
    if entry.key in FIELDS:
        return f"{entry.key}: {quote(entry.value)}"
    return f"{line[: entry.lead].lstrip()}{quote(f'{entry.key}: {entry.value}')}"


def quote(text: str) -> str:
    """The text as a quoted YAML value, for a hint: a very long one is left out."""
    if len(text) > _LONGEST_EXAMPLE:
        return '"..."'
    return f'"{text}"' if '"' not in text and "\\" not in text else "'" + text.replace("'", "''") + "'"


def _without_colons(lines: list[str], row: int, column: int) -> list[str]:
    rest = re.sub(r":(?=\s|$)", "-", lines[row][column:])
    return [*lines[:row], lines[row][:column] + rest, *lines[row + 1 :]]


def _missing_space_or_colon(line: str, row: int) -> Problem | None:
    """A line that became part of the next one, because its colon or a space is missing."""
    start = _lead(line)
    rest = line[start:]
    if re.match(r"-\w", rest):
        return Problem(row + 1, start + 2, "no space after the dash", "write a space between - and the text")
    key = re.match(r"(\w+)(:?)", rest)
    if not key or key[1] not in FIELDS or re.match(r"\s*:(\s|$)", rest[len(key[1]) :]):
        return None
    after = start + len(key[1]) + 1
    if key[2]:
        return Problem(row + 1, after + 1, f"no space after the colon of {key[1]!r}", f"write: {key[1]}: ...")
    return Problem(row + 1, after, f"no colon after {key[1]!r}", f"write: {key[1]}: ...")


def _alignment(lines: list[str], above: int | None) -> str:
    entry = _entry(lines[above]) if above is not None else None
    if above is None or not entry:
        return "start it in the same column as the other keys of its block"
    return f"keys of one block start in one column: in line {above + 1} the key is in column {entry.lead + 1}"


def _other(error: yaml.MarkedYAMLError, lines: list[str], row: int, column: int) -> Problem:
    said, context = error.problem or "", error.context or ""
    opened = error.context_mark
    if "end of stream" in said and "scalar" in context and opened:
        return _never_closed(opened.line, opened.column)
    bracket = _line(lines, opened.line)[opened.column : opened.column + 1] if opened else ""
    if bracket and "flow" in context and opened:
        message = f"what {bracket} opens here does not end as it should"
        hint = "close it, or put the value in quotes if it is text"
        return Problem(opened.line + 1, opened.column + 1, message, hint)
    if "expected key" in said or "block end" in said or "expected '-'" in said:
        return _block(lines, row, column)
    if "escape" in said:
        message, hint = "a backslash inside double quotes", "use single quotes: '...'"
    elif "cannot start any token" in said:
        message, hint = f"a value cannot begin with {_line(lines, row)[column : column + 1]}", "put the value in quotes"
    elif "entries are not allowed" in said:
        message, hint = "a list cannot start here", "put the value in quotes, or the - on a new line"
    else:
        message, hint = f"this is not YAML: {said}", "see also the line above"
    return Problem(row + 1, column + 1, message, hint)


def _never_closed(row: int, column: int) -> Problem:
    return Problem(row + 1, column + 1, "a quote is opened here and never closed", "close it at the end of the value")


def _block(lines: list[str], row: int, column: int) -> Problem:
    """The parser met something that does not continue the block: a quote left open above, text after a closed one..."""
    for i in range(min(row + 1, len(lines) - 1)):
        entry, following = _entry(lines[i]), _entry(lines[i + 1])
        odd = entry and entry.value[:1] in ("'", '"') and entry.value.count(entry.value[0]) % 2
        if entry and odd and following and following.key in FIELDS:
            return _never_closed(i, entry.start)
    entry = _entry(_line(lines, row))
    if entry and entry.value and entry.start < column:
        kind = "quote" if entry.value[0] in "'\"" else "bracket"
        return Problem(row + 1, column + 1, f"text after a closing {kind}", "put the whole value in one pair of quotes")
    return Problem(row + 1, column + 1, _INDENTATION, _alignment(lines, next(_rows_above(lines, row), None)))
