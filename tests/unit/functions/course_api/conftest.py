"""The API functions of courses, pointed at a fresh bucket, tables and state machine."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from aurora.runtime.objects import ObjectStore
from aurora.testing.http_api import OWNER, Answer, Context, answer, http_event
from functions.course_api import courses_api, starter_api
from functions.courses.options import SETTINGS, defaults, limits
from functions.courses.progress import CourseProgress
from functions.courses.records import CourseRecords
from tests.unit.functions.conftest import StateMachine

# The settings of a stack: the options' own defaults.
STACK = {name: setting.default for name, setting, _ in SETTINGS}
MODELS = {"text": ("sample", "openai"), "image": ("sample", "painter")}


@dataclass(frozen=True)
class Platform:
    """Both API functions as a signed-in client sees them, and what lies behind them."""

    store: ObjectStore
    courses: CourseRecords
    progress: CourseProgress
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
        "RUN_DEFAULTS": json.dumps(defaults(STACK)),
        "RUN_LIMITS": json.dumps(limits(STACK, MODELS)),
    }
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return Platform(ObjectStore(bucket), CourseRecords(courses_table), CourseProgress(progress_table), state_machine)
