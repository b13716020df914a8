"""How long a lesson should be, by what its outline says of it."""

from __future__ import annotations

import re
from typing import Final

from functions.outline.model import Lesson, Module
from functions.text.words import plain

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
    named = (_BLOOM_NAMES.get(word) for word in re.findall(r"[a-z]+", plain(level)))
    return list(dict.fromkeys(name for name in named if name))


def _bloom_multiplier(level: str) -> float:
    """The highest multiplier of a level, which may be compound."""
    return max((_BLOOM[name] for name in bloom_levels(level)), default=_UNKNOWN_BLOOM)
