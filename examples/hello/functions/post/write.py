"""Writes a card."""

from typing import Any

from aurora.runtime import aws
from aurora.runtime.items import to_item
from functions.post.settings import WriteSettings


def handler(event: dict[str, Any], _context: Any) -> dict[str, str]:
    card = {"recipient": event["recipient"], "text": f"Hello, {event['recipient']}!"}
    aws.client("dynamodb").put_item(TableName=WriteSettings.read().table, Item=to_item(card))
    return card
