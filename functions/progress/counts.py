"""What became of a batch, as the states of a workflow tell it each other."""

from __future__ import annotations

from typing import TypedDict


class BatchResult(TypedDict):
    """What became of one batch of a Map; `error` is the name of what ended it, None if nothing did."""

    module_number: int
    batch_index: int
    error: str | None


class Count(TypedDict):
    """How many units of a batch stand how, now: not how many this call did. `remaining` is what is still to do."""

    written: int
    skipped: int
    failed: int
    cancelled: int
    remaining: int
