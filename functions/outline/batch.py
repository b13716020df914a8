"""The parts of an outline that one call is given. Standard library only."""

from __future__ import annotations

from typing import TypedDict


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
