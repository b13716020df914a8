"""What follows from an outline: which lessons form a batch, how long a lesson should be, how its file is named.

Pure functions; they know no model, no storage and no state machine.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Final, Protocol, TypedDict

from functions.common.errors import BadRequest
from functions.common.outline.model import Lesson, Module, Outline

DEFAULT_MINUTES: Final = 45
WORDS_PER_TOPIC: Final = 80
WORDS_PER_LAB: Final = 120
_UNKNOWN_BLOOM: Final = 1.1
_BLOOM: Final = {
    **dict.fromkeys(("remember", "recordar"), 1.0),
    **dict.fromkeys(("understand", "comprender"), 1.1),
    **dict.fromkeys(("apply", "aplicar"), 1.2),
    **dict.fromkeys(("analyze", "analyse", "analizar"), 1.3),
    **dict.fromkeys(("evaluate", "evaluar"), 1.4),
    **dict.fromkeys(("create", "crear"), 1.5),
}
_SLUG_LENGTH: Final = 60


class WordTarget(Protocol):
    """The settings of a word target: words for each minute, and the bounds of the result."""

    @property
    def words_per_minute(self) -> int: ...
    @property
    def min_words(self) -> int: ...
    @property
    def max_words(self) -> int: ...


class Batch(TypedDict):
    """A run of lessons of one module: `batch_index` from 1, lessons[batch_start_idx:batch_end_idx] of the module."""

    module_number: int
    batch_index: int
    total_batches: int
    batch_start_idx: int
    batch_end_idx: int


def word_target(lesson: Lesson, module: Module, settings: WordTarget) -> int:
    """How many words a lesson should have: minutes x words a minute x bloom + 80 a topic + 120 a lab, held in bounds.

    A lesson without a duration takes its module's, else 45 minutes. The rule is that of the teams whose courses
    these are; only the numbers in `settings` are meant to be changed.
    """
    durations = (lesson.duration_minutes, module.duration_minutes, DEFAULT_MINUTES)
    minutes = next(minutes for minutes in durations if minutes is not None)
    words = minutes * settings.words_per_minute * _bloom_multiplier(lesson.bloom_level)
    words += WORDS_PER_TOPIC * len(lesson.topics) + WORDS_PER_LAB * len(lesson.labs)
    return round(min(max(words, settings.min_words), settings.max_words))


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


def batches(outline: Outline, modules: Sequence[int] | None, max_lessons: int) -> list[Batch]:
    """The chosen modules' lessons in runs of at most `max_lessons`. Raises BadRequest as `chosen` does."""
    return [batch for module in chosen(outline, modules) for batch in _module_batches(module, max_lessons)]


def _module_batches(module: Module, max_lessons: int) -> Iterator[Batch]:
    starts = range(0, len(module.lessons), max_lessons)
    for index, start in enumerate(starts, start=1):
        yield {
            "module_number": module.number,
            "batch_index": index,
            "total_batches": len(starts),
            "batch_start_idx": start,
            "batch_end_idx": min(start + max_lessons, len(module.lessons)),
        }


def _bloom_multiplier(level: str) -> float:
    """The highest multiplier of a level, which may be compound ("Comprender / Analizar")."""
    known = [_BLOOM[word] for word in re.findall(r"[a-z]+", _plain(level)) if word in _BLOOM]
    return max(known, default=_UNKNOWN_BLOOM)


def _plain(text: str) -> str:
    """Lower case without accents."""
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
