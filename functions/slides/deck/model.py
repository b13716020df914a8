"""What goes into a deck, and the slides that it becomes. Plain frozen data; knows neither Markdown nor PowerPoint."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from functions.text.png import Image


@dataclass(frozen=True)
class DeckLesson:
    """A lesson of the module; `markdown` is None for one that was not written."""

    number: int
    title: str
    markdown: str | None = None


@dataclass(frozen=True)
class Deck:
    """One module's slides to be. `language` is the outline's own; `images` holds PNG files by id ("MM-LL-NNNN")."""

    course_title: str
    language: str
    module_number: int
    module_title: str
    lessons: tuple[DeckLesson, ...]
    module_description: str = ""
    images: Mapping[str, bytes] = field(default_factory=dict[str, bytes])


@dataclass(frozen=True)
class Run:
    """A piece of text in one style; "\\n" in it is a line break. `link` is a web address, "" for none."""

    text: str
    bold: bool = False
    italic: bool = False
    strike: bool = False
    code: bool = False
    link: str = ""


Runs = tuple[Run, ...]


@dataclass(frozen=True)
class Paragraph:
    """A paragraph of a slide's body. `level` counts from 0.

    `marker`: a bullet, a number, nothing, or nothing but as far in as the text of the point above ("hanging").
    """

    runs: Runs
    level: int = 0
    marker: Literal["bullet", "none", "hanging"] | int = "bullet"


@dataclass(frozen=True)
class TitleSlide:
    """The first one: what the deck is."""

    label: str
    title: str
    subtitle: str
    notes: str


@dataclass(frozen=True)
class SectionSlide:
    """Opens a lesson; `remark` says what there is to say of it as a whole, "" for nothing."""

    label: str
    title: str
    remark: str
    notes: str


@dataclass(frozen=True)
class TextSlide:
    """Points; `kicker` is the line above the title that says where in the module one is."""

    title: str
    kicker: str
    paragraphs: tuple[Paragraph, ...]
    notes: str


@dataclass(frozen=True)
class TableSlide:
    """A table with its header first; `widths` of columns and `heights` of rows in points; `lead` introduces it."""

    title: str
    kicker: str
    lead: str
    rows: tuple[tuple[Runs, ...], ...]
    widths: tuple[float, ...]
    heights: tuple[float, ...]
    notes: str


@dataclass(frozen=True)
class CodeSlide:
    """Lines of code, none longer than the box; `lead` introduces them."""

    title: str
    kicker: str
    lead: str
    lines: tuple[str, ...]
    notes: str


@dataclass(frozen=True)
class FigureSlide:
    """A figure; `image` is None if there is none, which `absence` says then. `alt` describes it to who cannot see."""

    title: str
    kicker: str
    image: Image | None
    caption: str
    alt: str
    absence: str
    notes: str


Slide = TitleSlide | SectionSlide | TextSlide | TableSlide | CodeSlide | FigureSlide
