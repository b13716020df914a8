"""Retries of requests that fail for a moment."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TypeVar

T = TypeVar("T")


def retried(
    request: Callable[[], T],
    is_transient: Callable[[Exception], bool],
    pauses: Sequence[float],
    sleep: Callable[[float], None] = time.sleep,
) -> T:
    """Makes a request that may be repeated and returns its result; raises the error of its last attempt.

    ``is_transient`` decides whether an error is worth another attempt. ``pauses`` are the seconds before each retry.
    """
    for pause in pauses:
        try:
            return request()
        except Exception as error:
            if not is_transient(error):
                raise
        sleep(pause)
    return request()
