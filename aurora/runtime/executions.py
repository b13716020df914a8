"""Executions of one state machine: start one by name, ask how one is.

The only module that talks to Step Functions; it knows nothing of what is executed.
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
    """How an execution is; `error` (a name) and `cause` are what ended it, if it did not succeed."""

    status: Status
    error: str = ""
    cause: str = ""


class Executions:
    """The executions of one state machine, by name."""

    def __init__(self, state_machine_arn: str, client: Any = None) -> None:
        self._state_machine = state_machine_arn
        self._client = client or aws.client("stepfunctions")

    def start(self, name: str, data: Mapping[str, Any]) -> None:
        """Start an execution. One of that name already there is no error: names are given to one starter alone."""
        try:
            self._client.start_execution(
                stateMachineArn=self._state_machine, name=name, input=json.dumps(data, ensure_ascii=False)
            )
        except ClientError as error:
            # A repeated request after a lost answer: AWS accepts it while the execution runs, and refuses it after.
            if aws.error_code(error) != "ExecutionAlreadyExists":
                raise

    def state(self, name: str) -> ExecutionState | None:
        """How the execution is, or None if there is none of that name (yet, or any more)."""
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
