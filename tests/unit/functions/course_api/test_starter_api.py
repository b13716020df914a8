from __future__ import annotations

import httpx
import pytest

from aurora.testing.http_api import OTHER_OWNER, OWNER, Context, answer, http_event
from functions.course_api.starter_api import handler
from functions.courses.paths import CoursePaths, is_id
from functions.outline.limits import MAX_OUTLINE_BYTES
from tests.support.outlines import outline_bytes
from tests.unit.functions.course_api.conftest import Platform

GARDEN = outline_bytes("modules-under-course")


def test_a_new_course_gets_unguessable_ids_and_a_form_for_its_outline(platform: Platform) -> None:
    made = platform.post("/courses", {"filename": "garden.yaml"})
    assert made.status == 201
    assert is_id(made.json["courseId"])
    assert is_id(made.json["uploadId"])
    assert made.json["maxBytes"] == MAX_OUTLINE_BYTES
    key = CoursePaths(OWNER, made.json["courseId"]).outline(made.json["uploadId"])
    assert made.json["upload"]["fields"]["key"] == key


def test_a_course_is_not_listed_before_it_is_started(platform: Platform) -> None:
    platform.upload(GARDEN)
    assert platform.get("/courses").json == {"courses": []}


def test_the_form_refuses_an_outline_over_the_limit(platform: Platform) -> None:
    form = platform.post("/courses").json["upload"]
    files = {"file": ("outline.yaml", b"#" * (MAX_OUTLINE_BYTES + 1))}
    assert httpx.post(form["url"], data=form["fields"], files=files).status_code == 400


def test_an_uploaded_outline_starts_an_execution(platform: Platform) -> None:
    course_id, upload_id = platform.upload(GARDEN, filename="garden.yaml")
    started = platform.post(f"/courses/{course_id}/executions", {"uploadId": upload_id})
    assert started.status == 202
    assert started.json == {
        "executionId": f"{course_id}-1",
        "courseId": course_id,
        "joined": False,
        "units": 3,
    }
    assert platform.machine.names() == [f"{course_id}-1"]


def test_a_second_start_joins_and_says_so(platform: Platform) -> None:
    execution = platform.start(GARDEN)
    course_id = execution.removesuffix("-1")
    again = platform.post(f"/courses/{course_id}/executions", {"uploadId": None})
    assert (again.status, again.json["executionId"], again.json["joined"]) == (202, execution, True)


@pytest.mark.parametrize("budget", [2.5, None])
def test_options_reach_the_execution_and_the_course_shows_them_as_they_can_be_asked_for_again(
    platform: Platform, budget: float | None
) -> None:
    asked = {"modules": [1, 2], "force": True, "lessonModel": "openai", "minWords": 500, "slides": True}
    asked["budget"] = budget
    execution = platform.start(GARDEN, **asked)
    course_id = execution.removesuffix("-1")
    event = platform.machine.input_of(execution)["course"]
    assert (event["modules"], event["force"], event["lesson_model"]) == ([1, 2], True, "openai")
    assert (event["min_words"], event["budget"], event["slides"]) == (500, (budget or 0) * 1_000_000, True)
    shown = platform.get(f"/courses/{course_id}").json["request"]
    assert asked.items() <= shown.items()
    platform.machine.stop(execution)
    again = platform.post(f"/courses/{course_id}/executions", shown)
    assert again.status == 202
    assert platform.machine.input_of(again.json["executionId"])["course"] == {
        **event,
        "execution": again.json["executionId"],
    }


def test_a_course_that_exists_gets_a_form_for_another_outline(platform: Platform) -> None:
    course_id = platform.start(GARDEN).removesuffix("-1")
    again = platform.post("/courses", {"courseId": course_id})
    assert (again.status, again.json["courseId"]) == (201, course_id)


@pytest.mark.parametrize("sub", [OWNER, OTHER_OWNER])
def test_there_is_no_form_for_a_course_that_is_absent_or_anothers(platform: Platform, sub: str) -> None:
    absent = "5" * 32 if sub == OWNER else platform.start(GARDEN).removesuffix("-1")
    assert platform.post("/courses", {"courseId": absent}, sub=sub).status == 404


@pytest.mark.parametrize("course_id", ["", "..", "a" * 2000])
def test_an_id_that_no_course_can_have_is_as_absent_as_any(platform: Platform, course_id: str) -> None:
    assert platform.post("/courses", {"courseId": course_id}).status == 404


def test_anothers_course_cannot_be_started_and_stays_as_it_was(platform: Platform) -> None:
    execution = platform.start(GARDEN)
    course_id = execution.removesuffix("-1")
    upload_id = platform.machine.input_of(execution)["course"]["outline_key"][-37:-5]
    for body in ({"uploadId": upload_id}, {"uploadId": None}, {}):
        assert platform.post(f"/courses/{course_id}/executions", body, sub=OTHER_OWNER).status == 404
    assert platform.machine.names() == [execution]


def test_an_invalid_outline_is_answered_with_its_problems_and_starts_nothing(platform: Platform) -> None:
    course_id, upload_id = platform.upload(outline_bytes("broken/colon-in-title"))
    found = platform.post(f"/courses/{course_id}/executions", {"uploadId": upload_id})
    assert (found.status, found.content_type) == (422, "application/problem+json")
    assert found.json["problems"] == [
        {
            "line": 2,
            "column": 19,
            "message": "a colon followed by a space inside an unquoted value",
            "hint": 'put the value in quotes: title: "Seguridad: conceptos"',
        }
    ]
    assert platform.machine.names() == []
    assert platform.get("/courses").json == {"courses": []}


