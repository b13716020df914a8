from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from aurora.runtime import aws
from aurora.runtime.objects import ObjectStore
from aurora.testing.http_api import Context
from functions.content import visual_planner
from functions.outline.units import LESSON
from tests.support.courses import PATHS, course_event

OUTLINE = (
    "title: Soil\nlanguage: es\nmodules:\n- title: Kinds\n  lessons: [{title: Clay}, {title: Sand}, {title: Loam}]\n"
)
EVENT = {
    "course": course_event(),
    "batch": {
        "module_number": 1,
        "batch_index": 1,
        "total_batches": 2,
        "batch_start_idx": 0,
        "batch_end_idx": 2,
        "lessons": [1, 2],
    },
}


@pytest.fixture
def store(bucket: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[ObjectStore]:
    monkeypatch.setenv("BUCKET", bucket)
    visual_planner._settings.cache_clear()
    store = ObjectStore(bucket)
    store.write(course_event()["outline_key"], OUTLINE, "application/yaml")
    store.write(PATHS.unit(LESSON, 1, 1, "clay"), "# Clay\n\n[VISUAL: 01-01-0001 - A brick]\n", "text/markdown")
    code = "```\n[VISUAL: 01-02-0009 - code]\n```\n"
    lesson = f"# Sand\n\n[VISUAL: 01-02-0001 - ¿Una duna?]\n\n{code}\n[VISUAL: 01-02-0002 - A beach]\n"
    store.write(PATHS.unit(LESSON, 1, 2, "an-older-title"), lesson, "text/markdown")
    store.write(PATHS.unit(LESSON, 1, 3, "loam"), "# Loam\n\n[VISUAL: 01-03-0001 - A field]\n", "text/markdown")
    yield store
    visual_planner._settings.cache_clear()


def test_the_tags_of_a_batch_become_prompts_a_file_for_each_lesson(store: ObjectStore) -> None:
    assert visual_planner.handler(EVENT, Context()) == {"images": 3}
    assert [found.key for found in store.list(PATHS.prompts)] == [PATHS.prompt(1, 1), PATHS.prompt(1, 2)]
    prompts = json.loads(store.read_text(PATHS.prompt(1, 2)))
    assert (prompts["lesson"], prompts["title"], prompts["language"]) == ("01-02", "Sand", "es")
    assert [(image["id"], image["description"]) for image in prompts["images"]] == [
        ("01-02-0001", "¿Una duna?"),
        ("01-02-0002", "A beach"),
    ]


def test_only_the_lessons_that_the_batch_names_are_planned(store: ObjectStore) -> None:
    assert visual_planner.handler({**EVENT, "batch": {**EVENT["batch"], "lessons": [2]}}, Context()) == {"images": 2}
    assert [found.key for found in store.list(PATHS.prompts)] == [PATHS.prompt(1, 2)]


def test_prompts_say_for_which_text_they_were_planned_and_planning_again_gives_the_same(store: ObjectStore) -> None:
    visual_planner.handler(EVENT, Context())
    before = store.fetch(PATHS.prompt(1, 2))
    lesson = store.head(PATHS.unit(LESSON, 1, 2, "an-older-title"))
    assert lesson
    assert before[1] == {"lesson": lesson.etag.strip('"')}
    visual_planner.handler(EVENT, Context())
    assert store.fetch(PATHS.prompt(1, 2)) == before


def test_a_lesson_that_is_missing_has_no_prompts(store: ObjectStore) -> None:
    aws.client("s3").delete_object(Bucket=store.bucket, Key=PATHS.unit(LESSON, 1, 1, "clay"))
    assert visual_planner.handler(EVENT, Context()) == {"images": 2}
    assert [found.key for found in store.list(PATHS.prompts)] == [PATHS.prompt(1, 2)]
