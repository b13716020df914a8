from __future__ import annotations

import pytest

from aurora.runtime.errors import NotFound
from aurora.runtime.objects import ObjectStore
from functions.courses.stored import accepted_outline, unit_keys
from functions.outline.errors import InvalidOutline
from functions.outline.units import LAB, LESSON
from tests.support.courses import PATHS, course_event
from tests.support.outlines import outline_bytes


@pytest.fixture
def store(bucket: str) -> ObjectStore:
    return ObjectStore(bucket)


def test_an_outline_is_written_in_its_own_language_or_the_one_that_is_asked_for(store: ObjectStore) -> None:
    store.write(course_event()["outline_key"], outline_bytes("modules-under-course"), "application/yaml")
    assert accepted_outline(course_event(), store).language == "en"
    assert accepted_outline(course_event(language="pt-BR"), store).language == "pt-BR"


def test_an_outline_that_is_gone_or_broken_is_told_as_such(store: ObjectStore) -> None:
    with pytest.raises(NotFound):
        accepted_outline(course_event(), store)
    store.write(course_event()["outline_key"], b"title: [", "application/yaml")
    with pytest.raises(InvalidOutline):
        accepted_outline(course_event(), store)


def test_what_is_stored_is_found_by_its_numbers_whatever_its_title_was(store: ObjectStore) -> None:
    lesson, lab = PATHS.unit(LESSON, 3, 12, "an-older-title"), PATHS.unit(LAB, 3, 2, "dig")
    others = [PATHS.lab_plan(3), PATHS.lab_master_plan, PATHS.prompt(3, 12), PATHS.book("md")]
    others.append(f"{PATHS.units(LESSON)}x.md")
    for key in (lesson, lab, *others):
        store.write(key, "text", "text/plain")
    assert unit_keys(store, PATHS, LESSON) == {"03-12": lesson}
    assert unit_keys(store, PATHS, LAB) == {"03-02": lab}
