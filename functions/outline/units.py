"""The ids of units: a unit is what is written at a time, a lesson, a lab or a deck of slides. Standard library only."""

from __future__ import annotations

import re
from typing import Literal

Kind = Literal["lesson", "lab", "slides"]
_NUMBER = "([0-9]{2}|[1-9][0-9]{2})"
_UNIT_ID = re.compile(f"(?:(lab)-)?{_NUMBER}-{_NUMBER}|(slides)-{_NUMBER}")


def lesson_id(module: int, number: int) -> str:
    """The id "MM-LL" of a lesson, as in visual tags and object names."""
    return f"{module:02d}-{number:02d}"


def unit_id(kind: Kind, module: int, number: int) -> str:
    """A unit's id: "03-02" a lesson, "lab-03-02" a lab, "slides-03" a module's slides."""
    if kind == "slides":
        return f"slides-{module:02d}"
    return lesson_id(module, number) if kind == "lesson" else f"lab-{lesson_id(module, number)}"


def unit_of(id_: str) -> tuple[Kind, int, int] | None:
    """Kind, module and number that an id names (number 0 for slides), or None if it is no unit's."""
    found = _UNIT_ID.fullmatch(id_)
    if found is None:
        return None
    if found[4]:
        return "slides", int(found[5]), 0
    return "lab" if found[1] else "lesson", int(found[2]), int(found[3])
