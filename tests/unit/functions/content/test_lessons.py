"""Lessons as units to write: what makes one stale, where it lies, and what its model is asked. How units are written is
for the tests of writing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from aurora.runtime.objects import ObjectStore
from functions.content import prompting
from functions.content.lessons import lesson_units
from functions.generation import prompts
from functions.generation.texts import TextUnit
from functions.outline.batches import batches
from functions.outline.model import Outline
from functions.outline.parse import parse
from functions.outline.units import LESSON
from tests.support.courses import PATHS, course_event

TITLES = ("Clay", "Sand", "Loam")
TEXT = "title: Soil\nlanguage: en\nmodules:\n- title: Kinds\n  lessons:\n" + "".join(
    f"  - title: {title}\n    description: What {title} is.\n    duration_minutes: 10\n" for title in TITLES
)
OUTLINE = parse(TEXT)


@pytest.fixture
def store(bucket: str) -> ObjectStore:
    return ObjectStore(bucket)


def units(store: ObjectStore, outline: Outline = OUTLINE, **course: int) -> list[TextUnit]:
    (batch,) = batches(outline, None, 3)
    return lesson_units(course_event(**course), outline, batch, store)


def fingerprints(store: ObjectStore, outline: Outline = OUTLINE, **course: int) -> list[str]:
    return [unit.fingerprint for unit in units(store, outline, **course)]


def changed(store: ObjectStore, outline: Outline, **course: int) -> list[bool]:
    """Which lessons another outline makes stale."""
    pairs = zip(fingerprints(store), fingerprints(store, outline, **course), strict=True)
    return [before != after for before, after in pairs]


def test_the_lessons_of_a_batch_are_units_with_their_word_target(store: ObjectStore) -> None:
    (batch,) = batches(OUTLINE, None, 3, {(1, 1), (1, 3)})
    found = lesson_units(course_event(), OUTLINE, batch, store)
    assert [(unit.id, unit.key, unit.words) for unit in found] == [
        ("01-01", PATHS.unit(LESSON, 1, 1, "clay"), 495),
        ("01-03", PATHS.unit(LESSON, 1, 3, "loam"), 495),
    ]
    asked = found[0].request()
    assert (asked.max_tokens, "Lesson title: Clay" in asked.prompt) == (1489, True)
    assert [unit.words for unit in units(store, words_per_minute=90, max_words=800)] == [800] * 3


def test_a_change_of_one_lesson_makes_that_lesson_stale(store: ObjectStore) -> None:
    assert changed(store, parse(TEXT)) == [False, False, False]
    assert changed(store, parse(TEXT.replace("What Sand is", "Why sand is dry"))) == [False, True, False]


def test_a_change_of_the_course_makes_all_its_lessons_stale(store: ObjectStore) -> None:
    assert changed(store, replace(OUTLINE, language="es")) == [True] * 3
    assert changed(store, replace(OUTLINE, audience=("Gardeners",))) == [True] * 3


def test_another_word_target_makes_no_lesson_stale(store: ObjectStore) -> None:
    assert changed(store, OUTLINE, words_per_minute=90) == [False] * 3


def test_another_version_of_the_prompt_makes_all_lessons_stale(
    store: ObjectStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = fingerprints(store)
    prompt = prompting.LESSON.prompt("en")

    def newer(_step: prompts.Step, _language: str) -> prompts.Prompt:
        return replace(prompt, version=f"{prompt.version}-newer")

    monkeypatch.setattr(prompts.Step, "prompt", newer)
    assert not set(before) & set(fingerprints(store))


def test_a_fingerprint_is_fit_for_metadata_of_an_object(store: ObjectStore) -> None:
    assert all(len(found) == 64 and found.isascii() for found in fingerprints(store))


def test_a_lesson_whose_title_changed_keeps_its_object(store: ObjectStore) -> None:
    store.write(PATHS.unit(LESSON, 1, 1, "an-older-title"), "# Old\n", "text/markdown")
    assert [unit.key for unit in units(store)] == [
        PATHS.unit(LESSON, 1, 1, "an-older-title"),
        PATHS.unit(LESSON, 1, 2, "sand"),
        PATHS.unit(LESSON, 1, 3, "loam"),
    ]


def test_an_answer_is_tidied_to_what_a_lesson_is(store: ObjectStore) -> None:
    answer = "```markdown\n# Wrong\n\n[VISUAL: 9 - A field]\nSoil.\n```"
    assert units(store)[2].tidy(answer) == "# Loam\n\n[VISUAL: 01-03-0001 - A field]\nSoil.\n"


def test_a_lesson_is_told_what_came_before_it_as_it_was_written_or_else_as_it_is_planned(store: ObjectStore) -> None:
    first, second, _ = units(store)
    assert "What Clay is." in second.request().prompt
    store.write(first.key, "# Clay\n\n## Summary\n\nClay holds water like a fist.\n", "text/markdown")
    assert "Clay holds water like a fist." in second.request().prompt
    assert "Clay: " not in first.request().prompt


def test_the_first_lesson_of_a_module_follows_the_last_of_the_module_before(store: ObjectStore) -> None:
    outline = parse(TEXT + "- title: Care\n  lessons: [{title: Water}]\n")
    batch = batches(outline, [2], 3)[0]
    (water,) = lesson_units(course_event(), outline, batch, store)
    assert "Loam: What Loam is." in water.request().prompt
