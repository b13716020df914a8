"""The function that writes a batch, with its models opened as they are in a deployment."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from aurora.runtime import aws
from aurora.runtime.errors import ConfigurationError, Throttled
from aurora.runtime.objects import ObjectStore
from aurora.testing.http_api import Context
from functions.content import content_gen
from functions.content.settings import ContentGenSettings
from functions.courses.progress import CourseProgress
from functions.outline.batches import batches
from functions.outline.parse import parse
from functions.outline.units import LESSON
from functions.progress.counts import Count
from functions.progress.records import UnitRecord
from tests.support.courses import COURSE, OWNER, PATHS, course_event, course_unit
from tests.support.fake_openai import FakeOpenAI

TITLES = ("Clay", "Sand", "Loam")
OUTLINE = "title: Soil\nlanguage: en\nmodules:\n- title: Kinds\n  lessons:\n" + "".join(
    f"  - title: {title}\n    duration_minutes: 10\n" for title in TITLES
)


class TimedContext(Context):
    """The context of a call that has all of Lambda's time before it."""

    def get_remaining_time_in_millis(self) -> int:
        return 900_000


@dataclass(frozen=True)
class Function:
    """ContentGen with a course of three lessons in one batch, and the models that it is told of."""

    store: ObjectStore
    records: CourseProgress
    monkeypatch: pytest.MonkeyPatch

    def models(self, **specs: dict[str, Any]) -> None:
        self.monkeypatch.setenv("MODELS", json.dumps(specs))
        content_gen._settings.cache_clear()

    def write(self, model: str = "sample", attempt: int = 1, **course: Any) -> Count:
        (batch,) = batches(parse(OUTLINE), None, 3)
        event = course_event(attempt, lesson_model=model, **course)
        return content_gen.handler({"course": event, "batch": batch}, TimedContext())

    def lessons(self, attempt: int = 1) -> list[UnitRecord]:
        return self.records.progress(f"{COURSE}-{attempt}")[1]


@pytest.fixture
def function(bucket: str, progress_table: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Function]:
    settings = ContentGenSettings(bucket, progress_table, "{}", 0.0, 450, 240)
    for name, value in settings.variables().items():
        monkeypatch.setenv(name, value)
    function = Function(ObjectStore(bucket), CourseProgress(progress_table), monkeypatch)
    function.store.write(course_event()["outline_key"], OUTLINE, "application/yaml")
    for attempt in (1, 2):
        lessons = [course_unit("lesson", 1, number, title) for number, title in enumerate(TITLES, start=1)]
        function.records.start(f"{COURSE}-{attempt}", OWNER, COURSE, ("theory",), lessons)
    content_gen._settings.cache_clear()
    yield function
    content_gen._settings.cache_clear()


def endpoint(server: FakeOpenAI, **more: Any) -> dict[str, Any]:
    return {"provider": "openai", "kind": "text", "id": "fake", "baseUrl": server.url, **more}


def count(written: int = 0, failed: int = 0) -> Count:
    return {"written": written, "skipped": 0, "failed": failed, "cancelled": 0, "remaining": 0}


def test_the_sample_model_is_always_there_and_costs_nothing(function: Function) -> None:
    assert function.write(budget=1) == count(written=3)
    assert [(lesson.state, lesson.cost, lesson.model) for lesson in function.lessons()] == [
        ("written", 0, "sample")
    ] * 3
    run = function.records.progress(f"{COURSE}-1")[0]
    assert run
    assert run.steps == {"theory": "writing"}
    assert "[VISUAL: 01-02-0001 - " in function.store.read_text(PATHS.unit(LESSON, 1, 2, "sand"))


def test_a_model_that_is_not_set_up_is_an_error_of_configuration(function: Function) -> None:
    with pytest.raises(ConfigurationError, match="unheard-of"):
        function.write("unheard-of")


def test_a_throttled_model_recovers_one_lesson_is_refused_for_good_and_nothing_is_paid_twice(
    function: Function,
) -> None:
    with FakeOpenAI() as server:
        server.for_lesson("Clay", "throttle", "throttle").always_for_lesson("Sand", "refuse")
        function.models(openai=endpoint(server))
        for _ in range(2):
            with pytest.raises(Throttled):
                function.write("openai")
        assert function.write("openai") == count(written=2, failed=1)
        assert function.write("openai") == count(written=2, failed=1)
    assert [asked.lesson for asked in server.asked if asked.charged] == ["Clay", "Sand", "Loam"]
    assert [(lesson.state, lesson.retries) for lesson in function.lessons()] == [
        ("written", 2),
        ("failed", 0),
        ("written", 0),
    ]


def test_what_a_priced_model_wrote_is_told_with_its_cost_and_held_within_the_budget(function: Function) -> None:
    with FakeOpenAI() as server:
        function.models(openai=endpoint(server, inputPrice=1.0, outputPrice=10.0))
        assert function.write("openai") == count(written=3)
        costs = [lesson.cost for lesson in function.lessons()]
        assert all(cost > 0 for cost in costs)
        assert function.records.spent(COURSE) == sum(costs)
        assert function.write("openai", attempt=2, force=True, budget=sum(costs) + 1) == count(failed=3)
        assert server.paid == 3


def test_another_model_writes_where_the_first_one_cannot(function: Function) -> None:
    with FakeOpenAI() as busy, FakeOpenAI() as ready:
        busy.then("busy", "busy", "busy")
        function.models(first=endpoint(busy, fallback="second"), second=endpoint(ready))
        assert function.write("first") == count(written=3)
        assert ready.paid == 3


def test_the_key_of_an_endpoint_comes_from_its_parameter_and_a_changed_key_holds_from_the_next_call(
    function: Function,
) -> None:
    parameter = f"/test/{function.store.bucket}"
    with FakeOpenAI() as server:
        function.models(openai=endpoint(server, apiKeyParameter=parameter))
        for attempt, key in enumerate(("sk-first\n", "sk-second"), start=1):
            aws.client("ssm").put_parameter(Name=parameter, Value=key, Type="SecureString", Overwrite=True)
            assert function.write("openai", attempt, force=True) == count(written=3)
    assert [asked.authorization for asked in server.asked] == ["Bearer sk-first"] * 3 + ["Bearer sk-second"] * 3


def test_the_function_imports_no_http_client_until_a_model_needs_one() -> None:
    program = (
        "import sys, functions.content.content_gen; print([name for name in ('httpx', 'PIL') if name in sys.modules])"
    )
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert answer.stdout == "[]\n"
