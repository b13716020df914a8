from __future__ import annotations

import json
from collections.abc import Sequence

import pytest

from aurora.runtime import aws
from aurora.runtime.errors import NotFound
from aurora.runtime.objects import ObjectStore
from aurora.testing.http_api import Context
from functions.content.book_builder import handler
from functions.content.lesson_book import BookCount, build_book
from functions.courses.progress import CourseProgress
from functions.courses.stored import planned_for
from functions.outline.units import LESSON
from functions.progress.counts import BatchResult
from functions.text.visuals import prompt_digest
from tests.support.courses import COURSE, OWNER, PATHS, course_event, course_unit
from tests.support.outlines import outline_bytes
from tests.unit.functions.book.examples import png

EVENT = course_event()
EXECUTION = EVENT["execution"]
LESSONS = ((1, 1), (1, 2), (2, 1))
FORMATS = ["docx", "html", "json", "md", "pdf"]


class Reads(ObjectStore):
    """A store that notes which objects are downloaded."""

    def __init__(self, bucket: str) -> None:
        super().__init__(bucket)
        self.keys: list[str] = []

    def fetch(self, key: str, max_bytes: int | None = None) -> tuple[bytes, dict[str, str]]:
        self.keys.append(key)
        content, metadata = super().fetch(key, max_bytes)
        return content, dict(metadata)


@pytest.fixture
def store(bucket: str) -> ObjectStore:
    """A course of two modules with two lessons and one; every lesson is stored but the last."""
    store = ObjectStore(bucket)
    store.write(EVENT["outline_key"], outline_bytes("modules-under-course"), "application/yaml")
    for module, number in LESSONS[:2]:
        tag = f"[VISUAL: {module:02d}-{number:02d}-0001 - A plan]"
        store.write(PATHS.unit(LESSON, module, number, "a"), f"# A\n\nSome text.\n\n{tag}\n", "text/markdown")
    return store


@pytest.fixture
def records(progress_table: str) -> CourseProgress:
    records = CourseProgress(progress_table)
    units = [course_unit("lesson", module, number, "A") for module, number in LESSONS]
    records.start(EXECUTION, OWNER, COURSE, ["theory"], units)
    for unit in units[:2]:
        records.note(EXECUTION, unit.id, "written")
    return records


def draw(store: ObjectStore, id_: str, prompt: str) -> None:
    store.write(PATHS.image(id_), png(), "image/png", {"prompt": prompt_digest(prompt)})


def plan(store: ObjectStore, prompt: str) -> None:
    """Store `prompt` as what the image of each lesson is drawn from."""
    for module, number in LESSONS[:2]:
        id_ = f"{module:02d}-{number:02d}"
        planned = {"lesson": id_, "images": [{"id": f"{id_}-0001", "description": "A plan", "prompt": prompt}]}
        lesson = store.head(PATHS.unit(LESSON, module, number, "a"))
        assert lesson
        store.write(PATHS.prompt(module, number), json.dumps(planned), "application/json", planned_for(lesson))


def build(store: ObjectStore, records: CourseProgress, batches: Sequence[BatchResult] = ()) -> BookCount:
    return build_book(EVENT, batches, store, records)


def tags(store: ObjectStore) -> dict[str, str]:
    return {found.key: found.etag for found in store.list(PATHS.books)}


def test_the_book_is_stored_in_every_format(store: ObjectStore, records: CourseProgress) -> None:
    draw(store, "01-01-0001", "a plan")
    assert build(store, records) == {"missing": 1, "lessons": 2, "images": 1}
    assert sorted(tags(store)) == [PATHS.book(format_) for format_ in FORMATS]
    assert store.read(PATHS.book("pdf")).startswith(b"%PDF")


def test_the_branch_is_done_and_the_execution_knows_how_many_images_are_missing(
    store: ObjectStore, records: CourseProgress
) -> None:
    build(store, records)
    run, _ = records.progress(EXECUTION)
    assert run
    assert run.steps == {"theory": "done"}
    assert run.images_missing == 2
    assert run.outcome is None


def test_why_a_lesson_is_missing_stands_in_the_book(store: ObjectStore, records: CourseProgress) -> None:
    build(store, records, [{"module_number": 2, "batch_index": 1, "error": "Throttled"}])
    told = json.loads(store.read(PATHS.book("json")))
    [missing] = told["missing"]
    assert (missing["id"], missing["reason"].partition(",")[0]) == (
        "02-01",
        "The text model was too busy for too long",
    )
    assert next(unit for unit in records.progress(EXECUTION)[1] if unit.id == "02-01").state == "failed"


