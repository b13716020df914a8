from __future__ import annotations

import time
from dataclasses import replace

import httpx
import pytest

from functions.common.records import KEPT_SECONDS, LessonRecord
from functions.common.storage import CoursePaths
from functions.content.courses_api import handler
from tests.support.http_api import OTHER_OWNER, OWNER, Context, answer, http_event
from tests.support.outlines import outline_bytes
from tests.unit.functions.conftest import ENDS_AT_ONCE
from tests.unit.functions.content.conftest import Platform

GARDEN = outline_bytes("modules-under-course")
LESSONS = [LessonRecord(1, 1, "Clay, sand and loam"), LessonRecord(1, 2, "Compost"), LessonRecord(2, 1, "Sowing")]


@pytest.fixture
def execution(platform: Platform) -> str:
    """The id of an execution of three lessons that runs and has been expanded."""
    execution = platform.start(GARDEN)
    platform.lessons.begin(execution, OWNER, execution.removesuffix("-1"), LESSONS)
    return execution


def test_an_author_without_courses_has_an_empty_list(platform: Platform) -> None:
    found = platform.get("/courses")
    assert (found.status, found.json) == (200, {"courses": []})


def test_an_author_lists_their_own_courses_newest_first(platform: Platform) -> None:
    older, newer = platform.start(GARDEN), platform.start(outline_bytes("minimal"))
    platform.start(GARDEN, sub=OTHER_OWNER)
    older_id, newer_id = older.removesuffix("-1"), newer.removesuffix("-1")
    record = platform.courses.get(OWNER, older_id)
    assert record is not None
    platform.courses.claim(replace(record, created_at="2026-01-02T03:04:05+00:00"), seen_attempt=1)
    first, second = platform.get("/courses").json["courses"]
    assert first["courseId"] == newer_id
    assert second == {
        "courseId": older_id,
        "title": "Growing Vegetables: A First Year",
        "language": "en",
        "createdAt": "2026-01-02T03:04:05+00:00",
        "modules": 2,
        "lessons": 3,
        "executionId": older,
        "status": "RUNNING",
        "outcome": None,
        "request": {"modules": None, "force": False, "model": "sample"},
    }


def test_the_list_tells_how_each_latest_execution_is(platform: Platform) -> None:
    done, partly, stopped, running, gone = (platform.start(GARDEN) for _ in range(5))
    for finished, missing in ((done, 0), (partly, 2)):
        platform.lessons.begin(finished, OWNER, finished.removesuffix("-1"), [])
        platform.lessons.finish(finished, missing)
    platform.machine.stop(stopped)
    record = platform.courses.get(OWNER, gone.removesuffix("-1"))
    assert record is not None
    forgotten = replace(record, execution="forgotten-1", started_at=time.time() - KEPT_SECONDS - 1)
    platform.courses.claim(forgotten, seen_attempt=1)
    courses = platform.get("/courses").json["courses"]
    assert {course["executionId"]: (course["status"], course["outcome"]) for course in courses} == {
        done: ("SUCCEEDED", "complete"),
        partly: ("SUCCEEDED", "incomplete"),
        stopped: ("ABORTED", "failed"),
        running: ("RUNNING", None),
        "forgotten-1": (None, None),
    }


def test_a_course_shows_its_book_and_lessons_with_addresses_that_serve_them(platform: Platform) -> None:
    course_id = platform.start(GARDEN).removesuffix("-1")
    paths = CoursePaths(OWNER, course_id)
    platform.store.write(paths.book("pdf"), b"%PDF", "application/pdf")
    platform.store.write(paths.book("md"), "# Book", "text/markdown")
    platform.store.write(paths.lesson(1, 1, "clay"), "# Clay", "text/markdown")
    platform.store.write(paths.prompt(1, 1), "{}", "application/json")
    platform.store.write(CoursePaths(OTHER_OWNER, course_id).book("md"), "# Not mine", "text/markdown")
    course = platform.get(f"/courses/{course_id}").json
    files = {file.pop("name"): file for file in course["files"]}
    assert (course["title"], course["status"]) == ("Growing Vegetables: A First Year", "RUNNING")
    assert list(files) == ["book.md", "book.pdf", "lessons/module-01-lesson-01-clay.md"]
    assert {name: httpx.get(file["url"]).text for name, file in files.items()} == {
        "book.md": "# Book",
        "book.pdf": "%PDF",
        "lessons/module-01-lesson-01-clay.md": "# Clay",
    }
    assert files["book.pdf"]["bytes"] == 4
    assert files["book.pdf"]["contentType"] == "application/pdf"


