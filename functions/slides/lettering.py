"""Writes words into pictures with Pillow's built-in font alone: the same letters on every machine, no font to install.

That font has no accented letters, so they are put together here from a letter and a mark. Knows no diagram.
"""

from __future__ import annotations

import functools
import unicodedata
from typing import Final

from PIL import Image, ImageDraw, ImageFont

Colour = tuple[int, int, int]

# Combining marks and the glyph of the font that is set above (or below) the letter instead.
_MARKS: Final = {
    "\u0300": "`",
    "\u0301": "´",
    "\u0302": "^",
    "\u0303": "~",
    "\u0308": "..",
    "\u030a": "°",
    "\u030c": "^",
    "\u0327": ",",
}
_BELOW: Final = frozenset({"\u0327"})
_TOO_LARGE: Final = frozenset("^~°")
_TURNED: Final = {"¿": "?", "¡": "!"}  # nor are these in the font
_INSTEAD: Final = str.maketrans(
    {"–": "-", "—": "-", "−": "-", "\u00a0": " ", "ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "Ø": "O", "ł": "l"}
    | {"Æ": "AE", "Œ": "OE", "Ł": "L", "ı": "i", "€": "EUR", "→": "->", "×": "x", "•": "·", "º": "°", "ª": "a"}
)


class Lettering:
    """Letters of one size, in pixels."""

    def __init__(self, size: int) -> None:
        font = ImageFont.load_default(size)
        if not isinstance(font, ImageFont.FreeTypeFont):
            raise OSError("This build of Pillow has no FreeType, so it cannot write at any size.")
        # Another layout engine would set the same words a little differently where it is installed.
        self._font = font.font_variant(layout_engine=ImageFont.Layout.BASIC)
        self._small = self._font.font_variant(size=size * 0.7)
        self._inks: dict[tuple[float, str], tuple[int, int, int, int]] = {}
        self.line_height = round(size * 1.35)

    def width(self, text: str) -> float:
        """How wide `text` is, in pixels."""
        return self._font.getlength(_letters(text)[0])

    def wrap(self, text: str, width: float, max_lines: int) -> list[str]:
        """`text` in lines no wider than `width`; what does not fit into `max_lines` ends in "…"."""
        lines: list[str] = []
        words = text.split()
        while words and len(lines) < max_lines:
            count = 1
            while count < len(words) and self.width(" ".join(words[: count + 1])) <= width:
                count += 1
            lines.append(self._cut(" ".join(words[:count]), width))
            words = words[count:]
        if words:
            lines[-1] = self._cut(f"{lines[-1].removesuffix('…')}…", width)
        return lines

    def draw(self, picture: Image.Image, place: tuple[float, float], text: str, colour: Colour) -> None:
        """Write one line with its left end and its baseline at `place`."""
        base, marks = _letters(text)
        ascent, descent = self._font.getmetrics()
        above, wide = ascent, round(self._font.getlength(base)) + ascent
        mask = Image.new("L", (wide, above + ascent + descent), 0)
        pen = ImageDraw.Draw(mask)
        baseline = above + ascent
        turned = [index for index, mark in marks if mark in _TURNED]
        for start, end in zip([0, *(index + 1 for index in turned)], [*turned, len(base)], strict=True):
            pen.text((self._font.getlength(base[:start]), baseline), base[start:end], 255, self._font, "ls")
        for index, mark in marks:
            left = self._font.getlength(base[:index])
            if mark in _TURNED:
                self._turned(mask, left, baseline, base[index])
            else:
                self._mark(pen, base[index], left, baseline, mark)
        picture.paste(colour, (round(place[0]), round(place[1]) - baseline), mask)

    def _cut(self, text: str, width: float) -> str:
        while len(text) > 1 and self.width(text) > width:
            text = f"{text.removesuffix('…')[:-1].rstrip()}…"
        return text

    def _mark(self, pen: ImageDraw.ImageDraw, letter: str, left: float, baseline: float, mark: str) -> None:
        """Set a mark above or below a letter that stands at `left`."""
        gap = max(1, round(self._font.size / 14))
        box = self._ink(self._font, letter)
        top = box[1]
        if letter in "ij" and mark not in _BELOW:  # the dot gives way to the mark
            top = self._ink(self._font, "x")[1]
            pen.rectangle((left + box[0] - 1, baseline + box[1] - 1, left + box[2] + 1, baseline + top - 1), fill=0)
        glyph = _MARKS[mark]
        font = self._small if glyph in _TOO_LARGE else self._font
        shape = self._ink(font, glyph)
        x = left + (box[0] + box[2]) / 2 - (shape[0] + shape[2]) / 2
        y = baseline if mark in _BELOW else baseline + top - gap - shape[3]
        pen.text((round(x), round(y)), glyph, 255, font, "ls")

    def _turned(self, mask: Image.Image, left: float, baseline: float, letter: str) -> None:
        """Set a letter upside down, as Spanish opens its questions."""
        box = self._ink(self._font, letter)
        upright = Image.new("L", (box[2] - box[0], box[3] - box[1]), 0)
        ImageDraw.Draw(upright).text((-box[0], -box[1]), letter, 255, self._font, "ls")
        top = round(baseline) + self._ink(self._font, "x")[1]
        mask.paste(upright.transpose(Image.Transpose.ROTATE_180), (round(left) + box[0], top))

    def _ink(self, font: ImageFont.FreeTypeFont, letter: str) -> tuple[int, int, int, int]:
        """What of a letter is black, from the place on the baseline where it stands."""
        if (font.size, letter) not in self._inks:
            room = round(2 * font.size)
            sheet = Image.new("L", (2 * room, 2 * room), 0)
            ImageDraw.Draw(sheet).text((room, room), letter, 255, font, "ls")
            left, top, right, bottom = sheet.getbbox() or (room, room, room, room)
            self._inks[font.size, letter] = (left - room, top - room, right - room, bottom - room)
        return self._inks[font.size, letter]


@functools.lru_cache(maxsize=4096)
def _letters(text: str) -> tuple[str, tuple[tuple[int, str], ...]]:
    """The letters of `text` without their marks, and each mark with the index of its letter ("¿" marks a "?")."""
    base: list[str] = []
    marks: list[tuple[int, str]] = []
    for character in unicodedata.normalize("NFD", text.translate(_INSTEAD)):
        if character in _TURNED:
            base.append(_TURNED[character])
            marks.append((len(base) - 1, character))
        elif not unicodedata.combining(character):
            base.append(character)
        elif base and character in _MARKS:
            marks.append((len(base) - 1, character))
    return "".join(base), tuple(marks)
