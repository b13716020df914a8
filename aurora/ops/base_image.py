"""Updates the base image: the newest dated tag of the same minor version of Python, pinned by its digest."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Self

from aurora.console import result, say
from aurora.errors import COMPLETE, CommandError
from aurora.files import write_atomically
from aurora.image.registry import Registry, RegistryError
from aurora.image.source import UnreadableSource, read_base_image
from aurora.project import ROOT

_REFERENCE: Final = re.compile(
    r"(?P<host>[^/\s]+)/(?P<repository>[^:@\s]+):(?P<minor>\d+\.\d+)(?P<date>(?:\.\d+)*)(?:@sha256:[0-9a-f]{64})?"
)


@dataclass(frozen=True)
class Base:
    """The parts of a base image's reference that an update needs."""

    host: str
    repository: str
    minor: str
    tag: str

    @classmethod
    def of(cls, reference: str) -> Self:
        """Parses ``host/repository:3.13.2026.06.05.14``; a digest after it is dropped.

        Raises:
            CommandError: the tag does not begin with a version of Python.
        """
        found = _REFERENCE.fullmatch(reference)
        if not found:
            raise CommandError(
                f"images/base-image names {reference}, whose tag does not begin with a version of Python as in "
                "public.ecr.aws/lambda/python:3.13: write the image you want into that file yourself."
            )
        return cls(found["host"], found["repository"], found["minor"], found["minor"] + found["date"])

    def newest(self, tags: list[str]) -> str | None:
        """The newest dated tag of the same minor version: AWS dates its images ``3.13.2026.06.05.14``."""
        dated = re.compile(rf"{re.escape(self.minor)}\.(\d{{4}})\.(\d\d)\.(\d\d)\.(\d\d)")
        return max((tag for tag in tags if dated.fullmatch(tag)), default=None)


def update() -> int:
    """Writes the newest base image of the same Python into ``images/base-image``. Returns the exit code.

    Raises:
        CommandError: the file cannot be read, or the registry does not answer or has no such image.
    """
    path = ROOT / "images" / "base-image"
    try:
        before = read_base_image(ROOT)
    except UnreadableSource as error:
        raise CommandError(f"{error}.") from error
    base = Base.of(before)
    try:
        after = _newest(base)
    except RegistryError as error:
        raise CommandError(f"images/base-image is unchanged: {error}.") from error
    if after == before:
        say(f"images/base-image already names the newest image of Python {base.minor}.")
        return COMPLETE
    write_atomically(path, f"{after}\n".encode())
    result(after)
    say("images/base-image names it now. This changes every group's image: `pulumi up` builds them again.")
    return COMPLETE


def _newest(base: Base) -> str:
    """The reference of the newest image of the same Python, with its digest.

    Raises:
        RegistryError: the registry does not answer.
        CommandError: it has no such image.
    """
    with Registry(base.host) as registry:
        tag = base.newest(registry.tags(base.repository))
        if tag is None:
            raise CommandError(f"{base.host}/{base.repository} has no dated tag of Python {base.minor}.")
        return f"{base.host}/{base.repository}:{tag}@{registry.digest(base.repository, tag)}"
