"""What each function of the group `labs` reads from its environment. Standard library only.

The program that deploys imports these to set exactly these variables; it needs none of the group's dependencies for it.
"""

from __future__ import annotations

from dataclasses import dataclass

from aurora.runtime.env import Environment


@dataclass(frozen=True)
class LabPlannerSettings(Environment):
    """`models` (JSON) describes the stack's models, `sample_seconds` is the pace of the built-in one.

    `batch_seconds` is the most that one call works, `unit_seconds` what the worst answer of a model is assumed to take.
    """

    bucket: str
    progress_table: str
    models: str
    sample_seconds: float
    batch_seconds: int
    unit_seconds: int


@dataclass(frozen=True)
class LabBatchExpanderSettings(Environment):
    bucket: str
    progress_table: str


@dataclass(frozen=True)
class LabWriterSettings(Environment):
    """The fields mean what they mean in `LabPlannerSettings`."""

    bucket: str
    progress_table: str
    models: str
    sample_seconds: float
    batch_seconds: int
    unit_seconds: int


@dataclass(frozen=True)
class LabBookBuilderSettings(Environment):
    bucket: str
    progress_table: str
