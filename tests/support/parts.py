"""Which parts of the suite need more than Python, and whether this machine has it.

A part is a folder under tests/. Without what it needs its tests skip, and the run says so in one line.
"""

from __future__ import annotations

import functools
import shutil
from collections.abc import Callable
from dataclasses import dataclass

from aurora.image import docker
from tests.support import base_image

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")


@dataclass(frozen=True)
class Part:
    """The tests under ``tests/<folder>`` need ``needs``; ``present`` tells whether it is here."""

    folder: str
    needs: str
    present: Callable[[], bool]


@functools.cache
def docker_answers() -> bool:
    """Whether images can be built and run here: a client alone is of no use, nor a daemon without a base image."""
    try:
        docker.check()
    except docker.DockerError:
        return False
    return base_image.can_be_had()


@functools.cache
def chromium() -> str | None:
    """The path of a Chromium, if there is one."""
    return next((path for name in CHROMIUM_NAMES if (path := shutil.which(name))), None)


PARTS = (
    Part("docker", "a Docker daemon, and mmdebstrap to make a base image with", docker_answers),
    Part("engine", "the Pulumi CLI", lambda: shutil.which("pulumi") is not None),
    Part("browser", "Chromium", lambda: chromium() is not None),
)
