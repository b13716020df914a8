"""The table of progress: units, claims, what may be spent, and how an execution ended."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from aurora.runtime import aws
from functions.progress.records import KEPT_SECONDS, Spent, UnitRecord, UnitRecords

NOON = 1_800_000_000.0
RUN = "book-1"
PAGES = [UnitRecord(f"page-{number}", "page", f"Page {number}") for number in range(1, 13)]


class Clock:
    """The time that records see, as a test sets it."""

    now = NOON

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def progress(progress_table: str, clock: Clock) -> UnitRecords:
    return UnitRecords(progress_table, now=clock)


@pytest.fixture
def begun(progress: UnitRecords) -> UnitRecords:
    """An execution of two pages and a cover that has begun."""
    progress.begin(RUN, [*PAGES[:2], UnitRecord("cover", "cover", "Soil")], {})
    return progress


def record(records: UnitRecords, id_: str) -> UnitRecord:
    return next(unit for unit in records.units(RUN) if unit.id == id_)


def test_nothing_is_known_of_an_execution_before_it_begins(progress: UnitRecords) -> None:
    assert progress.units(RUN) == []


def test_an_execution_begins_with_its_units_as_given_and_in_that_order(progress: UnitRecords) -> None:
    kept = UnitRecord("cover", "cover", "T", "skipped", words=900)
    units = [*reversed(PAGES), kept, UnitRecord("annex", "annex", "A")]
    progress.begin(RUN, units, {})
    assert progress.units(RUN) == units


def test_executions_do_not_see_each_other(begun: UnitRecords) -> None:
    assert begun.units("book-11") == []


def test_a_unit_goes_through_its_states_and_drops_a_reason_that_no_longer_holds(begun: UnitRecords) -> None:
    begun.note(RUN, "page-1", "waiting", reason="throttled, will be retried")
    assert record(begun, "page-1") == replace(PAGES[0], reason="throttled, will be retried", retries=1)
    begun.note(RUN, "page-1", "written", words=1234)
    assert record(begun, "page-1") == replace(PAGES[0], state="written", words=1234, retries=1)


def test_going_back_to_waiting_counts_as_a_retry_and_what_was_spent_adds_up(begun: UnitRecords) -> None:
    begun.note(RUN, "cover", "waiting", reason="busy")
    begun.note(RUN, "cover", "waiting", reason="busy")
    begun.note(RUN, "cover", "written", words=700, spent=Spent(10, 20, 300, "m-1"))
    begun.add_cost(RUN, "cover", Spent(cost=50))
    found = record(begun, "cover")
    assert (found.retries, found.input_tokens, found.output_tokens, found.cost) == (2, 10, 20, 350)
    assert (found.model, found.words, found.state) == ("m-1", 700, "written")


def test_a_unit_is_claimed_by_one_call_at_a_time(begun: UnitRecords, clock: Clock) -> None:
    assert begun.claim(RUN, "page-1", 100, "waiting")
    assert not begun.claim(RUN, "page-1", 100, "waiting")
    assert not begun.claim(RUN, "page-1", 100, "writing")
    assert begun.claim(RUN, "page-2", 100, "waiting")
    assert record(begun, "page-1").state == "writing"
    clock.now += 100
    assert begun.claim(RUN, "page-1", 100, "writing")  # the call that claimed it has died


def test_noting_a_unit_gives_up_the_claim_on_it(begun: UnitRecords) -> None:
    assert begun.claim(RUN, "page-1", 100, "waiting")
    begun.note(RUN, "page-1", "waiting", reason="throttled")
    assert begun.claim(RUN, "page-1", 100, "waiting")
    assert record(begun, "page-1").reason is None


def test_a_unit_that_another_call_ended_since_it_was_looked_at_cannot_be_claimed(begun: UnitRecords) -> None:
    begun.note(RUN, "page-1", "written", words=1)
    assert not begun.claim(RUN, "page-1", 100, "waiting")
    assert record(begun, "page-1").state == "written"


def test_an_execution_is_cancelled_only_while_it_runs(begun: UnitRecords) -> None:
    assert not begun.cancel("book-2")  # not begun yet
    assert not begun.is_cancelled(RUN)
    assert begun.cancel(RUN)
    assert begun.is_cancelled(RUN)
    begun.finish(RUN, "cancelled", 1)
    assert not begun.cancel(RUN)
    assert begun.units("book-2") == []


def test_only_executions_that_have_ended_are_finished(progress: UnitRecords) -> None:
    names = [f"c{number}-1" for number in range(104)]
    for name in names:
        progress.begin(name, [], {})
    for name in names[::2]:
        progress.finish(name, "complete", 0)
    assert progress.finished([*names, "absent-1"]) == dict.fromkeys(names[::2], "complete")
    assert progress.finished([]) == {}


def test_what_is_reserved_and_spent_stays_within_the_budget(progress: UnitRecords) -> None:
    assert not progress.reserve("book", 101, 100)  # more than all of it, though nothing is spent
    assert progress.reserve("book", 60, 100)
    assert not progress.reserve("book", 41, 100)
    assert progress.reserve("book", 40, 100)
    progress.charge("book", 60, 25)
    progress.charge("book", 40, 0)
    assert progress.spent("book") == 25
    assert not progress.reserve("book", 76, 100)
    assert progress.reserve("book", 75, 100)
    assert progress.spent("other") == 0


def test_without_a_budget_costs_are_counted_and_nothing_is_refused(progress: UnitRecords) -> None:
    assert all(progress.reserve("book", 10**9, 0) for _ in range(2))
    progress.charge("book", 10**9, 7)
    assert progress.spent("book") == 7


def test_what_calls_that_died_had_reserved_is_free_for_the_next_execution(progress: UnitRecords) -> None:
    assert progress.reserve("book", 100, 100)
    progress.charge("book", 0, 30)
    progress.release_reservations("book")
    assert progress.spent("book") == 30
    assert not progress.reserve("book", 71, 100)
    assert progress.reserve("book", 70, 100)


def test_progress_is_forgotten_after_its_time(progress: UnitRecords, progress_table: str) -> None:
    progress.begin(RUN, PAGES[:1], {})
    progress.note(RUN, "page-1", "written", words=1)
    progress.finish(RUN, "complete", 0)
    items = aws.client("dynamodb").scan(TableName=progress_table)["Items"]
    assert [item["expires_at"] for item in items] == [{"N": str(int(NOON) + KEPT_SECONDS)}] * 2
    assert {item["updated_at"]["S"] for item in items} == {"2027-01-15T08:00:00+00:00"}


class _BusyDynamoDb:
    """A client whose table takes one item of each batch at a time."""

    def __init__(self) -> None:
        self.batches: list[int] = []

    def batch_write_item(self, RequestItems: dict[str, list[Any]]) -> dict[str, Any]:
        ((table, items),) = RequestItems.items()
        self.batches.append(len(items))
        return {"UnprocessedItems": {table: items[1:]} if items[1:] else {}}


def test_what_a_busy_table_leaves_undone_is_sent_again() -> None:
    busy = _BusyDynamoDb()
    UnitRecords("progress", busy).begin(RUN, PAGES[:3], {})
    assert busy.batches == [4, 3, 2, 1]
