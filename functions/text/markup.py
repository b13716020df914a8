"""Lines of a lesson's Markdown, with what is code told apart from what is text.

The one place that knows where a fenced code block begins and ends: whatever rewrites or searches a lesson uses it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

# Models indent fences inside lists more deeply than the three blanks that a fence outside of one may have.
_FENCE = re.compile(r"\s*(?P<mark>`{3,}|~{3,})(?P<info>.*)")


@dataclass(frozen=True)
class Line:
    """A line without its end; `number` counts from 1. The lines of the fences themselves count as code."""

    number: int
    text: str
    is_code: bool


def lines(markdown: str) -> Iterator[Line]:
    """Every line of `markdown` in order."""
    mark = ""
    for number, text in enumerate(markdown.split("\n"), start=1):
        was_code = bool(mark)
        mark = _mark_after(mark, text)
        yield Line(number, text, was_code or bool(mark))


def open_fence(markdown: str) -> int | None:
    """The line number of a code fence that is never closed, or None."""
    mark = ""
    opened = 0
    for number, text in enumerate(markdown.split("\n"), start=1):
        before, mark = mark, _mark_after(mark, text)
        if mark and not before:
            opened = number
    return opened if mark else None


def _mark_after(mark: str, text: str) -> str:
    """The open fence ("" for none) after a line, given the open fence before it."""
    match = _FENCE.fullmatch(text)
    if not match:
        return mark
    if mark:
        closes = match["mark"].startswith(mark) and not match["info"].strip()
        return "" if closes else mark
    # A line such as ```code``` is inline code, not the beginning of a block.
    return "" if match["mark"][0] == "`" and "`" in match["info"] else match["mark"]
