"""A book as one HTML file: images within it, no scripts, nothing fetched from anywhere.

Every text of an outline or a lesson is escaped; HTML that a model wrote shows as text.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Final

from functions.book.model import Book, BookLesson, BookModule
from functions.text.fragment import Renderer
from functions.text.reading import Visual

_STYLE: Final = Path(__file__).with_name("book.css").read_text(encoding="utf-8")
_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
_RIGHT_TO_LEFT: Final = frozenset({"ar", "fa", "he", "ur", "yi"})
# Lessons are headings of level 3, so their sections begin at 4.
_SHIFT: Final = 2


def write_html(book: Book) -> bytes:
    """UTF-8 HTML. Anchors: "module-MM", "lesson-MM-LL" or "lab-MM-LL", "contents", "missing"."""
    return "".join(_document(book)).encode(errors="replace")


def _document(book: Book) -> Iterator[str]:
    direction = "rtl" if book.language in _RIGHT_TO_LEFT else "ltr"
    yield f'<!doctype html>\n<html lang="{book.language}" dir="{direction}">\n<head>\n<meta charset="utf-8">\n'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
    yield f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
    yield '<meta name="color-scheme" content="light dark">\n'
    yield f'<meta name="description" content="{escape(book.description)}">\n'
    yield f"<title>{escape(book.title)}</title>\n<style>\n{_STYLE}</style>\n</head>\n<body>\n"
    yield from _front(book)
    yield from _contents(book)
    yield "<main>\n"
    renderer = Renderer(book.labels, lambda asked: _picture(book, asked), _SHIFT)
    for module in book.modules:
        yield from _module(book, module, renderer)
    yield "</main>\n</body>\n</html>\n"


def _front(book: Book) -> Iterator[str]:
    labels = book.labels
    yield f'<header class="cover">\n<h1>{escape(book.title)}</h1>\n'
    if book.description:
        yield f'<p class="lead">{escape(book.description)}</p>\n'
    lessons = f"{len(book.lessons) - len(book.missing)} {labels.units}"
    words = f"{book.words:,} {labels.words}".replace(",", "\N{NARROW NO-BREAK SPACE}")
    facts = filter(None, (book.level, book.duration, lessons, words))
    yield f'<p class="facts">{" · ".join(map(escape, facts))}</p>\n</header>\n'
    if book.missing:
        yield '<section class="missing" id="missing" aria-labelledby="missing-title">\n<h2 id="missing-title">'
        yield f"{escape(labels.missing_units)}</h2>\n<p>{escape(labels.missing_intro)}</p>\n<ul>\n"
        for lesson in book.missing:
            yield f'<li><a href="#{lesson.anchor}">{escape(lesson.heading)}</a>: '
            yield f"{escape(lesson.reason or labels.unknown_reason)}</li>\n"
        yield "</ul>\n</section>\n"
    yield f'<section class="about" aria-labelledby="about">\n<h2 id="about">{escape(labels.about)}</h2>\n'
    for name, entries in book.about:
        yield f"<h3>{escape(name)}</h3>\n<ul>\n{''.join(f'<li>{escape(entry)}</li>' for entry in entries)}\n</ul>\n"
    yield "</section>\n"


def _contents(book: Book) -> Iterator[str]:
    yield '<nav id="contents" aria-labelledby="contents-title">\n'
    yield f'<h2 id="contents-title">{escape(book.labels.contents)}</h2>\n<ol>\n'
    for module in book.modules:
        number = f"<span>{module.number}</span>"
        yield f'<li><a href="#module-{module.number:02d}">{number} {escape(module.title)}</a>\n<ol>\n'
        for lesson in module.lessons:
            absent = ' class="absent"' if lesson.markdown is None else ""
            number = f"<span>{lesson.place}</span>"
            yield f'<li{absent}><a href="#{lesson.anchor}">{number} {escape(lesson.title)}</a></li>\n'
        yield "</ol>\n</li>\n"
    yield "</ol>\n</nav>\n"


def _module(book: Book, module: BookModule, renderer: Renderer) -> Iterator[str]:
    anchor = f"module-{module.number:02d}"
    yield f'<section class="module" aria-labelledby="{anchor}">\n<h2 id="{anchor}"><span>{escape(book.labels.module)} '
    yield f"{module.number}</span> {escape(module.title)}</h2>\n"
    if module.description:
        yield f'<p class="lead">{escape(module.description)}</p>\n'
    for lesson in module.lessons:
        yield f'<article aria-labelledby="{lesson.anchor}">\n'
        yield f'<h3 id="{lesson.anchor}"><span>{escape(lesson.label)}</span> {escape(lesson.title)}</h3>\n'
        yield _notice(book, lesson) if lesson.markdown is None else renderer.html(lesson.tokens)
        yield f'<p class="back"><a href="#contents">{escape(book.labels.back)}</a></p>\n</article>\n'
    yield "</section>\n"


def _picture(book: Book, asked: Visual) -> str | None:
    image = book.images.get(asked.id)
    if image is None:
        return None
    data = base64.b64encode(image.data).decode()
    size = f'width="{image.width}" height="{image.height}"'
    return f'<img src="data:image/png;base64,{data}" alt="{escape(asked.description)}" {size}>'


def _notice(book: Book, lesson: BookLesson) -> str:
    labels = book.labels
    reason = f"{escape(labels.reason)}: {escape(lesson.reason or labels.unknown_reason)}"
    return f'<p class="missing"><strong>{escape(labels.missing_unit)}</strong> {reason}</p>\n'
