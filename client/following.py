"""Follows an execution to its end, and shows how far its branches are."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Final

from aurora import console
from client.api import CoursesApi, Execution, Unit
from functions.outline.units import UNIT_KINDS

# What a step of a branch is called while it runs.
_STEPS: Final = {
    "planning": "planning",
    "writing": "writing",
    "validating": "checking",
    "building": "making the book",
    "done": "done",
}
_CANCELLING: Final = "Cancelling: units in progress are finished, and no more are started."


def follow(api: CoursesApi, execution_id: str, poll: float, sleep: Callable[[float], None] = time.sleep) -> Execution:
    """The execution once it has ended. It is asked for every ``poll`` seconds; why units wait is said once."""
    said: set[str] = set()
    with console.progress_view() as view:
        while True:
            execution = api.execution(execution_id)
            waiting = {unit.reason for unit in execution.units if unit.state == "waiting" and unit.reason}
            for reason in sorted(waiting - said):
                view.note(f"Waiting: {reason}")
            said |= waiting
            if execution.cancelling and execution.running and _CANCELLING not in said:
                view.note(_CANCELLING)
                said.add(_CANCELLING)
            view.update(_whole(execution), _parts(execution))
            if not execution.running:
                return execution
            sleep(poll)


def _whole(execution: Execution) -> console.Row:
    step = "cancelling" if execution.cancelling and execution.running else ""
    limit = f" of {console.dollars(execution.budget)}" if execution.budget else ""
    cost = console.dollars(execution.cost) + limit if execution.cost or execution.budget else ""
    return console.Row("Course", step or ("" if execution.steps else "starting"), execution.done, execution.total, cost)


def _parts(execution: Execution) -> list[console.Row]:
    """A row for each branch that runs, in the order in which they begin."""
    rows: list[console.Row] = []
    for kind in UNIT_KINDS.values():
        step = execution.steps.get(kind.branch)
        if step is not None:
            units = execution.of_kind(kind.name)
            done = sum(unit.is_done for unit in units)
            # What is there when all of it is complete needs no further step.
            now = "done" if execution.outcome == "complete" else _STEPS.get(step, step)
            rows.append(console.Row(kind.label, now, done, len(units), _detail(units)))
    return rows


def _detail(units: Sequence[Unit]) -> str:
    retries, cost = sum(unit.retries for unit in units), sum(unit.cost for unit in units)
    failed = sum(unit.state == "failed" for unit in units)
    cancelled = sum(unit.state == "cancelled" for unit in units)
    details = [
        f"{failed:,} failed" if failed else "",
        f"{cancelled:,} cancelled" if cancelled else "",
        f"{retries:,} {'retry' if retries == 1 else 'retries'}" if retries else "",
        console.dollars(cost) if cost else "",
    ]
    return ", ".join(filter(None, details))
