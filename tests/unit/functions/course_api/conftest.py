"""The API functions of courses, pointed at a fresh bucket, tables and state machine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from aurora.runtime.objects import ObjectStore
from functions.course_api import courses_api, starter_api
from functions.courses.records import CourseRecords
from functions.progress.records import UnitRecords
from tests.support.http_api import OWNER, Answer, Context, answer, http_event
from tests.unit.functions.conftest import StateMachine

# What the stack says where a request says nothing.
DEFAULTS = {
    "TEXT_MODELS": "sample,openai",
    "IMAGE_MODELS": "sample,painter",
    "LESSON_MODEL": "sample",
    "PLAN_MODEL": "sample",
    "LAB_MODEL": "sample",
    "IMAGE_MODEL": "sample",
    "LANGUAGE": "",
    "WORDS_PER_MINUTE": "45",
    "MIN_WORDS": "1000",
    "MAX_WORDS": "5000",
    "LESSONS_PER_BATCH": "3",
    "LABS_PER_BATCH": "2",
    "MAX_CONCURRENCY": "2",
    "CONCURRENCY_LIMIT": "10",
    "COURSE_BUDGET": "0",
}


@dataclass(frozen=True)
class Platform:
    """Both API functions as a signed-in client sees them, and what lies behind them."""

    store: ObjectStore
    courses: CourseRecords
    progress: UnitRecords
    machine: StateMachine

    def get(self, path: str, sub: str = OWNER) -> Answer:
        """Ask CoursesApi."""
        return answer(courses_api.handler(http_event("GET", path, sub=sub), Context()))

    def post(self, path: str, body: object = None, sub: str = OWNER) -> Answer:
        """Ask StarterApi."""
        return answer(starter_api.handler(http_event("POST", path, body, sub=sub), Context()))

    def upload(self, outline: bytes, sub: str = OWNER, **body: Any) -> tuple[str, str]:
        """Upload an outline by the form that the API gives; the course's id and the upload's."""
        made = self.post("/courses", body, sub=sub).json
        form = made["upload"]
        httpx.post(form["url"], data=form["fields"], files={"file": ("outline.yaml", outline)}).raise_for_status()
        return made["courseId"], made["uploadId"]

    def start(self, outline: bytes, sub: str = OWNER, **body: Any) -> str:
        """Upload an outline and start it; the execution's id."""
        course_id, upload_id = self.upload(outline, sub=sub)
        started = self.post(f"/courses/{course_id}/executions", {"uploadId": upload_id, **body}, sub=sub)
        assert started.status == 202, started.json
        return started.json["executionId"]


@pytest.fixture
def platform(
    bucket: str,
    courses_table: str,
    progress_table: str,
    state_machine: StateMachine,
    monkeypatch: pytest.MonkeyPatch,
) -> Platform:
    variables = {
        "BUCKET": bucket,
        "COURSES_TABLE": courses_table,
        "PROGRESS_TABLE": progress_table,
        "STATE_MACHINE_ARN": state_machine.arn,
        **DEFAULTS,
    }
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return Platform(ObjectStore(bucket), CourseRecords(courses_table), UnitRecords(progress_table), state_machine)
