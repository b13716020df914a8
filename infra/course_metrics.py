"""What of courses is on the dashboard, and what rings an alarm."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from aurora.metrics import HOUR, Alarm, Metric, Widget
from aurora.system import Stage
from functions.outline.units import UNIT_KINDS
from infra import models

# Of an hour's units, the percentage beyond which it is no longer single ones that a model does not manage. Few say
# nothing.
_FAILED_PERCENT: Final = 25
_MINIMUM_FAILED: Final = 3
# In a quarter of an hour. Models refuse now and then; forty lessons that wait five times each wait for a quota.
_MANY_RETRIES: Final = 200
_QUARTER: Final = 900
# Units of a course, and how a course ends, as the functions' metrics have them.
KINDS: Final = tuple(UNIT_KINDS)
OUTCOMES: Final = ("complete", "incomplete", "cancelled", "failed")


def dashboard(_: Stage) -> Sequence[Widget]:
    written = [{"Kind": kind, "State": "written"} for kind in KINDS]
    return (
        Widget(
            "Courses by outcome",
            tuple(Metric("CoursesFinished", {"Outcome": outcome}, label=outcome) for outcome in OUTCOMES),
        ),
        Widget(
            "Units by state",
            tuple(
                Metric("Units", {"Kind": kind, "State": state}, label=f"{kind} {state}")
                for kind in KINDS
                for state in ("written", "failed", "cancelled")
            ),
        ),
        Widget(
            "Seconds a unit",
            tuple(
                Metric("UnitSeconds", of, label=f"{of['Kind']} {stat}", stat=stat)
                for of in written
                for stat in ("p50", "Maximum")
            ),
        ),
        Widget("Words", tuple(Metric("Words", of, label=of["Kind"]) for of in written)),
        Widget("Tokens", (Metric("InputTokens"), Metric("OutputTokens"))),
        Widget("Cost of models an hour (USD)", (Metric("Cost"),), seconds=HOUR),
        Widget("Retries and images", (Metric("Retries"), Metric("ImagesDrawn"), Metric("ImagesFailed"))),
    )


def alarms(stage: Stage) -> Sequence[Alarm]:
    failed = tuple(Metric("Units", {"Kind": kind, "State": "failed"}) for kind in KINDS)
    written = tuple(Metric("Units", {"Kind": kind, "State": "written"}) for kind in KINDS)
    return (
        Alarm(
            "outcome-failed",
            "a course ended as failed: something that it should hold could not be made",
            (Metric("CoursesFinished", {"Outcome": "failed"}),),
        ),
        Alarm(
            "units-failing",
            f"more than {_FAILED_PERCENT} % of the last hour's lessons, labs and slides failed",
            failed,
            threshold=_FAILED_PERCENT,
            seconds=HOUR,
            total=(*failed, *written),
            minimum=_MINIMUM_FAILED,
        ),
        models.cost_alarm(stage),
        Alarm(
            "retries-high",
            f"units had to wait for a model more than {_MANY_RETRIES} times in 15 minutes",
            (Metric("Retries"),),
            threshold=_MANY_RETRIES,
            seconds=_QUARTER,
        ),
    )
