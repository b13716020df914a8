from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from aurora.runtime import aws
from functions.courses.options import OPTIONS
from functions.courses.records import CourseRecord, CourseRecords
from functions.progress.records import KEPT_SECONDS, RunRecord, Spent, UnitRecord, UnitRecords
from tests.support.courses import run_options

NOON = 1_800_000_000.0
RUN = "c1-1"
COURSE = CourseRecord(
    owner="owner-1",
    course_id="c1",
    title="Panadería",
    language="es",
    created_at="2026-03-10T05:16:23+00:00",
    outline_key="users/owner-1/courses/c1/outline/u1.yaml",
    modules=2,
    lessons=5,
    labs=3,
    attempt=1,
    execution=RUN,
    started_at=1_800_000_000.25,
    request=run_options(),
    units=3,
)
LESSONS = [UnitRecord("lesson", 1, number, f"Lesson {number}") for number in range(1, 13)]


class Clock:
    """The time that records see, as a test sets it."""

    now = NOON

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def courses(courses_table: str) -> CourseRecords:
    return CourseRecords(courses_table)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def progress(progress_table: str, clock: Clock) -> UnitRecords:
    return UnitRecords(progress_table, now=clock)


@pytest.fixture
def begun(progress: UnitRecords) -> UnitRecords:
    """An execution of two lessons, a lab and slides that has been expanded."""
    units = [*LESSONS[:2], UnitRecord("lab", 1, 1, "Digging"), UnitRecord("slides", 1, 0, "Soil")]
    progress.begin(RUN, "owner-1", "c1", ("theory", "labs", "slides"), units)
    return progress


def unit(records: UnitRecords, id_: str) -> UnitRecord:
    return next(unit for unit in records.progress(RUN)[1] if unit.id == id_)


@pytest.mark.parametrize(
    "request_",
    [{}, {"modules": [1, 2], "only": None}, {"only": ["03-02", "slides-03"], "content": "both", "budget": 5_000_000}],
)
def test_a_claimed_course_reads_back_as_it_was_written(courses: CourseRecords, request_: dict[str, Any]) -> None:
    course = replace(COURSE, request=run_options(**request_))
    assert courses.claim(course, seen_attempt=0)
    assert courses.get("owner-1", "c1") == course


def test_a_course_that_was_recorded_before_there_was_an_option_is_still_known(
    courses: CourseRecords, courses_table: str
) -> None:
    item = {
        **{name: {"S": name} for name in ("owner", "course_id", "title", "language", "created_at", "outline_key")},
        **{"modules": {"N": "7"}, "lessons": {"N": "42"}, "attempt": {"N": "1"}, "started_at": {"N": "1.5"}},
        **{"execution": {"S": "execution"}, "launched": {"BOOL": True}},
        "request": {"M": {"modules": {"L": [{"N": "3"}]}, "force": {"BOOL": True}, "gone": {"S": "an option of then"}}},
    }
    aws.client("dynamodb").put_item(TableName=courses_table, Item=item)
    course = courses.get("owner", "course_id")
    assert course
    assert (course.lessons, course.labs, course.whole) == (42, 0, None)
    said_nothing = {name: option.absent for name, option in OPTIONS.items()}
    assert course.request == {**said_nothing, "modules": [3], "force": True}


def test_a_course_belongs_to_its_owner_alone(courses: CourseRecords) -> None:
    courses.claim(COURSE, seen_attempt=0)
    assert courses.get("owner-2", "c1") is None
    assert courses.of_owner("owner-2") == []


def test_a_claim_wins_only_if_nobody_claimed_since_it_looked(courses: CourseRecords) -> None:
    assert courses.claim(COURSE, seen_attempt=0)
    assert not courses.claim(replace(COURSE, title="late"), seen_attempt=0)
    assert courses.claim(replace(COURSE, attempt=2, title="second"), seen_attempt=1)
    assert not courses.claim(replace(COURSE, attempt=2, title="late"), seen_attempt=1)
    course = courses.get("owner-1", "c1")
    assert course is not None
    assert course.title == "second"


