"""Workflow definitions are checked before anything is deployed."""

from __future__ import annotations

import pytest

from infra.workflow import InvalidWorkflow, check
from infra.workflows import course


def test_the_course_workflow_is_valid() -> None:
    check("courses", course.definition(lambda function: f"arn:aws:lambda:eu-west-1:1:function:{function}:live", 2))


def test_a_state_that_nothing_leads_to_is_refused() -> None:
    with pytest.raises(InvalidWorkflow, match="Lost"):
        check("w", {"StartAt": "A", "States": {"A": {"Type": "Succeed"}, "Lost": {"Type": "Succeed"}}})


def test_a_next_state_that_does_not_exist_is_refused_by_name() -> None:
    with pytest.raises(InvalidWorkflow, match='"B"'):
        check("w", {"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "B"}}})


def test_an_intrinsic_with_too_few_arguments_is_refused() -> None:
    state = {"Type": "Pass", "Parameters": {"a.$": "States.JsonMerge($.x, $.y"}, "End": True}
    with pytest.raises(InvalidWorkflow):
        check("w", {"StartAt": "A", "States": {"A": state}})


def test_throttling_is_retried_with_full_jitter_and_a_timeout_is_not() -> None:
    definition = course.definition(str, 2)
    batch = definition["States"]["WriteBatches"]["ItemProcessor"]["States"]
    retries = batch["GenerateLessons"]["Retry"]
    (throttled,) = [retry for retry in retries if "Throttled" in retry["ErrorEquals"]]
    assert throttled["JitterStrategy"] == "FULL"
    retried = {name for retry in retries for name in retry["ErrorEquals"]}
    timeouts = {"States.Timeout", "Lambda.Unknown", "Lambda.ClientExecutionTimeoutException", "ModelTimeout"}
    assert not retried & (timeouts | {"States.ALL", "States.TaskFailed"})


def test_every_task_of_a_batch_is_caught_so_that_the_others_go_on() -> None:
    batch = course.definition(str, 2)["States"]["WriteBatches"]["ItemProcessor"]["States"]
    tasks = [state for state in batch.values() if state["Type"] == "Task"]
    assert len(tasks) == 3
    assert all(task["Catch"][0]["ErrorEquals"] == ["States.ALL"] for task in tasks)
