from __future__ import annotations

import html
import re
import time
from dataclasses import replace

import httpx
import pytest

from aurora.testing.http_api import OTHER_OWNER, OWNER, Context, answer, http_event
from functions.course_api.courses_api import handler
from functions.courses.paths import CoursePaths
from functions.outline.units import LAB, LESSON, SLIDES, UNIT_KINDS
from functions.progress.records import KEPT_SECONDS, Outcome, Spent
from tests.support.courses import course_unit
from tests.support.outlines import outline_bytes
from tests.unit.functions.conftest import ENDS_AT_ONCE
from tests.unit.functions.course_api.conftest import Platform

GARDEN = outline_bytes("modules-under-course")
UNITS = [
    course_unit("lesson", 1, 1, "Clay, sand and loam"),
    course_unit("lesson", 1, 2, "Compost"),
    course_unit("lab", 2, 1, "Sowing"),
]


@pytest.fixture
def execution(platform: Platform) -> str:
    """The id of an execution of two lessons and a lab that runs and has been expanded."""
    execution = platform.start(GARDEN, content="both", budget=5)
    platform.progress.start(execution, OWNER, execution.removesuffix("-1"), ("theory", "labs"), UNITS)
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
    platform.progress.charge(older_id, 0, 1_250_000)
    first, second = platform.get("/courses").json["courses"]
    assert first["courseId"] == newer_id
    assert second == {
        "courseId": older_id,
        "title": "Growing Vegetables: A First Year",
        "language": "en",
        "createdAt": "2026-01-02T03:04:05+00:00",
        "modules": 2,
        "lessons": 3,
        "labs": 3,
        "executionId": older,
        "status": "RUNNING",
        "outcome": None,
        "spent": 1.25,
        "request": {
            "content": "theory",
            "slides": False,
            "modules": None,
            "only": None,
            "force": False,
            "language": "",
            "lessonModel": "sample",
            "planModel": "sample",
            "labModel": "sample",
            "imageModel": "sample",
            "wordsPerMinute": 45,
            "minWords": 1000,
            "maxWords": 5000,
            "lessonsPerBatch": 3,
            "labsPerBatch": 2,
            "maxConcurrency": 2,
            "budget": None,
        },
    }


def test_the_list_tells_how_each_latest_execution_is(platform: Platform) -> None:
    done, partly, ended, failed, stopped, running, gone = (platform.start(GARDEN) for _ in range(7))
    settled: list[tuple[str, Outcome]] = [(done, "complete"), (partly, "incomplete")]
    for finished, outcome in [*settled, (ended, "cancelled"), (failed, "failed")]:
        platform.progress.start(finished, OWNER, finished.removesuffix("-1"), ("theory",), [])
        platform.progress.finish(finished, outcome, 0)
    platform.machine.stop(stopped)
    record = platform.courses.get(OWNER, gone.removesuffix("-1"))
    assert record is not None
    forgotten = replace(record, execution="forgotten-1", started_at=time.time() - KEPT_SECONDS - 1)
    platform.courses.claim(forgotten, seen_attempt=1)
    courses = platform.get("/courses").json["courses"]
    assert {course["executionId"]: (course["status"], course["outcome"]) for course in courses} == {
        done: ("SUCCEEDED", "complete"),
        partly: ("SUCCEEDED", "incomplete"),
        ended: ("SUCCEEDED", "cancelled"),
        failed: ("FAILED", "failed"),
        stopped: ("ABORTED", "failed"),
        running: ("RUNNING", None),
        "forgotten-1": (None, None),
    }


