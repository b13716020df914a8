"""The loop in which a call makes things, over items that are made of nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from aurora.runtime.errors import Throttled
from functions.generation.loop import MARGIN_SECONDS, Loop, State
from functions.progress.counts import Count


@dataclass
class Item:
    """An item that ends as it is planned: in a state, as another call's ("busy"), or refused for now ("later")."""

    end: State | str = "written"
    known: State | None = None
    log: list[str] = field(default_factory=list[str])
    id: str = "item"

    def state(self) -> State | None:
        return self.known

    def claim(self, seconds: float) -> bool:
        return self.end != "busy"

    def make(self, seconds: float) -> State:
        self.log.append("made")
        if self.end == "later":
            raise Throttled("Later.")
        self.known = "failed" if self.end == "failed" else "written"
        return self.known

    def cancel(self) -> None:
        self.log.append("cancelled")


def run(items: Sequence[Item], left: float = 1000, cancelled: Callable[[], bool] = lambda: False, **more: Any) -> Count:
    return Loop(cancelled, lambda: left, 60.0, **more).run(items)


def count(**states: int) -> Count:
    return {"written": 0, "skipped": 0, "failed": 0, "cancelled": 0, "remaining": 0, **states}  # type: ignore[typeddict-item]


def test_what_has_a_state_is_counted_and_only_what_is_due_is_made() -> None:
    items = [Item(known="skipped"), Item(), Item("failed"), Item(known="failed"), Item(known="written")]
    assert run(items) == count(written=2, skipped=1, failed=2)
    assert [item.log for item in items] == [[], ["made"], ["made"], [], []]
    assert run(items) == count(written=2, skipped=1, failed=2)


def test_nothing_is_nothing_to_do() -> None:
    assert run([]) == count()


def test_a_call_makes_no_more_than_its_limit() -> None:
    items = [Item() for _ in range(7)]
    assert [run(items, limit=3, at_once=2)["remaining"] for _ in range(3)] == [4, 1, 0]


def test_a_service_that_has_no_time_ends_the_call_after_those_that_were_made_at_once() -> None:
    items = [Item(), Item("later"), Item(), Item()]
    with pytest.raises(Throttled):
        run(items, at_once=2)
    assert [len(item.log) for item in items] == [1, 1, 0, 0]


def test_a_call_that_is_to_keep_going_counts_what_it_ended_before_a_service_had_no_time() -> None:
    items = [Item(), Item("later"), Item(), Item()]
    assert run(items, at_once=2, keep_going=True) == count(written=1, remaining=3)
    assert [len(item.log) for item in items] == [1, 1, 0, 0]
    with pytest.raises(Throttled):
        run([Item("later"), Item()], keep_going=True)


@pytest.mark.parametrize("end", ["later", "busy"])
def test_a_call_that_ended_nothing_is_to_be_made_again_later(end: str) -> None:
    with pytest.raises(Throttled) as caught:
        run([Item(known="written"), Item(end)])
    assert type(caught.value) is Throttled  # a workflow knows errors by their very names


def test_what_another_call_makes_is_left_to_it() -> None:
    assert run([Item("busy"), Item(), Item("busy")]) == count(written=1, remaining=2)


def test_nothing_is_begun_that_might_not_be_done_in_time_but_the_first() -> None:
    items = [Item() for _ in range(3)]
    assert run(items, left=59 + MARGIN_SECONDS) == count(written=1, remaining=2)
    assert run(items, left=60 + MARGIN_SECONDS) == count(written=3)


def test_nothing_is_begun_any_more_once_it_was_cancelled() -> None:
    items = [Item(), Item(), Item()]
    assert run(items, cancelled=lambda: bool(items[0].log)) == count(written=1, cancelled=2)
    assert [item.log for item in items] == [["made"], ["cancelled"], ["cancelled"]]
