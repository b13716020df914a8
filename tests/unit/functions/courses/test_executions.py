from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from aurora.runtime.executions import Executions, ExecutionState
from tests.unit.functions.conftest import StateMachine

FAILS = {"StartAt": "F", "States": {"F": {"Type": "Fail", "Error": "NotFound", "Cause": "It is gone."}}}


def test_an_execution_starts_with_its_data_and_runs(state_machine: StateMachine) -> None:
    executions = Executions(state_machine.arn)
    executions.start("c-1", {"course": {"title": "Panadería"}})
    assert executions.state("c-1") == ExecutionState("RUNNING")
    assert state_machine.input_of("c-1") == {"course": {"title": "Panadería"}}


def test_starting_the_same_name_again_changes_nothing(state_machine: StateMachine) -> None:
    executions = Executions(state_machine.arn)
    executions.start("c-1", {"n": 1})
    executions.start("c-1", {"n": 1})
    state_machine.stop("c-1")
    executions.start("c-1", {"n": 1})
    assert state_machine.names() == ["c-1"]
    assert executions.state("c-1") == ExecutionState("ABORTED")


def test_an_execution_that_was_never_started_has_no_state(state_machine: StateMachine) -> None:
    assert Executions(state_machine.arn).state("c-1") is None


def test_a_failed_execution_says_with_what(state_machine: StateMachine) -> None:
    state_machine.become(FAILS)
    executions = Executions(state_machine.arn)
    executions.start("c-1", {})
    assert state_machine.wait("c-1") == "FAILED"
    assert executions.state("c-1") == ExecutionState("FAILED", "NotFound", "It is gone.")


def test_a_state_machine_that_is_not_there_is_an_error(state_machine: StateMachine) -> None:
    with pytest.raises(ClientError, match="StateMachineDoesNotExist"):
        Executions(f"{state_machine.arn}-other").start("c-1", {})
