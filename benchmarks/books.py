"""How long a book takes: about 100,000 words and 168 images in every format, on this machine.

Run: python benchmarks/books.py [--out DIR]. Prints figures; fails nothing. Each phase runs once, as in a fresh
function, since Typst remembers what it has set before.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

sys.path.insert(0, str(Path(__file__).parents[1]))

import pypdfium2

from functions.book.docx import write_docx
from functions.book.html import write_html
from functions.book.json import write_json
from functions.book.markdown import write_markdown
from functions.book.model import Book, assemble
from functions.book.pdf import typst_source, write_pdf
from functions.models import LessonBrief
from functions.models.sample import write_lesson
from functions.outline.model import Lesson, Module, Outline, Topic
from functions.outline.units import lesson_id
from functions.slides.drawing import Picture, draw
from functions.text.visuals import visual_tags

MODULES, LESSONS, WORDS_PER_LESSON = 7, 6, 2_400
AIM_SECONDS = 3.0
Result = TypeVar("Result")


def main() -> None:
    """Make the book, print the figures; with --out also keep the files."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--out", type=Path, help="folder that gets book.pdf, book.docx, book.html, book.md and book.json"
    )
    out: Path | None = parser.parse_args().out

    outline = _outline()
    texts = _texts(outline)
    images = _images(outline, texts)
    book = _timed("assemble", lambda: assemble(outline, texts, images))
    _timed("markdown -> typst (part of pdf)", lambda: typst_source(book))
    fresh = assemble(outline, texts, images)  # without what the book remembers of the phase before
    started = time.perf_counter()
    pdf = _timed("pdf", lambda: write_pdf(fresh))
    seconds = time.perf_counter() - started
    files = {"pdf": pdf, **_others(fresh)}
    pages = len(pypdfium2.PdfDocument(pdf))
    print(f"{book.words:,} words, {len(book.images)} images, {pages} pages, {len(pdf) / 1e6:.1f} MB")
    print(f"pdf: {seconds:.2f} s, {seconds / AIM_SECONDS:.2f} of the {AIM_SECONDS:g} s aimed at; {_load()}")
    if out:
        out.mkdir(parents=True, exist_ok=True)
        for extension, content in files.items():
            (out / f"book.{extension}").write_bytes(content)


def _others(book: Book) -> dict[str, bytes]:
    return {
        "docx": _timed("docx", lambda: write_docx(book)),
        "html": _timed("html", lambda: write_html(book)),
        "md": _timed("markdown", lambda: write_markdown(book)),
        "json": _timed("json", lambda: write_json(book)),
    }


def _timed(name: str, work: Callable[[], Result]) -> Result:
    wall, cpu = time.perf_counter(), time.process_time()
    result = work()
    print(f"{name:34} {time.perf_counter() - wall:6.2f} s, {time.process_time() - cpu:6.2f} s of processor time")
    return result


def _load() -> str:
    """What else ran: on a busy machine the seconds say little."""
    return f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores" if hasattr(os, "getloadavg") else "load unknown"


def _outline() -> Outline:
    topics = tuple(Topic(f"Tema {number} de la lección") for number in range(1, 6))
    modules = tuple(
        Module(
            module,
            f"Módulo de muestra número {module}",
            "Qué trata y por qué.",
            lessons=tuple(
                Lesson(number, f"Lección {number}: de la idea al sistema en producción", topics=topics)
                for number in range(1, LESSONS + 1)
            ),
        )
        for module in range(1, MODULES + 1)
    )
    return Outline("Un curso de tamaño real", "Tan largo como el mayor.", "es", "", (), (), (), None, modules)


def _texts(outline: Outline) -> dict[str, str]:
    return {
        lesson_id(module.number, lesson.number): write_lesson(
            LessonBrief(
                course_title=outline.title,
                language=outline.language,
                level="",
                module_number=module.number,
                module_title=module.title,
                lesson_number=lesson.number,
                lesson_title=lesson.title,
                description="",
                topics=tuple(topic.title for topic in lesson.topics),
                objectives=(),
                bloom_level="",
                word_target=WORDS_PER_LESSON,
            )
        )
        for module in outline.modules
        for lesson in module.lessons
    }


def _images(outline: Outline, texts: Mapping[str, str]) -> dict[str, bytes]:
    tags = (tag for text in texts.values() for tag in visual_tags(text))
    return {tag.id: draw(Picture(tag.id, outline.title, tag.description, outline.language)) for tag in tags}


if __name__ == "__main__":
    main()
