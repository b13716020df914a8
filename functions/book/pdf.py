"""A book as PDF: cover, contents with page numbers, running headers, figures, code and tables, set by Typst.

Equal books give equal bytes: only Typst's embedded fonts are used, and nothing tells the time. Emoji, Chinese, Japanese
and Korean characters are not in those fonts.
"""

from __future__ import annotations

import functools
import itertools
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

from markdown_it.token import Token

from functions.book.model import Book, BookLesson, BookModule
from functions.book.typst_markup import lesson_markup, literal, printable, text
from functions.text.png import Image
from functions.text.reading import visual

if TYPE_CHECKING:
    import typst

_TEMPLATE: Final = Path(__file__).with_name("template.typ").read_text(encoding="utf-8")
_FIGURE_WIDTH: Final = 346
"""The most points that an image may be wide; template.typ's page has 374 from margin to margin."""
_FIGURE_HEIGHT: Final = 300
"""The most points that an image may be high."""
_TITLE_SIZES: Final = ((40, 34), (80, 28), (140, 22))
"""(at most this many characters, points) of the title on the cover."""
_LONGEST_ON_COVER: Final = 420
_RUNNING: Final = 46
"""The most characters of each of the two titles above a page."""


def write_pdf(book: Book) -> bytes:
    """The PDF of a book; takes about 50 ms for each lesson of 2,400 words with 4 images."""
    import typst  # a group that only reads lessons does not have it

    with tempfile.TemporaryDirectory(prefix="book-") as name:
        folder = Path(name)
        for id_, image in book.images.items():
            (folder / f"{id_}.png").write_bytes(image.data)
        source = folder / "book.typ"
        source.write_bytes(typst_source(book).encode(errors="replace"))
        return typst.compile(source, root=folder, font_paths=_fonts(), ignore_system_fonts=True, timestamp=0)


def typst_source(book: Book) -> str:
    """The Typst document of a book; it refers to images as "ID.png" beside it."""
    return "".join(_document(book))


@functools.cache
def _fonts() -> typst.Fonts:
    import typst

    return typst.Fonts(include_system_fonts=False)


def _document(book: Book) -> Iterator[str]:
    yield _TEMPLATE
    # Page rules begin a page of their own, hence no blank may stand between the parts.
    yield f"#show: book.with({literal(book.language)}, {literal(book.title)}, {literal(book.description)})\n"
    yield _cover(book)
    yield "#front["
    yield from _about(book)
    yield from _missing(book)
    yield from _contents(book)
    yield "]\n"
    figures = itertools.count(1)
    for place, module in enumerate(book.modules):
        yield from _module(book, module, is_first=not place, figures=figures)


def _cover(book: Book) -> str:
    labels = book.labels
    size = next((points for most, points in _TITLE_SIZES if len(book.title) <= most), 17)
    facts = [(labels.level, book.level), (labels.duration, book.duration), (labels.audience, "; ".join(book.audience))]
    said = ", ".join(f"fact[{text(name)}][{text(_short(value, 160))}]" if value else "none" for name, value in facts)
    title, description = _short(book.title, _LONGEST_ON_COVER), _short(book.description, _LONGEST_ON_COVER)
    return f"#cover([{text(title)}], {size}pt, [{text(description)}], {said})\n"


def _about(book: Book) -> Iterator[str]:
    labels = book.labels
    yield f"#front-heading[{text(labels.about)}]\n\n{text(book.description)}\n\n"
    for name, entries in book.about:
        yield f"#minor-heading[{text(name)}]\n\n#list({', '.join(f'[{text(entry)}]' for entry in entries)});\n\n"


def _missing(book: Book) -> Iterator[str]:
    if book.missing:
        labels = book.labels
        yield f"#pagebreak(weak: true)\n#front-heading[{text(labels.missing_units)}]\n\n"
        items = (
            f"[#strong[{text(lesson.heading)}];#linebreak();{text(_reason(book, lesson))}]" for lesson in book.missing
        )
        yield f"{text(labels.missing_intro)}\n\n#list(spacing: 1em, {', '.join(items)});\n\n"


def _contents(book: Book) -> Iterator[str]:
    yield f"#table-of-contents[{text(book.labels.contents)}]\n"
    for module in book.modules:
        first, *others = (_entry(f"l-{lesson.id}", lesson.place, lesson.title) for lesson in module.lessons)
        opening = _entry(f"m-{module.number}", str(module.number), module.title, is_module=True)
        # A module's line never stands alone at the end of a page.
        yield f"#block(breakable: false, above: 1.5em, below: 0pt)[{opening}{first}]\n{''.join(others)}"


def _entry(label: str, number: str, title: str, is_module: bool = False) -> str:
    return f"#entry(<{label}>, [{text(number)}], [{text(title)}], {str(is_module).lower()});\n"


def _module(book: Book, module: BookModule, is_first: bool, figures: Iterator[int]) -> Iterator[str]:
    lessons = "".join(
        f"text(accent)[{text(lesson.place)}], link(<l-{lesson.id}>)[#text(black)[{text(lesson.title)}]], "
        for lesson in module.lessons
    )
    label, course, running = book.labels.module, _short(book.title, _RUNNING), _short(module.title, _RUNNING)
    yield f"#module({literal(str(module.number))}, [{text(label)}], [{text(course)}], [{text(running)}], "
    yield f"[{text(module.title)}], [{text(module.description)}], ({lessons}), {str(is_first).lower()})["
    for lesson in module.lessons:
        yield f"#lesson({literal(lesson.id)}, {literal(lesson.label)}, [{text(lesson.title)}])["
        if lesson.markdown is None:
            notice, reason = book.labels.missing_unit, book.labels.reason
            yield f"#missing-lesson([{text(notice)}], [{text(reason)}], [{text(_reason(book, lesson))}]);"
        else:
            yield lesson_markup(lesson.tokens, lambda token: _figure(book, token, next(figures)))
        yield "]\n"
    yield "]\n"


def _figure(book: Book, token: Token, number: int) -> str:
    asked = visual(token)
    caption = f"[#strong[{text(f'{book.labels.figure} {number}.')}]; {text(asked.description)}]"
    image = book.images.get(asked.id)
    if image is None:
        return f"#no-image([{text(book.labels.no_image)}], {caption});"
    return f"#fig({literal(f'{asked.id}.png')}, {_width(image):.1f}pt, {literal(asked.description)}, {caption});"


def _width(image: Image) -> float:
    """Points: the most there is, or less for an image that would be too high."""
    return min(_FIGURE_WIDTH, _FIGURE_HEIGHT * image.width / image.height)


def _reason(book: Book, lesson: BookLesson) -> str:
    return lesson.reason or book.labels.unknown_reason


def _short(words: str, most: int) -> str:
    """At most about `most` characters, ending with "…" if it was longer."""
    words = printable(words)
    return words if len(words) <= most else words[:most].rsplit(" ", 1)[0].rstrip(" ,;:.") + "…"
