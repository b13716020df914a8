"""Grants: what a function may do, and the IAM policy statements of it.

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

    ``kind`` and ``key`` name the resource. ``path`` restricts ``objects`` to keys (``users/*``) and a ``bucket`` to
    that prefix; for the kind ``index`` it is the name of the table's index.
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
    """Read objects whose key matches ``path``; for an absent one S3 answers 404.

    Without permission to list, S3 would answer 403. It checks that permission with the key as the prefix.
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
    """Receive and delete messages of a queue: Lambda does so with the role of the queue's function."""
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


def invoke_model(model: str, kind: str) -> tuple[Grant, ...]:
    """Invoke a Bedrock model, by its id or its inference profile's; text is streamed, images are not."""
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
    """The statement of a resource's policy that denies requests without TLS."""
    return {
        "Sid": "TlsOnly",
        "Effect": "Deny",
        "Principal": "*",
        "Action": f"{service}:*",
        "Resource": list(arns),
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }


def assume_role_policy(principal: str, naming: Naming) -> str:
    """Trust for one AWS service, acting for this account alone if the service sends the account it acts for.

    Step Functions does (https://docs.aws.amazon.com/step-functions/latest/dg/procedure-create-iam-role.html), and so
    does EventBridge Scheduler
    (https://docs.aws.amazon.com/scheduler/latest/UserGuide/cross-service-confused-deputy-prevention.html). Lambda's
    documentation does not say so, and an unmet condition would prevent every function from being created.
    """
    statement: dict[str, Any] = {"Effect": "Allow", "Action": ["sts:AssumeRole"], "Principal": {"Service": principal}}
    if principal in ("scheduler.amazonaws.com", "states.amazonaws.com"):
        statement["Condition"] = {"StringEquals": {"aws:SourceAccount": naming.account_id}}
    return policy([statement])
