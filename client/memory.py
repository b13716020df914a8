"""Which course of which platform the files of a folder come from, so that the same command continues that course."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from aurora.files import write_atomically

_KEPT: Final = 20  # a local platform without kept data forgets its courses; their ids need not pile up


@dataclass(frozen=True)
class Remembered:
    """A course that this folder's files came from; ``platform`` is a `DeployedStack`'s key."""

    platform: str
    course_id: str
    title: str
    outline: str


class CourseMemory:
    """``DIR/.aurora/course.json``, newest course first."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / ".aurora" / "course.json"

    def candidates(self, platform: str, title: str, outline: Path) -> list[str]:
        """Ids of courses to go on with, the likeliest first: of this platform, and from this file or of this title."""
        path = str(outline.resolve())
        return [
            course.course_id
            for course in self._read()
            if course.platform == platform and (course.outline == path or course.title == title)
        ]

    def newest(self, platform: str) -> str | None:
        """The id of the course of this platform that was last made here; None if there is none."""
        return next((course.course_id for course in self._read() if course.platform == platform), None)

    def remember(self, platform: str, course_id: str, title: str, outline: Path) -> None:
        """Puts a course first."""
        new = Remembered(platform, course_id, title, str(outline.resolve()))
        others = [course for course in self._read() if course.course_id != course_id]
        entries = [asdict(course) for course in [new, *others][:_KEPT]]
        write_atomically(self._file, json.dumps({"courses": entries}, indent=2, ensure_ascii=False).encode() + b"\n")

    def _read(self) -> list[Remembered]:
        try:
            entries = json.loads(self._file.read_bytes())["courses"]
            return [Remembered(**entry) for entry in entries]
        except (OSError, ValueError, KeyError, TypeError):
            # Absent or damaged: then the course is begun anew, which loses nothing that is on the platform.
            return []
