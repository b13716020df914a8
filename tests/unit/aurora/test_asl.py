"""Workflow definitions are checked before anything is deployed."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from aurora import asl
from aurora.asl import InvalidWorkflow, check
from aurora.contracts.workflows import raised_errors
from aurora.naming import Naming
from infra.workflows import course
from tests.support.clone import PROJECT
from tests.support.platform import COURSES

NAMING = Naming("aurora", "dev", "eu-west-1", "123456789012")
ERRORS = raised_errors(PROJECT)
ALIASES = {NAMING.live_arn(function) for function in COURSES.functions}


def definition() -> dict[str, Any]:
    """The course workflow, of which a test may change any part."""
    return json.loads(json.dumps(course.definition(NAMING.live_arn)))


def theory(machine: dict[str, Any]) -> dict[str, Any]:
    """The states of the branch that makes lessons and their book."""
    return machine["States"]["WriteCourse"]["Branches"][0]["States"]


def batch(machine: dict[str, Any]) -> dict[str, Any]:
    """The states that write one batch of lessons."""
    return theory(machine)["WriteBatches"]["ItemProcessor"]["States"]


def told(change: Callable[[dict[str, Any]], object]) -> str:
    """What the check says of the course workflow once it is changed."""
    changed = definition()
    change(changed)
    with pytest.raises(InvalidWorkflow) as caught:
        check("courses", changed, ALIASES, ERRORS)
    sentence = str(caught.value)
    assert sentence.startswith("state machine 'courses' is not valid: ")
    return sentence


def test_the_course_workflow_is_valid() -> None:
    check("courses", definition(), ALIASES, ERRORS)


@pytest.mark.parametrize(
    ("change", "where"),
    [
        (lambda machine: machine["States"]["PrepareCourse"].update(Next="Nowhere"), "States.PrepareCourse.Next"),
        (lambda machine: batch(machine)["PlanVisuals"].update(Next="Nowhere"), "States.PlanVisuals.Next"),
        (lambda machine: batch(machine)["LessonsRemain"].update(Default="Nowhere"), "States.LessonsRemain.Default"),
        (
            lambda machine: theory(machine)["ValidateContent"]["Catch"][0].update(Next="Nowhere"),
            "States.ValidateContent.Next",
        ),
        (lambda machine: batch(machine)["DrawImages"]["Catch"][0].update(Next="Nowhere"), "States.DrawImages.Next"),
    ],
)
def test_a_state_that_leads_to_none_is_named(change: Callable[[dict[str, Any]], object], where: str) -> None:
    sentence = (
        told(change).replace("States.WriteCourse.Branches[0].", "").replace("States.WriteBatches.ItemProcessor.", "")
    )
    assert f'No state found named "Nowhere", referenced at State Machine.{where}' in sentence


@pytest.mark.parametrize(
    "machine", [lambda machine: machine["States"], theory, batch], ids=["outer", "branch", "batch"]
)
def test_a_state_that_nothing_leads_to_is_named(machine: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    sentence = told(lambda changed: machine(changed).update(Lost={"Type": "Succeed"}))
    assert "No transition found to state State Machine" in sentence
    assert sentence.endswith(".Lost")


@pytest.mark.parametrize(
    ("expression", "problem"),
    [
        ("States.JsonMerge($.a, $.b)", "States.JsonMerge takes 3 arguments, not 2"),
        ("States.Format('{}, {}', $.a, States.JsonMerge($.a, $.b))", "States.JsonMerge takes 3 arguments, not 2"),
        ("States.StringToJson()", "States.StringToJson takes 1 arguments, not 0"),
        ("States.UUID($.a)", "States.UUID takes 0 arguments, not 1"),
        ("States.MathRandom($.a)", "States.MathRandom takes 2 to 3 arguments, not 1"),
    ],
)
@pytest.mark.parametrize("states", [theory, batch])
def test_an_intrinsic_function_with_too_many_or_too_few_arguments_is_named_with_its_state(
    expression: str, problem: str, states: Callable[[dict[str, Any]], dict[str, Any]]
) -> None:
    def change(machine: dict[str, Any]) -> None:
        passes = next(name for name, state in states(machine).items() if state["Type"] == "Pass")
        states(machine)[passes]["Parameters"]["made"] = {"merged.$": expression}

    sentence = told(change)
    assert f"{problem}, in {expression}" in sentence
    assert re.search(r"state WriteCourse/(KeepWhatTheBookNeeds|WriteBatches/BatchDone): ", sentence)


@pytest.mark.parametrize(
    "expression",
    [
        "States.JsonMerge($.a, $.b, false)",
        "States.Format('a, b (c) it\\'s {}', $.a)",
        "States.Array()",
        "States.Array($.a[0,1], $['b,c'], States.UUID())",
        "States.ArrayContains($.a, States.Format('{}', $.b))",
    ],
)
def test_arguments_are_counted_as_aws_counts_them(expression: str) -> None:
    machine = definition()
    theory(machine)["KeepWhatTheBookNeeds"]["Parameters"]["made.$"] = expression
    check("courses", machine, ALIASES, ERRORS)


def test_a_function_that_does_not_exist_among_the_intrinsic_ones_is_refused() -> None:
    parameters = {"a.$": "States.Jsonmerge($.x, $.y, false)"}
    sentence = told(lambda machine: theory(machine)["KeepWhatTheBookNeeds"].update(Parameters=parameters))
    assert "States.KeepWhatTheBookNeeds" in sentence


@pytest.mark.parametrize(
    ("function", "problem"),
    [
        (NAMING.function_arn("images-gen"), "not its alias `live`"),
        (f"{NAMING.function_arn('images-gen')}:7", "which is not a function of this workflow"),
        (NAMING.live_arn("starter-api"), "which is not a function of this workflow"),
        (
            Naming("aurora", "prod", "eu-west-1", "123456789012").live_arn("images-gen"),
            "which is not a function of this workflow",
        ),
    ],
)
def test_a_task_calls_the_alias_of_one_of_the_workflow_s_functions(function: str, problem: str) -> None:
    sentence = told(lambda machine: batch(machine)["DrawImages"]["Parameters"].update(FunctionName=function))
    assert f"state WriteCourse/WriteBatches/DrawImages: it calls {function}, " in sentence
    assert problem in sentence


def test_a_task_that_is_no_call_of_a_function_is_refused() -> None:
    sentence = told(lambda machine: theory(machine)["BuildBook"].update(Resource=NAMING.live_arn("book-builder")))
    assert "state WriteCourse/BuildBook: it must call a function by name" in sentence


def test_a_function_that_the_workflow_may_call_and_does_not_is_named() -> None:
    with pytest.raises(InvalidWorkflow, match=r"no state calls arn:.*:aurora-dev-courses-api:live, which it may call"):
        check("courses", definition(), ALIASES | {NAMING.live_arn("courses-api")}, ERRORS)


@pytest.mark.parametrize("field", ["Retry", "Catch"])
@pytest.mark.parametrize(
    "error", ["Throtled", "AuroraError", "TryLater", "States.Timeot", "States.Runtime", "TimeoutError", "throttled"]
)
def test_an_error_that_nothing_raises_is_named(field: str, error: str) -> None:
    sentence = told(lambda machine: batch(machine)["GenerateLessons"][field][0].update(ErrorEquals=[error]))
    assert (
        f"state WriteCourse/WriteBatches/GenerateLessons: its {field} names {error}, which nothing raises" in sentence
    )


@pytest.mark.parametrize("error", ["ModelTimeout", "InvalidOutline", "Lambda.Unknown", "States.Timeout"])
def test_an_error_of_ours_or_of_aws_may_be_waited_for(error: str) -> None:
    machine = definition()
    batch(machine)["GenerateLessons"]["Retry"][0]["ErrorEquals"] = [error]
    check("courses", machine, ALIASES, ERRORS)


@pytest.mark.parametrize("rules", [[["States.ALL"], ["Throttled"]], [["Throttled", "States.ALL"]]])
def test_the_error_that_means_all_stands_alone_and_last(rules: list[list[str]]) -> None:
    retries = [{"ErrorEquals": names} for names in rules]
    sentence = told(lambda machine: theory(machine)["BuildBook"].update(Retry=retries))
    assert "state WriteCourse/BuildBook: its Retry has States.ALL beside or before other errors" in sentence


def distributed(**more: Any) -> dict[str, Any]:
    """A Map whose iterations are executions of their own, with what else it may have."""
    steps = {"StartAt": "Done", "States": {"Done": {"Type": "Succeed"}}}
    return {
        "Type": "Map",
        "Label": "Batches",
        "ItemsPath": "$.batches",
        "ItemSelector": {"course.$": "$.course", "batch.$": "$$.Map.Item.Value"},
        "MaxConcurrencyPath": "$.course.max_concurrency",
        "ToleratedFailurePercentage": 100,
        "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, **steps},
        "End": True,
        **more,
    }


def machine(**states: Any) -> dict[str, Any]:
    """A state machine of these states side by side, whose failure is what its input says."""
    branches = [{"StartAt": name, "States": {name: state}} for name, state in states.items()]
    return {
        "StartAt": "Both",
        "States": {
            "Both": {"Type": "Parallel", "Branches": branches, "ResultPath": "$.both", "Next": "Ended"},
            "Ended": {
                "Type": "Choice",
                "Choices": [{"Variable": "$.outcome", "StringEquals": "failed", "Next": "Failed"}],
                "Default": "Finished",
            },
            "Failed": {"Type": "Fail", "ErrorPath": "$.error", "CausePath": "$.cause"},
            "Finished": {"Type": "Succeed"},
        },
    }


def test_a_map_of_child_executions_is_valid_and_its_label_is_known() -> None:
    two = machine(Write=distributed(), Guide=distributed(Label="Labs"))
    check("courses", two, (), ERRORS)
    assert asl.distributed(two) == ["Batches", "Labs"]


def unlabelled() -> dict[str, Any]:
    state = distributed()
    del state["Label"]
    return state


@pytest.mark.parametrize(
    ("state", "problem"),
    [
        (unlabelled(), "it needs a Label of 1 to 40"),
        (distributed(Label="B" * 41), "it needs a Label of 1 to 40"),
        (distributed(Label="a b"), "it needs a Label of 1 to 40"),
        (distributed(MaxConcurrency=2), "may have only one of"),
        (
            distributed(ItemProcessor={**distributed()["ItemProcessor"], "ProcessorConfig": {"Mode": "DISTRIBUTED"}}),
            "its ExecutionType is not STANDARD",
        ),
        (
            distributed(ItemProcessor={**distributed()["ItemProcessor"], "ProcessorConfig": {"Mode": "SPREAD"}}),
            "its Mode is SPREAD",
        ),
        (
            distributed(ItemProcessor={**distributed()["ItemProcessor"], "ProcessorConfig": {"Mode": "INLINE"}}),
            "its Label needs the Mode DISTRIBUTED",
        ),
    ],
)
def test_a_map_of_child_executions_that_aws_would_refuse_is_told(state: dict[str, Any], problem: str) -> None:
    with pytest.raises(InvalidWorkflow) as caught:
        check("courses", machine(Write=state), (), ERRORS)
    assert problem in str(caught.value)


def test_no_two_maps_have_the_same_label() -> None:
    with pytest.raises(InvalidWorkflow, match="the label Batches names more than one Map"):
        check("courses", machine(Write=distributed(), Guide=distributed()), (), ERRORS)
