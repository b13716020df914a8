"""Watches source files: a saved file deploys the functions of the groups that it belongs to."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterable, Mapping
from pathlib import Path

from watchfiles import watch

# Long enough for an editor to save several files, short enough for the new code to answer within a second.
_QUIET_MILLISECONDS = 30
_MAX_MILLISECONDS = 200

# {group: its files and folders, as POSIX paths in the project}
Places = Mapping[str, Collection[str]]


class GroupWatcher:
    """Watches folders of ``project`` and calls ``changed`` with the groups whose files were saved.

    ``places`` returns each group's current files and folders.
    """

    def __init__(
        self,
        project: Path,
        folders: Iterable[Path],
        places: Callable[[], Places],
        changed: Callable[[set[str]], None],
    ) -> None:
        self._project = project
        self._folders = list(folders)
        self._places = places
        self._changed = changed
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="watch", daemon=True)

    def start(self) -> None:
        """Starts watching."""
        self._thread.start()

    def stop(self) -> None:
        """Stops watching, after a running deployment."""
        self._stop.set()
        self._thread.join()

    def _watch(self) -> None:
        for changes in watch(
            *self._folders,
            stop_event=self._stop,
            debounce=_MAX_MILLISECONDS,
            step=_QUIET_MILLISECONDS,
            rust_timeout=200,
            yield_on_timeout=False,
            raise_interrupt=False,
        ):
            if groups := changed_groups(self._project, self._places(), [Path(path) for _, path in changes]):
                self._changed(groups)


def changed_groups(project: Path, places: Places, paths: Iterable[Path]) -> set[str]:
    """The groups that the changed ``paths`` belong to."""
    changed = [path.relative_to(project).as_posix() for path in paths if path.is_relative_to(project)]
    return {
        group
        for group, parts in places.items()
        if any(name == part or name.startswith(f"{part}/") for name in changed for part in parts)
    }
