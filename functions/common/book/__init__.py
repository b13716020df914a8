"""A course as a book: what it holds, and how it is written as Markdown, JSON, HTML, PDF and DOCX.

Works on texts and bytes that are given; knows no storage, no records and no Lambda. What is named here is loaded when
it is first used: an API function shows a lesson without paying for what sets a PDF.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from functions.common.book.docx import write_docx
    from functions.common.book.fragment import unit_html
    from functions.common.book.html import write_html
    from functions.common.book.json import write_json
    from functions.common.book.markdown import write_markdown
    from functions.common.book.model import Book, BookLesson, BookModule, assemble, assemble_labs
    from functions.common.book.pdf import write_pdf

__all__ = [
    "Book",
    "BookLesson",
    "BookModule",
    "assemble",
    "assemble_labs",
    "unit_html",
    "write_docx",
    "write_html",
    "write_json",
    "write_markdown",
    "write_pdf",
]
_HOMES: Final = {
    **dict.fromkeys(("Book", "BookLesson", "BookModule", "assemble", "assemble_labs"), "model"),
    "unit_html": "fragment",
    "write_docx": "docx",
    "write_html": "html",
    "write_json": "json",
    "write_markdown": "markdown",
    "write_pdf": "pdf",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
