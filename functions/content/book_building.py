"""From what a course's store holds to its book in every format, and the record of every lesson that nobody finished.

Knows the store and the records by their interfaces only, and nothing of Lambda.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypedDict

from functions.common.book import Book, assemble, write_html, write_json, write_markdown, write_pdf
from functions.common.errors import NotFound
from functions.common.events import CourseEvent
from functions.common.records import DONE, LessonRecord, LessonRecords
from functions.common.storage import CoursePaths, CourseStore
from functions.common.stored import accepted_outline, lesson_keys

_FORMATS: Final = {
    "md": (write_markdown, "text/markdown; charset=utf-8"),
    "json": (write_json, "application/json"),
    "html": (write_html, "text/html; charset=utf-8"),
    "pdf": (write_pdf, "application/pdf"),
}
_THREADS: Final = 16
# Why a lesson is missing whose batch was ended by an error, by the error's name.
_GIVEN_UP: Final = {
    "Throttled": "The text model was too busy for too long, so its batch was given up.",
    "ModelUnavailable": "The text model could not be reached for too long, so its batch was given up.",
}
_OUR_FAULT: Final = "Something went wrong on our side before it was written"


class BatchResult(TypedDict):
    """What became of one batch of the Map; `error` is the name of what ended it, None if nothing did."""

    module_number: int
    batch_index: int
    error: str | None


class BookCount(TypedDict):
    """Lessons of the book without text, lessons with text, and images shown."""

    missing: int
    lessons: int
    images: int


def build_book(
    course: CourseEvent, batches: Iterable[BatchResult], store: CourseStore, records: LessonRecords
) -> BookCount:
    """Write the book in all formats; note every lesson that no batch finished as failed, and the execution as done.

    Raises NotFound if the outline is gone, InvalidOutline if it is not what was accepted.
    """
    execution = course["execution"]
    records.set_step(execution, "building")
    paths = CoursePaths(course["owner"], course["course_id"])
    outline = accepted_outline(course, store)
    with ThreadPoolExecutor(_THREADS) as threads:
        keys = lesson_keys(store, paths)
        texts = dict(zip(keys, threads.map(store.read_text, keys.values()), strict=True))
        images = _images(store, paths, threads)
        reasons = _settle(records, execution, batches, texts)
        book = assemble(outline, texts, images, reasons, course["modules"])
        list(threads.map(lambda format_: _write(store, paths, book, format_), _FORMATS))
    records.finish(execution, len(book.missing), book.visuals_without_image)
    shown = len(book.visuals) - book.visuals_without_image
    return {"missing": len(book.missing), "lessons": len(book.lessons) - len(book.missing), "images": shown}


def _write(store: CourseStore, paths: CoursePaths, book: Book, format_: str) -> None:
    writer, content_type = _FORMATS[format_]
    store.write(paths.book(format_), writer(book), content_type)


def _images(store: CourseStore, paths: CoursePaths, threads: ThreadPoolExecutor) -> dict[str, bytes]:
    """The images by id, without those that were drawn for another text than the lesson has now."""
    listed = [found.key for found in store.list(paths.prompts)]
    prompts: dict[str, str] = {}
    for planned in map(json.loads, threads.map(store.read, listed)):
        prompts.update({image["id"]: image["prompt"] for image in planned["images"]})
    ids = [found.key.removeprefix(paths.images).removesuffix(".png") for found in store.list(paths.images)]

    def image(id_: str) -> bytes | None:
        try:
            png, metadata = store.fetch(paths.image(id_))
        except NotFound:  # removed since it was listed
            return None
        is_stale = id_ in prompts and metadata.get("prompt") != hashlib.sha256(prompts[id_].encode()).hexdigest()
        return None if is_stale else png

    return {id_: data for id_, data in zip(ids, threads.map(image, ids), strict=True) if data is not None}


def _settle(
    records: LessonRecords, execution: str, batches: Iterable[BatchResult], stored: Collection[str]
) -> dict[str, str]:
    """Note as failed what is neither written, skipped nor failed; returns why lessons failed, by lesson id."""
    errors: dict[int, str] = {}
    for batch in batches:
        if error := batch["error"]:
            errors.setdefault(batch["module_number"], error)
    _, lessons = records.progress(execution)
    reasons: dict[str, str] = {}
    for lesson in lessons:
        reason = lesson.reason or ""
        if lesson.state not in DONE or (lesson.state != "failed" and lesson.id not in stored):
            reason = _why(lesson, errors, stored)
            records.set_state(execution, lesson.module, lesson.number, "failed", reason=reason)
        if reason:
            reasons[lesson.id] = reason
    return reasons


def _why(lesson: LessonRecord, errors: Mapping[int, str], stored: Collection[str]) -> str:
    if lesson.state in DONE:
        return "It was written, but its text is no longer stored."
    error = errors.get(lesson.module)
    ended = _GIVEN_UP.get(error, f"{_OUR_FAULT} ({error}).") if error else "No batch finished it."
    # Why it waited ("Retry-After 7") says more than the name of the error that followed from it.
    told = f"{lesson.reason} {ended}" if lesson.reason else ended
    return f"{told} The earlier text stays in the book." if lesson.id in stored else told
