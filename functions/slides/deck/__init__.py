"""A module's slides: lessons as Markdown and images as PNG become a PowerPoint file. Knows no storage.

`slides_of` plans what is on each slide, which can be looked at without PowerPoint; `write_deck` makes the file.
"""

from __future__ import annotations

from functions.slides.deck.layout import slides_of
from functions.slides.deck.model import Deck, DeckLesson
from functions.slides.deck.sections import one_line
from functions.slides.deck.writing import write_pptx
from functions.text.labels import labels_for
from functions.text.languages import primary_language

VERSION = "1"
"""Changes whenever equal lessons give other slides: decks that are stored are stale then."""

__all__ = ["VERSION", "Deck", "DeckLesson", "slides_of", "write_deck"]


def write_deck(deck: Deck) -> tuple[bytes, int]:
    """The .pptx file of a module and how many slides it has. Equal decks give equal bytes."""
    slides = slides_of(deck)
    module = labels_for(primary_language(deck.language)).module
    title = one_line(f"{module} {deck.module_number}: {deck.module_title}")
    return write_pptx(slides, title, f"{one_line(deck.course_title)} · {title}", deck.language), len(slides)
