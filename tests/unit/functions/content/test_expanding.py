from __future__ import annotations

import pytest

from functions.common import aws
from functions.common.errors import NotFound
from functions.common.events import CourseEvent
from functions.common.records import LessonRecord, LessonRecords, RunRecord
from functions.common.storage import CoursePaths, CourseStore
from functions.content.batch_expander import handler
from functions.content.expanding import expand
from tests.support.http_api import Context
from tests.support.outlines import outline_bytes

COURSE = "0123456789abcdef0123456789abcdef"
KEY = CoursePaths("owner-1", COURSE).outline("f" * 32)
EVENT: CourseEvent = {
    "owner": "owner-1",
    "course_id": COURSE,
    "execution": f"{COURSE}-1",
    "outline_key": KEY,
    "model": "sample",
    "force": False,
    "modules": None,
}
FIRST = {"module_number": 1, "batch_index": 1, "total_batches": 1, "batch_start_idx": 0, "batch_end_idx": 2}
SECOND = {"module_number": 2, "batch_index": 1, "total_batches": 1, "batch_start_idx": 0, "batch_end_idx": 1}


@pytest.fixture
def store(bucket: str) -> CourseStore:
    store = CourseStore(bucket)
    store.write(KEY, outline_bytes("modules-under-course"), "application/yaml")
    return store


@pytest.fixture
def records(lessons_table: str) -> LessonRecords:
    return LessonRecords(lessons_table)


def test_a_course_expands_to_batches_and_every_lesson_waits(store: CourseStore, records: LessonRecords) -> None:
    assert expand(EVENT, store, records, 3) == {"batches": [FIRST, SECOND], "lessons": 3}
    assert records.progress(f"{COURSE}-1") == (
        RunRecord("writing", 3, "owner-1", COURSE),
        [
            LessonRecord(1, 1, "Clay, sand and loam"),
            LessonRecord(1, 2, "Compost"),
            LessonRecord(2, 1, "Reading a seed packet"),
        ],
    )


def test_only_the_chosen_modules_are_expanded(store: CourseStore, records: LessonRecords) -> None:
    chosen: CourseEvent = {**EVENT, "modules": [2]}
    assert expand(chosen, store, records, 3) == {"batches": [SECOND], "lessons": 1}
    assert [lesson.id for lesson in records.progress(f"{COURSE}-1")[1]] == ["02-01"]


def test_expanding_again_after_a_lost_answer_gives_the_same(store: CourseStore, records: LessonRecords) -> None:
    assert expand(EVENT, store, records, 1) == expand(EVENT, store, records, 1)


def test_an_outline_that_is_gone_is_not_found(store: CourseStore, records: LessonRecords) -> None:
    aws.client("s3").delete_object(Bucket=store.bucket, Key=KEY)
    with pytest.raises(NotFound):
        expand(EVENT, store, records, 3)


def test_the_function_takes_its_parts_from_its_environment(
    store: CourseStore, lessons_table: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BUCKET", store.bucket)
    monkeypatch.setenv("LESSONS_TABLE", lessons_table)
    monkeypatch.setenv("MAX_LESSONS_PER_BATCH", "1")
    assert len(handler({"course": EVENT}, Context())["batches"]) == 3
