"""What the functions find in their environment."""

from __future__ import annotations

from dataclasses import dataclass

from aurora.runtime.env import Environment


@dataclass(frozen=True)
class StepSettings(Environment):
    bucket: str
    state_machine_arn: str
    function: str
    queue_url: str
    api_key: str
