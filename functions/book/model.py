"""What a book is: a course's modules and lessons, with the texts and images that exist and why others are missing.

A book of labs is a book whose lessons are labs: it differs in its own words alone. Knows neither storage nor any
format that a book is written in.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from markdown_it.token import Token

from functions.outline.model import Module, Outline
from functions.outline.selection import PlacedLab, labs
from functions.outline.units import lesson_id
from functions.text import reading
from functions.text.labels import Kind, Labels, labels_for
from functions.text.languages import primary_language
from functions.text.png import Image, read_png
from functions.text.words import count_words


@dataclass(frozen=True)
class BookLesson:
    """A lesson's or a lab's place in the book.

    `markdown` is None for a missing one; `reason` then says why ("": unknown). `unit` is what readers know it as
    ("Lab"), "" where its number says enough.
    """

    module: int
    number: int
    title: str
    markdown: str | None = None
    reason: str = ""
    kind: Kind = "lesson"
    unit: str = ""

    @property
    def id(self) -> str:
        """The id "MM-LL"."""
        return lesson_id(self.module, self.number)

    @property
    def anchor(self) -> str:
        """The name by which the book's own links find it, "lesson-03-02" or "lab-03-02"."""
        return f"{self.kind}-{self.id}"

    @property
    def place(self) -> str:
        """The number as readers see it in a list, "3.2"."""
        return f"{self.module}.{self.number}"

    @property
    def label(self) -> str:
        """The number as readers see it elsewhere, "3.2" for a lesson, "Lab 3.2" for a lab."""
        return f"{self.unit} {self.place}".lstrip()

    @property
    def heading(self) -> str:
        """Number and title, "3.2 Title" or "Lab 3.2: Title"."""
        return f"{self.label}: {self.title}" if self.unit else f"{self.place} {self.title}"

    @cached_property
    def words(self) -> int:
        """Words of the text; 0 for a missing lesson."""
        return count_words(self.markdown or "")

    @cached_property
    def tokens(self) -> list[Token]:
        """The text as `reading.lesson_tokens` tells it; writers must not change these tokens."""
        return reading.lesson_tokens(self.markdown or "")

    @property
    def visuals(self) -> list[reading.Visual]:
        """The figures that the text asks for, in its order."""
        return [reading.visual(token) for token in self.tokens if token.type == "visual"]


@dataclass(frozen=True)
class BookModule:
    """A module of the book with all lessons of its outline, missing ones included."""

    number: int
    title: str
    description: str
    lessons: tuple[BookLesson, ...]


@dataclass(frozen=True)
class Book:
    """A course's book. `images` holds PNG files by id ("MM-LL-NNNN"); `omitted` titles of modules that are left out.

    `kind` is what its lessons are; `needs` lists, each with its heading, what readers must have at hand. `language` is
    a primary language tag ("es"), `duration_minutes` of the whole course, None if unknown.
    """

    title: str
    language: str
    modules: tuple[BookModule, ...]
    description: str = ""
    level: str = ""
    audience: tuple[str, ...] = ()
    prerequisites: tuple[str, ...] = ()
    learning_outcomes: tuple[str, ...] = ()
    duration_minutes: float | None = None
    omitted: tuple[tuple[int, str], ...] = ()
    images: Mapping[str, Image] = field(default_factory=dict[str, Image])
    kind: Kind = "lesson"
    needs: tuple[tuple[str, tuple[str, ...]], ...] = ()

    @property
    def labels(self) -> Labels:
        """The book's own words ("Contents", "Figure", ...) in its language."""
        return labels_for(self.language, self.kind)

    @property
    def lessons(self) -> list[BookLesson]:
        """All lessons in the order of the book."""
        return [lesson for module in self.modules for lesson in module.lessons]

    @property
    def missing(self) -> list[BookLesson]:
        """The lessons that have no text."""
        return [lesson for lesson in self.lessons if lesson.markdown is None]

    @property
    def words(self) -> int:
        """Words of all lessons."""
        return sum(lesson.words for lesson in self.lessons)

    @property
    def visuals(self) -> list[reading.Visual]:
        """Every figure asked for, in the order of the book; the first one is figure 1."""
        return [visual for lesson in self.lessons for visual in lesson.visuals]

    @property
    def visuals_without_image(self) -> int:
        """How many figures are shown as a placeholder."""
        return sum(visual.id not in self.images for visual in self.visuals)

    @property
    def about(self) -> list[tuple[str, list[str]]]:
        """What the front of the book tells as lists: each with its heading; empty ones are left out."""
        labels = self.labels

        def named(modules: Iterable[tuple[int, str]]) -> list[str]:
            return [f"{labels.module} {number}: {title}" for number, title in modules]

        lists = [
            (labels.outcomes, list(self.learning_outcomes)),
            (labels.audience, list(self.audience)),
            (labels.prerequisites, list(self.prerequisites)),
            *((name, list(entries)) for name, entries in self.needs),
            (labels.modules_included, named((module.number, module.title) for module in self.modules)),
            (labels.modules_omitted, named(self.omitted)),
        ]
        return [(name, entries) for name, entries in lists if entries]

    @property
    def duration(self) -> str:
        """The duration as readers see it ("12 h", "1 h 30 min"), "" if unknown."""
        if not self.duration_minutes:
            return ""
        hours, minutes = divmod(round(self.duration_minutes), 60)
        return " ".join([f"{hours} h"] * bool(hours) + [f"{minutes} min"] * bool(minutes))