def test_courses_are_listed_newest_first(courses: CourseRecords) -> None:
    for course_id, day in (("a", "09"), ("b", "11"), ("c", "10")):
        courses.claim(replace(COURSE, course_id=course_id, created_at=f"2026-03-{day}T00:00:00+00:00"), seen_attempt=0)
    assert [course.course_id for course in courses.of_owner("owner-1")] == ["b", "c", "a"]


def test_whoever_looks_after_the_environment_sees_the_courses_of_every_owner(courses: CourseRecords) -> None:
    mine, theirs = COURSE, replace(COURSE, owner="owner-2", course_id="c2")
    for course in (mine, theirs):
        courses.claim(course, seen_attempt=0)
    assert {course.course_id: course for course in courses.every()} == {"c1": mine, "c2": theirs}


def test_nothing_is_known_of_an_execution_before_it_begins(progress: UnitRecords) -> None:
    assert progress.progress(RUN) == (None, [])


def test_an_execution_begins_with_its_units_as_given_lessons_labs_slides_in_the_order_of_the_course(
    progress: UnitRecords,
) -> None:
    lessons = [UnitRecord("lesson", module, number, "T") for module in (10, 2, 1) for number in range(1, 11)]
    kept = UnitRecord("lesson", 1, 11, "T", "skipped", words=900)
    others = [UnitRecord("slides", 1, 0, "S"), UnitRecord("lab", 2, 1, "B"), UnitRecord("lab", 1, 2, "A")]
    progress.begin(RUN, "owner-1", "c1", ("theory", "labs"), [*others, *lessons, kept])
    run, found = progress.progress(RUN)
    assert run == RunRecord("owner-1", "c1", 34, {"theory": "planning", "labs": "planning"})
    order = [(module, number) for module in (1, 2, 10) for number in range(1, 12 if module == 1 else 11)]
    assert [(unit.module, unit.number) for unit in found[:31]] == order
    assert found[10] == kept
    assert [unit.id for unit in found[31:]] == ["lab-01-02", "lab-02-01", "slides-01"]


def test_executions_do_not_see_each_other(begun: UnitRecords) -> None:
    assert begun.progress("c1-11") == (None, [])


def test_a_unit_goes_through_its_states_and_drops_a_reason_that_no_longer_holds(begun: UnitRecords) -> None:
    begun.note(RUN, "01-01", "waiting", reason="throttled, will be retried")
    assert unit(begun, "01-01") == replace(LESSONS[0], reason="throttled, will be retried", retries=1)
    begun.note(RUN, "01-01", "written", words=1234)
    assert unit(begun, "01-01") == replace(LESSONS[0], state="written", words=1234, retries=1)


def test_going_back_to_waiting_counts_as_a_retry_and_what_was_spent_adds_up(begun: UnitRecords) -> None:
    begun.note(RUN, "lab-01-01", "waiting", reason="busy")
    begun.note(RUN, "lab-01-01", "waiting", reason="busy")
    begun.note(RUN, "lab-01-01", "written", words=700, spent=Spent(10, 20, 300, "m-1"))
    begun.add_cost(RUN, "lab-01-01", Spent(cost=50))
    found = unit(begun, "lab-01-01")
    assert (found.retries, found.input_tokens, found.output_tokens, found.cost) == (2, 10, 20, 350)
    assert (found.model, found.words, found.state) == ("m-1", 700, "written")


def test_the_step_of_a_branch_is_noted_without_touching_the_others_or_the_units(begun: UnitRecords) -> None:
    before = begun.progress(RUN)[1]
    begun.set_step(RUN, "labs", "building")
    run, units = begun.progress(RUN)
    assert run is not None
    assert run.steps == {"theory": "planning", "labs": "building", "slides": "planning"}
    assert units == before


