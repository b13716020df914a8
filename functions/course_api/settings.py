"""What each function of the group `course_api` reads from its environment. Standard library only.

The program that deploys imports these to set exactly these variables; it needs none of the group's dependencies for it.
"""

from __future__ import annotations

from dataclasses import dataclass

from aurora.runtime.env import Environment


@dataclass(frozen=True)
class StarterApiSettings(Environment):
    """`run_defaults` is what holds of each run option where a request leaves it out, `run_limits` what the stack allows
    of it: both as JSON, as `functions.courses.options` makes them of the stack's settings."""

    bucket: str
    courses_table: str
    progress_table: str
    state_machine_arn: str
    run_defaults: str
    run_limits: str


@dataclass(frozen=True)
class CoursesApiSettings(Environment):
    bucket: str
    courses_table: str
    progress_table: str
    state_machine_arn: str
