"""Under which names a course's files are shown and downloaded: those that its outline gives them now.

A file keeps its key for as long as it is there, whatever becomes of the title; and what an outline has no more stays
stored, and is not shown. Knows names, folder and all, and nothing of what the files hold.
"""

from __future__ import annotations

import re
from typing import Final, Self

from aurora.runtime.objects import ObjectStore
from functions.courses.stored import stored_outline
from functions.outline.model import Outline
from functions.outline.planning import labs, slug

_UNIT: Final = re.compile(
    r"(?P<stem>lessons/module-\d+-lesson-\d+|labs/module-\d+-lab-\d+|slides/module-\d+)-.*(?P<ending>\.\w+)"
)
_IMAGE: Final = re.compile(r"images/(\d+)-(\d+)-.*")


class ShownNames:
    """The names of one outline's files."""

    def __init__(self, outline: Outline) -> None:
        self._slugs: dict[str, str] = {}
        for module in outline.modules:
            self._slugs[f"slides/module-{module.number:02d}"] = slug(module.title)
            for lesson in module.lessons:
                self._slugs[f"lessons/module-{module.number:02d}-lesson-{lesson.number:02d}"] = slug(lesson.title)
        for placed in labs(outline):
            self._slugs[f"labs/module-{placed.module.number:02d}-lab-{placed.number:02d}"] = slug(placed.lab.title)

    @classmethod
    def of(cls, store: ObjectStore, outline_key: str) -> Self:
        """The names of a stored outline's files. Raises NotFound if it is gone, InvalidOutline if it is none."""
        return cls(stored_outline(store, outline_key))

    def shown(self, name: str) -> str | None:
        """The name of a file that is stored as `name`; None for one of a lesson, lab or module that is no more."""
        if image := _IMAGE.fullmatch(name):
            return name if f"lessons/module-{image[1]}-lesson-{image[2]}" in self._slugs else None
        unit = _UNIT.fullmatch(name)
        if unit is None:
            return name
        title = self._slugs.get(unit["stem"])
        return None if title is None else f"{unit['stem']}-{title}{unit['ending']}"
