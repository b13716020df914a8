"""Executions of one state machine: start one by name, read the state of one.

This is the only module that calls Step Functions.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from botocore.exceptions import ClientError

from aurora.runtime import aws

Status = Literal["RUNNING", "SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED"]


@dataclass(frozen=True)
class ExecutionState:
    """An execution's status; `error` (a name) and `cause` say why it did not succeed."""

    status: Status
    error: str = ""
    cause: str = ""


class Executions:
    """The executions of one state machine, by name."""

    def __init__(self, state_machine_arn: str, client: Any = None) -> None:
        self._state_machine = state_machine_arn
        self._client = client or aws.client("stepfunctions")

    def start(self, name: str, data: Mapping[str, Any]) -> None:
        """Start an execution, unless there is one with that name: a name is used for one execution only."""
        try:
            self._client.start_execution(
                stateMachineArn=self._state_machine, name=name, input=json.dumps(data, ensure_ascii=False)
            )
        except ClientError as error:
            # A repeated request after a lost answer: AWS accepts it while the execution runs, and refuses it later.
            if aws.error_code(error) != "ExecutionAlreadyExists":
                raise

    def state(self, name: str) -> ExecutionState | None:
        """The state of the execution; None if there is none with that name (yet, or any more)."""
        try:
            answer = self._client.describe_execution(executionArn=self._arn(name))
        except ClientError as error:
            if aws.error_code(error) == "ExecutionDoesNotExist":
                return None
            raise
        return ExecutionState(answer["status"], answer.get("error", ""), answer.get("cause", ""))

    def _arn(self, name: str) -> str:
        arn, partition, service, region, account, _, machine, *_ = self._state_machine.split(":")
        return ":".join((arn, partition, service, region, account, "execution", machine, name))
