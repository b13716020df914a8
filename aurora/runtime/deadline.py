"""The remaining time of a function's call, from Lambda's context."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Any


def time_left(context: Any, max_seconds: float = math.inf) -> Callable[[], float]:
    """A function that returns the seconds left until Lambda ends the call, or until `max_seconds` from now."""
    end = time.monotonic() + min(max_seconds, context.get_remaining_time_in_millis() / 1000)
    return lambda: end - time.monotonic()
