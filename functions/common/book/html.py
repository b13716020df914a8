"""A book as one HTML file: images within it, no scripts, nothing fetched from anywhere.

Every text of an outline or a lesson is escaped; HTML that a model wrote shows as text.
"""

from __future__ import annotations

import base64
import itertools
from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path
from typing import Any, Final

from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import OptionsDict

from functions.common.book.model import Book, BookLesson, BookModule
from functions.common.book.reading import LAST_LEVEL, is_web_address, visual

_STYLE: Final = Path(__file__).with_name("book.css").read_text(encoding="utf-8")
_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
_RIGHT_TO_LEFT: Final = frozenset({"ar", "fa", "he", "ur", "yi"})
# Lessons are headings of level 3, so their sections begin at 4.
_SHIFT: Final = 2


def write_html(book: Book) -> bytes:
    """UTF-8 HTML. Anchors: "module-MM", "lesson-MM-LL", "contents", "missing"."""
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
    renderer = _Renderer(book)
    for module in book.modules:
        yield from _module(book, module, renderer)
    yield "</main>\n</body>\n</html>\n"


def _front(book: Book) -> Iterator[str]:
    labels = book.labels
    yield f'<header class="cover">\n<h1>{escape(book.title)}</h1>\n'
    if book.description:
        yield f'<p class="lead">{escape(book.description)}</p>\n'
    lessons = f"{len(book.lessons) - len(book.missing)} {labels.lessons}"
    words = f"{book.words:,} {labels.words}".replace(",", "\N{NARROW NO-BREAK SPACE}")
    facts = filter(None, (book.level, book.duration, lessons, words))
    yield f'<p class="facts">{" · ".join(map(escape, facts))}</p>\n</header>\n'
    if book.missing:
        yield '<section class="missing" id="missing" aria-labelledby="missing-title">\n<h2 id="missing-title">'
        yield f"{escape(labels.missing_lessons)}</h2>\n<p>{escape(labels.missing_intro)}</p>\n<ul>\n"
        for lesson in book.missing:
            yield f'<li><a href="#lesson-{lesson.id}">{lesson.label} {escape(lesson.title)}</a>: '
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
            number = f"<span>{lesson.label}</span>"
            yield f'<li{absent}><a href="#lesson-{lesson.id}">{number} {escape(lesson.title)}</a></li>\n'
        yield "</ol>\n</li>\n"
    yield "</ol>\n</nav>\n"


def _module(book: Book, module: BookModule, renderer: _Renderer) -> Iterator[str]:
    anchor = f"module-{module.number:02d}"
    yield f'<section class="module" aria-labelledby="{anchor}">\n<h2 id="{anchor}"><span>{escape(book.labels.module)} '
    yield f"{module.number}</span> {escape(module.title)}</h2>\n"
    if module.description:
        yield f'<p class="lead">{escape(module.description)}</p>\n'
    for lesson in module.lessons:
        anchor = f"lesson-{lesson.id}"
        yield f'<article aria-labelledby="{anchor}">\n'
        yield f'<h3 id="{anchor}"><span>{lesson.label}</span> {escape(lesson.title)}</h3>\n'
        yield _notice(book, lesson) if lesson.markdown is None else renderer.lesson(lesson.tokens)
        yield f'<p class="back"><a href="#contents">{escape(book.labels.back)}</a></p>\n</article>\n'
    yield "</section>\n"


def _notice(book: Book, lesson: BookLesson) -> str:
    labels = book.labels
    reason = f"{escape(labels.reason)}: {escape(lesson.reason or labels.unknown_reason)}"
    return f'<p class="missing"><strong>{escape(labels.missing_lesson)}</strong> {reason}</p>\n'


class _Renderer(RendererHTML):
    """markdown-it's own HTML, but for headings, figures, tables, links and images; a method is named by its token."""

    def __init__(self, book: Book) -> None:
        super().__init__()
        self._book = book
        self._figures = itertools.count(1)
        self._links: list[bool] = []

    def lesson(self, tokens: Sequence[Token]) -> str:
        """A lesson's tokens as HTML."""
        return self.render(tokens, _OPTIONS, {})

    def visual(self, tokens: Sequence[Token], idx: int, _options: OptionsDict, _env: Any) -> str:
        book, asked = self._book, visual(tokens[idx])
        image = book.images.get(asked.id)
        if image:
            data = base64.b64encode(image.data).decode()
            size = f'width="{image.width}" height="{image.height}"'
            shown = f'<img src="data:image/png;base64,{data}" alt="{escape(asked.description)}" {size}>'
        else:
            shown = f'<p class="no-image">{escape(book.labels.no_image)}</p>'
        number = f"<strong>{escape(book.labels.figure)} {next(self._figures)}.</strong>"
        return f"<figure>{shown}<figcaption>{number} {escape(asked.description)}</figcaption></figure>\n"

    def heading_open(self, tokens: Sequence[Token], idx: int, _options: OptionsDict, _env: Any) -> str:
        return f"<h{_level(tokens[idx])}>"

    def heading_close(self, tokens: Sequence[Token], idx: int, _options: OptionsDict, _env: Any) -> str:
        return f"</h{_level(tokens[idx])}>\n"

    def table_open(self, _tokens: Sequence[Token], _idx: int, _options: OptionsDict, _env: Any) -> str:
        return '<div class="table" tabindex="0">\n<table>\n'

    def table_close(self, _tokens: Sequence[Token], _idx: int, _options: OptionsDict, _env: Any) -> str:
        return "</table>\n</div>\n"

    def th_open(self, tokens: Sequence[Token], idx: int, _options: OptionsDict, _env: Any) -> str:
        return f'<th scope="col"{self.renderAttrs(tokens[idx])}>'

    def link_open(self, tokens: Sequence[Token], idx: int, _options: OptionsDict, _env: Any) -> str:
        address = str(tokens[idx].attrs.get("href", ""))
        self._links.append(is_web_address(address))
        return f'<a href="{escape(address)}" rel="noopener noreferrer">' if self._links[-1] else ""

    def link_close(self, _tokens: Sequence[Token], _idx: int, _options: OptionsDict, _env: Any) -> str:
        return "</a>" if self._links.pop() else ""

    def image(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: Any) -> str:  # noqa: ARG002
        # A remote image is not fetched: its description stands for it.
        return f"<em>{escape(tokens[idx].content)}</em>"


_OPTIONS: Final = OptionsDict(
    {
        "maxNesting": 20,
        "html": False,
        "linkify": False,
        "typographer": False,
        "quotes": "",
        "xhtmlOut": False,
        "breaks": False,
        "langPrefix": "language-",
        "highlight": None,
    }
)


def _level(heading: Token) -> int:
    return min(int(heading.tag[1:]) + _SHIFT, LAST_LEVEL)
