"""Builds the book of lessons in every format, and closes the records of lessons that no batch finished.

Listings alone tell whether the book is up to date, so that a course with nothing new costs no download.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, TypedDict

from aurora.runtime.errors import NotFound
from aurora.runtime.objects import ObjectStore, etags
from functions.book.model import Book, assemble
from functions.book.publishing import book_digest, is_published, publish
from functions.courses.events import CourseEvent
from functions.courses.paths import CoursePaths
from functions.courses.progress import CourseProgress
from functions.courses.stored import accepted_outline, stored_images, stored_texts, stored_units
from functions.courses.unfinished import close_unfinished
from functions.outline.units import LESSON
from functions.progress.counts import BatchResult


class BookCount(TypedDict):
    """Lessons of the book without text, lessons with text, and images shown."""

    missing: int
    lessons: int
    images: int


def build_book(
    course: CourseEvent, batches: Iterable[BatchResult], store: ObjectStore, records: CourseProgress
) -> BookCount:
    """Write the book in all formats; note the last state of every lesson, and how many images the book lacks.

    Raises NotFound if the outline is gone, InvalidOutline if it is not what was accepted.
    """
    execution = course["execution"]
    records.set_step(execution, LESSON.branch, "building")
    paths = CoursePaths(course["owner"], course["course_id"])
    texts = stored_units(store, paths, LESSON)
    keys = {id_: found.key for id_, found in texts.items()}
    reasons = close_unfinished(records, execution, LESSON, batches, keys)
    made_of = [
        _outline_tag(course, store),
        course["language"],
        course["modules"],
        {id_: reason for id_, reason in reasons.items() if id_ not in keys},
        etags(texts.values()),
        *(etags(store.list(prefix)) for prefix in (paths.prompts, paths.images)),
    ]
    # A listing does not say what an image was drawn for: only a book without stale images is known by listings.
    if is_published(paths.book, store, book_digest(*made_of, [])):
        count, images_missing = _counted(json.loads(store.read(paths.book("json"))))
    else:
        book, stale = _assembled(course, keys, reasons, store)
        publish(book, paths.book, store, book_digest(*made_of, stale))
        missing, images_missing = len(book.missing), book.visuals_without_image
        count: BookCount = {
            "missing": missing,
            "lessons": len(book.lessons) - missing,
            "images": len(book.visuals) - images_missing,
        }
    records.note_images(execution, images_missing)
    records.set_step(execution, LESSON.branch, "done")
    return count


def _outline_tag(course: CourseEvent, store: ObjectStore) -> str:
    found = store.head(course["outline_key"])
    if found is None:
        raise NotFound("The course's outline is gone.")
    return found.etag


def _assembled(
    course: CourseEvent, keys: dict[str, str], reasons: dict[str, str], store: ObjectStore
) -> tuple[Book, list[str]]:
    """The book, and the ids of the images that it does not show since they were drawn for other texts."""
    outline = accepted_outline(course, store)
    texts = stored_texts(store, keys)
    images = stored_images(store, CoursePaths(course["owner"], course["course_id"]))
    shown = {id_: png for id_, png in images.items() if png is not None}
    book = assemble(outline, texts, shown, reasons, course["modules"])
    return book, [id_ for id_, png in images.items() if png is None]


def _counted(book: dict[str, Any]) -> tuple[BookCount, int]:
    """What the book that is stored says of itself: its count, and how many images it lacks."""
    lessons = [lesson for module in book["modules"] for lesson in module["lessons"]]
    files = [image["file"] for lesson in lessons for image in lesson["images"]]
    missing = len(book["missing"])
    count: BookCount = {
        "missing": missing,
        "lessons": len(lessons) - missing,
        "images": len(files) - book["imagesMissing"],
    }
    return count, book["imagesMissing"]