def assemble(
    outline: Outline,
    texts: Mapping[str, str],
    images: Mapping[str, bytes] | None = None,
    reasons: Mapping[str, str] | None = None,
    requested: Collection[int] | None = None,
) -> Book:
    """The book of an outline.

    `texts`: Markdown of the lessons that exist and `reasons`: why others do not, both by lesson id ("MM-LL");
    `images`: files by image id, of which those that are no readable PNG are left out. The book has the `requested`
    modules (None: all) and every module of which a lesson exists.
    """
    requested = {module.number for module in outline.modules} if requested is None else requested
    begun = {int(id_.partition("-")[0]) for id_ in texts}
    included = [module for module in outline.modules if module.number in requested or module.number in begun]
    language = primary_language(outline.language)
    modules = [
        _module(module, "lesson", language, [(it.number, it.title) for it in module.lessons], texts, reasons or {})
        for module in included
    ]
    readable = {id_: read_png(data) for id_, data in (images or {}).items()}
    omitted = [module for module in outline.modules if module not in included]
    return _book(outline, "lesson", modules, omitted, {id_: image for id_, image in readable.items() if image})


def assemble_labs(
    outline: Outline,
    placed: Sequence[PlacedLab],
    texts: Mapping[str, str],
    reasons: Mapping[str, str],
    plan: Mapping[str, Any] | None,
) -> Book:
    """The book of `placed` labs, in their order; `texts` and `reasons` as for `assemble`, by the labs' numbers.

    `plan` is the course's master plan of labs: its `hardware` and `software` (lists of texts) stand in front.
    """
    language = primary_language(outline.language)
    modules: list[BookModule] = []
    for module, of_module in itertools.groupby(placed, key=lambda lab: lab.module):
        titles = [(lab.number, lab.lab.title) for lab in of_module]
        modules.append(_module(module, "lab", language, titles, texts, reasons))
    there = {lab.module.number for lab in placed}
    omitted = {lab.module.number: lab.module for lab in labs(outline) if lab.module.number not in there}
    words = labels_for(language, "lab")
    listed = plan or {}
    needs = ((words.hardware, listed.get("hardware", ())), (words.software, listed.get("software", ())))
    clean = ((name, _all_clean(entries)) for name, entries in needs)
    return _book(outline, "lab", modules, omitted.values(), {}, tuple(pair for pair in clean if pair[1]))


def _book(
    outline: Outline,
    kind: Kind,
    modules: Iterable[BookModule],
    omitted: Iterable[Module],
    images: Mapping[str, Image],
    needs: tuple[tuple[str, tuple[str, ...]], ...] = (),
) -> Book:
    language = primary_language(outline.language)
    return Book(
        title=labels_for(language, kind).title.format(_clean(outline.title)),
        language=language,
        modules=tuple(modules),
        description=_clean(outline.description),
        level=_clean(outline.level),
        audience=_all_clean(outline.audience),
        prerequisites=_all_clean(outline.prerequisites),
        learning_outcomes=_all_clean(outline.learning_outcomes),
        duration_minutes=outline.duration_minutes if kind == "lesson" else None,
        omitted=tuple((module.number, _clean(module.title)) for module in omitted),
        images=images,
        kind=kind,
        needs=needs,
    )


def _module(
    module: Module,
    kind: Kind,
    language: str,
    titles: Iterable[tuple[int, str]],
    texts: Mapping[str, str],
    reasons: Mapping[str, str],
) -> BookModule:
    unit = labels_for(language, kind).unit
    lessons: list[BookLesson] = []
    for number, title in titles:
        id_ = lesson_id(module.number, number)
        reason = _clean(reasons.get(id_, ""))
        lessons.append(BookLesson(module.number, number, _clean(title), texts.get(id_), reason, kind, unit))
    return BookModule(module.number, _clean(module.title), _clean(module.description), tuple(lessons))


def _clean(text: str) -> str:
    """One line of text that every format can hold: white space and control characters become single blanks."""
    return " ".join(reading.without_controls(text).split())


def _all_clean(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(clean for clean in map(_clean, texts) if clean)
