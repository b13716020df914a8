"""What follows from an outline: which lessons form a batch, how long a lesson should be, how its file is named.

Pure functions; they know no model, no storage and no state machine.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from aurora.runtime.errors import BadRequest
from functions.outline.batch import Batch, LabBatch
from functions.outline.model import Lab, Lesson, Module, Outline

DEFAULT_MINUTES: Final = 45
WORDS_PER_TOPIC: Final = 80
WORDS_PER_LAB: Final = 120
_UNKNOWN_BLOOM: Final = 1.1
_BLOOM: Final = {"remember": 1.0, "understand": 1.1, "apply": 1.2, "analyze": 1.3, "evaluate": 1.4, "create": 1.5}
_BLOOM_NAMES: Final = {
    **{name: name for name in _BLOOM},
    "analyse": "analyze",
    "recordar": "remember",
    "comprender": "understand",
    "aplicar": "apply",
    "analizar": "analyze",
    "evaluar": "evaluate",
    "crear": "create",
}
_SLUG_LENGTH: Final = 60


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


def word_target(lesson: Lesson, module: Module, *, words_per_minute: int, min_words: int, max_words: int) -> int:
    """How many words a lesson should have: minutes x words a minute x bloom + 80 a topic + 120 a lab, held in bounds.

    A lesson without a duration takes its module's, else 45 minutes. The rule is that of the teams whose courses
    these are; only its keyword arguments are meant to be changed.
    """
    durations = (lesson.duration_minutes, module.duration_minutes, DEFAULT_MINUTES)
    minutes = next(minutes for minutes in durations if minutes is not None)
    words = minutes * words_per_minute * _bloom_multiplier(lesson.bloom_level)
    words += WORDS_PER_TOPIC * len(lesson.topics) + WORDS_PER_LAB * len(lesson.labs)
    return round(min(max(words, min_words), max_words))


def bloom_levels(level: str) -> list[str]:
    """The levels that a text names ("Comprender / Analizar"), in its order, by their English names ("understand")."""
    named = (_BLOOM_NAMES.get(word) for word in re.findall(r"[a-z]+", _plain(level)))
    return list(dict.fromkeys(name for name in named if name))


def slug(title: str) -> str:
    """A title as part of a file name: lower case ASCII words joined by "-", at most 60 characters, never empty."""
    words = re.findall(r"[a-z0-9]+", _plain(title))
    return "-".join(words)[:_SLUG_LENGTH].strip("-") or "untitled"


def chosen(outline: Outline, modules: Sequence[int] | None) -> tuple[Module, ...]:
    """The modules of these numbers in the outline's order; None means all. Raises BadRequest for an absent number."""
    if modules is None:
        return outline.modules
    absent = sorted(set(modules) - {module.number for module in outline.modules})
    if absent or not modules:
        there = ", ".join(str(module.number) for module in outline.modules)
        asked = ", ".join(map(str, absent)) or "none at all"
        raise BadRequest(f"Modules asked for that the outline does not have: {asked}. It has {there}.")
    return tuple(module for module in outline.modules if module.number in modules)


def batches(
    outline: Outline, modules: Sequence[int] | None, max_lessons: int, only: Collection[tuple[int, int]] | None = None
) -> list[Batch]:
    """The chosen modules' lessons in runs of at most `max_lessons`; `only` keeps those lessons (module, number) alone.

    Raises BadRequest as `chosen` does.
    """
    every = [batch for module in chosen(outline, modules) for batch in _module_batches(module, max_lessons)]
    if only is None:
        return every
    kept = [
        Batch({**batch, "lessons": [number for number in batch["lessons"] if (batch["module_number"], number) in only]})
        for batch in every
    ]
    return [batch for batch in kept if batch["lessons"]]


def lab_batches(placed: Sequence[PlacedLab], max_labs: int) -> list[LabBatch]:
    """Labs in runs of at most `max_labs` of one module."""
    runs: list[LabBatch] = []
    for number, of_module in itertools.groupby(placed, key=lambda lab: lab.module.number):
        numbers = [lab.number for lab in of_module]
        starts = range(0, len(numbers), max_labs)
        runs += [
            LabBatch(module_number=number, batch_index=index, labs=numbers[start : start + max_labs])
            for index, start in enumerate(starts, start=1)
        ]
    return runs


def _module_batches(module: Module, max_lessons: int) -> Iterator[Batch]:
    starts = range(0, len(module.lessons), max_lessons)
    for index, start in enumerate(starts, start=1):
        run = module.lessons[start : start + max_lessons]
        yield {
            "module_number": module.number,
            "batch_index": index,
            "total_batches": len(starts),
            "batch_start_idx": start,
            "batch_end_idx": start + len(run),
            "lessons": [lesson.number for lesson in run],
        }


def _lab_of(lesson: Lesson) -> Lab:
    """The lab of a lesson whose outline names none."""
    return Lab(
        title=lesson.title,
        description=lesson.description,
        bloom_level=lesson.bloom_level,
        objectives=lesson.objectives,
        activities=tuple(topic.title for topic in lesson.topics),
    )


def _bloom_multiplier(level: str) -> float:
    """The highest multiplier of a level, which may be compound."""
    return max((_BLOOM[name] for name in bloom_levels(level)), default=_UNKNOWN_BLOOM)


def _plain(text: str) -> str:
    """Lower case without accents."""
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
