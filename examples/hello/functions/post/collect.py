"""Starts a delivery for each order in the queue."""

import json
from typing import Any

from aurora.runtime.executions import Executions
from functions.post.settings import CollectSettings


def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    deliveries = Executions(CollectSettings.read().state_machine_arn)
    for record in event["Records"]:
        # A message that comes twice starts nothing new: the execution has its name.
        deliveries.start(record["messageId"], json.loads(record["body"]))
    return {"batchItemFailures": []}
