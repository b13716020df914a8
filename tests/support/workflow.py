"""The course workflow in this process: its definition followed state by state, each task a plain call of its handler.

For what a test can only see from within: a run that ends at a state boundary of its choice. It knows as much of the
States Language as the definition uses, one item after the other; how Step Functions runs it is shown elsewhere.
"""

from __future__ import annotations

import copy
import importlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from aurora.naming import Naming
from functions.courses.events import CourseEvent
from infra.workflows import course as workflow
from tests.support.platform import COURSES, DECLARED

_NAMING = Naming("aurora", "test", "eu-west-1", "123456789012")
_PATH = re.compile(r"\.([A-Za-z_]+)|\[(\d+)\]")
_MISSING = object()


class Killed(Exception):
    """The run was ended at the boundary that the test chose."""


class Context:
    """As much of a Lambda context as handlers use."""

    aws_request_id = "request"

    def get_remaining_time_in_millis(self) -> int:
        return 900_000


@dataclass
class Workflow:
    """Runs executions. `calls` are the functions called so far; the run is killed before call `kill_at`, from 0."""

    kill_at: int | None = None
    calls: list[str] = field(default_factory=list[str])

    def run(self, course: CourseEvent) -> dict[str, Any]:
        """The output of an execution of `course`; raises Killed."""
        return self._machine(workflow.definition(_NAMING.live_arn), {"course": course}, {})

    def _machine(self, machine: Mapping[str, Any], data: Any, context: Mapping[str, Any]) -> Any:
        name = machine["StartAt"]
        while name:
            state = machine["States"][name]
            data, name = self._state(state, data, context)
        return data

    def _state(self, state: Mapping[str, Any], data: Any, context: Mapping[str, Any]) -> tuple[Any, str | None]:
        kind = state["Type"]
        if kind == "Choice":
            matches = (rule["Next"] for rule in state["Choices"] if _holds(rule, data))
            return data, next(matches, state["Default"])
        if kind == "Fail":
            raise AssertionError(f"the workflow failed: {state['Error']}")
        if kind == "Succeed":
            return _read(state["OutputPath"], data), None
        try:
            result = self._result(kind, state, data, context)
        except Killed:
            raise
        except Exception as error:
            for rule in state.get("Catch", ()):
                told = {"Error": type(error).__name__, "Cause": str(error)}
                return _written(rule["ResultPath"], data, told), rule["Next"]
            raise
        if "ResultSelector" in state:
            result = _filled(state["ResultSelector"], result, context)
        return _written(state.get("ResultPath", "$"), data, result), state.get("Next")

    def _result(self, kind: str, state: Mapping[str, Any], data: Any, context: Mapping[str, Any]) -> Any:
        if kind == "Pass":
            return _filled(state["Parameters"], data, context) if "Parameters" in state else data
        if kind == "Task":
            return {"Payload": self._call(state["Parameters"]["FunctionName"].split(":")[6], data)}
        if kind == "Parallel":
            return [self._machine(branch, copy.deepcopy(data), context) for branch in state["Branches"]]
        items = _read(state["ItemsPath"], data)
        return [
            self._machine(
                state["ItemProcessor"], _filled(state["ItemSelector"], data, {"Map": {"Item": {"Value": item}}}), {}
            )
            for item in items
        ]

    def _call(self, function: str, event: Any) -> Any:
        if len(self.calls) == self.kill_at:
            raise Killed
        name = function.removeprefix("aurora-test-")
        self.calls.append(name)
        module = importlib.import_module(f"functions.{_GROUPS[name]}.{name.replace('-', '_')}")
        # What travels between states is JSON, and nothing that two of them could share.
        return json.loads(json.dumps(module.handler(json.loads(json.dumps(event)), Context())))


def _groups() -> dict[str, str]:
    return {function.name: function.group for function in DECLARED.functions.values()}


_GROUPS = _groups()


@contextmanager
def fresh_settings() -> Iterator[None]:
    """Handlers read their environment anew within, and again afterwards."""
    modules = [
        importlib.import_module(f"functions.{_GROUPS[name]}.{name.replace('-', '_')}") for name in COURSES.functions
    ]
    caches: list[Callable[[], None]] = [
        module._settings.cache_clear for module in modules if hasattr(module, "_settings")
    ]
    for clear in caches:
        clear()
    try:
        yield
    finally:
        for clear in caches:
            clear()


def _holds(rule: Mapping[str, Any], data: Any) -> bool:
    value = _read(rule["Variable"], data)
    if "IsPresent" in rule:
        return (value is not _MISSING) is rule["IsPresent"]
    if "NumericGreaterThan" in rule:
        return value > rule["NumericGreaterThan"]
    return value == rule.get("StringEquals", rule.get("BooleanEquals"))


def _read(path: str, data: Any) -> Any:
    for name, index in _PATH.findall(path.removeprefix("$")):
        try:
            data = data[name] if name else data[int(index)]
        except (KeyError, IndexError):
            return _MISSING
    return data


def _written(path: str | None, data: Any, result: Any) -> Any:
    if path is None:
        return data
    if path == "$":
        return result
    data = copy.deepcopy(data)
    *above, last = [name for name, _ in _PATH.findall(path)]
    place = data
    for name in above:
        place = place.setdefault(name, {})
    place[last] = result
    return data


def _filled(template: Mapping[str, Any], data: Any, context: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name.removesuffix(".$"): (
            (_read(value[1:], context) if value.startswith("$$") else _read(value, data))
            if name.endswith(".$")
            else value
        )
        for name, value in template.items()
    }
