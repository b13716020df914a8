"""What the functions find in their environment."""

from __future__ import annotations

from dataclasses import dataclass

from aurora.runtime.env import Environment


@dataclass(frozen=True)
class ApiSettings(Environment):
    table: str
    queue_url: str
    topic_arn: str


@dataclass(frozen=True)
class RecorderSettings(Environment):
    """Of those that only note what they were called for."""

    table: str
