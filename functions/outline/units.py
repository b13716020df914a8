"""The units of a course: a lesson, a lab or a deck of slides, each made at a time. Standard library only.

`UNIT_KINDS` holds all that distinguishes the kinds: ids, files, names and the branch of the workflow.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from functions.text.words import plain

Kind = Literal["lesson", "lab", "slides"]
Branch = Literal["theory", "labs", "slides"]

_NUMBER: Final = "([0-9]{2}|[1-9][0-9]{2})"
_TYPED_NUMBER: Final = "([0-9]{1,3})"
_SLUG_LENGTH: Final = 60


@dataclass(frozen=True)
class UnitKind:
    """A kind of unit.

    `branch` of the workflow makes it, and from its units the `product`, whose files begin with `book` if it is a book.
    Ids begin with `id_prefix`. A kind `per_module` has one unit for each module, whose number is 0. Files have that
    `extension`; they lie below `prefix` in the store of a course and in the `folder` of what an author downloads.
    """

    name: Kind
    branch: Branch
    singular: str
    plural: str
    label: str
    product: str
    book: str
    id_prefix: str
    per_module: bool
    prefix: str
    folder: str
    extension: str

    def id(self, module: int, number: int = 0) -> str:
        """A unit's id: "03-02" a lesson, "lab-03-02" a lab, "slides-03" a module's slides."""
        return self.id_prefix + (f"{module:02d}" if self.per_module else lesson_id(module, number))

    def numbers_of_id(self, id_: str) -> tuple[int, int] | None:
        """The module and number of an id, None if it is no id of this kind."""
        return self._numbers(self.id_prefix + self._of_both(_NUMBER, "-"), id_)

    def numbers_typed(self, text: str) -> tuple[int, int] | None:
        """As `numbers_of_id`, of an id that may lack zeros, as people type it: "3-2"."""
        return self._numbers(self.id_prefix + self._of_both(_TYPED_NUMBER, "-"), text)

    def stem(self, module: int, number: int = 0) -> str:
        """What the names of a unit's files begin with: "module-03-lab-02"."""
        return f"module-{module:02d}" + ("" if self.per_module else f"-{self.name}-{number:02d}")

    def file_name(self, module: int, number: int, title: str) -> str:
        """The name of the file of a unit with that title: "module-03-lab-02-a-title.md"."""
        return f"{self.stem(module, number)}-{slug(title)}.{self.extension}"

    def numbers_of_file(self, name: str) -> tuple[int, int] | None:
        """The module and number of a file name, None if no unit of this kind has such a name."""
        numbers = self._of_both("([0-9]{2,3})", f"-{self.name}-")
        return self._numbers(rf"module-{numbers}-[^/]*\.{self.extension}", name)

    def _of_both(self, number: str, between: str) -> str:
        return number if self.per_module else number + between + number

    @staticmethod
    def _numbers(pattern: str, text: str) -> tuple[int, int] | None:
        found = re.fullmatch(pattern, text)
        if found is None:
            return None
        module, *number = map(int, found.groups())
        return module, (number or [0])[0]


LESSON: Final = UnitKind(
    name="lesson",
    branch="theory",
    singular="lesson",
    plural="lessons",
    label="Lessons",
    product="book",
    book="book",
    id_prefix="",
    per_module=False,
    prefix="lessons/",
    folder="lessons/",
    extension="md",
)
LAB: Final = UnitKind(
    name="lab",
    branch="labs",
    singular="lab",
    plural="labs",
    label="Labs",
    product="book of labs",
    book="lab-book",
    id_prefix="lab-",
    per_module=False,
    prefix="labguide/",
    folder="labs/",
    extension="md",
)
SLIDES: Final = UnitKind(
    name="slides",
    branch="slides",
    singular="slide deck",
    plural="slide decks",
    label="Slides",
    product="slides",
    book="",
    id_prefix="slides-",
    per_module=True,
    prefix="slides/",
    folder="slides/",
    extension="pptx",
)
UNIT_KINDS: Final[Mapping[Kind, UnitKind]] = {kind.name: kind for kind in (LESSON, LAB, SLIDES)}
"""In the order in which a course has them."""


@dataclass(frozen=True)
class OutlineUnit:
    """A unit that an outline has."""

    kind: Kind
    module: int
    number: int
    title: str

    @property
    def id(self) -> str:
        return unit_id(self.kind, self.module, self.number)


def lesson_id(module: int, number: int) -> str:
    """The id "MM-LL" of a lesson, as in visual tags and object names."""
    return f"{module:02d}-{number:02d}"


def unit_id(kind: Kind, module: int, number: int) -> str:
    """A unit's id: "03-02" a lesson, "lab-03-02" a lab, "slides-03" a module's slides."""
    return UNIT_KINDS[kind].id(module, number)


def unit_of(id_: str) -> tuple[Kind, int, int] | None:
    """Kind, module and number that an id names (number 0 for slides), or None if it is no unit's."""
    for kind in UNIT_KINDS.values():
        if numbers := kind.numbers_of_id(id_):
            return kind.name, *numbers
    return None


def unit_typed(text: str) -> str | None:
    """The id that somebody means who types "3-2", "lab-3-2" or "slides-3"; None if it is no unit's."""
    for kind in UNIT_KINDS.values():
        if numbers := kind.numbers_typed(text):
            return kind.id(*numbers)
    return None


def slug(title: str) -> str:
    """A title as part of a file name: lower case ASCII words joined by "-", at most 60 characters, never empty."""
    words = re.findall(r"[a-z0-9]+", plain(title))
    return "-".join(words)[:_SLUG_LENGTH].strip("-") or "untitled"
