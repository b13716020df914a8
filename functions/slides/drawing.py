"""Draws sample diagrams: pleasant, marked as samples, and the same bytes for the same picture.

A picture is drawn from its words alone; knows no storage and no course. Stands in for image models.
"""

from __future__ import annotations

import functools
import hashlib
import io
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from PIL import Image, ImageDraw

from functions.slides.lettering import Colour, Lettering

WIDTH: Final = 960
HEIGHT: Final = 540

_SCALE: Final = 2  # shapes are drawn twice as large and reduced, which smooths their edges
_MARGIN: Final = 48
_TOP: Final = 176
_BOTTOM: Final = 470
_MIDDLE: Final = (_TOP + _BOTTOM) // 2
_WHITE: Final[Colour] = (255, 255, 255)
_PAPER: Final[Colour] = (250, 250, 247)
_INK: Final[Colour] = (38, 44, 56)
_GREY: Final[Colour] = (118, 124, 136)
_ACCENTS: Final[tuple[Colour, ...]] = (
    (32, 98, 149),
    (18, 116, 108),
    (130, 70, 140),
    (176, 84, 34),
    (60, 92, 168),
    (92, 116, 32),
)
_SAMPLE: Final = {"es": "Imagen de muestra", "en": "Sample image"}

# Words too common to label a shape with, in the languages that outlines are mostly written in.
_COMMON: Final = frozenset(
    (  # noqa: SIM905
        "about como cómo decisiones desde diagrama enfoques este flow from intervienen into línea para part sobre that "
        "this tiempo timeline ways which with comparación comparison ciclo cycle continua continuous mapa mejora flujo "
        "conceptual concept capas layers diagram improvement approach take main decisions"
    ).split()
)


@dataclass(frozen=True)
class Picture:
    """What a picture is of. `language` as in the outline; it decides the language of the mark."""

    id: str
    title: str
    description: str
    language: str


@dataclass(frozen=True)
class _Canvas:
    """Shapes in final pixels; words are kept until the shapes have been reduced."""

    pen: ImageDraw.ImageDraw
    accent: Colour
    tint: Colour
    words: list[tuple[float, float, str, Colour]]

    def box(self, left: float, top: float, right: float, bottom: float, filled: bool = False) -> None:
        fill = self.accent if filled else self.tint
        self.pen.rounded_rectangle(_scaled(left, top, right, bottom), 12 * _SCALE, fill, self.accent, 2 * _SCALE)

    def disc(self, x: float, y: float, radius: float, filled: bool = False) -> None:
        fill = self.accent if filled else self.tint
        self.pen.ellipse(_scaled(x - radius, y - radius, x + radius, y + radius), fill, self.accent, 2 * _SCALE)

    def line(self, *points: float) -> None:
        self.pen.line(_scaled(*points), self.accent, 3 * _SCALE)

    def arrow(self, x1: float, y1: float, x2: float, y2: float) -> None:
        """A line with its head at the second point."""
        self.line(x1, y1, x2, y2)
        angle = math.atan2(y2 - y1, x2 - x1)
        sides = (x - 12 * f(angle + turn) for turn in (-0.45, 0.45) for x, f in ((x2, math.cos), (y2, math.sin)))
        self.pen.polygon(_scaled(x2, y2, *sides), self.accent)

    def label(self, x: float, y: float, text: str, width: float, on_accent: bool = False) -> None:
        """`text` around a middle point, in at most two lines of `width`."""
        letters = _lettering(19)
        lines = letters.wrap(text, width, 2)
        for number, line in enumerate(lines):
            baseline = y + 7 + (number - (len(lines) - 1) / 2) * letters.line_height
            self.words.append((x - letters.width(line) / 2, baseline, line, _WHITE if on_accent else _INK))


