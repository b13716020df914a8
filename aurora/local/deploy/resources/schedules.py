"""Schedules: the emulator checks every ten seconds which are due."""

from __future__ import annotations

from typing import Any

from aurora.local.aws import LocalAws
from aurora.local.deploy.resources.shapes import Created, Inputs, pascal, picked


def schedule(name: str, inputs: Inputs, aws: LocalAws) -> Created:
    schedule_name = inputs.get("name", name)
    arn = aws.client("scheduler").create_schedule(Name=schedule_name, **described(inputs))["ScheduleArn"]
    return f"default/{schedule_name}", {"name": schedule_name, "arn": arn}


def described(inputs: Inputs) -> dict[str, Any]:
    """A schedule for the API of EventBridge Scheduler."""
    return {
        "FlexibleTimeWindow": pascal(inputs["flexibleTimeWindow"]),
        "Target": pascal(inputs["target"]),
        **picked(
            inputs,
            scheduleExpression="ScheduleExpression",
            scheduleExpressionTimezone="ScheduleExpressionTimezone",
            state="State",
        ),
    }


TABLE = {"aws:scheduler/schedule:Schedule": schedule}
