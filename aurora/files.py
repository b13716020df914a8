"""Writing files so that an interruption never leaves half of one. Knows nothing of what they hold."""

from __future__ import annotations

import os
import secrets
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

_BINARY: Final = getattr(os, "O_BINARY", 0)  # Windows would translate line ends


@contextmanager
def replacing(path: Path, *, private: bool = False) -> Generator[IO[bytes]]:
    """A file to write that takes the place of ``path``, with folders as needed, when the block ends without an error.

    A reader finds the old content or the new, never a part; a ``private`` file is for its owner alone from the start.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY, 0o600 if private else 0o666)
        with os.fdopen(descriptor, "wb") as file:
            yield file
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def write_atomically(path: Path, content: bytes, *, private: bool = False) -> None:
    """Replaces the content of a file at once; ``private`` as in `replacing`."""
    with replacing(path, private=private) as file:
        file.write(content)


def append_privately(path: Path) -> IO[bytes]:
    """A file, open to append to, that is for its owner alone."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | _BINARY, 0o600), "ab")
