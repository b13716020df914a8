"""The source of a group's image: its files, and the digest of them.

The digest covers the build context exactly: the engine's Dockerfile, the group's locked requirements, its own code and
the rooms that its imports reach. Modes, owners, times and the order of files do not count, so that every checkout of
the same source has the same digest.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
from collections.abc import Callable, Iterator, Mapping, Sized
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath

from aurora.errors import DeclarationError
from aurora.imports import RUNTIME, GroupCode, read_code

# Files of a checkout that are not source: hidden files, bytecode, and temporary files of editors. No image holds them,
# whatever a project's .gitignore and .dockerignore say.
_IGNORED = re.compile(r"\..*|__pycache__|.*\.py[co]|.*~|#.*#", re.DOTALL)

# Names that Linux, macOS and Windows all store unchanged. Accents have two encodings (NFC and NFD), and some names of
# one system cannot be checked out on another.
_PORTABLE = re.compile(r"(?!(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$))[a-z0-9_.-]*[a-z0-9_-]", re.ASCII | re.IGNORECASE)

# The engine as it is installed; a checkout that holds the engine builds from that.
_ENGINE = str(Path(__file__).parents[1])
_BASE_IMAGE = "images/base-image"
_SYMBOLIC_LINK = "is a symbolic link: images are built from plain files only"


class UnreadableSource(DeclarationError):
    """A file of the build context cannot be part of it; the message names the file and why."""


class UnresolvedImport(UnreadableSource):
    """A group's code imports something that its image would not hold; the message names file, line and module."""


@dataclass(frozen=True)
class GroupSource:
    """The build context of one group: POSIX paths in the image's context, and the bytes of each."""

    group: str
    files: Mapping[str, bytes]

    @staticmethod
    def read(project: Path, group: str) -> GroupSource:
        """Reads the context of ``group`` from a checkout at ``project``.

        Raises:
            UnreadableSource: a file is missing, cannot be read, is neither a file nor a folder, or has a name that
                not every system can hold.
            UnresolvedImport: the code imports something that the image would not hold.
        """
        folder = f"{project}/images/{group}"
        _require(f"{project}/images", stat.S_ISDIR, "folder")
        _require(folder, stat.S_ISDIR, "folder")
        files = {
            "Dockerfile": _required(f"{_engine_of(project)}/image/Dockerfile"),
            "requirements.txt": _required(f"{folder}/requirements.txt"),
        }
        code = read_group(project, group)
        if code.faults:
            raise UnresolvedImport("\n".join(code.faults))
        return GroupSource(group, dict(sorted({**files, **code.files}.items())))

    @cached_property
    def _hashes(self) -> dict[str, bytes]:
        return {name: hashlib.sha256(content).digest() for name, content in self.files.items()}

    def manifest(self) -> dict[str, str]:
        """``{path: short hash}``: small enough for the stack's state, exact enough to show which file changed."""
        return {name: content.hex()[:12] for name, content in self._hashes.items()}

    def digest(self, base_image: str, platform: str, build_args: Mapping[str, str]) -> str:
        """sha256 (64 hex digits) of everything that goes into the image.

        Every list and every part is preceded by its length, so that no two contexts give the same bytes.
        """
        lists = (
            (base_image.encode(), platform.encode()),
            [part.encode() for argument in sorted(build_args.items()) for part in argument],
            [part for name in sorted(self._hashes) for part in (name.encode(), self._hashes[name])],
        )
        framed = (_length(parts) + b"".join(_length(part) + part for part in parts) for parts in lists)
        return hashlib.sha256(b"".join(framed)).hexdigest()

    def stage(self, folder: Path) -> None:
        """Writes the files into an empty folder, byte for byte as they were hashed.

        Modes and times are the same everywhere, whatever the umask: they would reach the image's layers.

        Raises:
            FileExistsError: the folder is not empty; its files would become part of the build context.
        """
        if any(folder.iterdir()):
            raise FileExistsError(f"{folder} is not empty: a build context is staged into an empty folder")
        for name, content in self.files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
            path.chmod(0o644)
            os.utime(path, (0, 0))
        # Last: writing into a folder changes its time.
        for parent in {parent for name in self.files for parent in PurePosixPath(name).parents[:-1]}:
            (folder / parent).chmod(0o755)
            os.utime(folder / parent, (0, 0))


