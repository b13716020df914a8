"""The images of the groups whose functions run as containers, ensured by the code that ensures them in the cloud.

It must not know what runs an image.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path

from aurora.aws_session import StackSession
from aurora.image import docker
from aurora.image.ensure import ImageError, ImageRequest, ensure
from aurora.image.source import GroupSource, UnreadableSource
from aurora.local.errors import LocalError
from aurora.local.scripts import hardening

_POLL_SECONDS = 0.2
_SECONDS_BETWEEN_NEWS = 20.0
# Lambda's interface emulator, where AWS's own images have it
# (https://github.com/aws/aws-lambda-runtime-interface-emulator).
_INTERFACE_EMULATOR = "/usr/local/bin/aws-lambda-rie"
_ENDS = "The local platform ends."

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
        self._closed = threading.Event()

    def ensure(self, request: ImageRequest, url: str) -> str:
        """Puts a group's image into its repository at ``url`` and returns its digest.

        Raises:
            ImageFailed: it cannot be done.
        """
        with self._turn:
            try:
                digest = self._made(request, url)
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

    @staticmethod
    def entry_point() -> list[str]:
        """What starts an image's functions here: Lambda's runtime client, behind an interface emulator of its own."""
        address = f"{hardening.INTERFACE_HOST}:{hardening.INTERFACE_PORT}"
        emulator = [_INTERFACE_EMULATOR, "--runtime-interface-emulator-address", address]
        return [*emulator, "python3", "-m", "awslambdaric"]

    def uri(self, group: str) -> str:
        """What the group's functions run: ``repository@sha256:...``."""
        return self._uris[group]

    def close(self) -> None:
        """Waits for no image any more: what is being made ends with this process."""
        self._closed.set()

    def _made(self, request: ImageRequest, url: str) -> str:
        """What `ensure` returns, from a thread that need not end before this process does: a build takes minutes."""
        if self._closed.is_set():
            raise ImageFailed(_ENDS)
        self._report(f"making the image of {request.group}")
        ended: Future[str] = Future()

        def make() -> None:
            try:
                digest = ensure(request, url, self._session, self._project, self._report)
                if request.group not in self._wanted:  # of an edit the base is the same
                    _check_interface(f"{url}@{digest}", request.base_image)
                ended.set_result(digest)
            except BaseException as error:  # noqa: BLE001 - raised where the result is asked for
                ended.set_exception(error)

        threading.Thread(target=make, name=f"image-{request.group}", daemon=True).start()
        began = told = time.monotonic()
        while not self._closed.is_set():
            try:
                return ended.result(timeout=_POLL_SECONDS)
            except TimeoutError:
                if ended.done():
                    raise
            if time.monotonic() - told > _SECONDS_BETWEEN_NEWS:
                told = time.monotonic()
                self._report(f"still making the image of {request.group} ({told - began:.0f} s)")
        raise ImageFailed(_ENDS)


def _check_interface(image: str, base_image: str) -> None:
    """Returns if a container of the image will answer here: outside of Lambda nothing else calls its functions."""
    try:
        found = docker.holds_program(image, _INTERFACE_EMULATOR)
    except docker.DockerError as error:
        raise ImageFailed(str(error)) from error
    if not found:
        raise ImageFailed(
            f"The base image {base_image} has no {_INTERFACE_EMULATOR}, without which no container of it answers here: "
            "choose another with --base-image, such as AWS's own for Lambda."
        )
