"""Books small enough to read in a test, and a PNG file."""

from __future__ import annotations

import struct
import zlib

from functions.book.model import Book, assemble
from functions.outline.model import Lesson, Module, Outline

PIECES = (
    "# ",
    "## ",
    "> ",
    "- ",
    "1. ",
    "```",
    "~~~",
    "`",
    "*",
    "**",
    "_",
    "[",
    "](",
    ")",
    "![",
    "---",
    "\n",
    "\n\n",
    "|",
    "|a|b|\n|-|-|\n|c|",
    "[VISUAL: 01-01-0001 - d]",
    "é",
    "✅",
    "漢",
    "x" * 90,
    "\x00",
    "\u2028",
    "http://x.y",
    "&#12;",
    "&#xfffd;",
)
"""What lessons are made of, and what might trip whoever reads them."""
DEEP = {
    "quotes": ">" * 60 + " x",
    "lists": "> - " * 30 + "x",
    "emphasis": "*a **b " * 60 + "**c*" * 60,
    "columns": "|a" * 60 + "|\n" + "|-" * 60 + "|",
    "cell": f"|a|\n|-|\n|{'word ' * 4000}|",
}
"""Structures that are deeper, wider or longer than anybody writes."""


def png(width: int = 4, height: int = 2) -> bytes:
    """A grey PNG file."""
    rows = (b"\x00" + b"\x80" * width) * height
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )


def outline(title: str = "A course", language: str = "en", modules: int = 2, lesson_title: str = "A lesson") -> Outline:
    """An outline of modules with two lessons each."""
    return Outline(
        title,
        "What it is about.",
        language,
        "",
        ("Everybody",),
        (),
        ("To read",),
        90,
        tuple(
            Module(
                number,
                f"Module title {number}",
                "",
                lessons=(Lesson(1, lesson_title), Lesson(2, "Another lesson")),
            )
            for number in range(1, modules + 1)
        ),
    )


def book_of(
    markdown: str, title: str = "A course", language: str = "en", images: dict[str, bytes] | None = None
) -> Book:
    """A book of two lessons, the first one with this text."""
    texts = {"01-01": markdown, "01-02": "# Another lesson\n\nThe second text.\n"}
    return assemble(outline(title, language, modules=1), texts, images)
