"""Counts in the table what functions were called for."""

from __future__ import annotations

import boto3

from functions.notes.settings import RecorderSettings


def count(settings: RecorderSettings, owner: str, what: str) -> None:
    """Adds one to what ``owner`` saw of ``what``."""
    boto3.resource("dynamodb").Table(settings.table).update_item(
        Key={"owner": f"{owner}:{what}", "number": 0},
        UpdateExpression="ADD times :one",
        ExpressionAttributeValues={":one": 1},
    )
