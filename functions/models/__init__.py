"""The interfaces behind which models stand: a request goes in, a text or an image comes out, or an error is raised.

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
class LabBrief:
    """What a lab guide is to be. `lesson_title` is the lesson that it belongs to, "" for one of its whole module.

    `hardware`, `software` and `steps` are what the master plan says of it; `minutes` is how long it is to take.
    """

    course_title: str
    language: str
    level: str
    module_number: int
    module_title: str
    lab_number: int
    lab_title: str
    lesson_title: str
    description: str
    objectives: tuple[str, ...]
    activities: tuple[str, ...]
    bloom_level: str
    minutes: float
    word_target: int
    hardware: tuple[str, ...] = ()
    software: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()
    audience: tuple[str, ...] = ()
    prerequisites: tuple[str, ...] = ()

    @property
    def lab_id(self) -> str:
        """The id "lab-MM-NN"."""
        return f"lab-{self.module_number:02d}-{self.lab_number:02d}"


@dataclass(frozen=True)
class LabPlanBrief:
    """The labs of one module that a part of the master plan is wanted for: the answer is JSON, one entry a lab."""

    course_title: str
    language: str
    level: str
    module_number: int
    module_title: str
    labs: tuple[LabBrief, ...]
    audience: tuple[str, ...] = ()
    prerequisites: tuple[str, ...] = ()


@dataclass(frozen=True)
class TextRequest:
    """One text to write: instructions for a model that reads them, and the brief for one that does not.

    `max_tokens` bounds the answer, and so what a provider reserves of its quota when the call starts.
    """

    system: str
    prompt: str
    max_tokens: int
    brief: LessonBrief | LabBrief | LabPlanBrief


@dataclass(frozen=True)
class TextAnswer:
    """A whole answer. Token counts are the provider's own, 0 where it told none; `model` is what it says it is.

    `cost` is in millionths of a US dollar, 0 where nobody knows the price.
    """

    text: str
    input_tokens: int
    output_tokens: int
    model: str
    cost: int = 0


class TextModel(Protocol):
    """Anything that writes texts."""

    def write(self, request: TextRequest, seconds: float) -> TextAnswer:
        """The text asked for, within `seconds`.

        Raises Throttled or ModelUnavailable when nothing was paid for, so that asking again later is right;
        ModelTimeout, ModelRefused, ModelAnswerInvalid or AnswerCut when this request must not be sent again.
        """
        ...

    def max_cost(self, request: TextRequest) -> int:
        """The most that `write` may cost, in millionths of a US dollar; 0 where it costs nothing."""
        ...


@dataclass(frozen=True)
class ImageRequest:
    """One image to draw: `id` is the tag's "MM-LL-NNNN", `title` the lesson's, `prompt` for a model that reads it."""

    id: str
    title: str
    description: str
    language: str
    prompt: str


@dataclass(frozen=True)
class ImageAnswer:
    """A PNG file, what made it, and what it cost in millionths of a US dollar."""

    png: bytes
    model: str
    cost: int = 0


class ImageModel(Protocol):
    """Anything that draws images."""

    def draw(self, request: ImageRequest, seconds: float) -> ImageAnswer:
        """The image asked for, within `seconds`; raises as `TextModel.write` does."""
        ...

    def max_cost(self, request: ImageRequest) -> int:
        """The most that `draw` may cost, in millionths of a US dollar; 0 where it costs nothing."""
        ...
