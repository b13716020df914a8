"""Decks small enough to read in a test, and Markdown that no author would write."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st

from functions.slides.deck import Deck, DeckLesson, slides_of

TITLE = "Soils and roots"


def deck_of(*lessons: str | None, images: Mapping[str, bytes] | None = None, **changes: Any) -> Deck:
    """A module of lessons with these texts."""
    named = tuple(DeckLesson(number, f"Lesson title {number}", text) for number, text in enumerate(lessons, 1))
    values: dict[str, Any] = {
        "course_title": "A course",
        "language": "en",
        "module_number": 1,
        "module_title": TITLE,
        "lessons": named,
        "images": images or {},
    }
    return Deck(**{**values, **changes})


def slides_about(markdown: str, **changes: Any) -> list[Any]:
    """The slides of one lesson between the one that opens it and the module's summary."""
    slides = slides_of(deck_of(f"# Title\n\n{markdown}", **changes))
    last = slides[-1].title == "Summary of the module"
    return slides[3 : len(slides) - last]


_WORDS = st.text(st.characters(codec="utf-8", exclude_characters="\r"), max_size=60)
_LONG = st.sampled_from(["W" * 400, "https://example.org/" + "a" * 300, "palabra " * 120, "漢字" * 200, "👩‍🌾" * 90])
_TEXT = st.one_of(_WORDS, _LONG, st.sampled_from(["¿Qué es?", "**bold** and `code`", "a [link](https://a.b/c)"]))
_LINE = _TEXT.map(lambda text: " ".join(text.split()))


def _table(rows: list[list[str]]) -> str:
    width = max(map(len, rows))
    lines = ["| " + " | ".join([*row, *[""] * (width - len(row))]) + " |" for row in rows]
    return "\n".join([lines[0], "|" + "---|" * width, *lines[1:]])


_BLOCKS = st.one_of(
    _TEXT,
    st.tuples(st.integers(1, 6), _LINE).map(lambda pair: f"{'#' * pair[0]} {pair[1]}"),
    st.lists(_LINE, min_size=1, max_size=12).map(lambda lines: "\n".join(f"- {line}" for line in lines)),
    st.lists(_LINE, min_size=1, max_size=4).map(
        lambda lines: "\n".join(f"{'  ' * n}* {x}" for n, x in enumerate(lines))
    ),
    st.lists(_LINE, min_size=1, max_size=30).map(lambda lines: "```py\n" + "\n".join(lines) + "\n```"),
    st.lists(st.lists(_LINE, min_size=1, max_size=9), min_size=1, max_size=25).map(_table),
    _LINE.map(lambda text: f"> {text}"),
    st.just("[VISUAL: 01-01-0001 - A figure]"),
)
MARKDOWN = st.lists(_BLOCKS, max_size=6).map("\n\n".join)
