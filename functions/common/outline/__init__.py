"""A course outline: reading one from YAML, and what follows from it (batches, word targets, file names).

Needs PyYAML alone and no third-party model library: API functions that import it must start fast. Knows no storage.
"""

from __future__ import annotations

from functions.common.limits import MAX_LABS, MAX_LESSONS, MAX_OUTLINE_BYTES
from functions.common.outline.model import Lab, Lesson, Module, Outline, Topic
from functions.common.outline.parse import parse
from functions.common.outline.planning import (
    PlacedLab,
    batches,
    bloom_levels,
    chosen,
    lab_batches,
    labs,
    slug,
    word_target,
)

__all__ = [
    "MAX_LABS",
    "MAX_LESSONS",
    "MAX_OUTLINE_BYTES",
    "Lab",
    "Lesson",
    "Module",
    "Outline",
    "PlacedLab",
    "Topic",
    "batches",
    "bloom_levels",
    "chosen",
    "lab_batches",
    "labs",
    "parse",
    "slug",
    "word_target",
]
