"""A book as one Markdown file that needs no other: readable text, with all images as definitions at its end.

Lessons are edited line by line as far as joining them demands (headings, figures), so that code blocks stay as they
were written byte for byte.
"""

from __future__ import annotations

import base64
import itertools
import re
from collections.abc import Iterator

from markdown_it.token import Token

from functions.book.model import Book, BookLesson
from functions.text.reading import LAST_LEVEL, parse, section_level, title_heading, without_controls
from functions.text.visuals import TAG

# Lessons are headings of level 3, so their sections begin at 4.
_SHIFT = 2
_MARKS = re.compile(r"([\\`*_\[\]<>|#~&])")
_HASHES = re.compile(r"^((?:\s|>|[-*+]\s|\d+[.)]\s)*)#{1,6}(?=\s|$)")
_CODE_OR_TAG = re.compile(rf"(?P<code>(?<!`)(?P<marks>`+)(?!`).*?(?<!`)(?P=marks)(?!`))|(?P<tag>{TAG.pattern})")


def write_markdown(book: Book) -> bytes:
    """UTF-8 Markdown: title and facts, contents with links, modules (level 2), lessons (3), their sections (4 to 6).

    Images are embedded: figures refer to definitions ("[image-01-02-0003]: data:image/png;base64,...") that stand
    after the last lesson, so the file may be moved anywhere.
    """
    figures = itertools.count(1)
    parts = [*_front(book)]
    for module in book.modules:
        parts.append(_heading(2, _module_id(module.number), f"{book.labels.module} {module.number}. {module.title}"))
        parts.append(escaped(module.description))
        for lesson in module.lessons:
            parts.append(_heading(3, lesson.anchor, lesson.heading))
            parts.append(_missing(book, lesson) if lesson.markdown is None else _body(book, lesson.markdown, figures))
    used = {visual.id for visual in book.visuals} & set(book.images)
    parts.append("\n".join(_definition(id_, book.images[id_].data) for id_ in sorted(used)))
    return ("\n\n".join(filter(None, parts)) + "\n").encode(errors="replace")


def escaped(text: str) -> str:
    """Plain text as Markdown that shows exactly this text, in a table or a heading too."""
    return re.sub(r"^(\d+)([.)])(?=\s|$)", r"\1\\\2", re.sub(r"^([-+=])", r"\\\1", _MARKS.sub(r"\\\1", text)))


def _front(book: Book) -> Iterator[str]:
    labels = book.labels
    yield f"# {escaped(book.title)}"
    yield escaped(book.description)
    facts = ((labels.level, book.level), (labels.duration, book.duration))
    yield "\n".join(f"- **{name}:** {escaped(value)}" for name, value in facts if value)
    for name, entries in book.about:
        yield f"**{name}**"
        yield "\n".join(f"- {escaped(entry)}" for entry in entries)
    if book.missing:
        yield f"## {labels.missing_units}"
        yield labels.missing_intro
        yield "\n".join(
            f"- [{escaped(lesson.heading)}](#{lesson.anchor}): {escaped(lesson.reason or labels.unknown_reason)}"
            for lesson in book.missing
        )
    yield f"## {labels.contents}"
    yield "\n".join(_contents(book))


def _contents(book: Book) -> Iterator[str]:
    for module in book.modules:
        name = f"{book.labels.module} {module.number}. {module.title}"
        yield f"- [{escaped(name)}](#{_module_id(module.number)})"
        for lesson in module.lessons:
            yield f"  - [{escaped(lesson.heading)}](#{lesson.anchor})"


def _heading(level: int, anchor: str, title: str) -> str:
    # Renderers make anchors of titles in different ways; one that is written out works in all.
    return f'<a id="{anchor}"></a>\n\n{"#" * level} {escaped(title)}'


def _module_id(number: int) -> str:
    return f"module-{number:02d}"


def _missing(book: Book, lesson: BookLesson) -> str:
    labels = book.labels
    return f"> **{labels.missing_unit}** {labels.reason}: {escaped(lesson.reason or labels.unknown_reason)}"


def _definition(id_: str, data: bytes) -> str:
    return f"[image-{id_}]: data:image/png;base64,{base64.b64encode(data).decode()}"


def _body(book: Book, markdown: str, figures: Iterator[int]) -> str:
    """A lesson's text below its title."""
    tokens = parse(markdown)
    lines = without_controls(markdown.replace("\r\n", "\n")).split("\n")
    title = title_heading(tokens)
    for place, token in enumerate(tokens):
        if token.map is None:
            continue
        start, end = token.map
        if token.type == "heading_open":
            _shift_heading(lines, token, tokens[place + 1], is_title=place == title)
        if token.type in ("heading_open", "paragraph_open", "table_open"):
            for number in range(start, end):
                lines[number] = _figures_in(book, lines[number], figures)
        if token.type == "fence" and not token.level and not _is_closed(token, lines):
            lines.append(token.markup)
    return "\n".join(lines).strip("\n")


def _shift_heading(lines: list[str], token: Token, text: Token, is_title: bool) -> None:
    start, end = token.map or (0, 0)
    if is_title:
        lines[start:end] = [""] * (end - start)
        return
    hashes = "#" * min(section_level(token.tag) + _SHIFT, LAST_LEVEL)
    if token.markup.startswith("#"):
        lines[start] = _HASHES.sub(lambda found: found[1] + hashes, lines[start])
    elif not token.level:  # underlined: a hash heading has one line, so the others become empty
        lines[start:end] = [f"{hashes} {' '.join(text.content.split())}", *[""] * (end - start - 1)]


def _is_closed(token: Token, lines: list[str]) -> bool:
    start, end = token.map or (0, 0)
    last = lines[end - 1].strip()
    return end - start > 1 and set(last) == {token.markup[0]} and len(last) >= len(token.markup)


def _figures_in(book: Book, line: str, figures: Iterator[int]) -> str:
    def figure(found: re.Match[str]) -> str:
        if found["code"]:
            return found[0]
        labels, id_ = book.labels, found["id"]
        caption = f"{labels.figure} {next(figures)}. {escaped(found['description'].strip())}"
        if id_ not in book.images:
            return f"*{caption}* ({labels.no_image})"
        image = f"![{caption}][image-{id_}]"
        return f"{image}\n\n*{caption}*" if line == found[0] else image

    return _CODE_OR_TAG.sub(figure, line)
