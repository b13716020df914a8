"""What the writers of the `sample` model share: numbers and phrases drawn from a brief, and pieces of Markdown.

Knows neither lessons nor labs.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Sequence
from typing import Final

from functions.text.words import count_words, one_line

_SUBJECT_WORDS: Final = 9
"""A longer title is shortened to this many words where a sentence speaks of it."""


class Dice:
    """Numbers drawn from sha256(seed, counter): the same on every platform and Python version."""

    def __init__(self, seed: str) -> None:
        self._seed = hashlib.sha256(seed.encode()).digest()
        self._counter = 0

    def below(self, bound: int) -> int:
        """A number from 0 to `bound` - 1."""
        self._counter += 1
        digest = hashlib.sha256(self._seed + self._counter.to_bytes(8, "big")).digest()
        return int.from_bytes(digest[:8], "big") % bound


class Deck:
    """Cards drawn in random order, each once before any comes again."""

    def __init__(self, cards: Sequence[str], dice: Dice) -> None:
        self._cards = cards
        self._dice = dice
        self._left: list[str] = []

    def draw(self) -> str:
        if not self._left:
            self._left = list(self._cards)
        return self._left.pop(self._dice.below(len(self._left)))


class Slots(dict[str, str]):
    """Values of a template's slots: those given, else the next card of the deck of that name."""

    def __init__(self, decks: dict[str, Deck], given: dict[str, str]) -> None:
        super().__init__(given)
        self._decks = decks

    def __missing__(self, name: str) -> str:
        return self._decks[name].draw()


def titled(heading: str, body: str) -> str:
    return f"## {heading}\n\n{body}"


def words_in(blocks: Iterable[str]) -> int:
    return sum(map(count_words, blocks))


def short(title: str) -> str:
    """A title as sentences speak of it: without what stands in brackets or after a colon, at most nine words."""
    head = re.split(r"[:(\[]", one_line(title), maxsplit=1)[0].strip() or one_line(title)
    words = head.split()
    return head if len(words) <= _SUBJECT_WORDS else " ".join(words[:_SUBJECT_WORDS]) + "…"


def plain(text: str) -> str:
    """Text of the outline as Markdown that shows exactly this text, in a table cell too."""
    return re.sub(r"([\\`*_\[\]<>|])", r"\\\1", text)


def listed(names: Iterable[str]) -> str:
    return "; ".join(plain(one_line(name)) for name in names)


def ended(text: str) -> str:
    return text if text.endswith((".", "!", "?", "…")) else f"{text}."


def capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
