"""Downloads a course's files into a folder: several at a time, each whole or not at all."""

from __future__ import annotations

import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

import httpx

from aurora.errors import CommandError, PlatformLost
from aurora.files import replacing
from client.api import RemoteFile

_AT_ONCE: Final = 8
_ATTEMPTS: Final = 3
# Names come from a server: a plain name, or one folder and a plain name, and nothing that leaves the folder.
_NAME: Final = re.compile(r"(?:[a-z][a-z0-9-]*/)?[A-Za-z0-9][A-Za-z0-9._-]*")


def download(http: httpx.Client, files: Sequence[RemoteFile], folder: Path) -> list[Path]:
    """Downloads ``files`` into ``folder`` under their names and returns their paths, in the same order.

    Raises:
        PlatformLost: a file could not be fetched whole, after several attempts.
        CommandError: a name that is not a course's, or a folder that cannot be written.
    """
    for file in files:
        if not _NAME.fullmatch(file.name):
            raise CommandError(f"The platform names a file that no course has: {file.name!r}. Nothing was downloaded.")
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        fetched = [pool.submit(_fetch, http, file, folder / file.name) for file in files]
        return [path.result() for path in fetched]


def _fetch(http: httpx.Client, file: RemoteFile, path: Path) -> Path:
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            with http.stream("GET", file.url) as response, replacing(path) as local:
                response.raise_for_status()
                for part in response.iter_bytes():
                    local.write(part)
            return path
        except httpx.HTTPError as error:
            if attempt == _ATTEMPTS:
                raise PlatformLost(f"{file.name} could not be downloaded: {_plain(error)}") from error
        except OSError as error:
            raise CommandError(f"{path} cannot be written: {error.strerror}") from error
    raise AssertionError("the last attempt returns or raises")


def _plain(error: httpx.HTTPError) -> str:
    # The text of a status error holds the presigned URL, which is a key to the file.
    return f"HTTP {error.response.status_code}" if isinstance(error, httpx.HTTPStatusError) else str(error)