def draw(picture: Picture) -> bytes:
    """The picture as PNG, 960 x 540, some kilobytes."""
    digest = hashlib.sha256("\n".join((picture.title, picture.description, picture.language)).encode()).digest()
    accent = _ACCENTS[digest[0] % len(_ACCENTS)]
    tint = _blend(accent, _PAPER, 0.86)
    large = Image.new("RGB", (WIDTH * _SCALE, HEIGHT * _SCALE), _PAPER)
    canvas = _Canvas(ImageDraw.Draw(large), accent, tint, [])
    canvas.pen.rectangle(_scaled(0, 0, 12, HEIGHT), accent)
    _SHAPES[digest[1] % len(_SHAPES)](canvas, _labels(picture, 4 + digest[2] % 2))

    image = large.reduce(_SCALE)
    for x, y, text, colour in canvas.words:
        _lettering(19).draw(image, (x, y), text, colour)
    _frame(image, picture)
    reduced = image.quantize(palette=_palette(accent, tint), dither=Image.Dither.NONE)
    png = io.BytesIO()
    reduced.save(png, "PNG", compress_level=6)
    return png.getvalue()


def _frame(image: Image.Image, picture: Picture) -> None:
    """What every picture has: the lesson's title, the description, the mark and the id."""
    small, heading = _lettering(17), _lettering(29)
    room = WIDTH - 2 * _MARGIN
    small.draw(image, (_MARGIN, 52), small.wrap(picture.title, room, 1)[0] if picture.title.strip() else "", _GREY)
    for number, line in enumerate(heading.wrap(picture.description, room, 2)):
        heading.draw(image, (_MARGIN, 96 + number * heading.line_height), line, _INK)
    mark = _SAMPLE["es" if picture.language.casefold().startswith("es") else "en"]
    small.draw(image, (_MARGIN, HEIGHT - 24), mark, _GREY)
    small.draw(image, (WIDTH - _MARGIN - small.width(picture.id), HEIGHT - 24), picture.id, _GREY)


def _flow(canvas: _Canvas, labels: Sequence[str]) -> None:
    step = (WIDTH - 2 * _MARGIN + 36) / len(labels)
    for number, label in enumerate(labels):
        left = _MARGIN + number * step
        canvas.box(left, _MIDDLE - 62, left + step - 36, _MIDDLE + 62, filled=number == 0)
        canvas.label(left + (step - 36) / 2, _MIDDLE, label, step - 52, on_accent=number == 0)
        if number:
            canvas.arrow(left - 34, _MIDDLE, left - 3, _MIDDLE)


def _cycle(canvas: _Canvas, labels: Sequence[str]) -> None:
    count, radius = len(labels), 46
    places = [
        (WIDTH / 2 + 250 * math.sin(2 * math.pi * n / count), _MIDDLE - 100 * math.cos(2 * math.pi * n / count))
        for n in range(count)
    ]
    for (x1, y1), (x2, y2) in zip(places, [*places[1:], places[0]], strict=True):
        length = math.hypot(x2 - x1, y2 - y1)
        dx, dy = (x2 - x1) / length, (y2 - y1) / length
        canvas.arrow(x1 + dx * radius, y1 + dy * radius, x2 - dx * (radius + 4), y2 - dy * (radius + 4))
    for number, ((x, y), label) in enumerate(zip(places, labels, strict=True)):
        canvas.disc(x, y, radius, filled=number == 0)
        canvas.label(x, y, label, 2 * radius - 10, on_accent=number == 0)


def _layers(canvas: _Canvas, labels: Sequence[str]) -> None:
    step = (_BOTTOM - _TOP + 12) / len(labels)
    for number, label in enumerate(labels):
        top, inset = _TOP + number * step, 60 * (len(labels) - 1 - number) / 2
        canvas.box(_MARGIN + 90 + inset, top, WIDTH - _MARGIN - 90 - inset, top + step - 12, filled=number == 0)
        canvas.label(WIDTH / 2, top + (step - 12) / 2, label, 480, on_accent=number == 0)


