"""The images of the groups whose functions run as containers, ensured by the code that ensures them in the cloud.

It must not know what runs an image.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from aurora.local.errors import LocalError
from infra.ensure import ImageError, ImageRequest, ensure
from infra.session import StackSession
from infra.source import GroupSource, UnreadableSource

_SECONDS_BETWEEN_NEWS = 20.0

Report = Callable[[str], None]


class ImageFailed(LocalError):
    """A group's image cannot be made; the message says why."""


class GroupImages:
    """The images of a platform's groups. ``project`` is the checkout that they are built from.

    ``session`` is the stack's, so that images are looked for and pushed as in the cloud; ``report`` is told in a few
    words what is being done.
    """

    def __init__(self, session: StackSession, project: Path, report: Report) -> None:
        self._session = session
        self._project = project
        self._report = report
        self._wanted: dict[str, tuple[ImageRequest, str]] = {}
        self._uris: dict[str, str] = {}
        # One after the other: what two images share is pushed once.
        self._turn = threading.Lock()

    def ensure(self, request: ImageRequest, url: str) -> str:
        """Puts a group's image into its repository at ``url`` and returns its digest.

        Raises:
            ImageFailed: it cannot be done.
        """
        with self._turn, self._telling(request.group):
            try:
                digest = ensure(request, url, self._session, self._project, self._report)
            except ImageError as error:
                raise ImageFailed(str(error)) from error
        self._wanted[request.group] = request, url
        self._uris[request.group] = f"{url}@{digest}"
        return digest

    def renew(self, group: str) -> None:
        """Puts the image of a group's source as it is now where the one before is.

        Raises:
            ImageFailed: it cannot be done; the image before stays the group's.
        """
        request, url = self._wanted[group]
        try:
            source = GroupSource.read(self._project, group)
        except UnreadableSource as error:
            raise ImageFailed(str(error)) from error
        tag = source.digest(request.base_image, request.platform, request.arguments)
        if tag != request.tag:
            self.ensure(replace(request, tag=tag, manifest=source.manifest()), url)

    def uri(self, group: str) -> str:
        """What the group's functions run: ``repository@sha256:...``."""
        return self._uris[group]

    @contextmanager
    def _telling(self, group: str) -> Generator[None]:
        """Says that a build is under way, now and again: the first one takes minutes."""
        done = threading.Event()

        def tell() -> None:
            seconds = 0.0
            while not done.wait(_SECONDS_BETWEEN_NEWS):
                seconds += _SECONDS_BETWEEN_NEWS
                self._report(f"still making the image of {group} ({seconds:.0f} s)")

        self._report(f"making the image of {group}")
        teller = threading.Thread(target=tell, name=f"image-{group}", daemon=True)
        teller.start()
        try:
            yield
        finally:
            done.set()
            teller.join()
