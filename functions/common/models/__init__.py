"""The one interface behind which text models stand: a request goes in, text comes out, or a typed error is raised.

Knows no provider and no AWS; imports nothing heavy, so that a function pays only for the model that it uses.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class LessonBrief:
    """What a lesson is to be, as the outline says it. `language` is the outline's own ("es", "en-GB", "Español").

    `word_target` is in words; `visuals` is how many visual tags it should have; `topics` and `objectives` may be
    empty; `bloom_level` may be compound or empty.
    """

    course_title: str
    language: str
    level: str
    module_number: int
    module_title: str
    lesson_number: int
    lesson_title: str
    description: str
    topics: tuple[str, ...]
    objectives: tuple[str, ...]
    bloom_level: str
    word_target: int
    audience: tuple[str, ...] = ()
    prerequisites: tuple[str, ...] = ()
    visuals: int = 4

    @property
    def lesson_id(self) -> str:
        """The id "MM-LL" that visual tags of this lesson begin with."""
        return f"{self.module_number:02d}-{self.lesson_number:02d}"


@dataclass(frozen=True)
class TextRequest:
    """One text to write: instructions for a model that reads them, and the brief for one that does not.

    `max_tokens` bounds the answer, and so what a provider reserves of its quota when the call starts.
    """

    system: str
    prompt: str
    max_tokens: int
    brief: LessonBrief


@dataclass(frozen=True)
class TextAnswer:
    """A whole answer. Token counts are the provider's own, 0 where it told none; `model` is what it says it is."""

    text: str
    input_tokens: int
    output_tokens: int
    model: str


class TextModel(Protocol):
    """Anything that writes texts."""

    def write(self, request: TextRequest, seconds: float) -> TextAnswer:
        """The text asked for, within `seconds`.

        Raises Throttled or ModelUnavailable when nothing was paid for, so that asking again later is right;
        ModelTimeout, ModelRefused, ModelAnswerInvalid or AnswerCut when this request must not be sent again.
        """
        ...
