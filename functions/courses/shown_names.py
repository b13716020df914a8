"""The names under which an author sees and downloads the files of a course: those that the outline gives them now.

A file keeps its key when its title changes. Files of units that the outline no longer has are not shown.
"""

from __future__ import annotations

import re
from typing import Final, Self

from aurora.runtime.objects import ObjectStore
from functions.courses.stored import stored_outline
from functions.outline.model import Outline
from functions.outline.selection import units
from functions.outline.units import LESSON, UNIT_KINDS

_IMAGE: Final = re.compile(r"images/(\d+)-(\d+)-.*")


class ShownNames:
    """The names of one outline's files."""

    def __init__(self, outline: Outline) -> None:
        self._titles = {unit.id: unit.title for unit in units(outline)}

    @classmethod
    def of(cls, store: ObjectStore, outline_key: str) -> Self:
        """The names of a stored outline's files. Raises NotFound if it is gone, InvalidOutline if it is none."""
        return cls(stored_outline(store, outline_key))

    def shown(self, name: str) -> str | None:
        """The name of a file that is stored as `name`; None for one of a lesson, lab or module that is no more."""
        if image := _IMAGE.fullmatch(name):
            return name if LESSON.id(int(image[1]), int(image[2])) in self._titles else None
        for kind in UNIT_KINDS.values():
            numbers = kind.numbers_of_file(name.removeprefix(kind.folder)) if name.startswith(kind.folder) else None
            if numbers:
                title = self._titles.get(kind.id(*numbers))
                return None if title is None else kind.folder + kind.file_name(*numbers, title)
        return name
