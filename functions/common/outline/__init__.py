"""A course outline: reading one from YAML, and what follows from it (batches, word targets, file names).

Needs PyYAML alone and no third-party model library: API functions that import it must start fast. Knows no storage.
"""

from __future__ import annotations

from functions.common.limits import MAX_LESSONS, MAX_OUTLINE_BYTES
from functions.common.outline.model import Lab, Lesson, Module, Outline, Topic
from functions.common.outline.parse import parse
from functions.common.outline.planning import Batch, WordTarget, batches, chosen, slug, word_target

__all__ = [
    "MAX_LESSONS",
    "MAX_OUTLINE_BYTES",
    "Batch",
    "Lab",
    "Lesson",
    "Module",
    "Outline",
    "Topic",
    "WordTarget",
    "batches",
    "chosen",
    "parse",
    "slug",
    "word_target",
]
