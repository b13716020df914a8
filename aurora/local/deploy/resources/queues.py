"""Queues and event source mappings."""

# ruff: noqa: ARG001 - every function of the table takes the same arguments

from __future__ import annotations

from typing import Any

from aurora.local.aws import LocalAws
from aurora.local.deploy.resources.shapes import Created, Inputs, picked


def queue(name: str, inputs: Inputs, aws: LocalAws) -> Created:
    queue_name = inputs.get("name", name)
    url = aws.client("sqs").create_queue(
        QueueName=queue_name, Attributes=attributes(inputs), tags=inputs.get("tags", {})
    )["QueueUrl"]
    return url, {
        "name": queue_name,
        "arn": aws.arn("sqs", queue_name),
        "url": url,
        "tagsAll": inputs.get("tags", {}),
    }


def attributes(inputs: Inputs) -> dict[str, str]:
    """A queue's attributes for SQS, all as strings."""
    given = picked(
        inputs,
        delaySeconds="DelaySeconds",
        maxMessageSize="MaximumMessageSize",
        messageRetentionSeconds="MessageRetentionPeriod",
        policy="Policy",
        receiveWaitTimeSeconds="ReceiveMessageWaitTimeSeconds",
        redriveAllowPolicy="RedriveAllowPolicy",
        redrivePolicy="RedrivePolicy",
        sqsManagedSseEnabled="SqsManagedSseEnabled",
        visibilityTimeoutSeconds="VisibilityTimeout",
    )
    return {key: str(value).lower() if isinstance(value, bool) else str(value) for key, value in given.items()}


def event_source_mapping(name: str, inputs: Inputs, aws: LocalAws) -> Created:
    created = aws.client("lambda").create_event_source_mapping(
        EventSourceArn=inputs["eventSourceArn"], **mapped(inputs)
    )
    return created["UUID"], {
        "uuid": created["UUID"],
        "arn": aws.arn("lambda", f"event-source-mapping:{created['UUID']}"),
        "functionArn": created["FunctionArn"],
        "tagsAll": inputs.get("tags", {}),
    }


def mapped(inputs: Inputs) -> dict[str, Any]:
    """An event source mapping for the Lambda API."""
    return picked(
        inputs,
        batchSize="BatchSize",
        functionName="FunctionName",
        functionResponseTypes="FunctionResponseTypes",
        maximumBatchingWindowInSeconds="MaximumBatchingWindowInSeconds",
    )


TABLE = {
    "aws:sqs/queue:Queue": queue,
    "aws:lambda/eventSourceMapping:EventSourceMapping": event_source_mapping,
}
