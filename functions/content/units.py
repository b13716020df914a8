"""Which lessons, labs and slides an execution concerns: the one place that knows how a request narrows an outline.

Pure functions over an outline; they know neither storage nor records but the shape of one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from functions.common.errors import BadRequest
from functions.common.events import Content
from functions.common.outline import Outline, chosen, labs
from functions.common.records import UnitRecord


class Wish(Protocol):
    """As much of a request as says which units it concerns."""

    @property
    def content(self) -> Content: ...
    @property
    def slides(self) -> bool: ...
    @property
    def modules(self) -> Sequence[int] | None: ...
    @property
    def only(self) -> Sequence[str] | None: ...


def chosen_units(outline: Outline, wish: Wish) -> list[UnitRecord]:
    """Every unit that `wish` concerns: lessons, labs, slides, each in the order of the course.

    Where single lessons are asked for, slides are those of their modules. Raises BadRequest for modules or units that
    the outline does not have.
    """
    units: list[UnitRecord] = []
    if wish.content in ("theory", "both"):
        units += [
            UnitRecord("lesson", module.number, lesson.number, lesson.title)
            for module in chosen(outline, wish.modules)
            for lesson in module.lessons
        ]
    if wish.content in ("labs", "both"):
        units += [
            UnitRecord("lab", placed.module.number, placed.number, placed.lab.title)
            for placed in labs(outline, wish.modules)
        ]
    slides = [UnitRecord("slides", module.number, 0, module.title) for module in chosen(outline, wish.modules)]
    if wish.only is None:
        return units + (slides if wish.slides or wish.content == "slides" else [])
    there = {unit.id: unit for unit in (*units, *slides)}
    absent = sorted(set(wish.only) - set(there))
    if absent:
        raise BadRequest(
            f"Units asked for that are not there: {', '.join(absent)}. Lessons are numbered as 03-02, labs as "
            f"lab-03-01, slides as slides-03; {_sorts(wish.content)}."
        )
    kept = [unit for unit in units if unit.id in wish.only]
    modules = {unit.module for unit in kept} if wish.slides else set[int]()
    return kept + [unit for unit in slides if unit.id in wish.only or unit.module in modules]


def _sorts(content: Content) -> str:
    made = {"theory": "lessons", "labs": "labs", "both": "lessons and labs", "slides": "slides alone"}
    return f"this request makes {made[content]}"
