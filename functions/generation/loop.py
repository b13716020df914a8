"""The one loop in which a call of a function makes things: what is due, until it is out of time or cancelled.

It may be called again and again: an item that is made is not due any more, one that failed is not tried again, and one
that another call is making is left to that call.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final, Literal, Protocol

from aurora.runtime.errors import Throttled, TryLater
from aurora.runtime.logging import log_context
from functions.progress.counts import Count

MARGIN_SECONDS: Final = 15.0
"""Kept back of a call's time for storing and recording an item after its model has answered."""

State = Literal["written", "skipped", "failed", "cancelled"]


class WorkItem(Protocol):
    """One thing to make."""

    @property
    def id(self) -> str:
        """What log lines about it carry as `unit`."""
        ...

    def state(self) -> State | None:
        """The state that it has already; None if it is due."""
        ...

    def claim(self, seconds: float) -> bool:
        """Reserve it for this call, for `seconds` at most; False while another call makes it."""
        ...

    def make(self, seconds: float) -> State:
        """Make it within `seconds`, and record what became of it. Raises TryLater if nothing was done."""
        ...

    def cancel(self) -> None:
        """Record that it is not begun any more."""
        ...


@dataclass(frozen=True)
class Loop:
    """Makes items `at_once`, and at most `limit` in one call.

    `seconds_left` is how much of the call's time is left, `worst_seconds` what an item is assumed to take until one
    took longer by the `clock`. With `keep_going`, a call that ended something returns even if a service had no time for
    the rest, which the next call asks at once.
    """

    is_cancelled: Callable[[], bool]
    seconds_left: Callable[[], float]
    worst_seconds: float
    at_once: int = 1
    limit: int | None = None
    keep_going: bool = False
    clock: Callable[[], float] = time.monotonic

    def run(self, items: Iterable[WorkItem]) -> Count:
        """Make what is due, as far as the time goes; the first that is due are always begun.

        Raises TryLater if a service has no time for an item, which ends the call, or if another call at work kept this
        one from ending anything: it is to be called again later.
        """
        count: Count = {"written": 0, "skipped": 0, "failed": 0, "cancelled": 0, "remaining": 0}
        left: list[WorkItem] = []
        for item in items:
            if state := item.state():
                count[state] += 1
            else:
                left.append(item)
        limit = len(left) if self.limit is None else self.limit
        worst, begun, ended, busy = self.worst_seconds, 0, 0, False
        later: TryLater | None = None
        with ThreadPoolExecutor(self.at_once) as threads:
            while left and not later:
                if self.is_cancelled():
                    for item in left:
                        with log_context(unit=item.id):
                            item.cancel()
                    count["cancelled"] += len(left)
                    left = []
                    break
                group = left[: min(self.at_once, limit - begun)]
                if not group or (begun and self.seconds_left() < worst + MARGIN_SECONDS):
                    break
                start = self.clock()
                for end in list(threads.map(self._make, group)):
                    if end is None or isinstance(end, TryLater):
                        busy, later = busy or end is None, end or later
                        count["remaining"] += 1
                    else:
                        ended += 1
                        count[end] += 1
                worst = max(worst, self.clock() - start)
                begun += len(group)
                left = left[len(group) :]
        count["remaining"] += len(left)
        if later and not (self.keep_going and ended):
            raise later
        if busy and not ended:
            raise Throttled("Another call is making this at the moment.")
        return count

    def _make(self, item: WorkItem) -> State | TryLater | None:
        """How an item ended, or why it did not; None while another call makes it."""
        with log_context(unit=item.id):
            if not item.claim(self.seconds_left()):
                return None
            try:
                return item.make(self.seconds_left() - MARGIN_SECONDS)
            except TryLater as error:
                return error
