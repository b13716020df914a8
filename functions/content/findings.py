"""Checks the lessons of a course and reports what a reader would stumble over. A finding never stops a book."""

from __future__ import annotations

import functools
import itertools
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from typing import Any, Final, Literal, TypedDict
from urllib.parse import urlsplit

from markdown_it import MarkdownIt
from markdown_it.token import Token

from aurora.runtime.objects import ObjectStore, etags, is_made_from, source_digest, source_metadata
from functions.content.coverage import uncovered
from functions.courses.events import CourseEvent
from functions.courses.paths import CoursePaths
from functions.courses.stored import unit_keys
from functions.outline.model import Lesson, Outline
from functions.outline.selection import chosen
from functions.outline.units import LESSON, lesson_id
from functions.text.markup import lines, open_fence
from functions.text.visuals import TAG, visual_tags
from functions.text.words import count_words

MIN_SHARE: Final = 0.7
"""Fewer words than this share of the target are worth a warning."""
MAX_SHARE: Final = 1.5
"""More words than this share of the target are worth a warning."""

_CHECKS: Final = 1
"""Raise it with a change of what is checked: stored reports are stale then."""
_THREADS: Final = 16

Kind = Literal["missing", "coverage", "heading", "link", "visual", "words", "fence"]


@dataclass(frozen=True)
class Finding:
    """One thing to correct. `line` counts from 1 in the lesson's Markdown; None where it concerns the whole lesson."""

    kind: Kind
    message: str
    line: int | None = None


class Validation(TypedDict):
    """The key of the report, and how many warnings it holds."""

    report: str
    warnings: int


def validate_course(course: CourseEvent, outline: Outline, store: ObjectStore) -> Validation:
    """Check every lesson that is stored, and miss those that this execution was to write; store the report.

    A report on the very same lessons, images and targets stays as it is.
    """
    paths = CoursePaths(course["owner"], course["course_id"])
    stored = unit_keys(store, paths, LESSON)
    images = {found.key.removeprefix(paths.images).removesuffix(".png") for found in store.list(paths.images)}
    targets = [course["words_per_minute"], course["min_words"], course["max_words"]]
    source = source_digest(
        _CHECKS, asdict(outline), course["modules"], targets, etags(store.list(paths.units(LESSON))), sorted(images)
    )
    before = store.head(paths.report)
    if before and is_made_from(before, source):
        return {"report": paths.report, "warnings": int(before.metadata["warnings"])}
    asked = {module.number for module in chosen(outline, course["modules"])}
    with ThreadPoolExecutor(_THREADS) as threads:
        texts = dict(zip(stored, threads.map(store.fetch, stored.values()), strict=True))
    lessons: list[dict[str, Any]] = []
    for module in outline.modules:
        for lesson in module.lessons:
            id_ = lesson_id(module.number, lesson.number)
            if text := texts.get(id_):
                target, markdown = _number(text[1].get("target")), text[0].decode()
                warnings = list(check_lesson(markdown, lesson, id_, images, target))
                lessons.append(_entry(id_, lesson, warnings, count_words(markdown), target))
            elif module.number in asked:
                lessons.append(_entry(id_, lesson, [Finding("missing", "The lesson is missing.")], None, None))
    count = sum(len(lesson["warnings"]) for lesson in lessons)
    report = {
        "course": outline.title,
        "totals": {
            "lessons": sum(lesson["words"] is not None for lesson in lessons),
            "missing": sum(lesson["words"] is None for lesson in lessons),
            "words": sum(lesson["words"] or 0 for lesson in lessons),
            "images": len(images),
            "warnings": count,
        },
        "lessons": lessons,
    }
    content = json.dumps(report, ensure_ascii=False, indent=2) + "\n"
    store.write(paths.report, content, "application/json", {**source_metadata(source), "warnings": str(count)})
    return {"report": paths.report, "warnings": count}


