"""Notes which objects came into the bucket."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import unquote_plus

from functions.notes.records import count
from functions.notes.settings import RecorderSettings


def handler(event: dict[str, Any], context: object) -> None:
    settings = RecorderSettings.read()
    for message in event["Records"]:
        notification = json.loads(message["body"])
        if notification.get("Event") == "s3:TestEvent":
            count(settings, "reader", "test event")
        for record in notification.get("Records", []):
            count(settings, "reader", unquote_plus(record["s3"]["object"]["key"]))
