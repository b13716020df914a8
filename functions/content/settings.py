"""What each function of the group `content` reads from its environment. Standard library only.

The program that deploys imports these to set exactly these variables; it needs none of the group's dependencies for it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from functions.common.env import MAY_BE_EMPTY, Environment


@dataclass(frozen=True)
class StarterApiSettings(Environment):
    """`text_models`: the models an author may choose, comma-separated, among them `default_text_model`."""

    bucket: str
    courses_table: str
    state_machine_arn: str
    text_models: str
    default_text_model: str


@dataclass(frozen=True)
class CoursesApiSettings(Environment):
    bucket: str
    courses_table: str
    lessons_table: str
    state_machine_arn: str


@dataclass(frozen=True)
class BatchExpanderSettings(Environment):
    bucket: str
    lessons_table: str
    max_lessons_per_batch: int


@dataclass(frozen=True)
class ContentGenSettings(Environment):
    """Word targets, the sample model's pace, the OpenAI-compatible endpoint ("": none) and the time a call may use.

    `openai_api_key_parameter` names an SSM SecureString ("": the endpoint wants no key); `batch_seconds` is the most
    that one call works, `lesson_seconds` what the worst lesson is assumed to take.
    """

    bucket: str
    lessons_table: str
    words_per_minute: int
    min_words: int
    max_words: int
    sample_seconds_per_lesson: float
    openai_base_url: str = field(metadata=MAY_BE_EMPTY)
    openai_model: str = field(metadata=MAY_BE_EMPTY)
    openai_api_key_parameter: str = field(metadata=MAY_BE_EMPTY)
    batch_seconds: int
    lesson_seconds: int


@dataclass(frozen=True)
class VisualPlannerSettings(Environment):
    bucket: str


@dataclass(frozen=True)
class ContentValidatorSettings(Environment):
    bucket: str
    lessons_table: str


@dataclass(frozen=True)
class BookBuilderSettings(Environment):
    bucket: str
    lessons_table: str
