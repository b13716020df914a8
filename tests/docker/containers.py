"""Containers of a test's images, and how to call a function in one."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from aurora.image import docker

INVOCATIONS = "/2015-03-31/functions/function/invocations"
SECONDS_TO_START = 60
# As Lambda runs images: somebody who is not in /etc/passwd, on a file system that cannot be written to but for /tmp.
AS_LAMBDA_DOES = ("--user", "993:990", "--read-only", "--tmpfs", "/tmp")


def client(*arguments: str, check: bool = True) -> str:
    """What the Docker client prints."""
    ended = subprocess.run([docker.client(), *arguments], capture_output=True, text=True, check=False)
    assert not check or not ended.returncode, ended.stderr
    return ended.stdout.strip()


@dataclass(frozen=True)
class Container:
    """A running function. ``address`` is where Lambda's interface emulator in it takes events."""

    identity: str
    address: str

    def call(self, event: Any) -> Any:
        """What the function answers to an event."""
        answer = httpx.post(self.address + INVOCATIONS, content=json.dumps(event), timeout=60, trust_env=False)
        return answer.json()

    def log(self) -> str:
        """What its process has written so far."""
        said = subprocess.run(
            [docker.client(), "logs", self.identity], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=True
        )
        return said.stdout.decode()


@contextmanager
def running(image: str, *command: str, options: tuple[str, ...] = AS_LAMBDA_DOES) -> Generator[Container]:
    """A container of ``image`` that takes events, for as long as the block lasts."""
    identity = client("run", "--detach", "--publish", "127.0.0.1::8080", *options, image, *command)
    try:
        port = client("port", identity, "8080/tcp").rpartition(":")[2]
        container = Container(identity, f"http://127.0.0.1:{port}")
        deadline = time.monotonic() + SECONDS_TO_START
        while not _listens(container.address):
            assert time.monotonic() < deadline, container.log()
            time.sleep(0.05)
        yield container
    finally:
        client("rm", "--force", "--volumes", identity)


def _listens(address: str) -> bool:
    try:
        httpx.get(address, timeout=5, trust_env=False)
    except httpx.TransportError:
        return False
    return True


def python_in(image: str, code: str, *arguments: str) -> str:
    """What a Python program prints that runs in a container of ``image`` in place of the function."""
    return client("run", "--rm", *AS_LAMBDA_DOES, "--entrypoint", "python3", image, "-c", code, *arguments)
