"""Where a course's objects are in the bucket."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass

from aurora.runtime.errors import NotFound
from functions.outline.units import LAB, LESSON, UnitKind

_ID = re.compile(r"[0-9a-f]{32}")
_OWNER = re.compile(r"[A-Za-z0-9._:@|+=-]{1,128}")


def new_id() -> str:
    """A fresh course or upload id: 32 hexadecimal digits, unguessable."""
    return secrets.token_hex(16)


def is_id(text: str) -> bool:
    """Whether `text` has the form of an id made by `new_id`."""
    return _ID.fullmatch(text) is not None


@dataclass(frozen=True)
class CoursePaths:
    """Keys of one course of an owner. Raises NotFound for an owner or id of a wrong form, which could be a path."""

    owner: str
    course_id: str

    def __post_init__(self) -> None:
        if not is_id(self.course_id) or not _OWNER.fullmatch(self.owner):
            raise NotFound("Course not found.")

    @property
    def prefix(self) -> str:
        """The prefix under which everything of this course lies; ends with "/"."""
        return f"users/{self.owner}/courses/{self.course_id}/"

    def outline(self, upload_id: str) -> str:
        """The uploaded outline; written by the author's browser or command, never overwritten by a function."""
        if not is_id(upload_id):
            raise NotFound("Upload not found.")
        return f"{self.prefix}outline/{upload_id}.yaml"

    def units(self, kind: UnitKind, module: int | None = None) -> str:
        """Prefix of the units of a kind, or of those of one module."""
        return f"{self.prefix}{kind.prefix}" + ("" if module is None else f"module-{module:02d}-")

    def unit(self, kind: UnitKind, module: int, number: int, title: str) -> str:
        """The file of a unit that gets it under this title. It keeps the key when its title changes."""
        return self.units(kind) + kind.file_name(module, number, title)

    @property
    def prompts(self) -> str:
        """Prefix of the image prompts of all lessons."""
        return f"{self.prefix}prompts/"

    def prompts_of(self, module: int) -> str:
        """Prefix of the image prompts of one module's lessons."""
        return f"{self.prompts}module-{module:02d}-"

    def prompt(self, module: int, number: int) -> str:
        """The image prompts (JSON) of one lesson."""
        return f"{self.prompts}{LESSON.stem(module, number)}.json"

    @property
    def images(self) -> str:
        """Prefix of all images."""
        return f"{self.prefix}images/"

    def images_of(self, module: int, lesson: int | None = None) -> str:
        """Prefix of the images of one module's lessons, or of one of them."""
        return f"{self.images}{module:02d}-" + ("" if lesson is None else f"{lesson:02d}-")

    def image(self, image_id: str) -> str:
        """One image; `image_id` is the tag's "MM-LL-NNNN"."""
        return f"{self.images}{image_id}.png"

    @property
    def books(self) -> str:
        """Prefix of the book in all its formats."""
        return f"{self.prefix}book/"

    def book(self, extension: str) -> str:
        """The book in one format: "md", "json", "html", "pdf" or "docx"."""
        return f"{self.books}{LESSON.book}.{extension}"

    def lab_book(self, extension: str) -> str:
        """The book of labs in one format."""
        return f"{self.books}{LAB.book}.{extension}"

    def lab_plan(self, module: int) -> str:
        """One module's part of the master plan of labs (JSON)."""
        return f"{self.units(LAB)}plan-module-{module:02d}.json"

    @property
    def lab_master_plan(self) -> str:
        """The master plan of all labs (JSON)."""
        return f"{self.units(LAB)}lab-master-plan.json"

    @property
    def archive(self) -> str:
        """Everything that an author may download, as one ZIP file."""
        return f"{self.prefix}download/course.zip"

    @property
    def report(self) -> str:
        """The validation report (JSON)."""
        return f"{self.prefix}validation/report.json"
