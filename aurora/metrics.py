"""Metrics that systems declare for the dashboard and for alarms, without the dimensions that say whose they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from aurora import asl
from aurora.naming import Naming

NAMESPACE = "Aurora"
"""The namespace of the metrics that functions write into their logs."""
FIVE_MINUTES = 300
HOUR = 3600


@dataclass(frozen=True)
class Metric:
    """A metric that functions write: ``Metric("Units", {"Kind": "lesson"}, label="lessons")``."""

    name: str
    dimensions: Mapping[str, str] = field(default_factory=dict[str, str])
    label: str = ""
    stat: str = ""


@dataclass(frozen=True)
class Widget:
    """A graph of the dashboard; ``seconds`` is the period of its points."""

    title: str
    metrics: tuple[Metric, ...]
    stat: str = "Sum"
    seconds: int = FIVE_MINUTES


@dataclass(frozen=True)
class Alarm:
    """An alarm on a metric whose sum within ``seconds`` is greater than ``threshold``.

    With ``among``, the threshold is the percentage that ``metrics`` are of these, which they are part of; it does not
    ring before ``metrics`` sum up to ``fewest``. ``means`` is what is mailed, a phrase.
    """

    name: str
    means: str
    metrics: tuple[Metric, ...]
    threshold: float = 0
    seconds: int = FIVE_MINUTES
    among: tuple[Metric, ...] = ()
    fewest: int = 0


def dimensions(naming: Naming, of: Mapping[str, str]) -> dict[str, str]:
    """The dimensions of one of a stage's own metrics; Environment is what the names of its functions begin with."""
    return {"Environment": f"{naming.service}-{naming.stage}", **of}


def child_executions(naming: Naming, workflow: str, definition: Mapping[str, Any]) -> dict[str, str]:
    """By label, what metrics of a Map's child executions have as ARN of their state machine
    (https://docs.aws.amazon.com/step-functions/latest/dg/concepts-examine-map-run.html)."""
    machine = naming.state_machine_arn(workflow)
    return {label: f"{machine}/{label}" for label in asl.distributed(definition)}
