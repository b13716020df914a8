"""A handler that does what its event says: the worker's behaviour as a caller sees it."""

import json
import logging
import os
from decimal import Decimal

import boto3
from botocore.config import Config

from functions.text.shared import SHARED

log = logging.getLogger(__name__)


class Refused(Exception):
    pass


def handler(event, context):
    if "requestContext" in event:
        owner = event["requestContext"]["authorizer"]["jwt"]["claims"]["sub"]
        return {"statusCode": 200, "body": json.dumps({"owner": owner, "said": json.loads(event["body"])})}
    does = event.get("do")
    if does == "refuse":
        raise Refused("not this: ¡así no!")
    if does == "unserializable":
        return {"value": object()}
    if does == "shared":
        return SHARED
    if does == "number":
        return {"whole": Decimal("3"), "part": Decimal("1.5")}
    if does == "answer":
        return "x" * event["bytes"]
    if does == "table":
        boto3.resource("dynamodb").Table(os.environ["TABLE"]).put_item(Item={"owner": "a", "note": "b"})
        return "put"
    if does == "list tables":
        return boto3.client("dynamodb").list_tables()["TableNames"]
    if does == "sign":
        s3 = boto3.client("s3", config=Config(signature_version="s3v4", s3={"addressing_style": "path"}))
        return s3.generate_presigned_url("get_object", Params={"Bucket": os.environ["BUCKET"], "Key": event["key"]})
    if does == "environment":
        return dict(os.environ)
    if does == "credentials":
        return {name: os.environ[f"AWS_{name}"] for name in ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY", "SESSION_TOKEN")}
    if does == "log":
        log.warning("seen by %s", "nobody")
        return "logged"
    if does == "context":
        return {
            "function_name": context.function_name,
            "memory_limit_in_mb": context.memory_limit_in_mb,
            "invoked_function_arn": context.invoked_function_arn,
            "aws_request_id": context.aws_request_id,
            "remaining": context.get_remaining_time_in_millis(),
            "pid": os.getpid(),
            "profile": os.environ.get("AWS_PROFILE"),
            "log_level": os.environ.get("LOG_LEVEL"),
        }
    return event
