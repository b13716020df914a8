"""The routes: notes, by number or by score, and a public one that says that the platform is alive."""

from __future__ import annotations

import json
from typing import Any

import boto3
from boto3.dynamodb.conditions import Key

from functions.notes.settings import ApiSettings


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    settings = ApiSettings.read()
    if event["routeKey"] == "GET /health":
        return {"statusCode": 200, "body": "alive"}
    owner = event["requestContext"]["authorizer"]["jwt"]["claims"]["sub"]
    table = boto3.resource("dynamodb").Table(settings.table)
    if event["routeKey"] == "POST /notes":
        note = json.loads(event["body"])
        table.put_item(Item={**note, "owner": owner})
        boto3.client("sqs").send_message(QueueUrl=settings.queue_url, MessageBody=json.dumps({"job": note["job"]}))
        boto3.client("sns").publish(TopicArn=settings.topic_arn, Message="a note was written")
        return {"statusCode": 201, "body": "{}"}
    asked = event.get("queryStringParameters", {}).get("by", "number")
    if asked == "kind":
        found = table.query(IndexName="owners", KeyConditionExpression=Key("kind").eq("note"))
    elif asked == "score":
        found = table.query(IndexName="by-score", KeyConditionExpression=Key("owner").eq(owner) & Key("score").gte(0))
    else:
        found = table.query(KeyConditionExpression=Key("owner").eq(owner))
    return {"statusCode": 200, "body": json.dumps(found["Items"], default=int)}
