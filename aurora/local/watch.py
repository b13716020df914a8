"""Edits reach the running functions: a changed file of a group deploys that group's functions anew.

It must not know how a function is deployed.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from pathlib import Path

from watchfiles import watch

from aurora.rooms import ROOMS, RUNTIME

_SHARED_FOLDERS = {*ROOMS, RUNTIME.rpartition("/")[2]}

# Long enough to take in one editor's save of several files, short enough for the new code to answer within a second.
_MILLISECONDS_OF_QUIET = 30
_MILLISECONDS_AT_MOST = 200


class GroupWatcher:
    """Watches folders that hold a folder for each group, and calls ``changed`` with the groups whose files were saved.

    A change of a shared folder changes every group of ``groups``.
    """

    def __init__(self, folders: Iterable[Path], groups: Iterable[str], changed: Callable[[set[str]], None]) -> None:
        self._folders = [folder.resolve() for folder in folders]
        self._groups = set(groups)
        self._changed = changed
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="watch", daemon=True)

    def start(self) -> None:
        """Begins to watch."""
        self._thread.start()

    def stop(self) -> None:
        """Ends watching; a deployment under way is completed first."""
        self._stop.set()
        self._thread.join()

    def _watch(self) -> None:
        for changes in watch(
            *self._folders,
            stop_event=self._stop,
            debounce=_MILLISECONDS_AT_MOST,
            step=_MILLISECONDS_OF_QUIET,
            rust_timeout=200,
            yield_on_timeout=False,
            raise_interrupt=False,
        ):
            if groups := changed_groups(self._folders, self._groups, [Path(path) for _, path in changes]):
                self._changed(groups)


def changed_groups(folders: Iterable[Path], groups: set[str], paths: Iterable[Path]) -> set[str]:
    """Which of ``groups`` any of the changed ``paths`` belongs to."""
    changed = {
        path.relative_to(folder).parts[0]
        for folder in folders
        for path in paths
        if path != folder and path.is_relative_to(folder)
    }
    return set(groups) if _SHARED_FOLDERS & changed else changed & groups
