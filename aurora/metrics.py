"""The metrics that dashboard and alarms look at: those that functions write into their logs, and child executions'.

Names stand here once more, as the program does not import what functions run; a test holds them against what
`functions.generation.metrics` writes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aurora import asl
from aurora.naming import Naming

NAMESPACE = "Aurora"
KINDS = ("lesson", "lab", "slides")
OUTCOMES = ("complete", "incomplete", "cancelled", "failed")


def dimensions(naming: Naming, **more: str) -> dict[str, str]:
    """The dimensions of one of a stage's own metrics; Environment is what the names of its functions begin with."""
    return {"Environment": f"{naming.service}-{naming.stage}", **more}


def children(naming: Naming, workflow: str, definition: Mapping[str, Any]) -> dict[str, str]:
    """By label, what metrics of a Map's child executions have as ARN of their state machine
    (https://docs.aws.amazon.com/step-functions/latest/dg/concepts-examine-map-run.html)."""
    machine = naming.state_machine_arn(workflow)
    return {label: f"{machine}/{label}" for label in asl.distributed(definition)}
