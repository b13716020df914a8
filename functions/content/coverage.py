"""Which topics and objectives of an outline a lesson covers: their key words are looked for in its text.

It works for languages in Latin letters; accents, case and inflected endings make no difference.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

ENOUGH: Final = 0.6
"""The share of a topic's key words that must occur for it to count as covered."""

_STEM: Final = 6
_COMMON: Final = frozenset(
    [
        # Short ones count only in capitals, as at the beginning of a sentence or in a title all in capitals.
        *("a", "e", "i", "o", "u", "y", "al", "de", "el", "en", "es", "la", "lo", "no", "se", "su", "un", "ya"),
        *("an", "as", "at", "by", "if", "in", "is", "it", "of", "on", "or", "to", "we"),
        *(
            "about",
            "and",
            "are",
            "for",
            "from",
            "how",
            "into",
            "its",
            "that",
            "the",
            "their",
            "this",
            "through",
            "using",
        ),
        *("what", "when", "which", "with", "your", "you"),
        *("algo", "ante", "como", "con", "cuando", "del", "desde", "donde", "entre", "esta", "este", "hasta", "las"),
        *("los", "mediante", "para", "por", "que", "segun", "sin", "sobre", "sus", "una", "unos", "usando", "usarlo"),
    ]
)


def key_words(text: str) -> frozenset[str]:
    """The key words of `text`, without accents and shortened to six letters so that inflected forms are equal."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    letters = "".join(character for character in plain if not unicodedata.combining(character))
    words = re.findall(r"[^\W_]+", letters)
    # Two letters or a single one count only if they are written as a name: "C", "AI", "n8".
    names = {word.casefold() for word in re.findall(r"\b[A-Z0-9]{1,2}\b", text)}
    return frozenset(word[:_STEM] for word in words if (len(word) > 2 or word in names) and word not in _COMMON)


def uncovered(wanted: Iterable[str], lesson: str) -> list[str]:
    """Those of `wanted` (topics or objectives) of whose key words too few occur in the lesson's text."""
    present = key_words(lesson)
    return [text for text in wanted if (words := key_words(text)) and len(words & present) / len(words) < ENOUGH]
