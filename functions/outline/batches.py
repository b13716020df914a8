"""The parts of an outline that one call of a function is given."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterator, Sequence
from typing import TypedDict

from functions.outline.model import Module, Outline
from functions.outline.selection import PlacedLab, chosen


class Batch(TypedDict):
    """A run of lessons of one module: `batch_index` from 1, lessons[batch_start_idx:batch_end_idx] of the module.

    `lessons` holds the numbers of those that are concerned: all of the run, unless a request names some.
    """

    module_number: int
    batch_index: int
    total_batches: int
    batch_start_idx: int
    batch_end_idx: int
    lessons: list[int]


class LabBatch(TypedDict):
    """Some labs of one module, by their numbers; `batch_index` from 1."""

    module_number: int
    batch_index: int
    labs: list[int]


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
