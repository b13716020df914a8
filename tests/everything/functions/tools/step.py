"""A step of two workflows, which does what its input says."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import boto3

from functions.tools.settings import StepSettings

KEY = "done/step.txt"


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    settings, does = StepSettings.read(), event["input"].get("do")
    if does == "send":
        boto3.client("sqs").send_message(QueueUrl=settings.queue_url, MessageBody="not mine to send")
    if does == "all it may":
        _use_objects(settings.bucket)
        _call_others(settings)
        boto3.client("ssm").get_parameter(Name=settings.api_key, WithDecryption=True)
    return {"workflow": event["workflow"], "did": does}


def _use_objects(bucket: str) -> None:
    s3 = boto3.client("s3")
    s3.put_object(Bucket=bucket, Key=KEY, Body=b"done")
    s3.get_object(Bucket=bucket, Key=KEY)
    s3.delete_object(Bucket=bucket, Key=KEY)
    with suppress(s3.exceptions.NoSuchKey):
        s3.get_object(Bucket=bucket, Key=KEY)


def _call_others(settings: StepSettings) -> None:
    steps = boto3.client("stepfunctions")
    started = steps.start_execution(stateMachineArn=settings.state_machine_arn, input="{}")
    steps.describe_execution(executionArn=started["executionArn"])
    event = json.dumps({"resources": ["by/step"]}).encode()
    boto3.client("lambda").invoke(FunctionName=settings.function, Payload=event)
