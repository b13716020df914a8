"""What of an outline is asked for: its modules, and the labs and units that they have."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from aurora.runtime.errors import BadRequest
from functions.outline.model import Lab, Lesson, Module, Outline
from functions.outline.units import LAB, LESSON, SLIDES, OutlineUnit


@dataclass(frozen=True)
class PlacedLab:
    """A lab in its course: `number` counts the labs of its module from 1; `lesson` None for one of the whole module."""

    module: Module
    number: int
    lesson: Lesson | None
    lab: Lab


def labs(outline: Outline, modules: Sequence[int] | None = None) -> list[PlacedLab]:
    """The labs of the chosen modules: those of a module's lessons in their order, then the module's own.

    An outline that names no lab at all gets one for each lesson. Raises BadRequest as `chosen` does.
    """
    named = any(module.labs or any(lesson.labs for lesson in module.lessons) for module in outline.modules)
    placed: list[PlacedLab] = []
    for module in chosen(outline, modules):
        found: list[tuple[Lesson | None, Lab]] = []
        for lesson in module.lessons:
            of_lesson = lesson.labs if named else (_lab_of(lesson),)
            found += [(lesson, lab) for lab in of_lesson]
        found += [(None, lab) for lab in module.labs]
        placed += [PlacedLab(module, number, lesson, lab) for number, (lesson, lab) in enumerate(found, start=1)]
    return placed


def chosen(outline: Outline, modules: Sequence[int] | None) -> tuple[Module, ...]:
    """The modules of these numbers in the outline's order; None means all. Raises BadRequest for an absent number."""
    if modules is None:
        return outline.modules
    absent = sorted(set(modules) - {module.number for module in outline.modules})
    if absent or not modules:
        there = ", ".join(str(module.number) for module in outline.modules)
        asked = ", ".join(map(str, absent)) or "none"
        raise BadRequest(f"Modules not in the outline: {asked}. It has {there}.")
    return tuple(module for module in outline.modules if module.number in modules)


def _lab_of(lesson: Lesson) -> Lab:
    """The lab of a lesson whose outline names none."""
    return Lab(
        title=lesson.title,
        description=lesson.description,
        bloom_level=lesson.bloom_level,
        objectives=lesson.objectives,
        activities=tuple(topic.title for topic in lesson.topics),
    )


def units(outline: Outline, modules: Sequence[int] | None = None) -> Iterator[OutlineUnit]:
    """Every unit of the chosen modules: lessons, labs, slides, each in the order of the course.

    Raises BadRequest as `chosen` does.
    """
    for module in chosen(outline, modules):
        for lesson in module.lessons:
            yield OutlineUnit(LESSON.name, module.number, lesson.number, lesson.title)
    for placed in labs(outline, modules):
        yield OutlineUnit(LAB.name, placed.module.number, placed.number, placed.lab.title)
    for module in chosen(outline, modules):
        yield OutlineUnit(SLIDES.name, module.number, 0, module.title)