def test_a_course_shows_its_files_with_addresses_that_serve_them_and_what_it_has_cost(platform: Platform) -> None:
    course_id = platform.start(GARDEN).removesuffix("-1")
    paths = CoursePaths(OWNER, course_id)
    shown = {
        "book.md": paths.book("md"),
        "book.pdf": paths.book("pdf"),
        "lab-book.docx": paths.lab_book("docx"),
        "lessons/module-01-lesson-01-clay-sand-and-loam.md": paths.unit(LESSON, 1, 1, "a-former-title"),
        "labs/module-01-lab-01-clay-sand-and-loam.md": paths.unit(LAB, 1, 1, "clay-sand-and-loam"),
        "slides/module-01-soil.pptx": paths.unit(SLIDES, 1, 0, "soil"),
        "course.zip": paths.archive,
    }
    hidden = [paths.prompt(1, 1), paths.image("01-01-0001"), paths.lab_plan(1), CoursePaths("x", course_id).book("md")]
    hidden += [paths.unit(kind, 9, 9, "removed") for kind in UNIT_KINDS.values()]
    for key in (*shown.values(), *hidden):
        platform.store.write(key, key, "application/octet-stream")
    platform.progress.charge(course_id, 0, 1_250_000)
    course = platform.get(f"/courses/{course_id}").json
    files = {file["name"]: file for file in course["files"]}
    assert (course["title"], course["status"], course["spent"]) == ("Growing Vegetables: A First Year", "RUNNING", 1.25)
    assert {name: httpx.get(file["url"]).text for name, file in files.items() if "plan" not in name} == shown
    assert [name for name in files if "plan" in name] == []
    assert files["book.pdf"]["bytes"] == len(paths.book("pdf"))
    assert (files["book.pdf"]["contentType"], files["course.zip"]["contentType"]) == (
        "application/pdf",
        "application/zip",
    )


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
        "content": "theory",
        "steps": {},
        "step": "planning",
        "percent": 0,
        "total": 3,
        "done": 0,
        "cancelling": False,
        "cost": 0,
        "budget": 0,
        "spent": 0,
        "inputTokens": 0,
        "outputTokens": 0,
        "retries": 0,
        "units": [],
        "problems": [],
    }


def test_an_execution_that_never_appeared_has_failed_and_says_what_to_do(platform: Platform) -> None:
    course_id = platform.start(GARDEN).removesuffix("-1")
    record = platform.courses.get(OWNER, course_id)
    assert record is not None
    claim = replace(record, attempt=2, execution=f"{course_id}-2", started_at=time.time() - 61, launched=False)
    platform.courses.claim(claim, seen_attempt=1)
    found = platform.get(f"/executions/{course_id}-2").json
    assert (found["status"], found["outcome"]) == ("FAILED", "failed")
    assert found["error"].startswith("It could not be started. Start the course again")


def test_progress_is_told_unit_by_unit_with_what_each_has_cost(platform: Platform, execution: str) -> None:
    course_id = execution.removesuffix("-1")
    platform.progress.set_step(execution, "theory", "writing")
    platform.progress.note(execution, "01-01", "written", words=1180, spent=Spent(100, 2000, 250_000, "m-1"))
    platform.progress.add_cost(execution, "01-01", Spent(cost=50_000))
    platform.progress.note(execution, "01-02", "waiting", reason="Rate limit reached.")
    platform.progress.charge(course_id, 0, 1_300_000)
    found = platform.get(f"/executions/{execution}").json
    units = found.pop("units")
    assert found == {
        "executionId": execution,
        "courseId": course_id,
        "status": "RUNNING",
        "outcome": None,
        "content": "both",
        "steps": {"theory": "writing", "labs": "planning"},
        "step": "planning",
        "percent": 30,
        "total": 3,
        "done": 1,
        "cancelling": False,
        "cost": 0.3,
        "budget": 5,
        "spent": 1.3,
        "inputTokens": 100,
        "outputTokens": 2000,
        "retries": 1,
        "problems": [],
    }
    nothing_yet = {"retries": 0, "inputTokens": 0, "outputTokens": 0, "cost": 0}
    assert units == [
        {
            "id": "01-01",
            "kind": "lesson",
            "module": 1,
            "number": 1,
            "title": "Clay, sand and loam",
            "state": "written",
            "words": 1180,
            "retries": 0,
            "inputTokens": 100,
            "outputTokens": 2000,
            "cost": 0.3,
            "model": "m-1",
        },
        {
            "id": "01-02",
            "kind": "lesson",
            "module": 1,
            "number": 2,
            "title": "Compost",
            "state": "waiting",
            "reason": "Rate limit reached. It will be tried again.",
            **nothing_yet,
            "retries": 1,
        },
        {
            "id": "lab-02-01",
            "kind": "lab",
            "module": 2,
            "number": 1,
            "title": "Sowing",
            "state": "waiting",
            **nothing_yet,
        },
    ]


