"""Cards: an order goes into the queue, and what was written is shown."""

import json
from typing import Any

from aurora.runtime import aws
from aurora.runtime.api import Api
from aurora.runtime.errors import NotFound
from aurora.runtime.items import from_item, to_item
from functions.greetings.settings import CardsSettings

api = Api("cards")


@api.routes.post("/cards")
def order() -> tuple[dict[str, str], int]:
    """Orders a card for the recipient that the body names."""
    recipient = str(api.body()["recipient"])
    message = json.dumps({"recipient": recipient})
    aws.client("sqs").send_message(QueueUrl=CardsSettings.read().queue_url, MessageBody=message)
    return {"recipient": recipient}, 202


@api.routes.get("/cards/<recipient>")
def show(recipient: str) -> dict[str, Any]:
    """The card of a recipient, once it is written."""
    key = to_item({"recipient": recipient})
    found = aws.client("dynamodb").get_item(TableName=CardsSettings.read().table, Key=key)
    if "Item" not in found:
        raise NotFound("No card is written yet.")
    return from_item(found["Item"])


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return api.handle(event, context)
