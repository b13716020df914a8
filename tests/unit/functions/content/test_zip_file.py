from __future__ import annotations

import io
import zipfile

import pytest

from aurora.runtime.objects import ObjectStore
from functions.content.zip_file import write_archive
from functions.outline.units import LAB, LESSON, SLIDES
from tests.support.courses import PATHS, course_event
from tests.support.outlines import outline_bytes

OUTLINE = course_event()["outline_key"]
GARDEN = outline_bytes("modules-under-course")


@pytest.fixture
def store(bucket: str) -> ObjectStore:
    """A course with something of everything, and of what is nobody's to download."""
    store = ObjectStore(bucket)
    for key in (
        PATHS.book("pdf"),
        PATHS.lab_book("md"),
        PATHS.unit(LESSON, 1, 1, "clay-sand-and-loam"),
        PATHS.unit(LAB, 1, 1, "clay-sand-and-loam"),
        PATHS.lab_master_plan,
        PATHS.lab_plan(1),
        PATHS.unit(SLIDES, 1, 0, "soil"),
        PATHS.image("01-01-0001"),
        PATHS.prompt(1, 1),
        PATHS.report,
        PATHS.archive,
        PATHS.outline("e" * 32),
    ):
        store.write(key, f"What {key} says.", "text/plain")
    store.write(OUTLINE, GARDEN, "application/yaml")
    return store


def archive(store: ObjectStore) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(store.read(PATHS.archive)))


def test_an_archive_holds_what_an_author_may_download_and_nothing_else(store: ObjectStore) -> None:
    assert write_archive(store, PATHS, OUTLINE)
    file = archive(store)
    assert file.testzip() is None
    assert file.namelist() == [
        "book.pdf",
        "images/01-01-0001.png",
        "lab-book.md",
        "labs/lab-master-plan.json",
        "labs/module-01-lab-01-clay-sand-and-loam.md",
        "lessons/module-01-lesson-01-clay-sand-and-loam.md",
        "outline.yaml",
        "slides/module-01-soil.pptx",
        "validation/report.json",
    ]
    assert file.read("outline.yaml") == GARDEN


def test_a_file_is_named_after_the_title_that_its_lesson_has_now(store: ObjectStore) -> None:
    write_archive(store, PATHS, OUTLINE)
    assert "lessons/module-01-lesson-01-clay-sand-and-loam.md" in archive(store).namelist()
    store.write(OUTLINE, GARDEN.replace(b"Clay, sand and loam", b"Loam"), "application/yaml")
    assert write_archive(store, PATHS, OUTLINE)
    assert "lessons/module-01-lesson-01-loam.md" in archive(store).namelist()
    assert "lessons/module-01-lesson-01-clay-sand-and-loam.md" not in archive(store).namelist()


def test_what_the_outline_has_no_more_is_not_in_the_archive(store: ObjectStore) -> None:
    write_archive(store, PATHS, OUTLINE)
    before = archive(store).namelist()
    former = [PATHS.unit(LESSON, 1, 9, "x"), PATHS.unit(LAB, 9, 1, "x"), PATHS.unit(SLIDES, 9, 0, "x")]
    for key in (*former, PATHS.image("01-09-0001")):
        store.write(key, "Of a former outline.", "text/plain")
    assert not write_archive(store, PATHS, OUTLINE)
    assert archive(store).namelist() == before


def test_an_archive_is_made_again_only_where_something_changed(store: ObjectStore) -> None:
    write_archive(store, PATHS, OUTLINE)
    assert not write_archive(store, PATHS, OUTLINE)
    store.write(PATHS.unit(LESSON, 1, 1, "clay-sand-and-loam"), "Something else.", "text/markdown")
    assert write_archive(store, PATHS, OUTLINE)
    assert archive(store).read("lessons/module-01-lesson-01-clay-sand-and-loam.md") == b"Something else."


def test_equal_courses_give_equal_archives(store: ObjectStore) -> None:
    write_archive(store, PATHS, OUTLINE)
    before = store.read(PATHS.archive)
    store.write(PATHS.archive, b"", "application/zip")
    write_archive(store, PATHS, OUTLINE)
    assert store.read(PATHS.archive) == before


def test_what_is_compressed_already_is_only_stored(store: ObjectStore) -> None:
    write_archive(store, PATHS, OUTLINE)
    stored = {entry.filename for entry in archive(store).infolist() if entry.compress_type == zipfile.ZIP_STORED}
    assert stored == {"book.pdf", "images/01-01-0001.png", "slides/module-01-soil.pptx"}


def test_more_objects_than_are_read_at_a_time_keep_their_places(store: ObjectStore) -> None:
    for number in range(2, 40):
        store.write(PATHS.image(f"01-01-{number:04d}"), str(number), "image/png")
    write_archive(store, PATHS, OUTLINE)
    file = archive(store)
    assert all(file.read(f"images/01-01-{number:04d}.png") == str(number).encode() for number in range(2, 40))
