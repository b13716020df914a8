"""What each function of the group `content` reads from its environment. Standard library only.

The program that deploys imports these to set exactly these variables; it needs none of the group's dependencies for it.
"""

from __future__ import annotations

from dataclasses import dataclass

from aurora.runtime.env import Environment


@dataclass(frozen=True)
class BatchExpanderSettings(Environment):
    bucket: str
    progress_table: str


@dataclass(frozen=True)
class ContentGenSettings(Environment):
    """`models` describes the models as JSON; `sample_seconds` is how long the sample model takes for a text.

    `batch_seconds` is the most that one call works, `unit_seconds` what the worst lesson is assumed to take.
    """

    bucket: str
    progress_table: str
    models: str
    sample_seconds: float
    batch_seconds: int
    unit_seconds: int


@dataclass(frozen=True)
class VisualPlannerSettings(Environment):
    bucket: str


@dataclass(frozen=True)
class ContentValidatorSettings(Environment):
    bucket: str
    progress_table: str


@dataclass(frozen=True)
class BookBuilderSettings(Environment):
    bucket: str
    progress_table: str


@dataclass(frozen=True)
class CourseArchiverSettings(Environment):
    bucket: str


@dataclass(frozen=True)
class CourseFinisherSettings(Environment):
    """`topic_arn`: the SNS topic to which the end of a course is published."""

    courses_table: str
    progress_table: str
    topic_arn: str