def test_a_stopped_execution_says_so_and_which_lessons_it_left(platform: Platform, execution: str) -> None:
    platform.progress.note(execution, "01-01", "written", words=1180)
    platform.machine.stop(execution)
    found = platform.get(f"/executions/{execution}").json
    assert (found["status"], found["outcome"], found["percent"], found["done"]) == ("ABORTED", "failed", 100, 3)
    assert [unit["state"] for unit in found["units"]] == ["written", "failed", "failed"]
    assert "It was stopped." in found["error"]


def test_an_execution_that_ended_tells_how_and_what_went_wrong(platform: Platform) -> None:
    platform.machine.become(ENDS_AT_ONCE)
    execution = platform.start(outline_bytes("minimal"))
    assert platform.machine.wait(execution) == "SUCCEEDED"
    lesson = course_unit("lesson", 1, 1, "The bowline", state="written", words=1000)
    platform.progress.start(execution, OWNER, execution.removesuffix("-1"), ("theory",), [lesson])
    platform.progress.set_step(execution, "theory", "done")
    platform.progress.finish(execution, "incomplete", 0, ["The slides could not be made."])
    found = platform.get(f"/executions/{execution}").json
    assert (found["status"], found["outcome"], found["step"], found["percent"]) == (
        "SUCCEEDED",
        "incomplete",
        "done",
        100,
    )
    assert found["problems"] == ["The slides could not be made."]


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


def test_a_lesson_is_read_as_html_with_addresses_of_its_images(platform: Platform) -> None:
    course_id = platform.start(GARDEN).removesuffix("-1")
    paths = CoursePaths(OWNER, course_id)
    lesson = (
        "# Clay & loam\n\nTwo <b>words</b>.\n\n[VISUAL: 01-01-0001 - A spade]\n\n[VISUAL: 01-01-0002 - A bed]\n"
        "\n<script>alert(1)</script>\n\n[away](javascript:alert(1))\n"
    )
    platform.store.write(paths.unit(LESSON, 1, 1, "an-older-title"), lesson, "text/markdown")
    platform.store.write(paths.image("01-01-0001"), b"PNG", "image/png")
    found = platform.get(f"/courses/{course_id}/units/01-01")
    read = found.json
    assert (found.status, read["id"], read["title"], read["language"]) == (200, "01-01", "Clay & loam", "en")
    assert read["words"] > 0
    (address,) = re.findall(r'<img[^>]* src="([^"]+)"', read["html"])
    assert httpx.get(html.unescape(address)).content == b"PNG"
    assert "A bed" in read["html"]
    for active in ("<script", "<b>", 'href="javascript:'):
        assert active not in read["html"]


def test_a_lab_guide_is_read_as_a_lesson_is(platform: Platform) -> None:
    course_id = platform.start(GARDEN).removesuffix("-1")
    platform.store.write(CoursePaths(OWNER, course_id).unit(LAB, 2, 1, "sow"), "# Sow\n\nSow it.\n", "text/markdown")
    read = platform.get(f"/courses/{course_id}/units/lab-02-01").json
    assert (read["id"], read["title"]) == ("lab-02-01", "Sow")
    assert "Sow it." in read["html"]


@pytest.mark.parametrize("unit", ["01-01", "lab-01-01", "slides-01", "1", "..", "01-01-0001", "x" * 500])
def test_a_unit_that_is_not_written_is_not_found(platform: Platform, unit: str) -> None:
    course_id = platform.start(GARDEN).removesuffix("-1")
    found = platform.get(f"/courses/{course_id}/units/{unit}")
    assert (found.status, found.content_type) == (404, "application/problem+json")


def test_anothers_lesson_cannot_be_read(platform: Platform) -> None:
    course_id = platform.start(GARDEN).removesuffix("-1")
    platform.store.write(CoursePaths(OWNER, course_id).unit(LESSON, 1, 1, "clay"), "# Clay\n", "text/markdown")
    assert platform.get(f"/courses/{course_id}/units/01-01").status == 200
    refused = platform.get(f"/courses/{course_id}/units/01-01", sub=OTHER_OWNER)
    assert (refused.status, refused.json) == (404, platform.get(f"/courses/{'6' * 32}/units/01-01").json)


@pytest.mark.parametrize(
    "path", ["/courses", f"/courses/{'1' * 32}", f"/courses/{'1' * 32}/units/01-01", f"/executions/{'1' * 32}-1"]
)
def test_nothing_is_shown_to_nobody(platform: Platform, path: str) -> None:
    assert answer(handler(http_event("GET", path, sub=None), Context())).status == 401
