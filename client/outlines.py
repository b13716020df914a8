"""Reads and checks an outline of this machine, and a run's options against it, before anything is sent."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from aurora.errors import InvalidInput
from aurora.runtime.errors import BadRequest
from functions.courses.chosen import chosen_units
from functions.outline.errors import InvalidOutline
from functions.outline.limits import MAX_OUTLINE_BYTES
from functions.outline.model import Outline
from functions.outline.parse import parse
from functions.outline.selection import chosen


def read_outline(path: Path) -> tuple[bytes, Outline]:
    """Reads and checks an outline.

    Raises:
        InvalidInput: with ``file:line:column: what is wrong`` and a hint for every problem.
    """
    try:
        with path.open("rb") as file:
            content = file.read(MAX_OUTLINE_BYTES + 1)
    except OSError as error:
        raise InvalidInput(f"{path} cannot be read: {error.strerror}.") from None
    if len(content) > MAX_OUTLINE_BYTES:
        raise InvalidInput(f"{path} is too large for an outline: at most {MAX_OUTLINE_BYTES:,} bytes are accepted.")
    try:
        return content, parse(content)
    except InvalidOutline as error:
        lines: list[str] = []
        for problem in error.problems:
            lines.append(f"{path}:{problem.line}:{problem.column}: {problem.message}")
            if problem.hint:
                lines.append(f"    {problem.hint}")
        raise InvalidInput("\n".join([*lines, "Nothing was started."])) from None


def check(options: Mapping[str, Any], outline: Outline) -> None:
    """Checks the options of a run against what the outline has.

    Raises:
        InvalidInput: modules or units that it does not have, or values that contradict each other.
    """
    only, modules = options.get("only"), options.get("modules")
    fewest, most = options.get("min_words"), options.get("max_words")
    if only is not None and modules is not None:
        raise InvalidInput("Give either --only (single units) or --modules (whole modules), not both.")
    if fewest is not None and most is not None and fewest > most:
        raise InvalidInput(f"--min-words {fewest} is more than --max-words {most}.")
    try:
        chosen(outline, modules)
    except BadRequest as error:
        raise InvalidInput(f"--modules: {error}") from None
    if only is not None:
        try:
            chosen_units(outline, options.get("content", "both"), slides=options.get("slides", False), only=only)
        except BadRequest as error:
            raise InvalidInput(f"--only: {error}") from None
