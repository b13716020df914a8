from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from aurora.runtime import aws
from functions.courses.options import OPTIONS
from functions.courses.records import CourseRecord, CourseRecords
from tests.support.courses import run_options

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
    execution="c1-1",
    started_at=1_800_000_000.25,
    request=run_options(),
    units=3,
)


@pytest.fixture
def courses(courses_table: str) -> CourseRecords:
    return CourseRecords(courses_table)


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
