"""The images of groups whose functions run as containers, made by the same code as in the cloud."""

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
_REPORT_SECONDS = 20.0
# Lambda's interface emulator, where AWS's own images have it
# (https://github.com/aws/aws-lambda-runtime-interface-emulator).
_INTERFACE_EMULATOR = "/usr/local/bin/aws-lambda-rie"
_ENDS = "The local platform ends."

Report = Callable[[str], None]


class ImageFailed(LocalError):
    """A group's image cannot be made; the message says why."""


class GroupImages:
    """The images of a platform's groups. ``project`` is the checkout that they are built from.

    ``session`` is the stack's, so that images are found and pushed as in the cloud; ``report`` is called with short
    messages.
    """

    def __init__(self, session: StackSession, project: Path, report: Report) -> None:
        self._session = session
        self._project = project
        self._report = report
        self._wanted: dict[str, tuple[ImageRequest, str]] = {}
        self._uris: dict[str, str] = {}
        # One after the other: layers that two images share are pushed once.
        self._turn = threading.Lock()
        self._closed = threading.Event()

    def ensure(self, request: ImageRequest, url: str) -> str:
        """Puts a group's image into its repository at ``url`` and returns its digest.

        Raises:
            ImageFailed: it failed.
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
        """Replaces a group's image by that of its current source.

        Raises:
            ImageFailed: it failed; the group keeps its image.
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
        """The command that starts an image's functions here: Lambda's interface emulator with its runtime client."""
        address = f"{hardening.INTERFACE_HOST}:{hardening.INTERFACE_PORT}"
        emulator = [_INTERFACE_EMULATOR, "--runtime-interface-emulator-address", address]
        return [*emulator, "python3", "-m", "awslambdaric"]

    def uri(self, group: str) -> str:
        """The image of the group's functions: ``repository@sha256:...``."""
        return self._uris[group]

    def close(self) -> None:
        """Stops waiting for images: running builds end with this process."""
        self._closed.set()

    def _made(self, request: ImageRequest, url: str) -> str:
        """Runs `ensure` in a daemon thread, because a build takes minutes and must not keep this process alive."""
        if self._closed.is_set():
            raise ImageFailed(_ENDS)
        self._report(f"making the image of {request.group}")
        ended: Future[str] = Future()

        def make() -> None:
            try:
                digest = ensure(request, url, self._session, self._project, self._report)
                if request.group not in self._wanted:  # edits do not change the base image
                    _check_interface(f"{url}@{digest}", request.base_image)
                ended.set_result(digest)
            except BaseException as error:  # noqa: BLE001 - `result` raises it
                ended.set_exception(error)

        threading.Thread(target=make, name=f"image-{request.group}", daemon=True).start()
        began = reported = time.monotonic()
        while not self._closed.is_set():
            try:
                return ended.result(timeout=_POLL_SECONDS)
            except TimeoutError:
                if ended.done():
                    raise
            if time.monotonic() - reported > _REPORT_SECONDS:
                reported = time.monotonic()
                self._report(f"still making the image of {request.group} ({reported - began:.0f} s)")
        raise ImageFailed(_ENDS)


def _check_interface(image: str, base_image: str) -> None:
    """Checks that the image has the interface emulator, without which its functions cannot be called here."""
    try:
        found = docker.holds_program(image, _INTERFACE_EMULATOR)
    except docker.DockerError as error:
        raise ImageFailed(str(error)) from error
    if not found:
        raise ImageFailed(
            f"The base image {base_image} has no {_INTERFACE_EMULATOR}, which local containers need: choose another "
            "with --base-image, such as AWS's own for Lambda."
        )
