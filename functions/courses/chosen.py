"""Which lessons, labs and slides an execution concerns: the one place that knows how a request narrows an outline.

Pure functions over an outline; they know neither storage nor records but the shape of one.
"""

from __future__ import annotations

from collections.abc import Sequence

from aurora.runtime.errors import BadRequest
from functions.courses.options import Content
from functions.outline.model import Outline
from functions.outline.planning import chosen, labs
from functions.progress.records import UnitRecord


def chosen_units(
    outline: Outline,
    content: Content,
    *,
    slides: bool = False,
    modules: Sequence[int] | None = None,
    only: Sequence[str] | None = None,
) -> list[UnitRecord]:
    """Every unit that a request concerns: lessons, labs, slides, each in the order of the course.

    The arguments mean what they mean in `CourseEvent`. Where single lessons are asked for, slides are those of their
    modules. Raises BadRequest for modules or units that the outline does not have.
    """
    units: list[UnitRecord] = []
    if content in ("theory", "both"):
        units += [
            UnitRecord("lesson", module.number, lesson.number, lesson.title)
            for module in chosen(outline, modules)
            for lesson in module.lessons
        ]
    if content in ("labs", "both"):
        units += [
            UnitRecord("lab", placed.module.number, placed.number, placed.lab.title)
            for placed in labs(outline, modules)
        ]
    decks = [UnitRecord("slides", module.number, 0, module.title) for module in chosen(outline, modules)]
    if only is None:
        return units + (decks if slides or content == "slides" else [])
    there = {unit.id: unit for unit in (*units, *decks)}
    absent = sorted(set(only) - set(there))
    if absent:
        raise BadRequest(
            f"Units asked for that are not there: {', '.join(absent)}. Lessons are numbered as 03-02, labs as "
            f"lab-03-01, slides as slides-03; {_sorts(content)}."
        )
    kept = [unit for unit in units if unit.id in only]
    with_slides = {unit.module for unit in kept} if slides else set[int]()
    return kept + [unit for unit in decks if unit.id in only or unit.module in with_slides]


def _sorts(content: Content) -> str:
    made = {"theory": "lessons", "labs": "labs", "both": "lessons and labs", "slides": "slides alone"}
    return f"this request makes {made[content]}"
