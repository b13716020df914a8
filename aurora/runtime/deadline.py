"""How long a call of a function may still take. The only shared module that knows Lambda's context."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Any


def time_left(context: Any, most: float = math.inf) -> Callable[[], float]:
    """Tells how many seconds of a call are left: of what Lambda gives it, and of `most` from now on."""
    end = time.monotonic() + min(most, context.get_remaining_time_in_millis() / 1000)
    return lambda: end - time.monotonic()
