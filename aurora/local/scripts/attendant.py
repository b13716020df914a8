"""Manages one session's containers: finds the address at which they reach this machine, and removes them at the end.

`aurora.local.containers` starts it with the emulator's Python: standard library and the docker package only. It is a
separate process because kill -9 may end all others.

``attendant.py SESSION IMAGES``: SESSION is the session's folder, which exists as long as the session; IMAGES is the
prefix of its images' names. It prints one line of JSON, ``{"address": ...}`` or ``{"error": ...}``, and waits until its
standard input closes.
"""

from __future__ import annotations

import importlib
import ipaddress
import json
import os
import re
import socket
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

# Installed in MiniStack's own environment only.
docker: Any = importlib.import_module("docker")

LABEL = "aurora.local.session"

_SECONDS_FOR_DOCKER = 120
# Docker finishes creating a container even if its client was killed.
_SECONDS_UNTIL_NONE_APPEARS = 0.5
_GONE = (404, 409)  # removed already; another process is removing it


class Unsuitable(Exception):
    """This Docker cannot run the functions; the message is for the user."""


def address(client: Any) -> str:
    """The address of this machine on Docker's own network.

    Raises:
        Unsuitable: containers of this Docker do not run on this machine itself.
    """
    settings: list[dict[str, str]] = client.networks.get("bridge").attrs["IPAM"]["Config"] or []
    networks = [each for each in settings if "." in each["Subnet"]]
    if not networks:
        raise Unsuitable("Docker's default network has no IPv4 addresses: --containers needs them.")
    # Docker names the gateway only if it is not the first address.
    gateway = networks[0].get("Gateway") or str(next(ipaddress.ip_network(networks[0]["Subnet"]).hosts()))
    with socket.socket() as probe:
        try:
            probe.bind((gateway, 0))
        except OSError as error:
            raise Unsuitable(
                f"Docker runs containers on another machine ({gateway} is not an address of this one), as Docker "
                "Desktop does: --containers needs a Docker engine on this machine, on Linux or inside WSL2."
            ) from error
    return gateway


def has_ended(session: str) -> bool:
    """Whether a session's folder is gone. A folder that this user cannot read belongs to another user's session."""
    try:
        os.stat(session)
    except OSError as error:
        return isinstance(error, (FileNotFoundError, NotADirectoryError))
    return False


def remove_containers(client: Any, of: Callable[[str], bool]) -> int:
    """Removes the containers of every session for which ``of`` is true; returns their number."""
    found = client.containers.list(all=True, sparse=True, filters={"label": LABEL})
    ours = [each for each in found if of(each.attrs["Labels"][LABEL])]
    with ThreadPoolExecutor(8) as pool:
        for done in [pool.submit(_unless_gone, each.remove, force=True, v=True) for each in ours]:
            done.result()
    return len(ours)


def remove_images(client: Any, beginning: str) -> None:
    """Removes images of local platforms whose registry no longer answers; the build cache stays."""
    named = re.compile(rf"127\.0\.0\.1:(\d+)/{re.escape(beginning)}")
    for image in client.images.list():
        names: list[str] = [*(image.attrs["RepoTags"] or ()), *(image.attrs["RepoDigests"] or ())]
        for name in names:
            match = named.match(name)
            if match and not _answers(int(match[1])):
                _unless_gone(client.images.remove, name)


def _unless_gone(remove: Callable[..., None], *arguments: object, **options: object) -> None:
    try:
        remove(*arguments, **options)
    except docker.errors.APIError as error:
        if error.status_code not in _GONE:
            raise


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def attend(client: Any, session: str, images: str) -> None:
    """Waits for the end of the session and removes its containers and images."""
    while os.read(0, 4096):
        continue
    remove_containers(client, lambda other: other == session)
    time.sleep(_SECONDS_UNTIL_NONE_APPEARS)
    while remove_containers(client, lambda other: other == session):
        time.sleep(_SECONDS_UNTIL_NONE_APPEARS)
    remove_images(client, images)


def main() -> None:
    """Manages one session's containers from its start to its end."""
    session, images = sys.argv[1:]
    try:
        client = docker.from_env(timeout=_SECONDS_FOR_DOCKER)
        here = address(client)
        # Left behind by sessions that were killed together with their attendants.
        remove_containers(client, has_ended)
        remove_images(client, images)
    except Unsuitable as error:
        print(json.dumps({"error": str(error)}))
    except docker.errors.DockerException as error:
        advice = (
            "check that `docker info` works; if Docker's socket is not /var/run/docker.sock, set DOCKER_HOST "
            "(`docker context inspect` shows it)"
        )
        print(json.dumps({"error": f"The embedded AWS cannot use Docker ({error}): {advice}."}))
    else:
        print(json.dumps({"address": here}), flush=True)
        attend(client, session, images)


if __name__ == "__main__":
    main()
