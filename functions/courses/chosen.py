"""Which lessons, labs and slides a run makes: how its options narrow an outline."""

from __future__ import annotations

from collections.abc import Sequence

from aurora.runtime.errors import BadRequest
from functions.courses.options import CONTENT_KINDS
from functions.courses.rules import Content
from functions.outline.model import Outline
from functions.outline.selection import units
from functions.outline.units import SLIDES, UNIT_KINDS, OutlineUnit


def chosen_units(
    outline: Outline,
    content: Content,
    *,
    slides: bool = False,
    modules: Sequence[int] | None = None,
    only: Sequence[str] | None = None,
) -> list[OutlineUnit]:
    """Every unit that a request concerns: lessons, labs, slides, each in the order of the course.

    The arguments mean what they mean in `CourseEvent`. Where single lessons are asked for, slides are those of their
    modules. Raises BadRequest for modules or units that the outline does not have.
    """
    kinds = {*CONTENT_KINDS[content], *({SLIDES.name} if slides else ())}
    there = list(units(outline, modules))
    if only is None:
        return [unit for unit in there if unit.kind in kinds]
    absent = sorted(set(only) - {unit.id for unit in there if unit.kind in {*kinds, SLIDES.name}})
    if absent:
        forms = ", ".join(f"{kind.plural} as {kind.id(3, 2)}" for kind in UNIT_KINDS.values())
        made = " and ".join(UNIT_KINDS[kind].plural for kind in CONTENT_KINDS[content])
        raise BadRequest(f"Units not found: {', '.join(absent)}. Write {forms}; this request makes {made}.")
    with_slides = {unit.module for unit in there if unit.id in only} if slides else set[int]()
    return [unit for unit in there if unit.id in only or (unit.kind == SLIDES.name and unit.module in with_slides)]
