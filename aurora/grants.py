"""Grants: what a function may do, written as sentences, and the IAM policy that follows from them.

A grant names resources by the keys under which systems declare them; the policy holds exact ARNs, because a prefix such
as ``aurora-dev-*`` would also match the stage ``dev-sandbox``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from aurora.naming import Naming

_ARNS: dict[str, Callable[[Naming, str], str]] = {
    "objects": Naming.bucket_arn,
    "bucket": Naming.bucket_arn,
    "table": Naming.table_arn,
    "state-machine": Naming.state_machine_arn,
    "execution": Naming.execution_arn,
    "parameter": Naming.parameter_arn,
    "function": Naming.live_arn,
    "topic": Naming.topic_arn,
    "queue": Naming.queue_arn,
}


@dataclass(frozen=True)
class Grant:
    """Permission to use ``actions`` on one resource.

    ``kind`` and ``key`` name the resource; ``path`` narrows ``objects`` to keys (``users/*``) and what may be asked of
    a ``bucket`` to that prefix, and names the index of a table of kind ``index``.
    """

    actions: tuple[str, ...]
    kind: str
    key: str
    path: str = ""

    def statements(self, naming: Naming) -> list[dict[str, Any]]:
        """This grant as IAM policy statements."""
        if self.kind == "model":
            resources = naming.model_arns(self.key)
        elif self.kind == "index":
            resources = [naming.index_arn(self.key, self.path)]
        else:
            arn = _ARNS[self.kind](naming, self.key)
            resources = [f"{arn}/{self.path}" if self.kind == "objects" else arn]
        statement: dict[str, Any] = {"Effect": "Allow", "Action": sorted(self.actions), "Resource": resources}
        if self.kind == "bucket":
            statement["Condition"] = {"StringLike": {"s3:prefix": self.path}}
        return [statement]


def read(bucket: str, path: str) -> tuple[Grant, ...]:
    """Read objects whose key matches ``path``, and learn that one is absent.

    S3 answers 403, not 404, for an absent key when the caller may not list it; it then takes the key for the prefix.
    """
    return Grant(("s3:GetObject",), "objects", bucket, path), Grant(("s3:ListBucket",), "bucket", bucket, path)


def write(bucket: str, path: str) -> tuple[Grant, ...]:
    """Write objects whose key matches ``path``."""
    return (Grant(("s3:PutObject",), "objects", bucket, path),)


def use_table(table: str, *operations: str) -> tuple[Grant, ...]:
    """The named DynamoDB operations (``GetItem``, ``Query``, ...) on a table."""
    return (Grant(tuple(f"dynamodb:{operation}" for operation in operations), "table", table),)


def use_index(table: str, index: str, *operations: str) -> tuple[Grant, ...]:
    """The named DynamoDB operations (``Query``, ``Scan``) on an index of a table."""
    return (Grant(tuple(f"dynamodb:{operation}" for operation in operations), "index", table, index),)


def send(queue: str) -> tuple[Grant, ...]:
    """Send messages to a queue."""
    return (Grant(("sqs:SendMessage",), "queue", queue),)


def consume(queue: str) -> tuple[Grant, ...]:
    """Take messages from a queue: what Lambda does as the function that a queue's messages go to."""
    return (Grant(("sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"), "queue", queue),)


def delete(bucket: str, path: str) -> tuple[Grant, ...]:
    """Delete objects whose key matches ``path``."""
    return (Grant(("s3:DeleteObject",), "objects", bucket, path),)


def start(workflow: str) -> tuple[Grant, ...]:
    """Start executions of a state machine."""
    return (Grant(("states:StartExecution",), "state-machine", workflow),)


def watch(workflow: str) -> tuple[Grant, ...]:
    """Read the state of a state machine's executions."""
    return (Grant(("states:DescribeExecution",), "execution", workflow),)


def read_parameter(parameter: str) -> tuple[Grant, ...]:
    """Read one SSM parameter, decrypted by the account's default key for SSM."""
    return (Grant(("ssm:GetParameter",), "parameter", parameter),)


def ask_model(model: str, kind: str) -> tuple[Grant, ...]:
    """Ask a model of Bedrock, by its id or its inference profile's: texts are streamed, images come whole."""
    action = "bedrock:InvokeModel" if kind == "image" else "bedrock:InvokeModelWithResponseStream"
    return (Grant((action,), "model", model),)


def invoke(function: str) -> tuple[Grant, ...]:
    """Invoke a function through its alias ``live``."""
    return (Grant(("lambda:InvokeFunction",), "function", function),)


def publish(topic: str) -> tuple[Grant, ...]:
    """Publish to an SNS topic."""
    return (Grant(("sns:Publish",), "topic", topic),)


def policy(statements: Iterable[dict[str, Any]]) -> str:
    """A policy document as JSON, the same text for the same statements."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)}, sort_keys=True)


def tls_only(service: str, *arns: str) -> dict[str, Any]:
    """The statement of a resource's policy that refuses whatever comes without TLS."""
    return {
        "Sid": "TlsOnly",
        "Effect": "Deny",
        "Principal": "*",
        "Action": f"{service}:*",
        "Resource": list(arns),
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }


def assume_role_policy(principal: str, naming: Naming) -> str:
    """Trust for one AWS service, acting for this account only where the service says for whom it acts.

    Step Functions does (https://docs.aws.amazon.com/step-functions/latest/dg/procedure-create-iam-role.html), and so
    does EventBridge Scheduler
    (https://docs.aws.amazon.com/scheduler/latest/UserGuide/cross-service-confused-deputy-prevention.html). Of Lambda
    nothing says so, and a condition that it does not meet would keep every function from being created.
    """
    statement: dict[str, Any] = {"Effect": "Allow", "Action": ["sts:AssumeRole"], "Principal": {"Service": principal}}
    if principal in ("scheduler.amazonaws.com", "states.amazonaws.com"):
        statement["Condition"] = {"StringEquals": {"aws:SourceAccount": naming.account_id}}
    return policy([statement])
