"""Notes by which schedule it was called."""

from __future__ import annotations

from typing import Any

from functions.notes.records import count
from functions.notes.settings import RecorderSettings


def handler(event: dict[str, Any], context: object) -> None:
    count(RecorderSettings.read(), "clock", event["resources"][0].rpartition("/")[2])
