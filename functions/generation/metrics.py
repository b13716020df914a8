"""What a course costs and how it goes, as metrics: lines of the log in CloudWatch's embedded metric format.

Each line is at once an entry of the course's story (`logging`) and the source of its metrics, which CloudWatch takes
from it (https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html):
no call of a service, nothing to flush. Only names, numbers and states, never what was written. Lines are of the level
INFO: a function that logs less has no metrics.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from typing import Any, Final

from aurora.runtime.logging import current_logger
from functions.models import TextAnswer
from functions.progress.money import MICRO
from functions.progress.records import Outcome, UnitState

NAMESPACE: Final = "Aurora"
"""Of every metric; the dimension Environment ("aurora-dev") tells stacks apart."""


def unit_ended(kind: str, state: UnitState, seconds: float, words: int = 0) -> None:
    """A unit was settled: in which state, after how many seconds of this call, with how many words."""
    _write(
        "kind=<%s>, state=<%s>, words=<%d>, seconds=<%.1f> | a unit ended",
        (kind, state, words, seconds),
        {"Kind": kind, "State": state},
        {"Units": (1, "Count"), "Words": (words, "Count"), "UnitSeconds": (seconds, "Seconds")},
    )


def unit_waits(kind: str, error: Exception) -> None:
    """A unit goes back to waiting, because a service refused it for now: it is tried again."""
    _write(
        "kind=<%s>, error=<%s> | a unit waits to be tried again",
        (kind, type(error).__name__),
        {},
        {"Retries": (1, "Count")},
    )


def model_answered(answer: TextAnswer, seconds: float) -> None:
    """A text model answered after so many seconds; its cost is in millionths of a US dollar."""
    _write(
        "model=<%s>, input_tokens=<%d>, output_tokens=<%d>, seconds=<%.1f> | a model answered",
        (answer.model, answer.input_tokens, answer.output_tokens, seconds),
        {},
        {
            "InputTokens": (answer.input_tokens, "Count"),
            "OutputTokens": (answer.output_tokens, "Count"),
            "Cost": (answer.cost / MICRO, "None"),
            "ModelSeconds": (seconds, "Seconds"),
        },
    )


def paid_in_vain(cost: int) -> None:
    """A model was asked, and may have been paid `cost` millionths of a US dollar, without an answer."""
    _write("cost=<%.2f> | a call may have been paid for in vain", (cost / MICRO,), {}, {"Cost": (cost / MICRO, "None")})


def images_drawn(drawn: int, failed: int, cost: int = 0) -> None:
    """A call drew so many images and gave up so many; `cost` is in millionths of a US dollar."""
    _write(
        "drawn=<%d>, failed=<%d> | images drawn",
        (drawn, failed),
        {},
        {"ImagesDrawn": (drawn, "Count"), "ImagesFailed": (failed, "Count"), "Cost": (cost / MICRO, "None")},
    )


def course_finished(outcome: Outcome, seconds: float) -> None:
    """An execution ended, so many seconds after it was asked for."""
    _write(
        "outcome=<%s>, seconds=<%.0f> | an execution ended",
        (outcome, seconds),
        {"Outcome": outcome},
        {"CoursesFinished": (1, "Count"), "CourseSeconds": (seconds, "Seconds")},
    )


def _write(
    message: str, values: tuple[object, ...], dimensions: Mapping[str, str], metrics: Mapping[str, tuple[float, str]]
) -> None:
    """Write one line; each metric has its value and CloudWatch's name of its unit."""
    log = current_logger()
    # A function's name is {service}-{stage}-{function}, which is all that this one knows of its stack.
    environment = os.environ.get("AWS_LAMBDA_FUNCTION_NAME", "").removesuffix(f"-{log.service}") or "none"
    directive: dict[str, Any] = {
        "Namespace": NAMESPACE,
        "Dimensions": [["Environment", *dimensions]],
        "Metrics": [{"Name": name, "Unit": unit} for name, (_, unit) in metrics.items()],
    }
    log.info(
        message,
        *values,
        extra={
            "_aws": {"Timestamp": int(time.time() * 1000), "CloudWatchMetrics": [directive]},
            "Environment": environment,
            **dimensions,
            **{name: value for name, (value, _) in metrics.items()},
        },
    )
