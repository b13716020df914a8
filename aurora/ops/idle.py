"""Whether a stack is idle, so that it may be destroyed: nothing ran recently or runs, and nobody worked on anything.

If something cannot be read, the answer is an error, never "idle". Nothing here destroys a stack.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from aurora.console import counted, result
from aurora.errors import COMPLETE, INCOMPLETE
from aurora.project import load, systems
from aurora.stack.pulumi_stack import PulumiStack

IN_USE: Final = INCOMPLETE
"""The exit code for a stack in use."""

CLOCK: Final = "%d %b %H:%M UTC"
"""The format of times."""
_METRIC_PERIOD: Final = timedelta(hours=1)
_NEEDED: Final = ("buckets", "environment", "functions", "stateMachines")


@dataclass(frozen=True)
class RecentWork:
    """What people worked on recently in one system: ``use`` completes "The stack is in use: ...".

    ``export`` saves the work below a folder; it raises CommandError and AWS's own errors.
    """

    use: str
    export: Callable[[Path], None]


@dataclass(frozen=True)
class Limits:
    """A stack is in use if something ran within ``quiet``, or somebody worked on something within ``recent``."""

    quiet: timedelta
    recent: timedelta


def report_whether_idle(name: str, limits: Limits, export: Path | None, now: datetime | None = None) -> int:
    """Prints whether the stack is idle ``now``, and if not, why; returns the exit code.

    If recent work is the only use, it is saved to ``export``, if that is not None, and then no longer counts.

    Raises:
        CommandError: the stack cannot be read.
    """
    stack = PulumiStack(name)
    if not stack.state["resources"]:
        result(f"Nothing is deployed in the stack {name}.")
        return COMPLETE
    for output in _NEEDED:  # the stack of another program lacks them
        stack.output(output)
    activity = _Activity(stack, now or datetime.now(UTC))
    with stack.readable_errors():
        uses = [*activity.recent(limits.quiet), *activity.running()]
        works = activity.works(limits.recent)
        if works and not uses and export is not None:
            for work in works:
                work.export(export)
            works = []
            uses.extend(activity.running())  # somebody may have started one during the export
    uses.extend(work.use for work in works)
    if uses:
        result(f"The stack {name} is in use:")
        for use in uses:
            result(f"  - {use}")
        return IN_USE
    result(f"The stack {name} is idle.")
    return COMPLETE


class _Activity:
    """What runs in a stack, and what ran before ``now``."""

    def __init__(self, stack: PulumiStack, now: datetime) -> None:
        self._stack = stack
        self._now = now

    def recent(self, quiet: timedelta) -> Iterator[str]:
        """What ran or was deployed within ``quiet``.

        Every invocation counts: a request without a valid token never reaches a function. A deployment counts because
        a newer function cannot have been idle for so long.
        """
        since = self._now - quiet
        metrics, functions = self._stack.client("cloudwatch"), self._stack.client("lambda")
        for function in self._stack.functions.values():
            points = metrics.get_metric_statistics(
                Namespace="AWS/Lambda",
                MetricName="Invocations",
                Dimensions=[{"Name": "FunctionName", "Value": function}],
                StartTime=since,
                EndTime=self._now,
                Period=int(_METRIC_PERIOD.total_seconds()),
                Statistics=["Sum"],
            )["Datapoints"]
            if invocations := round(sum(point["Sum"] for point in points)):
                yield f"{function} ran {counted(invocations, 'time')} since {since:{CLOCK}}"
            deployed = datetime.fromisoformat(
                functions.get_function_configuration(FunctionName=function)["LastModified"]
            )
            if deployed > since:
                yield f"{function} was deployed on {deployed:{CLOCK}}"

    def running(self) -> Iterator[str]:
        """Running executions."""
        machines = self._stack.client("stepfunctions")
        for state_machine in self._stack.state_machines.values():
            running = machines.list_executions(stateMachineArn=state_machine, statusFilter="RUNNING", maxResults=1)[
                "executions"
            ]
            if running:
                yield f"an execution runs since {running[0]['startDate'].astimezone(UTC):{CLOCK}}"

    def works(self, recent: timedelta) -> list[RecentWork]:
        """What people worked on within ``recent``, by system."""
        found = [load(system.idle)(self._stack, self._now - recent) for system in systems() if system.idle]
        return [work for work in found if work is not None]
