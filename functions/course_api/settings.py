"""What each function of the group `course_api` reads from its environment. Standard library only.

The program that deploys imports these to set exactly these variables; it needs none of the group's dependencies for it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from aurora.runtime.env import MAY_BE_EMPTY, Environment


@dataclass(frozen=True)
class StarterApiSettings(Environment):
    """What a request may ask for, and what holds where it says nothing.

    `text_models` and `image_models` are comma-separated; `course_budget` is in US dollars (0: no limit); `language`
    "" means the outline's own.
    """

    bucket: str
    courses_table: str
    progress_table: str
    state_machine_arn: str
    text_models: str
    image_models: str
    lesson_model: str
    plan_model: str
    lab_model: str
    image_model: str
    language: str = field(metadata=MAY_BE_EMPTY)
    words_per_minute: int
    min_words: int
    max_words: int
    lessons_per_batch: int
    labs_per_batch: int
    max_concurrency: int
    concurrency_limit: int
    course_budget: float


@dataclass(frozen=True)
class CoursesApiSettings(Environment):
    bucket: str
    courses_table: str
    progress_table: str
    state_machine_arn: str
