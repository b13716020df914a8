"""Checks of a state machine's definition before anything is deployed.

statelint checks the language itself. This module checks what AWS would report only in an execution, or never: a call
that bypasses the alias, the name of an error that nothing raises.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any, cast

from aurora.errors import DeclarationError

# https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html, without States.Runtime: nothing
# can retry or catch that.
_AWS_ERRORS = frozenset(
    {
        "States.ALL",
        "States.BranchFailed",
        "States.DataLimitExceeded",
        "States.ExceedToleratedFailureThreshold",
        "States.HeartbeatTimeout",
        "States.IntrinsicFailure",
        "States.ItemReaderFailed",
        "States.NoChoiceMatched",
        "States.ParameterPathFailure",
        "States.Permissions",
        "States.ResultPathMatchFailure",
        "States.ResultWriterFailed",
        "States.TaskFailed",
        "States.Timeout",
        "Lambda.AWSLambdaException",
        "Lambda.ClientExecutionTimeoutException",
        "Lambda.SdkClientException",
        "Lambda.ServiceException",
        "Lambda.TooManyRequestsException",
        "Lambda.Unknown",
    }
)
# How many arguments an intrinsic function takes: at least, and at most
# (https://docs.aws.amazon.com/step-functions/latest/dg/intrinsic-functions.html).
_ARGUMENTS = {
    "Array": (0, 10_000),
    "ArrayContains": (2, 2),
    "ArrayGetItem": (2, 2),
    "ArrayLength": (1, 1),
    "ArrayPartition": (2, 2),
    "ArrayRange": (3, 3),
    "ArrayUnique": (1, 1),
    "Base64Decode": (1, 1),
    "Base64Encode": (1, 1),
    "Format": (1, 10_000),
    "Hash": (2, 2),
    "JsonMerge": (3, 3),
    "JsonToString": (1, 1),
    "MathAdd": (2, 2),
    "MathRandom": (2, 3),
    "StringSplit": (2, 2),
    "StringToJson": (1, 1),
    "UUID": (0, 0),
}
# A text in quotes, the beginning of a call, a bracket, a comma, or anything else that is not empty space.
_TOKEN = re.compile(r"'(?:\\.|[^'\\])*'|States\.(?P<name>\w+)\(|(?P<open>[(\[{])|(?P<close>[)\]}])|(?P<comma>,)|\S")
# Of a Map state; the second is the older name, which AWS takes as well.
_INNER_MACHINES = ("ItemProcessor", "Iterator")
# Of the label of a Map whose iterations are executions of their own: it becomes part of their ARNs
# (https://docs.aws.amazon.com/step-functions/latest/dg/state-map-distributed.html).
_LABEL = re.compile(r"[A-Za-z0-9_-]{1,40}")
# Fields of such a Map alone; statelint accepts them at any Map, except Label, which it does not know.
_DISTRIBUTED_ONLY = ("Label", "ToleratedFailureCount", "ToleratedFailurePercentage", "ItemReader", "ResultWriter")

State = Mapping[str, Any]


class InvalidWorkflow(DeclarationError):
    """A state machine's definition cannot work; the message lists where and why."""


def check(name: str, definition: Mapping[str, Any], aliases: Collection[str], errors: Collection[str]) -> None:
    """Checks a definition in Amazon States Language, whose tasks must call all of ``aliases`` (ARNs) and nothing else.

    ``errors`` are the names of the errors that functions raise, in addition to AWS's own.

    Raises:
        InvalidWorkflow: the definition is not valid; the message names every problem with its state.
    """
    from statelint.linter import Linter  # pyright: ignore[reportMissingTypeStubs] - slow to import

    problems: list[str] = [str(problem) for problem in Linter().validate(_without_labels(definition))]  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType, reportUnknownArgumentType]
    if not problems:  # the other checks rely on a valid structure
        states = list(_states(definition))
        problems = [
            f"state {place}: {problem}"
            for place, state in states
            for problem in (
                *_wrong_call(state, aliases),
                *_wrong_errors(state, errors),
                *_wrong_arguments(state),
                *_wrong_mode(state),
            )
        ]
        labels = distributed(definition)
        problems += [
            f"the label {label} names more than one Map" for label in sorted({*labels}) if labels.count(label) > 1
        ]
        called = {_function(state) for _, state in states}
        problems += [f"no state calls {alias}, which it may call" for alias in sorted(set(aliases) - called)]
    if problems:
        raise InvalidWorkflow(f"state machine '{name}' is not valid: " + "; ".join(problems))


def distributed(definition: Mapping[str, Any]) -> list[str]:
    """The labels of the Maps whose iterations are executions of their own, in the order of the definition."""
    return [state["Label"] for _, state in _states(definition) if _is_distributed(state) and "Label" in state]


def _is_distributed(state: State) -> bool:
    return state.get("ItemProcessor", {}).get("ProcessorConfig", {}).get("Mode") == "DISTRIBUTED"


