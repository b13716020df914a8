"""Does jobs; one that cannot be done is tried again, and the others of its batch are not."""

from __future__ import annotations

import json
from typing import Any

from functions.notes.records import count
from functions.notes.settings import RecorderSettings


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    settings = RecorderSettings.read()
    failed: list[dict[str, str]] = []
    for record in event["Records"]:
        job = json.loads(record["body"])["job"]
        count(settings, "worker", job)
        if job.startswith("impossible"):
            failed.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failed}
