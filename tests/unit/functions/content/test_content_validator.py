from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from aurora.runtime.objects import ObjectStore
from aurora.testing.http_api import Context
from functions.content import content_validator
from functions.courses.events import CourseEvent
from functions.courses.progress import CourseProgress
from functions.outline.units import LESSON
from tests.support.courses import COURSE, OWNER, PATHS, course_event

OUTLINE = """
title: Soil
modules:
- {title: Kinds, lessons: [{title: Clay}, {title: Sand}]}
- {title: Uses, lessons: [{title: Bricks}]}
"""
EVENT = course_event()


@pytest.fixture
def store(bucket: str, progress_table: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[ObjectStore]:
    monkeypatch.setenv("BUCKET", bucket)
    monkeypatch.setenv("PROGRESS_TABLE", progress_table)
    content_validator._settings.cache_clear()
    CourseProgress(progress_table).start(EVENT["execution"], OWNER, COURSE, ["theory"], [])
    store = ObjectStore(bucket)
    store.write(EVENT["outline_key"], OUTLINE, "application/yaml")
    lesson = "# Clay\n\nWords on clay.\n\n[VISUAL: 01-01-0001 - A brick]\n"
    store.write(PATHS.unit(LESSON, 1, 1, "clay"), lesson, "text/markdown", {"target": "8"})
    store.write(PATHS.image("01-01-0001"), b"png", "image/png")
    yield store
    content_validator._settings.cache_clear()


def test_the_report_tells_each_lesson_and_the_totals(store: ObjectStore, progress_table: str) -> None:
    assert content_validator.handler({"course": EVENT, "batches": []}, Context()) == {
        "report": PATHS.report,
        "warnings": 2,
    }
    report = json.loads(store.read_text(PATHS.report))
    assert report["totals"] == {"lessons": 1, "missing": 2, "words": 8, "images": 1, "warnings": 2}
    assert report["lessons"][0] == {"id": "01-01", "title": "Clay", "words": 8, "target": 8, "warnings": []}
    assert report["lessons"][1] == {
        "id": "01-02",
        "title": "Sand",
        "words": None,
        "target": None,
        "warnings": [{"kind": "missing", "message": "The lesson is missing."}],
    }
    run, _ = CourseProgress(progress_table).progress(EVENT["execution"])
    assert run
    assert run.steps == {"theory": "validating"}


def test_lessons_of_modules_that_were_not_asked_for_are_not_missed(store: ObjectStore) -> None:
    chosen: CourseEvent = {**EVENT, "modules": [1]}
    assert content_validator.handler({"course": chosen, "batches": []}, Context())["warnings"] == 1


def test_equal_courses_give_equal_reports(store: ObjectStore) -> None:
    content_validator.handler({"course": EVENT, "batches": []}, Context())
    before = store.read(PATHS.report)
    store.write(PATHS.report, "", "application/json")
    content_validator.handler({"course": EVENT, "batches": []}, Context())
    assert store.read(PATHS.report) == before


def test_a_report_on_the_same_lessons_stays_as_it_is(store: ObjectStore) -> None:
    before = content_validator.handler({"course": EVENT, "batches": []}, Context())
    report = store.read(PATHS.report)
    again = course_event(attempt=2)
    CourseProgress(content_validator._settings().progress_table).start(
        again["execution"], OWNER, COURSE, ["theory"], []
    )
    assert content_validator.handler({"course": again, "batches": []}, Context()) == before
    assert store.read(PATHS.report) == report
    store.write(PATHS.unit(LESSON, 1, 2, "sand"), "# Sand\n\nWords on sand.\n", "text/markdown")
    assert content_validator.handler({"course": again, "batches": []}, Context())["warnings"] == 1
