"""A course as a book: what it holds, and how it is written as Markdown, JSON, HTML and PDF.

Works on texts and bytes that are given; knows no storage, no records and no Lambda.
"""

from __future__ import annotations

from functions.common.book.html import write_html
from functions.common.book.json import write_json
from functions.common.book.markdown import write_markdown
from functions.common.book.model import Book, BookLesson, BookModule, assemble
from functions.common.book.pdf import write_pdf

__all__ = [
    "Book",
    "BookLesson",
    "BookModule",
    "assemble",
    "write_html",
    "write_json",
    "write_markdown",
    "write_pdf",
]
