"""Requests that are made again where what answers is busy, or out of order for a moment."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TypeVar

T = TypeVar("T")


def retried(
    request: Callable[[], T],
    passing: Callable[[Exception], bool],
    pauses: Sequence[float],
    sleep: Callable[[float], None] = time.sleep,
) -> T:
    """What a request that may be made twice returns; raises what its last attempt raises.

    ``passing`` says of an error whether another attempt may succeed, ``pauses`` are the seconds before each of these.
    """
    for pause in pauses:
        try:
            return request()
        except Exception as error:
            if not passing(error):
                raise
        sleep(pause)
    return request()
