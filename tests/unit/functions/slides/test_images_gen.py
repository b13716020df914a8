from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from functions.common.events import CourseEvent
from functions.common.storage import CoursePaths, CourseStore
from functions.slides import images_gen
from functions.slides.images import ImageCount
from tests.support.http_api import Context

COURSE = "0123456789abcdef0123456789abcdef"
PATHS = CoursePaths("owner-1", COURSE)
EVENT: CourseEvent = {
    "owner": "owner-1",
    "course_id": COURSE,
    "execution": f"{COURSE}-1",
    "outline_key": PATHS.outline("f" * 32),
    "model": "sample",
    "force": False,
    "modules": None,
}


def plan(store: CourseStore, module: int, lesson: int, batch: int, images: int, prompt: str = "Draw it.") -> None:
    wanted = [
        {"id": f"{module:02d}-{lesson:02d}-{number:04d}", "description": f"Figure {number}", "prompt": prompt}
        for number in range(1, images + 1)
    ]
    body = {"lesson": f"{module:02d}-{lesson:02d}", "title": "Soil", "language": "en", "batch": batch, "images": wanted}
    store.write(PATHS.prompt(module, lesson), json.dumps(body), "application/json")


def draw(batch: int = 1, module: int = 1) -> ImageCount:
    return images_gen.handler({"course": EVENT, "batch": {"module_number": module, "batch_index": batch}}, Context())


def count(drawn: int = 0, skipped: int = 0, failed: int = 0, remaining: int = 0) -> dict[str, int]:
    return {"drawn": drawn, "skipped": skipped, "failed": failed, "remaining": remaining}


@pytest.fixture
def store(bucket: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[CourseStore]:
    monkeypatch.setenv("BUCKET", bucket)
    monkeypatch.setenv("IMAGES_PER_CALL", "3")
    images_gen._settings.cache_clear()
    yield CourseStore(bucket)
    images_gen._settings.cache_clear()


def names(store: CourseStore) -> list[str]:
    return [found.key.removeprefix(PATHS.images) for found in store.list(PATHS.images)]


def test_a_call_draws_so_many_and_tells_what_remains_until_nothing_does(store: CourseStore) -> None:
    plan(store, 1, 1, batch=1, images=4)
    plan(store, 1, 2, batch=1, images=3)
    assert [draw(), draw(), draw(), draw()] == [
        count(drawn=3, remaining=4),
        count(drawn=3, skipped=3, remaining=1),
        count(drawn=1, skipped=6),
        count(skipped=7),
    ]
    assert names(store) == [f"01-01-000{n}.png" for n in range(1, 5)] + [f"01-02-000{n}.png" for n in range(1, 4)]
    assert store.read(PATHS.image("01-02-0003")).startswith(b"\x89PNG")


def test_other_batches_and_modules_are_left_to_their_own_calls(store: CourseStore) -> None:
    plan(store, 1, 1, batch=1, images=1)
    plan(store, 1, 4, batch=2, images=1)
    plan(store, 11, 1, batch=1, images=1)
    assert draw() == count(drawn=1)
    assert names(store) == ["01-01-0001.png"]


def test_a_changed_prompt_draws_its_image_again(store: CourseStore) -> None:
    plan(store, 1, 1, batch=1, images=1)
    assert draw() == count(drawn=1)
    plan(store, 1, 1, batch=1, images=1, prompt="Draw it otherwise.")
    assert [draw(), draw()] == [count(drawn=1), count(skipped=1)]


def test_what_cannot_be_drawn_is_counted_and_keeps_nothing_else_from_being_drawn(store: CourseStore) -> None:
    store.write(PATHS.prompt(1, 1), "no JSON", "application/json")
    store.write(PATHS.prompt(1, 2), '{"batch": 1, "images": [{"id": "../x"}]}', "application/json")
    plan(store, 1, 3, batch=1, images=4)
    assert [draw(), draw()] == [count(drawn=3, failed=2, remaining=1), count(drawn=1, skipped=3, failed=2)]


def test_a_batch_without_prompts_has_nothing_to_draw(store: CourseStore) -> None:
    assert draw() == count()
