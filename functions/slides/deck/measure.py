"""How wide text is and where its lines break, in points, without any font at hand.

The widths are those of Arial, which are Helvetica's and Liberation Sans's too (the AFM files that Adobe published with
PostScript), and Courier New's 0.6 em. What is in none of these tables is taken as wide as it may be.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Final

from functions.slides.deck.geometry import Type
from functions.slides.deck.model import Run, Runs

SAFETY: Final = 1.03
"""Renderers round glyphs and kern; a line is counted as this much longer than the sum of its letters."""
MONO: Final = 0.6

_PRINTABLE: Final = "".join(map(chr, range(32, 127)))
_REGULAR: Final = (
    "278 278 355 556 556 889 667 191 333 333 389 584 278 333 278 278 556 556 556 556 556 556 556 556 556 556 278 278 "
    "584 584 584 556 1015 667 667 722 722 667 611 778 722 278 500 667 556 833 722 778 667 778 722 667 611 722 667 944 "
    "667 667 611 278 278 278 469 556 333 556 556 500 556 556 278 556 556 222 222 500 222 833 556 556 556 556 333 500 "
    "278 556 500 722 500 500 500 334 260 334 584"
)
_BOLD: Final = (
    "278 333 474 556 556 889 722 238 333 333 389 584 278 333 278 278 556 556 556 556 556 556 556 556 556 556 333 333 "
    "584 584 584 611 975 722 722 722 722 667 611 778 722 278 556 722 611 833 722 778 667 778 722 667 611 722 667 944 "
    "667 667 611 333 278 333 584 556 333 556 611 556 611 556 333 611 611 278 278 556 278 889 611 611 611 611 389 556 "
    "333 611 556 778 556 556 500 389 280 389 584"
)
_OTHERS: Final = {
    **dict.fromkeys("«»–€£§", 0.556),
    **dict.fromkeys("“”„", 0.5),
    **dict.fromkeys("‘’‚·", 0.278),
    **dict.fromkeys("•°ºª", 0.4),
    **dict.fromkeys("¿ßøł×±", 0.611),
    "¡": 0.333,
    "\u00a0": 0.278,
    "\u00ad": 0.333,
}
_PIECES: Final = re.compile(r"\n|[^ \n]* +|[^ \n]+")


class _Ems(dict[str, float]):
    """Widths of letters in ems; those of letters not in the tables are worked out when they are first asked for."""

    def __init__(self, widths: str) -> None:
        ascii_ = {char: int(width) / 1000 for char, width in zip(_PRINTABLE, widths.split(), strict=True)}
        super().__init__({**_OTHERS, **ascii_})
        self._known = frozenset(self)

    def __missing__(self, char: str) -> float:
        self[char] = width = self._estimate(char)
        return width

    def _estimate(self, char: str) -> float:
        if unicodedata.category(char) in ("Mn", "Me", "Cf"):  # marks upon a letter, and what is not seen
            return 0.0
        letter = unicodedata.normalize("NFD", char)[0]
        if letter in self._known:
            return self[letter] + (0.1 if letter in "dltfij" else 0.0)  # their accents stand beside or stick out
        if 0x370 <= ord(char) < 0x530 and char.islower():  # Greek and Cyrillic
            return 0.85
        return 1.4 if ord(char) > 0xFFFF else 1.1  # emoji are the widest


_EMS: Final = {False: _Ems(_REGULAR), True: _Ems(_BOLD)}


def text_width(text: str, size: float, *, bold: bool = False, code: bool = False) -> float:
    """How wide a line of text is."""
    ems = columns(text) * MONO if code else sum(map(_EMS[bold].__getitem__, text))
    return ems * size * SAFETY


def columns(text: str) -> int:
    """How many columns of a monospaced font a line takes: what is not in such a font is wider than one."""
    return len(text) if text.isascii() else sum(_columns(char) for char in text)


def wrap(runs: Iterable[Run], type_: Type, width: float) -> list[Runs]:
    """The lines of a paragraph; a word wider than a line is broken. Joined they are the runs again, breaks included."""
    lines: list[Runs] = []
    line: list[Run] = []
    used = 0.0

    def end() -> None:
        nonlocal used
        lines.append(joined(line))
        line.clear()
        used = 0.0

    for word in _words(runs):
        if word[0].text == "\n":
            line += word
            end()
            continue
        ink = _width([*word[:-1], replace(word[-1], text=word[-1].text.rstrip(" "))], type_)
        if used and used + ink > width:
            end()
        if ink > width:
            for run in word:
                begin = 0
                for place, letter in enumerate(run.text):
                    needed = _run_width(run, letter, type_)
                    if used and used + needed > width and letter != " ":
                        line.append(replace(run, text=run.text[begin:place]))
                        begin = place
                        end()
                    used += needed
                line.append(replace(run, text=run.text[begin:]))
        else:
            line += word
            used += _width(word, type_)
    if line or not lines:
        end()
    return lines


def fitted(text: str, type_: Type, width: float, lines: int, suffix: str = "") -> str:
    """`text` and `suffix` in at most so many lines: what does not fit is cut, with "…" in its place."""
    whole = text + suffix
    if len(wrap([Run(whole)], type_, width)) <= lines:
        return whole
    low, high = 0, len(text)
    while low < high:  # the longest beginning that fits
        middle = (low + high + 1) // 2
        if len(wrap([Run(f"{text[:middle].rstrip()}…{suffix}")], type_, width)) <= lines:
            low = middle
        else:
            high = middle - 1
    cut = text[:low].rstrip()
    at_word = cut[: cut.rfind(" ")] if " " in cut[len(cut) // 2 :] and text[low : low + 1].strip() else cut
    return f"{at_word.rstrip(' ,;:.')}…{suffix}"


def plain(runs: Iterable[Run]) -> str:
    """The text of runs."""
    return "".join(run.text for run in runs)


def joined(runs: Sequence[Run]) -> Runs:
    """Runs with neighbours of the same style as one, and none that is empty."""
    result: list[Run] = []
    for run in runs:
        if not run.text:
            continue
        if result and replace(result[-1], text="") == replace(run, text=""):
            result[-1] = replace(run, text=result[-1].text + run.text)
        else:
            result.append(run)
    return tuple(result)


def _words(runs: Iterable[Run]) -> Iterator[list[Run]]:
    """Words with the blanks behind them, each in as many runs as it has styles; a line break is a word of its own."""
    word: list[Run] = []
    for run in runs:
        for piece in _PIECES.findall(run.text):
            if piece == "\n" and word:
                yield word
                word = []
            word.append(replace(run, text=piece))
            if piece[-1] in " \n":
                yield word
                word = []
    if word:
        yield word


def _width(runs: Iterable[Run], type_: Type) -> float:
    return sum(_run_width(run, run.text, type_) for run in runs)


def _run_width(run: Run, text: str, type_: Type) -> float:
    return text_width(text, type_.size, bold=run.bold or type_.bold, code=run.code)


@functools.lru_cache(16_384)
def _columns(char: str) -> int:
    if char.isascii():
        return 1
    if unicodedata.category(char) in ("Mn", "Me", "Cf"):
        return 0
    letter = unicodedata.normalize("NFD", char)[0]
    if letter in _PRINTABLE or letter in _OTHERS or 0x370 <= ord(char) < 0x530 or 0x2500 <= ord(char) < 0x2580:
        return 1
    return 3 if ord(char) > 0xFFFF else 2
