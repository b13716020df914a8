"""A book as JSON, for programs that read it. Images are named by their file, not contained."""

from __future__ import annotations

import json
from typing import Any

from functions.book.model import Book, BookLesson


def write_json(book: Book) -> bytes:
    """UTF-8 JSON: {"course", "modules": [{"number", "title", "description", "lessons": [...]}], "words", "missing"}.

    A book of labs has "labs" in place of "lessons", and "needs": lists of texts by their headings.
    A lesson: {"id": "MM-LL", "number", "title", "markdown" (null if missing), "words", "images", "reason" if missing}.
    An image: {"id", "description", "file"}, the file relative to the course ("images/ID.png"), null if there is none.
    """
    document: dict[str, Any] = {
        "course": {
            "title": book.title,
            "description": book.description,
            "language": book.language,
            "level": book.level,
            "audience": book.audience,
            "prerequisites": book.prerequisites,
            "learningOutcomes": book.learning_outcomes,
            "durationMinutes": book.duration_minutes,
        },
        "modules": [
            {
                "number": module.number,
                "title": module.title,
                "description": module.description,
                f"{book.kind}s": [_lesson(book, lesson) for lesson in module.lessons],
            }
            for module in book.modules
        ],
        "omittedModules": [{"number": number, "title": title} for number, title in book.omitted],
        **({"needs": dict(book.needs)} if book.kind == "lab" else {}),
        "words": book.words,
        "imagesMissing": book.visuals_without_image,
        "missing": [
            {"id": lesson.id, "title": lesson.title, "reason": lesson.reason or book.labels.unknown_reason}
            for lesson in book.missing
        ],
    }
    return json.dumps(document, ensure_ascii=False, indent=1).encode(errors="replace")


def _lesson(book: Book, lesson: BookLesson) -> dict[str, Any]:
    told: dict[str, Any] = {
        "id": lesson.id,
        "number": lesson.number,
        "title": lesson.title,
        "markdown": lesson.markdown,
        "words": lesson.words,
        "images": [
            {
                "id": visual.id,
                "description": visual.description,
                "file": f"images/{visual.id}.png" if visual.id in book.images else None,
            }
            for visual in lesson.visuals
        ],
    }
    if lesson.markdown is None:
        told["reason"] = lesson.reason or book.labels.unknown_reason
    return told
