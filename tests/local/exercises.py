"""How every function of a system is led to each of its grants: a system's `end_to_end` names one of these."""

from __future__ import annotations

import json
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import httpx

from aurora.local.platform import LocalPlatform
from aurora.testing.permissions import Exercise
from tests.local.real import SHORT_LESSONS
from tests.support.fake_bedrock import FakeBedrock
from tests.support.fake_openai import FakeOpenAI
from tests.support.somebody import Somebody, wait_until

OUTLINE = b"""\
course: {title: Leave to speak, language: en}
modules:
  - title: Asking
    lessons:
      - {title: Who asks, duration_minutes: 3}
      - {title: Refused, duration_minutes: 3}
  - title: Answering
    lessons:
      - {title: Who answers, duration_minutes: 3}
"""
NOT_AN_OUTLINE = b"course: {title: No modules}\n"


@contextmanager
def courses() -> Generator[Exercise]:
    """Courses in every way that leads functions to AWS, with models of every provider."""
    with FakeOpenAI() as model, FakeBedrock() as bedrock:
        server = {"provider": "openai", "id": "fake-1", "baseUrl": model.url}
        models = {
            # What has a price is held against the budget: records are used that are not used otherwise.
            "openai": {**server, "inputPrice": 1, "outputPrice": 1},
            "claude": {"provider": "bedrock", "id": "eu.anthropic.claude", "baseUrl": bedrock.url, "inputPrice": 1},
            "painter": {"provider": "bedrock", "kind": "image", "id": "stability.stable", "baseUrl": bedrock.url}
            | {"imagePrice": 0.01, "fallback": "other-painter"},
            "other-painter": {**server, "kind": "image", "imagePrice": 0.01},
        }
        settings = {
            **SHORT_LESSONS,
            "aurora:models": json.dumps(models),
            "aurora:openaiApiKey": "sk-test",
            "aurora:textModel": "openai",
            "aurora:imageModel": "painter",
        }

        def use(platform: LocalPlatform) -> None:
            with httpx.Client(trust_env=False) as http:
                use_everything(Somebody(platform, http), model, bedrock)

        yield Exercise(settings, use)


def use_everything(author: Somebody, model: FakeOpenAI, bedrock: FakeBedrock) -> None:
    """A course in every way that leads functions to AWS: each grant is there for one of these."""
    model.always_for_lesson("Refused", "refuse")
    model.for_lesson("", "throttle")  # the first plan of labs: they are noted as waiting
    bedrock.always_for_lesson("image: Who answers", "throttle")
    made = author.course(OUTLINE, content="both", slides=True)
    assert (made.outcome, made.states["01-02"], made.states["lab-01-01"]) == ("incomplete", "failed", "written")
    assert author.get("/courses")["courses"]
    for file in author.get(f"/courses/{made.course_id}")["files"]:
        httpx.get(file["url"], trust_env=False).raise_for_status()
    for unit in ("01-01", "lab-01-01"):
        assert author.get(f"/courses/{made.course_id}/units/{unit}")["html"]

    model.always_for_lesson("Refused", "ok")
    s3, prefix = author.platform.client("s3"), f"users/{author.owner}/courses/{made.course_id}/"
    for name in author.objects(made.course_id):
        if name.startswith(("lessons/module-02", "images/02", "labguide/module-02")):
            s3.delete_object(Bucket=author.platform.buckets["content"], Key=prefix + name)
    resumed = author.ask("POST", f"/courses/{made.course_id}/executions", {"content": "both", "slides": True})
    states = author.wait_for(resumed.raise_for_status().json()["executionId"]).states
    assert {id_: state for id_, state in states.items() if id_[0].isdigit()} == {
        "01-01": "skipped",
        "01-02": "written",
        "02-01": "written",
    }
    assert (states["lab-01-01"], states["lab-02-01"]) == ("skipped", "written")
    forced = author.course(OUTLINE, made.course_id, modules=(1,), force=True, content="both", model="claude")
    assert set(forced.states.values()) == {"written"}
    too_dear = author.course(OUTLINE, made.course_id, content="both", force=True, budget=0.000001)
    assert set(too_dear.states.values()) == {"failed"}
    cancel(author, model, made.course_id)

    invalid = author.upload(NOT_AN_OUTLINE)
    refused_ = author.ask("POST", f"/courses/{invalid.course_id}/executions", {"uploadId": invalid.upload_id})
    assert refused_.status_code == 422
    never_sent = author.ask("POST", f"/courses/{made.course_id}/executions", {"uploadId": "0" * 32})
    assert never_sent.status_code == 404

    start_without_outline(author, made.execution_id)


def cancel(author: Somebody, model: FakeOpenAI, course_id: str) -> None:
    """An execution is asked to end while its first lesson is being written."""
    model.seconds = 0.5
    started = author.start(OUTLINE, course_id, force=True)
    path = f"/executions/{started.execution_id}"
    wait_until(lambda: "writing" in json.dumps(author.get(path)), lambda: "nothing was written")
    assert author.ask("POST", f"{path}/cancel", {}).status_code == 202
    model.seconds = 0
    assert author.wait_for(started.execution_id).outcome == "cancelled"


def start_without_outline(author: Somebody, like: str) -> None:
    """The outline goes between the start of an execution and its first state: too quick for a client to bring about."""
    steps, machine = author.platform.client("stepfunctions"), author.platform.exports["stateMachines"]["courses"]
    earlier = f"{machine.replace(':stateMachine:', ':execution:')}:{like}"
    course = json.loads(steps.describe_execution(executionArn=earlier)["input"])["course"]
    course |= {"execution": "without-outline", "outline_key": course["outline_key"].rpartition("/")[0] + "/none.yaml"}
    execution = steps.start_execution(
        stateMachineArn=machine, name="without-outline", input=json.dumps({"course": course})
    )["executionArn"]
    seen: dict[str, Any] = {}

    def ended() -> bool:
        seen.update(steps.describe_execution(executionArn=execution))
        return seen["status"] != "RUNNING"

    wait_until(ended, lambda: f"it still runs: {seen}")
    assert (seen["status"], seen["error"]) == ("FAILED", "CourseFailed")
