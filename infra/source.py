"""The source of a group's image: which files reach it, and the digest that names them.

The context that is hashed is exactly the one that is built: the group's Dockerfile and locked requirements, the
shared code and the group's own. Modes, owners, times and the order of files do not count, so that every checkout
of the same source has the same digest.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import pulumi

# Files that a checkout may hold in these folders but an image never does.
_IGNORED_DIRECTORIES = {"__pycache__"}
_IGNORED_SUFFIXES = {".pyc", ".pyo"}


class UnreadableSource(pulumi.RunError):
    """A file of the build context cannot be part of it; the message names the file and why."""


@dataclass(frozen=True)
class GroupSource:
    """The build context of one group: POSIX paths in the image's context, and the bytes of each."""

    group: str
    files: Mapping[str, bytes]

    @staticmethod
    def read(project: Path, group: str) -> GroupSource:
        """Stages the context of ``group`` from a checkout at ``project``.

        Raises:
            UnreadableSource: a file is missing, is a symbolic link or cannot be read.
        """
        places = {
            "Dockerfile": project / "images" / group / "Dockerfile",
            "requirements.txt": project / "images" / group / "requirements.txt",
            "functions/__init__.py": project / "functions" / "__init__.py",
        }
        for folder in ("common", group):
            root = project / "functions" / folder
            for path in _walk(root):
                places[f"functions/{folder}/{path.relative_to(root).as_posix()}"] = path
        return GroupSource(group, {name: _bytes(path) for name, path in sorted(places.items())})

    def manifest(self) -> dict[str, str]:
        """``{path: short hash}``: small enough for the stack's state, exact enough to show which file changed."""
        return {name: hashlib.sha256(content).hexdigest()[:12] for name, content in self.files.items()}

    def digest(self, base_image: str, platform: str, build_args: Mapping[str, str]) -> str:
        """sha256 (64 hex digits) of all that reaches the image.

        Every part is preceded by its length, so that no two different contexts can read the same.
        """
        state = hashlib.sha256()

        def add(part: bytes) -> None:
            state.update(len(part).to_bytes(8, "big"))
            state.update(part)

        for text in (base_image, platform, *(f"{key}={build_args[key]}" for key in sorted(build_args))):
            add(text.encode())
        for name in sorted(self.files):
            add(name.encode())
            add(self.files[name])
        return state.hexdigest()

    def stage(self, folder: Path) -> None:
        """Writes the files into an empty folder, byte for byte as they were hashed.

        Modes and times are the same everywhere, whatever the umask: they would reach the image's layers.

        Raises:
            FileExistsError: the folder holds something, which would become part of the build context.
        """
        if any(folder.iterdir()):
            raise FileExistsError(f"{folder} is not empty: a build context is staged into an empty folder")
        for name, content in self.files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
            path.chmod(0o644)
            os.utime(path, (0, 0))
        # The innermost first: writing into a folder changes its time.
        inner = {parent for name in self.files for parent in PurePosixPath(name).parents[:-1]}
        for parent in sorted(inner, key=lambda parent: len(parent.parts), reverse=True):
            (folder / parent).chmod(0o755)
            os.utime(folder / parent, (0, 0))


def _walk(root: Path) -> Iterator[Path]:
    if not root.is_dir():
        raise UnreadableSource(f"{root} is not a folder: a group's code lives in functions/<group>")
    for path in root.iterdir():
        if path.is_symlink():
            raise UnreadableSource(f"{path} is a symbolic link: images are built from plain files only")
        if path.is_dir():
            if path.name not in _IGNORED_DIRECTORIES:
                yield from _walk(path)
        elif path.suffix not in _IGNORED_SUFFIXES:
            yield path


def _bytes(path: Path) -> bytes:
    if path.is_symlink():
        raise UnreadableSource(f"{path} is a symbolic link: images are built from plain files only")
    try:
        return path.read_bytes()
    except OSError as error:
        raise UnreadableSource(f"{path} cannot be read: {error.strerror}") from error
