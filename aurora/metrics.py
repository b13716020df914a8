"""Metrics, graphs and alarms that systems declare, without the dimension that names the stage."""

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
    """A metric that functions write: ``Metric("Visits", {"Kind": "first"}, label="first visits")``."""

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

    With ``total``, the threshold is a percentage: the sum of ``metrics`` of the sum of ``total``, which includes them.
    The alarm stays silent while ``metrics`` sum to less than ``minimum``. The mail holds ``means``, a phrase.
    """

    name: str
    means: str
    metrics: tuple[Metric, ...]
    threshold: float = 0
    seconds: int = FIVE_MINUTES
    total: tuple[Metric, ...] = ()
    minimum: int = 0


def dimensions(naming: Naming, of: Mapping[str, str]) -> dict[str, str]:
    """The dimensions of one of a stage's own metrics; Environment is the prefix of its functions' names."""
    return {"Environment": f"{naming.service}-{naming.stage}", **of}


def child_executions(naming: Naming, workflow: str, definition: Mapping[str, Any]) -> dict[str, str]:
    """By label of a Map, the state machine ARN of its child executions' metrics
    (https://docs.aws.amazon.com/step-functions/latest/dg/concepts-examine-map-run.html)."""
    machine = naming.state_machine_arn(workflow)
    return {label: f"{machine}/{label}" for label in asl.distributed(definition)}
