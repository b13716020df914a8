"""The context of a call that has as much time left as a test gives it."""

from __future__ import annotations

from dataclasses import dataclass

from aurora.testing.http_api import Context


@dataclass(frozen=True)
class Call(Context):
    """A call with `seconds` left."""

    seconds: float = 900.0

    def get_remaining_time_in_millis(self) -> int:
        return int(self.seconds * 1000)
