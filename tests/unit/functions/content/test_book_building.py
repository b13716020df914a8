from __future__ import annotations

import hashlib
import json

import pytest

from functions.common import aws
from functions.common.errors import NotFound
from functions.common.events import CourseEvent
from functions.common.records import LessonRecord, LessonRecords
from functions.common.storage import CoursePaths, CourseStore
from functions.content.book_builder import handler
from functions.content.book_building import build_book
from tests.support.http_api import Context
from tests.support.outlines import outline_bytes
from tests.unit.functions.common.book.examples import png

COURSE = "0123456789abcdef0123456789abcdef"
PATHS = CoursePaths("owner-1", COURSE)
EVENT: CourseEvent = {
    "owner": "owner-1",
    "course_id": COURSE,
    "execution": f"{COURSE}-1",
    "outline_key": PATHS.outline("f" * 32),
    "model": "sample",
    "force": False,
    "modules": None,
}
EXECUTION = EVENT["execution"]
LESSONS = ((1, 1), (1, 2), (2, 1))


@pytest.fixture
def store(bucket: str) -> CourseStore:
    """A course of two modules with two lessons and one; every lesson is stored but the last."""
    store = CourseStore(bucket)
    store.write(EVENT["outline_key"], outline_bytes("modules-under-course"), "application/yaml")
    for module, number in LESSONS[:2]:
        tag = f"[VISUAL: {module:02d}-{number:02d}-0001 - A plan]"
        store.write(PATHS.lesson(module, number, "a"), f"# A\n\nSome text.\n\n{tag}\n", "text/markdown")
    return store


@pytest.fixture
def records(lessons_table: str) -> LessonRecords:
    records = LessonRecords(lessons_table)
    records.begin(EXECUTION, "owner-1", COURSE, [LessonRecord(module, number, "A") for module, number in LESSONS])
    for module, number in LESSONS[:2]:
        records.set_state(EXECUTION, module, number, "written")
    return records


def draw(store: CourseStore, id_: str, prompt: str) -> None:
    digest = hashlib.sha256(prompt.encode()).hexdigest()
    store.write(PATHS.image(id_), png(), "image/png", {"prompt": digest})


def state(records: LessonRecords, id_: str) -> LessonRecord:
    return next(lesson for lesson in records.progress(EXECUTION)[1] if lesson.id == id_)


def test_the_book_is_stored_in_every_format(store: CourseStore, records: LessonRecords) -> None:
    draw(store, "01-01-0001", "a plan")
    assert build_book(EVENT, [], store, records) == {"missing": 1, "lessons": 2, "images": 1}
    stored = [found.key.removeprefix(PATHS.books) for found in store.list(PATHS.books)]
    assert stored == ["book.html", "book.json", "book.md", "book.pdf"]
    assert store.read(PATHS.book("pdf")).startswith(b"%PDF")


def test_the_execution_is_done_and_says_so(store: CourseStore, records: LessonRecords) -> None:
    build_book(EVENT, [], store, records)
    run, _ = records.progress(EXECUTION)
    assert run
    assert run.step == "done"


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        ("Throttled", "The text model was too busy for too long, so its batch was given up."),
        ("Runtime.ExitError", "Something went wrong on our side before it was written (Runtime.ExitError)."),
    ],
)
def test_a_lesson_that_no_batch_finished_failed_because_of_its_batch(
    store: CourseStore, records: LessonRecords, error: str, reason: str
) -> None:
    batches = [{"module_number": 2, "batch_index": 1, "error": error}]
    build_book(EVENT, batches, store, records)  # pyright: ignore[reportArgumentType]
    lesson = state(records, "02-01")
    assert lesson.state == "failed"
    assert lesson.reason == reason
    told = json.loads(store.read(PATHS.book("json")))
    assert [(missing["id"], missing["reason"]) for missing in told["missing"]] == [("02-01", lesson.reason)]


def test_why_a_lesson_waited_stays_in_its_reason(store: CourseStore, records: LessonRecords) -> None:
    records.set_state(EXECUTION, 2, 1, "waiting", reason="Daily quota used up.")
    build_book(EVENT, [], store, records)
    assert (state(records, "02-01").reason or "").startswith("Daily quota used up.")


def test_the_reason_of_a_failed_lesson_stands_in_the_book(store: CourseStore, records: LessonRecords) -> None:
    records.set_state(EXECUTION, 2, 1, "failed", reason="The model declined.")
    build_book(EVENT, [], store, records)
    assert "The model declined." in store.read_text(PATHS.book("md"))
    assert state(records, "02-01").reason == "The model declined."


def test_lessons_that_are_written_keep_their_state(store: CourseStore, records: LessonRecords) -> None:
    build_book(EVENT, [], store, records)
    assert {state(records, id_).state for id_ in ("01-01", "01-02")} == {"written"}


def test_a_lesson_recorded_as_written_without_text_failed(store: CourseStore, records: LessonRecords) -> None:
    records.set_state(EXECUTION, 2, 1, "written")
    build_book(EVENT, [], store, records)
    assert state(records, "02-01").state == "failed"


def test_an_image_drawn_for_another_description_is_not_shown(store: CourseStore, records: LessonRecords) -> None:
    for id_, prompt in (("01-01-0001", "a plan"), ("01-02-0001", "what was described before")):
        draw(store, id_, prompt)
    for module, number in LESSONS[:2]:
        planned = {"images": [{"id": f"{module:02d}-{number:02d}-0001", "description": "A plan", "prompt": "a plan"}]}
        store.write(PATHS.prompt(module, number), json.dumps(planned), "application/json")
    assert build_book(EVENT, [], store, records)["images"] == 1


def test_modules_that_were_not_asked_for_and_not_begun_are_left_out(store: CourseStore, records: LessonRecords) -> None:
    assert build_book({**EVENT, "modules": [1]}, [], store, records)["missing"] == 0
    told = json.loads(store.read(PATHS.book("json")))
    assert [module["number"] for module in told["omittedModules"]] == [2]


def test_without_its_outline_there_is_no_book(store: CourseStore, records: LessonRecords) -> None:
    aws.client("s3").delete_object(Bucket=store.bucket, Key=EVENT["outline_key"])
    with pytest.raises(NotFound):
        build_book(EVENT, [], store, records)


def test_the_function_builds_the_book_of_its_event(
    store: CourseStore, records: LessonRecords, bucket: str, lessons_table: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BUCKET", bucket)
    monkeypatch.setenv("LESSONS_TABLE", lessons_table)
    assert handler({"course": EVENT, "batches": []}, Context())["lessons"] == 2