def read_group(project: Path, group: str) -> GroupCode:
    """Reads the code of ``group``, its own and what its imports reach, from a checkout at ``project``.

    Raises:
        UnreadableSource: as `GroupSource.read`.
    """
    # Texts, not Paths: a digest costs little more than reading the files.
    functions, engine = f"{project}/functions", _engine_of(project)
    for folder in (functions, f"{functions}/{group}"):
        _require(folder, stat.S_ISDIR, "folder")
    # Names as they are spelled on disk: macOS and Windows ignore case when they open a file.
    folders = {entry.name for entry in _entries(functions) if entry.is_dir()}

    def load(room: str) -> dict[str, bytes]:
        if room == RUNTIME:
            folder = f"{engine}/runtime"
        elif room.removeprefix("functions/") in folders:
            folder = f"{project}/{room}"
        else:
            return {}
        _require(folder, stat.S_ISDIR, "folder")
        return {name: _bytes(path) for name, path in _walk(folder, room)}

    initial = {
        "aurora/__init__.py": _required(f"{engine}/__init__.py"),
        "functions/__init__.py": _required(f"{functions}/__init__.py"),
    }
    return read_code(group, initial, load, lambda name: name in folders and os.path.isdir(f"{project}/images/{name}"))


def _engine_of(project: Path) -> str:
    """The folder of the engine whose Dockerfile and runtime are part of the images."""
    own = f"{project}/aurora"
    return own if os.path.lexists(own) else _ENGINE


def _required(path: str) -> bytes:
    _require(path, stat.S_ISREG, "file")
    return _bytes(path)


def _length(of: Sized) -> bytes:
    return len(of).to_bytes(8, "big")


def _walk(folder: str, name: str) -> Iterator[tuple[str, str]]:
    """The files of a folder that is ``name`` in the context: their names in the context, and their paths here."""
    seen: dict[str, str] = {}
    for entry in _entries(folder):
        if _IGNORED.fullmatch(entry.name):
            continue
        if entry.is_symlink():
            raise _refused(entry.path, _SYMBOLIC_LINK)
        if not _PORTABLE.fullmatch(entry.name):
            raise _refused(
                entry.path,
                'has a name that not every system can store: use letters a to z, digits, ".", "-" and "_"; do not end '
                'it in ".", and do not use the name of a Windows device, such as "aux.py"',
            )
        if (other := seen.setdefault(entry.name.lower(), entry.name)) != entry.name:
            raise _refused(
                entry.path,
                f"and {other} differ only in upper and lower case, and are one file on macOS and Windows: rename one",
            )
        inner = f"{name}/{entry.name}"
        if entry.is_dir(follow_symlinks=False):
            yield from _walk(entry.path, inner)
        elif entry.is_file(follow_symlinks=False):
            yield inner, entry.path
        else:
            raise _refused(entry.path, "is neither a file nor a folder: images are built from those only")


def _entries(folder: str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as listing:
            # Sorted, so that every machine reports the same one of several problems.
            return sorted(listing, key=lambda entry: entry.name)
    except OSError as error:
        raise _refused(folder, f"cannot be read: {error.strerror}") from error


def _require(path: str, is_kind: Callable[[int], bool], kind: str) -> None:
    try:
        mode = os.lstat(path).st_mode
    except OSError as error:
        raise _refused(path, f"cannot be read: {error.strerror}") from error
    if stat.S_ISLNK(mode):
        raise _refused(path, _SYMBOLIC_LINK)
    if not is_kind(mode):
        raise _refused(path, f"is not a {kind}, which every group of functions needs")


def _bytes(path: str) -> bytes:
    try:
        with open(path, "rb", buffering=0) as file:
            return file.read()
    except OSError as error:
        raise _refused(path, f"cannot be read: {error.strerror}") from error


def _refused(path: str, why: str) -> UnreadableSource:
    shown = str(Path(path))  # with the separators of this system
    return UnreadableSource(f"{shown if shown.isprintable() else repr(shown)} {why}")


def read_base_image(project: Path) -> str:
    """The reference that a checkout's ``images/base-image`` names.

    Raises:
        UnreadableSource: it cannot be read, or does not name exactly one image.
    """
    path = project / _BASE_IMAGE
    try:
        named = path.read_text(encoding="utf-8").split()
    except (OSError, UnicodeDecodeError) as error:
        why = (isinstance(error, OSError) and error.strerror) or "it is not text"
        raise UnreadableSource(f"{path} cannot be read: {why}; `git checkout {_BASE_IMAGE}` restores it") from error
    if len(named) != 1:
        raise UnreadableSource(
            f"{path} must name one image, as in public.ecr.aws/lambda/python:3.13, and nothing else; "
            f"`git checkout {_BASE_IMAGE}` restores it"
        )
    return named[0]
