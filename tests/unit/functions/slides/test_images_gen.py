from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from aurora.runtime.errors import AuroraError, ConfigurationError, Throttled
from aurora.runtime.objects import ObjectStore
from functions.courses.progress import CourseProgress
from functions.models import ImageAnswer, ImageRequest
from functions.models.errors import ModelAnswerInvalid, ModelDeclined, ModelRefused, ModelTimeout, ModelUnavailable
from functions.progress.counts import Count
from functions.progress.money import MICRO
from functions.slides import images_gen
from functions.slides.images import AT_ONCE, Drawer
from functions.text.visuals import prompt_digest
from tests.support.courses import COURSE, OWNER, PATHS, course_event, course_unit
from tests.unit.functions.slides.conftest import Call

EXECUTION = course_event()["execution"]
PNG = b"\x89PNG drawn"


@dataclass
class Painter:
    """Draws, or does what is planned for an image; remembers what it was asked."""

    plans: dict[str, AuroraError] = field(default_factory=dict[str, AuroraError])
    cost: int = 0
    asked: list[str] = field(default_factory=list[str])

    def draw(self, request: ImageRequest, seconds: float) -> ImageAnswer:
        self.asked.append(request.id)
        if request.id in self.plans:
            raise self.plans[request.id]
        return ImageAnswer(PNG, "painter", self.cost)

    def max_cost(self, request: ImageRequest) -> int:
        return self.cost


@dataclass(frozen=True)
class Module:
    """A module whose lessons ask for images, in a course whose first two attempts have begun."""

    store: ObjectStore
    records: CourseProgress

    def plan(self, lesson: int, images: int, prompt: str = "Draw it.") -> None:
        wanted = [
            {"id": f"01-{lesson:02d}-{number:04d}", "description": f"Figure {number}", "prompt": prompt}
            for number in range(1, images + 1)
        ]
        body = {"lesson": f"01-{lesson:02d}", "title": "Soil", "language": "en", "images": wanted}
        self.store.write(PATHS.prompt(1, lesson), json.dumps(body), "application/json")

    def draw(
        self,
        model: Painter,
        lessons: tuple[int, ...] = (1, 2, 3),
        attempt: int = 1,
        limit: int = 50,
        seconds: float = 900,
        **course: Any,
    ) -> Count:
        drawer = Drawer(self.store, self.records, model, limit, lambda: seconds, 60.0)
        return drawer.draw_batch(course_event(attempt, **course), batch(*lessons))

    def names(self) -> list[str]:
        return [found.key.removeprefix(PATHS.images) for found in self.store.list(PATHS.images)]


def batch(*lessons: int) -> Any:
    return {"module_number": 1, "batch_index": 1, "lessons": list(lessons)}


def count(written: int = 0, skipped: int = 0, failed: int = 0, cancelled: int = 0, remaining: int = 0) -> Count:
    return {"written": written, "skipped": skipped, "failed": failed, "cancelled": cancelled, "remaining": remaining}
    values = {"written": written, "skipped": skipped, "failed": failed}
    return {**values, "cancelled": cancelled, "remaining": remaining}


def failed_keys(caplog: pytest.LogCaptureFixture) -> list[str]:
    """The keys of what a log says was not drawn."""
    return [found[1] for line in caplog.messages if (found := re.match(r"key=<(.+?)>.* \| image not drawn", line))]


@pytest.fixture
def module(bucket: str, progress_table: str) -> Module:
    records = CourseProgress(progress_table)
    units = [course_unit("lesson", 1, number, f"Lesson {number}") for number in (1, 2, 3)]
    for attempt in (1, 2):
        records.start(course_event(attempt)["execution"], OWNER, COURSE, ["theory"], units)
    return Module(ObjectStore(bucket), records)