def check_lesson(
    markdown: str, lesson: Lesson, id_: str, images: Iterable[str], target: int | None
) -> Iterator[Finding]:
    """What to correct in a lesson. `images` are the ids of the course's images, `target` its words, if known."""
    for topic in uncovered((topic.title for topic in lesson.topics), markdown):
        yield Finding("coverage", f"The topic is hardly mentioned: {topic}")
    for objective in uncovered(lesson.objectives, markdown):
        yield Finding("coverage", f"The objective is hardly mentioned: {objective}")
    tokens = _parser().parse(markdown)
    yield from _check_headings(tokens, lesson.title)
    yield from _check_links(tokens)
    yield from _check_visuals(markdown, id_, images)
    words = count_words(markdown)
    if target and not MIN_SHARE * target <= words <= MAX_SHARE * target:
        yield Finding("words", f"The lesson has {words} words where {target} were asked for.")
    if line := open_fence(markdown):
        yield Finding("fence", "A code block is never closed.", line)


def _check_headings(tokens: list[Token], title: str) -> Iterator[Finding]:
    level = 0
    titles = 0
    for token, inline in itertools.pairwise(tokens):
        if token.type != "heading_open":
            continue
        line = token.map[0] + 1 if token.map else None
        before, level = level, int(token.tag[1])
        if not inline.content.strip():
            yield Finding("heading", "A heading is empty.", line)
        if level == 1:
            titles += 1
            if titles == 1 and inline.content.split() != title.split():
                yield Finding("heading", f"The title is {inline.content!r}, not {title!r}.", line)
            elif titles > 1:
                yield Finding("heading", "There is a second first-level heading.", line)
        elif level > before + 1:
            yield Finding("heading", f"A heading of level {level} follows one of level {before}.", line)
    if not titles:
        yield Finding("heading", "The lesson has no first-level heading.")


def _check_links(tokens: list[Token]) -> Iterator[Finding]:
    for block in tokens:
        line = block.map[0] + 1 if block.map else None
        for token in block.children or ():
            address = token.attrGet("href") if token.type == "link_open" else token.attrGet("src")
            if token.type in ("link_open", "image") and (fault := _address_fault(str(address or ""))):
                yield Finding("link", fault, line)
            elif token.type == "text" and re.search(r"\]\(\S", token.content):
                yield Finding("link", f"A link is malformed: {token.content[:80].strip()}", line)


def _address_fault(address: str) -> str:
    """What is wrong with the address of a link or an image; "" if nothing is."""
    if not address.strip():
        return "A link leads nowhere: its address is empty."
    try:
        parts = urlsplit(address)
    except ValueError:
        return f"A link's address is malformed: {address}"
    if parts.scheme == "mailto":
        return "" if "@" in parts.path else f"A link's address is malformed: {address}"
    if not parts.scheme and not parts.netloc:
        return f"A link is relative, and a book has nothing that it could be relative to: {address}"
    if parts.scheme not in ("http", "https") or "." not in parts.netloc:
        return f"A link's address is malformed: {address}"
    return ""


def _check_visuals(markdown: str, id_: str, images: Iterable[str]) -> Iterator[Finding]:
    own = {image for image in images if image.startswith(f"{id_}-")}
    seen: set[str] = set()
    for tag in visual_tags(markdown):
        if not tag.id.startswith(f"{id_}-"):
            yield Finding("visual", f"The visual {tag.id} belongs to another lesson.", tag.line)
        elif tag.id in seen:
            yield Finding("visual", f"The visual {tag.id} occurs twice.", tag.line)
        elif tag.id not in own:
            yield Finding("visual", f"The visual {tag.id} has no image.", tag.line)
        seen.add(tag.id)
    for line in lines(markdown):
        if not line.is_code and re.search(r"(?<!`)\[\s*VISUAL\b", TAG.sub("", line.text), re.IGNORECASE):
            yield Finding("visual", "A visual tag is malformed.", line.number)
    for image in sorted(own - seen):
        yield Finding("visual", f"The image {image} has no visual tag in the lesson.")


def _entry(id_: str, lesson: Lesson, warnings: list[Finding], words: int | None, target: int | None) -> dict[str, Any]:
    found: list[Mapping[str, Any]] = [
        {name: value for name, value in vars(warning).items() if value is not None} for warning in warnings
    ]
    return {"id": id_, "title": lesson.title, "words": words, "target": target, "warnings": found}


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() else None


@functools.cache
def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark").enable("table")