def test_a_unit_is_claimed_by_one_call_at_a_time(begun: UnitRecords, clock: Clock) -> None:
    assert begun.claim(RUN, "01-01", 100, "waiting")
    assert not begun.claim(RUN, "01-01", 100, "waiting")
    assert not begun.claim(RUN, "01-01", 100, "writing")
    assert begun.claim(RUN, "01-02", 100, "waiting")
    assert unit(begun, "01-01").state == "writing"
    clock.now += 100
    assert begun.claim(RUN, "01-01", 100, "writing")  # the call that claimed it has died


def test_noting_a_unit_gives_up_the_claim_on_it(begun: UnitRecords) -> None:
    assert begun.claim(RUN, "01-01", 100, "waiting")
    begun.note(RUN, "01-01", "waiting", reason="throttled")
    assert begun.claim(RUN, "01-01", 100, "waiting")
    assert unit(begun, "01-01").reason is None


def test_a_unit_that_another_call_settled_since_it_was_looked_at_cannot_be_claimed(begun: UnitRecords) -> None:
    begun.note(RUN, "01-01", "written", words=1)
    assert not begun.claim(RUN, "01-01", 100, "waiting")
    assert unit(begun, "01-01").state == "written"


def test_an_execution_is_cancelled_only_while_it_runs(begun: UnitRecords) -> None:
    assert not begun.cancel("c1-2")  # not expanded yet
    assert not begun.is_cancelled(RUN)
    assert begun.cancel(RUN)
    assert begun.is_cancelled(RUN)
    run = begun.progress(RUN)[0]
    assert run is not None
    assert run.cancelled
    begun.finish(RUN, "cancelled", 1)
    assert not begun.cancel(RUN)
    assert begun.progress("c1-2") == (None, [])


def test_how_an_execution_ended_is_told_with_its_problems(begun: UnitRecords) -> None:
    begun.note_images(RUN, 2)
    begun.finish(RUN, "incomplete", 1, ["The slides could not be made."])
    run = begun.progress(RUN)[0]
    assert run is not None
    assert (run.outcome, run.images_missing, run.problems) == ("incomplete", 2, ("The slides could not be made.",))


def test_only_executions_that_are_settled_are_finished(progress: UnitRecords) -> None:
    names = [f"c{number}-1" for number in range(104)]
    for name in names:
        progress.begin(name, "owner-1", "c", ("theory",), [])
    for name in names[::2]:
        progress.finish(name, "complete", 0)
    assert progress.finished([*names, "absent-1"]) == dict.fromkeys(names[::2], "complete")
    assert progress.finished([]) == {}


def test_what_is_set_aside_and_spent_stays_within_the_budget(progress: UnitRecords) -> None:
    assert not progress.reserve("c1", 101, 100)  # more than all of it, though nothing is spent
    assert progress.reserve("c1", 60, 100)
    assert not progress.reserve("c1", 41, 100)
    assert progress.reserve("c1", 40, 100)
    progress.settle("c1", 60, 25)
    progress.settle("c1", 40, 0)
    assert progress.spent("c1") == 25
    assert not progress.reserve("c1", 76, 100)
    assert progress.reserve("c1", 75, 100)
    assert progress.spent("c2") == 0


def test_without_a_budget_costs_are_counted_and_nothing_is_refused(progress: UnitRecords) -> None:
    assert all(progress.reserve("c1", 10**9, 0) for _ in range(2))
    progress.settle("c1", 10**9, 7)
    assert progress.spent("c1") == 7


def test_what_calls_that_died_had_set_aside_is_free_for_the_next_execution(progress: UnitRecords) -> None:
    assert progress.reserve("c1", 100, 100)
    progress.settle("c1", 0, 30)
    progress.release_reservations("c1")
    assert progress.spent("c1") == 30
    assert not progress.reserve("c1", 71, 100)
    assert progress.reserve("c1", 70, 100)


def test_progress_is_forgotten_after_its_time(progress: UnitRecords, progress_table: str) -> None:
    progress.begin(RUN, "owner-1", "c1", ("theory",), LESSONS[:1])
    progress.note(RUN, "01-01", "written", words=1)
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
    UnitRecords("progress", busy).begin(RUN, "owner-1", "c1", ("theory",), LESSONS[:3])
    assert busy.batches == [4, 3, 2, 1]