def test_what_is_there_already_is_neither_downloaded_nor_written_again(
    store: ObjectStore, records: CourseProgress, bucket: str
) -> None:
    for id_ in ("01-01-0001", "01-02-0001"):
        draw(store, id_, "a plan")
    plan(store, "a plan")
    count = build(store, records)
    before = tags(store)
    again = Reads(bucket)
    assert build(again, records) == count
    assert again.keys == [PATHS.book("json")]
    assert tags(store) == before


def test_a_book_that_was_lost_in_one_format_is_made_in_that_one(store: ObjectStore, records: CourseProgress) -> None:
    build(store, records)
    before = tags(store)
    aws.client("s3").delete_object(Bucket=store.bucket, Key=PATHS.book("docx"))
    build(store, records)
    assert tags(store) == before


@pytest.mark.parametrize("changed", ["lesson", "outline", "reason"])
def test_whatever_goes_into_the_book_makes_it_anew(store: ObjectStore, records: CourseProgress, changed: str) -> None:
    build(store, records)
    before = tags(store)
    if changed == "lesson":
        store.write(PATHS.unit(LESSON, 1, 1, "a"), "# A\n\nOther text.\n", "text/markdown")
    elif changed == "outline":
        outline = store.read_text(EVENT["outline_key"]).replace("First Year", "Second Year")
        store.write(EVENT["outline_key"], outline, "application/yaml")
    else:
        records.note(EXECUTION, "02-01", "failed", reason="The model declined.")
    build(store, records)
    assert before[PATHS.book("md")] != tags(store)[PATHS.book("md")]


def test_an_image_drawn_for_another_description_is_not_shown_until_it_is_drawn_anew(
    store: ObjectStore, records: CourseProgress
) -> None:
    for id_, prompt in (("01-01-0001", "a plan"), ("01-02-0001", "what was described before")):
        draw(store, id_, prompt)
    plan(store, "a plan")
    assert build(store, records)["images"] == 1
    draw(store, "01-02-0001", "a plan")  # the very same bytes, so that no listing tells
    assert build(store, records)["images"] == 2


def test_images_of_a_lesson_that_was_written_anew_are_not_shown_until_they_are_planned_for_it(
    store: ObjectStore, records: CourseProgress
) -> None:
    plan(store, "a plan")
    for id_ in ("01-01-0001", "01-02-0001"):
        draw(store, id_, "a plan")
    store.write(PATHS.unit(LESSON, 1, 2, "a"), "# A\n\n[VISUAL: 01-02-0001 - Something else]\n", "text/markdown")
    assert build(store, records)["images"] == 1  # its batch ended before its images were planned
    plan(store, "a plan")
    assert build(store, records)["images"] == 2


def test_modules_that_were_not_asked_for_and_not_begun_are_left_out(
    store: ObjectStore, records: CourseProgress
) -> None:
    assert build_book({**EVENT, "modules": [1]}, [], store, records)["missing"] == 0
    told = json.loads(store.read(PATHS.book("json")))
    assert [module["number"] for module in told["omittedModules"]] == [2]


def test_one_lesson_made_anew_leaves_the_book_whole(store: ObjectStore, records: CourseProgress) -> None:
    assert build_book({**EVENT, "only": ["01-02"]}, [], store, records) == {"missing": 1, "lessons": 2, "images": 0}


def test_the_book_speaks_the_language_that_was_asked_for(store: ObjectStore, records: CourseProgress) -> None:
    build_book({**EVENT, "language": "fr"}, [], store, records)
    assert "## Table des matières" in store.read_text(PATHS.book("md"))


def test_without_its_outline_there_is_no_book(store: ObjectStore, records: CourseProgress) -> None:
    aws.client("s3").delete_object(Bucket=store.bucket, Key=EVENT["outline_key"])
    with pytest.raises(NotFound):
        build(store, records)


def test_the_function_builds_the_book_of_its_event(
    store: ObjectStore, records: CourseProgress, bucket: str, progress_table: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BUCKET", bucket)
    monkeypatch.setenv("PROGRESS_TABLE", progress_table)
    assert handler({"course": EVENT, "batches": []}, Context())["lessons"] == 2
