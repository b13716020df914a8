"""What makes functions run beside calls: queues, events of buckets, schedules."""

from __future__ import annotations

from typing import Any

from aurora.local.aws import LocalAws
from aurora.local.deploy.resources import queues, schedules, storage
from aurora.local.deploy.resources.shapes import Created, Inputs
from tests.engine.aws.lifecycle import Kind, Refused, again, found, there


def _create_queue(name: str, inputs: Inputs, aws: LocalAws) -> Created:
    if found(aws.client("sqs").get_queue_url, QueueName=inputs["name"]):
        raise Refused(f"creating SQS Queue ({inputs['name']}): it already exists")
    return queues.queue(name, inputs, aws)


def _read_queue(id_: str, state: Inputs, aws: LocalAws) -> dict[str, Any] | None:
    return there(aws.client("sqs").get_queue_attributes, QueueUrl=id_, AttributeNames=["QueueArn"])


def _update_queue(id_: str, olds: Inputs, news: Inputs, aws: LocalAws) -> dict[str, Any]:
    aws.client("sqs").set_queue_attributes(QueueUrl=id_, Attributes=queues.attributes(news))
    return {}


def _update_mapping(id_: str, olds: Inputs, news: Inputs, aws: LocalAws) -> dict[str, Any]:
    updated = aws.client("lambda").update_event_source_mapping(UUID=id_, **queues.mapped(news))
    return {"functionArn": updated["FunctionArn"]}


def _read_notification(id_: str, state: Inputs, aws: LocalAws) -> dict[str, Any] | None:
    now = found(aws.client("s3").get_bucket_notification_configuration, Bucket=id_)
    return {} if now and now.get("QueueConfigurations") else None


def _update_schedule(id_: str, olds: Inputs, news: Inputs, aws: LocalAws) -> dict[str, Any]:
    aws.client("scheduler").update_schedule(Name=news["name"], **schedules.described(news))
    return {}


KINDS = {
    "aws:sqs/queue:Queue": Kind(
        _create_queue,
        _read_queue,
        lambda id_, state, aws: aws.client("sqs").delete_queue(QueueUrl=id_),
        _update_queue,
        replaces=("name",),
    ),
    "aws:lambda/eventSourceMapping:EventSourceMapping": Kind(
        queues.event_source_mapping,
        lambda id_, state, aws: there(aws.client("lambda").get_event_source_mapping, UUID=id_),
        lambda id_, state, aws: aws.client("lambda").delete_event_source_mapping(UUID=id_),
        _update_mapping,
        replaces=("eventSourceArn",),
    ),
    "aws:s3/bucketNotification:BucketNotification": Kind(
        storage.bucket_notification,
        _read_notification,
        lambda id_, state, aws: aws.client("s3").put_bucket_notification_configuration(
            Bucket=id_, NotificationConfiguration={}
        ),
        again(storage.bucket_notification),
        replaces=("bucket",),
    ),
    "aws:scheduler/schedule:Schedule": Kind(
        schedules.schedule,
        lambda id_, state, aws: there(aws.client("scheduler").get_schedule, Name=state["name"]),
        lambda id_, state, aws: aws.client("scheduler").delete_schedule(Name=state["name"]),
        _update_schedule,
        replaces=("name",),
    ),
}