def test_an_upload_over_the_limit_that_came_some_other_way_is_too_large(platform: Platform) -> None:
    course_id, upload_id = platform.upload(GARDEN)
    platform.store.write(CoursePaths(OWNER, course_id).outline(upload_id), b"#" * 10_000_000, "application/yaml")
    found = platform.post(f"/courses/{course_id}/executions", {"uploadId": upload_id})
    assert (found.status, found.content_type) == (413, "application/problem+json")
    assert "10,000,000 bytes; at most 1,000,000" in found.json["detail"]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"uploadId": 7}, "uploadId must be text"),
        ({"modules": [1, 9]}, "not in the outline: 9. It has 1, 2"),
        ({"only": ["01-03"]}, "not found: 01-03"),
        ({"minWords": 1}, "minWords must be a whole number from 50 to 20000"),
        ({"module": [1]}, "Unknown fields: module. Known fields: uploadId, model, content"),
    ],
)
def test_a_start_that_is_not_as_it_should_be_says_what_to_change(
    platform: Platform, body: dict[str, object], said: str
) -> None:
    course_id, upload_id = platform.upload(GARDEN)
    found = platform.post(f"/courses/{course_id}/executions", {"uploadId": upload_id, **body})
    assert found.status == 400
    assert said in found.json["detail"]
    assert platform.machine.names() == []


@pytest.mark.parametrize("body", [{"filename": 1}, {"courseId": 1}, {"name": "x"}, "[]", "{"])
def test_an_upload_request_that_is_not_as_it_should_be_is_refused(platform: Platform, body: object) -> None:
    assert platform.post("/courses", body).status == 400


@pytest.mark.parametrize("course_id", ["x", "..", "A" * 32, "%2e%2e"])
def test_an_id_that_cannot_be_one_is_not_found(platform: Platform, course_id: str) -> None:
    assert platform.post(f"/courses/{course_id}/executions", {"uploadId": "1" * 32}).status == 404


def test_a_running_execution_can_be_told_to_end(platform: Platform) -> None:
    execution = platform.start(GARDEN)
    course_id = execution.removesuffix("-1")
    platform.progress.start(execution, OWNER, course_id, ("theory",), [])
    for _ in range(2):
        found = platform.post(f"/executions/{execution}/cancel", {})
        assert (found.status, found.json) == (202, {"executionId": execution, "cancelling": True})
    assert platform.progress.is_cancelled(execution)
    assert platform.get(f"/executions/{execution}").json["cancelling"] is True


def test_an_execution_that_is_just_beginning_or_ending_can_be_cancelled_a_moment_later(platform: Platform) -> None:
    execution = platform.start(GARDEN)
    course_id = execution.removesuffix("-1")
    found = platform.post(f"/executions/{execution}/cancel")
    assert (found.status, found.content_type) == (503, "application/problem+json")
    assert "try again in a moment" in found.json["detail"]
    platform.progress.start(execution, OWNER, course_id, ("theory",), [])
    platform.progress.finish(execution, "complete", 0)
    assert platform.post(f"/executions/{execution}/cancel").status == 503


def test_an_execution_that_has_ended_cannot_be_cancelled(platform: Platform) -> None:
    execution = platform.start(GARDEN)
    course_id = execution.removesuffix("-1")
    platform.machine.stop(execution)
    found = platform.post(f"/executions/{execution}/cancel")
    assert (found.status, found.json["detail"]) == (409, "This execution has ended already.")
    platform.post(f"/courses/{course_id}/executions", {})
    assert platform.post(f"/executions/{execution}/cancel").status == 409


@pytest.mark.parametrize("suffix", ["-2", "-0", "-x", "", "-1-1"])
def test_an_execution_that_was_never_asked_for_cannot_be_cancelled(platform: Platform, suffix: str) -> None:
    course_id = platform.start(GARDEN).removesuffix("-1")
    assert platform.post(f"/executions/{course_id}{suffix}/cancel").status == 404


def test_anothers_execution_is_not_found_and_goes_on(platform: Platform) -> None:
    execution = platform.start(GARDEN)
    platform.progress.start(execution, OWNER, execution.removesuffix("-1"), ("theory",), [])
    assert platform.post(f"/executions/{execution}/cancel", sub=OTHER_OWNER).status == 404
    assert not platform.progress.is_cancelled(execution)


def test_a_cancel_takes_no_options(platform: Platform) -> None:
    execution = platform.start(GARDEN)
    found = platform.post(f"/executions/{execution}/cancel", {"force": True})
    assert (found.status, found.json["detail"]) == (400, "Unknown fields: force. This request takes no fields.")


@pytest.mark.parametrize("path", ["/courses", f"/courses/{'1' * 32}/executions", f"/executions/{'1' * 32}-1/cancel"])
def test_nothing_is_done_for_nobody(platform: Platform, path: str) -> None:
    assert answer(handler(http_event("POST", path, {}, sub=None), Context())).status == 401


def test_a_function_whose_environment_is_incomplete_fails_without_telling_it_to_the_caller(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("STATE_MACHINE_ARN")
    found = platform.post("/courses")
    assert (found.status, found.content_type) == (500, "application/problem+json")
    assert "STATE_MACHINE_ARN" not in found.json["detail"]