def test_an_execution_that_is_about_to_appear_runs_at_zero_percent(platform: Platform) -> None:
    course_id = platform.start(GARDEN).removesuffix("-1")
    record = platform.courses.get(OWNER, course_id)
    assert record is not None
    claim = replace(record, attempt=2, execution=f"{course_id}-2", started_at=time.time(), launched=False)
    platform.courses.claim(claim, seen_attempt=1)
    assert platform.get(f"/executions/{course_id}-2").json == {
        "executionId": f"{course_id}-2",
        "courseId": course_id,
        "status": "RUNNING",
        "outcome": None,
        "step": "expanding",
        "percent": 0,
        "total": 3,
        "done": 0,
        "lessons": [],
    }


def test_an_execution_that_never_appeared_has_failed_and_says_what_to_do(platform: Platform) -> None:
    course_id = platform.start(GARDEN).removesuffix("-1")
    record = platform.courses.get(OWNER, course_id)
    assert record is not None
    claim = replace(record, attempt=2, execution=f"{course_id}-2", started_at=time.time() - 61, launched=False)
    platform.courses.claim(claim, seen_attempt=1)
    found = platform.get(f"/executions/{course_id}-2").json
    assert (found["status"], found["outcome"]) == ("FAILED", "failed")
    assert found["error"] == "It could not be started. Start the course again."


def test_progress_is_told_lesson_by_lesson(platform: Platform, execution: str) -> None:
    platform.lessons.set_state(execution, 1, 1, "written", words=1180)
    platform.lessons.set_state(execution, 1, 2, "waiting", reason="Rate limit reached.")
    found = platform.get(f"/executions/{execution}").json
    assert {name: found[name] for name in ("status", "outcome", "step", "percent", "total", "done")} == {
        "status": "RUNNING",
        "outcome": None,
        "step": "writing",
        "percent": 30,
        "total": 3,
        "done": 1,
    }
    assert found["lessons"] == [
        {"id": "01-01", "module": 1, "number": 1, "title": "Clay, sand and loam", "state": "written", "words": 1180},
        {
            "id": "01-02",
            "module": 1,
            "number": 2,
            "title": "Compost",
            "state": "waiting",
            "reason": "Rate limit reached. It will be tried again.",
        },
        {"id": "02-01", "module": 2, "number": 1, "title": "Sowing", "state": "waiting"},
    ]
    assert "error" not in found


def test_a_stopped_execution_says_so_and_which_lessons_it_left(platform: Platform, execution: str) -> None:
    platform.lessons.set_state(execution, 1, 1, "written", words=1180)
    platform.machine.stop(execution)
    found = platform.get(f"/executions/{execution}").json
    assert (found["status"], found["outcome"], found["percent"], found["done"]) == ("ABORTED", "failed", 100, 3)
    assert [lesson["state"] for lesson in found["lessons"]] == ["written", "failed", "failed"]
    assert "It was stopped." in found["error"]


def test_an_execution_that_ended_with_every_lesson_is_complete(platform: Platform) -> None:
    platform.machine.become(ENDS_AT_ONCE)
    execution = platform.start(outline_bytes("minimal"))
    assert platform.machine.wait(execution) == "SUCCEEDED"
    lesson = LessonRecord(1, 1, "The bowline", state="written", words=1000)
    platform.lessons.begin(execution, OWNER, execution.removesuffix("-1"), [lesson])
    found = platform.get(f"/executions/{execution}").json
    assert (found["status"], found["outcome"], found["step"]) == ("SUCCEEDED", "complete", "done")


def test_an_earlier_attempt_can_still_be_looked_at(platform: Platform, execution: str) -> None:
    course_id = execution.removesuffix("-1")
    platform.machine.stop(execution)
    platform.post(f"/courses/{course_id}/executions", {})
    assert platform.get(f"/executions/{execution}").json["status"] == "ABORTED"
    assert platform.get(f"/executions/{course_id}-2").json["status"] == "RUNNING"


@pytest.mark.parametrize("suffix", ["-0", "-2", "-01", "-x", "", "-1-1"])
def test_an_execution_that_was_never_asked_for_is_not_found(platform: Platform, execution: str, suffix: str) -> None:
    found = platform.get(f"/executions/{execution.removesuffix('-1')}{suffix}")
    assert (found.status, found.content_type) == (404, "application/problem+json")


def test_anothers_course_and_execution_are_as_absent_as_any(platform: Platform, execution: str) -> None:
    course_id = execution.removesuffix("-1")
    absent = "6" * 32
    for path, other in ((f"/courses/{course_id}", f"/courses/{absent}"), (f"/executions/{execution}", "/executions/x")):
        assert platform.get(path).status == 200
        refused, never = platform.get(path, sub=OTHER_OWNER), platform.get(other)
        assert (refused.status, refused.json) == (404, never.json)
    assert platform.get("/courses", sub=OTHER_OWNER).json == {"courses": []}


@pytest.mark.parametrize("path", ["/courses", f"/courses/{'1' * 32}", f"/executions/{'1' * 32}-1"])
def test_nothing_is_shown_to_nobody(platform: Platform, path: str) -> None:
    assert answer(handler(http_event("GET", path, sub=None), Context())).status == 401
