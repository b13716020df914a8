"""Writes a book in all its formats, and nothing where they are stored already as they would be written.

Knows the store by its interface only; a book may be one of lessons or one of labs.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from aurora.runtime.objects import CONTENT_TYPES, ObjectStore, is_made_from, source_digest, source_metadata
from functions.book.docx import write_docx
from functions.book.html import write_html
from functions.book.json import write_json
from functions.book.markdown import write_markdown
from functions.book.model import Book
from functions.book.pdf import write_pdf

FORMATS: Final[dict[str, Callable[[Book], bytes]]] = {
    "md": write_markdown,
    "json": write_json,
    "html": write_html,
    "pdf": write_pdf,
    "docx": write_docx,
}
WRITERS: Final = 1
"""Raise it with a change of what any format looks like: books that are stored are written anew then."""


def book_digest(*parts: Any) -> str:
    """A digest of all that a book is made of, and of how it is written."""
    return source_digest(WRITERS, *parts)


def is_published(key_of: Callable[[str], str], store: ObjectStore, source: str) -> bool:
    """Whether every format is stored as it was made of `source`."""
    return not _stale(key_of, store, source)


def publish(book: Book, key_of: Callable[[str], str], store: ObjectStore, source: str) -> bool:
    """Store the book in every format; False if nothing had to be written.

    `key_of` gives the key of a format ("pdf"), `source` is what `book_digest` gives for all that went into the book.
    """

    def write(format_: str) -> None:
        content = FORMATS[format_](book)
        store.write(key_of(format_), content, CONTENT_TYPES[format_], source_metadata(source))

    stale = _stale(key_of, store, source)
    with ThreadPoolExecutor(len(FORMATS)) as threads:
        list(threads.map(write, stale))
    return bool(stale)


def _stale(key_of: Callable[[str], str], store: ObjectStore, source: str) -> list[str]:
    with ThreadPoolExecutor(len(FORMATS)) as threads:
        found = threads.map(lambda format_: store.head(key_of(format_)), FORMATS)
        return [format_ for format_, stored in zip(FORMATS, found, strict=True) if not is_made_from(stored, source)]
