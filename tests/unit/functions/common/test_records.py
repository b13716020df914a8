from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from functions.common import aws
from functions.common.records import (
    KEPT_SECONDS,
    CourseRecord,
    CourseRecords,
    ExecutionRequest,
    LessonRecord,
    LessonRecords,
    RunRecord,
)

NOON = 1_800_000_000.0
COURSE = CourseRecord(
    owner="owner-1",
    course_id="c1",
    title="Panadería",
    language="es",
    created_at="2026-03-10T05:16:23+00:00",
    outline_key="users/owner-1/courses/c1/outline/u1.yaml",
    modules=2,
    lessons=5,
    attempt=1,
    execution="c1-1",
    started_at=1_800_000_000.25,
    request=ExecutionRequest(modules=(1, 2), force=True, model="sample", lessons=5),
)
LESSONS = [LessonRecord(1, number, f"Lesson {number}") for number in range(1, 13)]


@pytest.fixture
def courses(courses_table: str) -> CourseRecords:
    return CourseRecords(courses_table)


@pytest.fixture
def lessons(lessons_table: str) -> LessonRecords:
    return LessonRecords(lessons_table, now=lambda: NOON)


@pytest.mark.parametrize("modules", [None, (1,), (1, 2)])
def test_a_claimed_course_reads_back_as_it_was_written(courses: CourseRecords, modules: tuple[int, ...] | None) -> None:
    course = replace(COURSE, request=replace(COURSE.request, modules=modules))
    assert courses.claim(course, seen_attempt=0)
    assert courses.get("owner-1", "c1") == course


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


def test_nothing_is_known_of_an_execution_before_it_begins(lessons: LessonRecords) -> None:
    assert lessons.progress("c1-1") == (None, [])


def test_an_execution_begins_with_every_lesson_waiting_in_the_order_of_the_course(lessons: LessonRecords) -> None:
    many = [LessonRecord(module, number, "T") for module in (10, 2, 1) for number in range(1, 21)]
    lessons.begin("c1-1", "owner-1", "c1", many)
    run, found = lessons.progress("c1-1")
    assert run == RunRecord("writing", 60, "owner-1", "c1")
    assert [(lesson.module, lesson.number, lesson.state) for lesson in found] == [
        (module, number, "waiting") for module in (1, 2, 10) for number in range(1, 21)
    ]


def test_executions_do_not_see_each_other(lessons: LessonRecords) -> None:
    lessons.begin("c1-1", "owner-1", "c1", LESSONS)
    assert lessons.progress("c1-11") == (None, [])


def test_a_lesson_goes_through_its_states_and_drops_a_reason_that_no_longer_holds(lessons: LessonRecords) -> None:
    lessons.begin("c1-1", "owner-1", "c1", LESSONS[:1])
    lessons.set_state("c1-1", 1, 1, "waiting", reason="throttled, will be retried")
    assert lessons.progress("c1-1")[1] == [replace(LESSONS[0], reason="throttled, will be retried")]
    lessons.set_state("c1-1", 1, 1, "written", words=1234)
    assert lessons.progress("c1-1")[1] == [replace(LESSONS[0], state="written", words=1234)]


def test_the_step_of_an_execution_is_noted_without_touching_its_lessons(lessons: LessonRecords) -> None:
    lessons.begin("c1-1", "owner-1", "c1", LESSONS)
    lessons.set_step("c1-1", "building")
    assert lessons.progress("c1-1") == (RunRecord("building", 12, "owner-1", "c1"), LESSONS)


def test_only_executions_whose_book_is_built_are_finished(lessons: LessonRecords) -> None:
    names = [f"c{number}-1" for number in range(130)]
    for name in names:
        lessons.begin(name, "owner-1", "c", [])
    for missing, name in enumerate(names[::2]):
        lessons.finish(name, missing, images_missing=1)
    assert lessons.finished([*names, "absent-1"]) == {name: missing + 1 for missing, name in enumerate(names[::2])}
    assert lessons.finished([]) == {}


def test_progress_is_forgotten_after_its_time(lessons: LessonRecords, lessons_table: str) -> None:
    lessons.begin("c1-1", "owner-1", "c1", LESSONS[:1])
    lessons.set_state("c1-1", 1, 1, "written", words=1)
    lessons.finish("c1-1", missing=0)
    items = aws.client("dynamodb").scan(TableName=lessons_table)["Items"]
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
    LessonRecords("lessons", busy).begin("c1-1", "owner-1", "c1", LESSONS[:3])
    assert busy.batches == [4, 3, 2, 1]