@pytest.fixture
def environment(module: Module, progress_table: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    variables = {"BUCKET": module.store.bucket, "PROGRESS_TABLE": progress_table, "MODELS": "{}"}
    for name, value in {**variables, "IMAGES_PER_CALL": "3", "IMAGE_SECONDS": "60"}.items():
        monkeypatch.setenv(name, value)
    images_gen._settings.cache_clear()
    yield
    images_gen._settings.cache_clear()


@pytest.mark.usefixtures("environment")
def test_a_call_draws_so_many_and_tells_what_remains_until_nothing_does(module: Module) -> None:
    module.plan(1, 4)
    module.plan(2, 3)
    event = {"course": course_event(), "batch": batch(1, 2)}
    assert [images_gen.handler(event, Call()) for _ in range(4)] == [
        count(written=3, remaining=4),
        count(written=3, skipped=3, remaining=1),
        count(written=1, skipped=6),
        count(skipped=7),
    ]
    assert module.names() == [f"01-01-000{n}.png" for n in range(1, 5)] + [f"01-02-000{n}.png" for n in range(1, 4)]
    png, metadata = module.store.fetch(PATHS.image("01-02-0003"))
    assert png.startswith(b"\x89PNG")
    assert metadata["prompt"] == prompt_digest("Draw it.")


@pytest.mark.usefixtures("environment")
def test_a_key_that_is_missing_is_told_with_the_images_that_are(
    module: Module, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = {
        "provider": "openai",
        "kind": "image",
        "id": "x",
        "baseUrl": "http://127.0.0.1:9",
        "apiKeyParameter": "/no",
    }
    monkeypatch.setenv("MODELS", json.dumps({"painter": model}))
    module.plan(1, 1)
    with pytest.raises(ConfigurationError):
        images_gen.handler({"course": course_event(image_model="painter"), "batch": batch(1)}, Call())
    run, _ = module.records.progress(EXECUTION)
    assert run
    assert "The API key in the SSM parameter '/no' cannot be read" in run.images_problem


def test_lessons_of_other_batches_are_left_to_their_own_calls(module: Module) -> None:
    module.plan(1, 1)
    module.plan(2, 1)
    assert module.draw(Painter(), lessons=(2, 3)) == count(written=1)
    assert module.names() == ["01-02-0001.png"]


def test_a_changed_prompt_draws_its_image_again(module: Module) -> None:
    module.plan(1, 1)
    assert module.draw(Painter()) == count(written=1)
    module.plan(1, 1, "Draw it otherwise.")
    assert [module.draw(Painter()), module.draw(Painter())] == [count(written=1), count(skipped=1)]


def test_prompts_that_cannot_be_read_keep_nothing_else_from_being_drawn(
    module: Module, caplog: pytest.LogCaptureFixture
) -> None:
    module.store.write(PATHS.prompt(1, 1), "no JSON", "application/json")
    module.store.write(PATHS.prompt(1, 2), '{"images": [{"id": "../x"}]}', "application/json")
    module.plan(3, 4)
    assert module.draw(Painter()) == count(written=4, failed=2)
    assert failed_keys(caplog) == [PATHS.prompt(1, 1), PATHS.prompt(1, 2)]


@pytest.mark.parametrize("error", [ModelRefused, ModelDeclined, ModelTimeout, ModelAnswerInvalid])
def test_an_image_that_failed_is_logged_and_asked_for_again_only_by_another_execution(
    module: Module, error: type[AuroraError], caplog: pytest.LogCaptureFixture
) -> None:
    module.plan(1, 3)
    painter = Painter({"01-01-0002": error("No.")})
    assert module.draw(painter) == count(written=2, failed=1)
    assert module.draw(painter) == count(skipped=2, failed=1)
    assert painter.asked.count("01-01-0002") == 1
    assert failed_keys(caplog) == [PATHS.image("01-01-0002")]
    run, _ = module.records.progress(EXECUTION)
    assert run
    assert run.images_problem == "No."
    assert module.draw(Painter(), attempt=2) == count(written=1, skipped=2)


@pytest.mark.parametrize("error", [Throttled, ModelUnavailable])
def test_a_busy_model_raises_only_if_it_drew_nothing(module: Module, error: type[AuroraError]) -> None:
    module.plan(1, 3)
    busy = {f"01-01-000{number}": error("Busy.") for number in (1, 2, 3)}
    with pytest.raises(error, match=r"Busy\."):
        module.draw(Painter(busy))
    assert module.names() == []
    assert module.draw(Painter({"01-01-0002": error("Busy.")})) == count(written=2, remaining=1)
    assert module.draw(Painter()) == count(written=1, skipped=2)


def test_a_busy_model_is_not_asked_for_all_the_others_too(module: Module) -> None:
    module.plan(1, 20)
    painter = Painter({"01-01-0001": Throttled("Busy.")})
    assert module.draw(painter) == count(written=AT_ONCE - 1, remaining=20 - AT_ONCE + 1)
    assert len(painter.asked) == AT_ONCE


def test_no_image_is_begun_that_might_not_be_done_in_time(module: Module) -> None:
    module.plan(1, 10)
    assert module.draw(Painter(), seconds=70) == count(written=AT_ONCE, remaining=10 - AT_ONCE)
    assert module.draw(Painter(), seconds=80) == count(written=10 - AT_ONCE, skipped=AT_ONCE)


def test_nothing_is_drawn_once_the_execution_was_cancelled(module: Module) -> None:
    module.plan(1, 2)
    module.records.cancel(EXECUTION)
    painter = Painter()
    assert module.draw(painter) == count(cancelled=2)
    assert painter.asked == []


def test_what_images_cost_is_told_with_their_lesson_and_of_the_course(module: Module) -> None:
    module.plan(1, 2)
    module.plan(2, 1)
    module.draw(Painter(cost=40_000))
    _, lessons = module.records.progress(EXECUTION)
    assert [lesson.cost for lesson in lessons] == [80_000, 40_000, 0]
    assert [lesson.state for lesson in lessons] == ["waiting"] * 3
    assert module.records.spent(COURSE) == 120_000


def test_an_image_that_may_have_been_paid_for_in_vain_is_counted_too(module: Module) -> None:
    module.plan(1, 1)
    module.draw(Painter({"01-01-0001": ModelTimeout("Too slow.")}, cost=40_000))
    _, lessons = module.records.progress(EXECUTION)
    assert lessons[0].cost == module.records.spent(COURSE) == 40_000


def test_images_beyond_the_budget_are_not_asked_for(module: Module) -> None:
    module.plan(1, 4)
    painter = Painter(cost=MICRO)
    first = module.draw(painter, budget=2 * MICRO)
    # Some may have found the rest of the budget reserved for others: those wait, and are asked about once more.
    assert (first["written"], first["failed"] + first["remaining"]) == (2, 2)
    assert module.draw(painter, budget=2 * MICRO) == count(skipped=2, failed=2)
    assert len(painter.asked) == 2
    assert module.records.spent(COURSE) == 2 * MICRO


def test_a_batch_without_prompts_has_nothing_to_draw(module: Module) -> None:
    assert module.draw(Painter()) == count()
