"""Everything that an author may download of a course, as one ZIP file.

Units that the outline no longer has stay stored, but are not in the file. Equal courses give equal bytes.
"""

from __future__ import annotations

import itertools
import tempfile
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from aurora.runtime.objects import ObjectStore, StoredObject, is_made_from, source_digest, source_metadata
from functions.courses.paths import CoursePaths
from functions.courses.shown_names import ShownNames
from functions.outline.units import LAB, UNIT_KINDS

_FORM: Final = 1
"""Raise it with a change of how the file is made: stored archives are stale then."""
_COMPRESSED: Final = (".png", ".pdf", ".docx", ".pptx")
"""What compressing would only cost time."""
_LEVEL: Final = 4
_AT_ONCE: Final = 16
"""Objects that are read at a time, and so the most that are in memory."""
_NEVER: Final = (1980, 1, 1, 0, 0, 0)


def write_archive(store: ObjectStore, paths: CoursePaths, outline_key: str) -> bool:
    """Store the archive at `paths.archive`; False if the one that is stored has all of it and nothing else.

    `outline_key` is the outline that the course was made from; other uploads are not in the archive. Raises NotFound
    if it is gone, InvalidOutline if it is none.
    """
    entries = sorted(_entries(store, paths, outline_key), key=lambda entry: entry[0])
    source = source_digest(_FORM, [(name, found.etag) for name, found in entries])
    if is_made_from(store.head(paths.archive), source):
        return False
    with tempfile.TemporaryFile(prefix="archive-") as file:
        with zipfile.ZipFile(file, "w") as archive, ThreadPoolExecutor(_AT_ONCE) as threads:
            for some in _by(_AT_ONCE, entries):
                contents = threads.map(store.read, [found.key for _, found in some])
                for (name, _), content in zip(some, contents, strict=True):
                    archive.writestr(_info(name), content, compresslevel=_LEVEL)
        file.seek(0)
        store.write(paths.archive, file, "application/zip", source_metadata(source))
    return True


def _entries(store: ObjectStore, paths: CoursePaths, outline_key: str) -> Iterator[tuple[str, StoredObject]]:
    """Names within the archive, and what they hold."""
    names = ShownNames.of(store, outline_key)
    for prefix, folder, ending in (
        (paths.books, "", ""),
        *((paths.units(kind), kind.folder, f".{kind.extension}") for kind in UNIT_KINDS.values()),
        (paths.lab_master_plan, f"{LAB.folder}lab-master-plan.json", ""),
        (paths.images, "images/", ".png"),
        (paths.report, "validation/report.json", ""),
        (outline_key, "outline.yaml", ""),
    ):
        for found in store.list(prefix):
            name = names.shown(folder + found.key.removeprefix(prefix))
            if name and found.key.endswith(ending):
                yield name, found


def _info(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, _NEVER)
    info.create_system = 3  # the same on every machine: Unix, whose permissions follow
    info.external_attr = 0o644 << 16
    info.compress_type = zipfile.ZIP_STORED if name.endswith(_COMPRESSED) else zipfile.ZIP_DEFLATED
    return info


def _by(size: int, entries: list[tuple[str, StoredObject]]) -> Iterator[list[tuple[str, StoredObject]]]:
    remaining = iter(entries)
    while some := list(itertools.islice(remaining, size)):
        yield some