def _comparison(canvas: _Canvas, labels: Sequence[str]) -> None:
    half = (WIDTH - 2 * _MARGIN - 60) / 2
    for column in (0, 1):
        left = _MARGIN + column * (half + 60)
        canvas.box(left, _TOP, left + half, _BOTTOM)
        canvas.box(left, _TOP, left + half, _TOP + 66, filled=True)
        canvas.label(left + half / 2, _TOP + 33, labels[column], half - 30, on_accent=True)
        for row, label in enumerate(labels[2:5]):
            y = _TOP + 112 + row * 66
            canvas.disc(left + 40, y, 12, filled=row % 2 == column)
            canvas.label(left + 60 + (half - 70) / 2, y, label, half - 90)
    canvas.arrow(WIDTH / 2 - 24, _MIDDLE, WIDTH / 2 + 24, _MIDDLE)


def _timeline(canvas: _Canvas, labels: Sequence[str]) -> None:
    canvas.arrow(_MARGIN, _MIDDLE, WIDTH - _MARGIN, _MIDDLE)
    step = (WIDTH - 2 * _MARGIN - 30) / len(labels)
    for number, label in enumerate(labels):
        x, side = _MARGIN + (number + 0.5) * step, -1 if number % 2 else 1
        canvas.line(x, _MIDDLE, x, _MIDDLE + side * 70)
        canvas.disc(x, _MIDDLE, 14, filled=True)
        canvas.box(x - 88, _MIDDLE + side * 98 - 34, x + 88, _MIDDLE + side * 98 + 34, filled=number == 0)
        canvas.label(x, _MIDDLE + side * 98, label, 164, on_accent=number == 0)


def _tree(canvas: _Canvas, labels: Sequence[str]) -> None:
    root, *leaves = labels
    step = (WIDTH - 2 * _MARGIN) / len(leaves)
    for number, label in enumerate(leaves):
        x = _MARGIN + (number + 0.5) * step
        canvas.line(WIDTH / 2, _TOP + 76, WIDTH / 2, _MIDDLE, x, _MIDDLE)
        canvas.arrow(x, _MIDDLE, x, _BOTTOM - 100)
        canvas.box(x - step / 2 + 12, _BOTTOM - 98, x + step / 2 - 12, _BOTTOM - 10)
        canvas.label(x, _BOTTOM - 54, label, step - 40)
    canvas.box(WIDTH / 2 - 190, _TOP, WIDTH / 2 + 190, _TOP + 76, filled=True)
    canvas.label(WIDTH / 2, _TOP + 38, root, 350, on_accent=True)


_SHAPES: Final[tuple[Callable[[_Canvas, Sequence[str]], None], ...]] = (
    _flow,
    _cycle,
    _layers,
    _comparison,
    _timeline,
    _tree,
)


def _labels(picture: Picture, count: int) -> list[str]:
    """Words of the picture that can stand in its shapes, each once; numbers where there are too few."""
    words = re.findall(r"[^\W_][\w-]*[^\W_]", f"{picture.description} {picture.title}")
    telling = [word for word in words if (len(word) > 3 or word.isupper()) and word.casefold() not in _COMMON]
    labels = list({word.casefold(): word[:1].upper() + word[1:] for word in telling}.values())[:count]
    return labels + [str(number) for number in range(len(labels) + 1, count + 1)]


@functools.cache
def _lettering(size: int) -> Lettering:
    return Lettering(size)


@functools.cache
def _palette(accent: Colour, tint: Colour) -> Image.Image:
    """The colours of a picture and the steps between those that meet in the edges of letters and shapes."""
    pairs = ((_INK, _PAPER), (_INK, tint), (_GREY, _PAPER), (accent, _PAPER), (accent, tint), (_WHITE, accent))
    steps = [_blend(one, other, part / 5) for one, other in pairs for part in range(6)]
    palette = Image.new("P", (1, 1))
    palette.putpalette([channel for colour in dict.fromkeys(steps) for channel in colour])
    return palette


def _blend(one: Colour, other: Colour, part: float) -> Colour:
    """The colour that is `part` of the way from one to the other."""
    red, green, blue = (round(a + (b - a) * part) for a, b in zip(one, other, strict=True))
    return red, green, blue


def _scaled(*numbers: float) -> list[float]:
    return [number * _SCALE for number in numbers]
