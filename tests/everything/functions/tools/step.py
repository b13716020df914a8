"""A step of two workflows, which does what its input says."""

from __future__ import annotations

from typing import Any

import boto3

from functions.tools.settings import StepSettings


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    settings, does = StepSettings.read(), event["input"].get("do")
    if does == "send":
        boto3.client("sqs").send_message(QueueUrl=settings.queue_url, MessageBody="not mine to send")
    if does == "keep":
        boto3.client("s3").put_object(Bucket=settings.bucket, Key="done/step.txt", Body=b"done")
        boto3.client("s3").delete_object(Bucket=settings.bucket, Key="done/step.txt")
    return {"workflow": event["workflow"], "did": does}