def _without_labels(part: Any) -> Any:
    """A definition as statelint knows the language: the labels of its Maps are checked here."""
    if isinstance(part, Mapping):
        state = cast("State", part)
        is_map = state.get("Type") == "Map"
        return {key: _without_labels(value) for key, value in state.items() if not (is_map and key == "Label")}
    if isinstance(part, list):
        return [_without_labels(each) for each in part]  # pyright: ignore[reportUnknownVariableType]
    return part


def _states(machine: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, State]]:
    """Every state with its place, such as ``WriteBatches/DrawImages``, those within Map and Parallel states too."""
    for name, state in machine["States"].items():
        yield f"{above}{name}", state
        machines = [state[field] for field in _INNER_MACHINES if field in state]
        for inner in (*machines, *state.get("Branches", ())):
            yield from _states(inner, f"{above}{name}/")


def _function(state: State) -> str | None:
    """The ARN of the function that a task calls; None if it calls something else, or takes the ARN from its input."""
    if state["Type"] != "Task" or not state["Resource"].endswith(":states:::lambda:invoke"):
        return None
    return state.get("Parameters", {}).get("FunctionName")


def _wrong_call(state: State, aliases: Collection[str]) -> Iterator[str]:
    if state["Type"] != "Task":
        return
    function = _function(state)
    if function is None:
        yield "it must call a function by name (arn:aws:states:::lambda:invoke with a FunctionName)"
    elif function not in aliases:
        known = f"{function}:live" in aliases
        yield f"it calls {function}, " + (
            "not its alias `live`" if known else "which is not a function of this workflow"
        )


def _wrong_errors(state: State, errors: Collection[str]) -> Iterator[str]:
    for field in ("Retry", "Catch"):
        rules: list[Any] = state.get(field, [])
        for place, rule in enumerate(rules, start=1):
            names: list[str] = rule["ErrorEquals"]
            for error in names:
                if error not in _AWS_ERRORS and error not in errors:
                    yield (
                        f"its {field} names {error}, which nothing raises: it is not an error of AWS, of "
                        "aurora.runtime.errors, or of an errors.py in a folder of functions/"
                    )
            if "States.ALL" in names and (len(names) > 1 or place < len(rules)):
                yield f"its {field} has States.ALL beside or before other errors: it must stand alone, and last"


def _wrong_mode(state: State) -> Iterator[str]:
    if state["Type"] != "Map":
        return
    config: Mapping[str, Any] = state.get("ItemProcessor", {}).get("ProcessorConfig", {})
    mode = config.get("Mode", "INLINE")
    if mode not in ("INLINE", "DISTRIBUTED"):
        yield f"its Mode is {mode}: it must be INLINE or DISTRIBUTED"
    elif mode == "INLINE":
        for field in sorted({*_DISTRIBUTED_ONLY, "ExecutionType"} & {*state, *config}):
            yield f"its {field} needs the Mode DISTRIBUTED"
    else:
        # The others, EXPRESS, end after five minutes and may run twice.
        if config.get("ExecutionType") != "STANDARD":
            yield "its ExecutionType is not STANDARD"
        if not _LABEL.fullmatch(str(state.get("Label", ""))):
            yield "it needs a Label of 1 to 40 letters, digits, hyphens and underscores: its role's policy names it"


def _wrong_arguments(state: State) -> Iterator[str]:
    inside = {key: value for key, value in state.items() if key not in (*_INNER_MACHINES, "Branches")}
    for expression in _expressions(inside):
        for name, count in _calls(expression):
            minimum, maximum = _ARGUMENTS[name]
            if not minimum <= count <= maximum:
                allowed = f"{minimum}" if minimum == maximum else f"{minimum} to {maximum}"
                yield f"States.{name} takes {allowed} arguments, not {count}, in {expression}"


def _expressions(value: Any) -> Iterator[str]:
    """The texts of a state that call an intrinsic function."""
    if isinstance(value, Mapping):
        for key, inner in value.items():  # pyright: ignore[reportUnknownVariableType]
            if isinstance(inner, str) and str(key).endswith(".$") and inner.startswith("States."):  # pyright: ignore[reportUnknownArgumentType]
                yield inner
            else:
                yield from _expressions(inner)
    elif isinstance(value, list):
        for inner in value:  # pyright: ignore[reportUnknownVariableType]
            yield from _expressions(inner)


def _calls(expression: str) -> Iterator[tuple[str, int]]:
    """Each call of an intrinsic function within an expression, the innermost first, and how many arguments it has."""
    open_: list[tuple[str | None, int]] = []
    before = ""
    for token in _TOKEN.finditer(expression):
        if token["name"] or token["open"]:
            open_.append((token["name"], 0))
        elif token["comma"] and open_:
            open_[-1] = (open_[-1][0], open_[-1][1] + 1)
        elif token["close"] and open_:
            name, commas = open_.pop()
            if name:
                yield name, 0 if before.endswith("(") else commas + 1
        before = token[0]
