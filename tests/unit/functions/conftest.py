"""A bucket, tables and state machines in the embedded AWS, fresh for each test, and functions pointed at them."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import boto3
import pytest

from aurora.local.emulator import Emulator
from aurora.runtime import aws
from tests.support.embedded_aws import make_role

ENDS_AT_ONCE = {"StartAt": "Done", "States": {"Done": {"Type": "Pass", "End": True}}}
RUNS_ON = {"StartAt": "Hold", "States": {"Hold": {"Type": "Wait", "Seconds": 3600, "End": True}}}


@pytest.fixture(scope="session")
def clients() -> Callable[[str], Any]:
    """The clients of functions, made at first use: they cost more than most tests."""
    return functools.cache(aws.client.__wrapped__)


@pytest.fixture
def aws_environment(emulator: Emulator, clients: Callable[[str], Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment that a function has: its clients reach the embedded AWS."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", emulator.endpoint)
    monkeypatch.setenv("AWS_REGION", emulator.region)
    monkeypatch.setenv("AWS_DEFAULT_REGION", emulator.region)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", emulator.credentials.access_key_id)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", emulator.credentials.secret_access_key)
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)  # it remembers the credentials of tests before
    monkeypatch.setattr(aws, "client", clients)


@pytest.fixture
def bucket(aws_environment: None) -> str:
    name = f"bucket-{uuid4().hex}"
    aws.client("s3").create_bucket(Bucket=name)
    return name


@pytest.fixture
def courses_table(aws_environment: None) -> str:
    return _table("owner", "course_id")


@pytest.fixture
def progress_table(aws_environment: None) -> str:
    return _table("execution", "unit")


@dataclass(frozen=True)
class StateMachine:
    """A state machine of a test, and what tests do to its executions."""

    arn: str

    def become(self, definition: dict[str, Any]) -> None:
        """Executions started from now on follow `definition`."""
        aws.client("stepfunctions").update_state_machine(stateMachineArn=self.arn, definition=json.dumps(definition))

    def arn_of(self, name: str) -> str:
        return f"{self.arn.replace(':stateMachine:', ':execution:')}:{name}"

    def names(self) -> list[str]:
        """Names of all executions, sorted."""
        found = aws.client("stepfunctions").list_executions(stateMachineArn=self.arn)["executions"]
        return sorted(execution["name"] for execution in found)

    def input_of(self, name: str) -> Any:
        found = aws.client("stepfunctions").describe_execution(executionArn=self.arn_of(name))
        return json.loads(found["input"])

    def stop(self, name: str) -> None:
        aws.client("stepfunctions").stop_execution(executionArn=self.arn_of(name))

    def wait(self, name: str) -> str:
        """The status in which an execution that ends by itself has ended."""
        client = aws.client("stepfunctions")
        while (status := client.describe_execution(executionArn=self.arn_of(name))["status"]) == "RUNNING":
            continue
        return status


@pytest.fixture
def state_machine(emulator: Emulator, aws_environment: None) -> Iterator[StateMachine]:
    """A state machine whose executions run until they are stopped."""
    client = aws.client("stepfunctions")
    arn = client.create_state_machine(
        name=f"machine-{uuid4().hex}", definition=json.dumps(RUNS_ON), roleArn=make_role(emulator, "test")
    )["stateMachineArn"]
    yield StateMachine(arn)
    for execution in client.list_executions(stateMachineArn=arn, statusFilter="RUNNING")["executions"]:
        client.stop_execution(executionArn=execution["executionArn"])
    client.delete_state_machine(stateMachineArn=arn)


def _table(partition: str, sort: str) -> str:
    name = f"table-{uuid4().hex}"
    aws.client("dynamodb").create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in (partition, sort)],
        KeySchema=[
            {"AttributeName": partition, "KeyType": "HASH"},
            {"AttributeName": sort, "KeyType": "RANGE"},
        ],
    )
    return name
