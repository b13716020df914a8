"""A course as a book: what it holds, and how it is written as Markdown, JSON, HTML and PDF.

Works on texts and bytes that are given; knows no storage, no records and no Lambda.
"""

from __future__ import annotations

from functions.content.book.html import write_html
from functions.content.book.json import write_json
from functions.content.book.markdown import write_markdown
from functions.content.book.model import Book, BookLesson, BookModule, assemble
from functions.content.book.pdf import write_pdf

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
