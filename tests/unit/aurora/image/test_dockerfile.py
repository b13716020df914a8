"""All groups have one Dockerfile: what differs between images is in their build contexts and arguments."""

from __future__ import annotations

import re
from pathlib import Path

from aurora.image import docker
from tests.support.platform import DECLARED

DOCKERFILE = Path(docker.__file__).with_name("Dockerfile").read_text(encoding="utf-8")


def test_it_names_no_group_and_no_base() -> None:
    # A comment may say "content"; no instruction may.
    instructions = "\n".join(line for line in DOCKERFILE.splitlines() if not line.startswith("#"))

    assert not re.findall(rf"\b({'|'.join(DECLARED.groups)})\b", instructions)
    assert set(re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)) == {"${BASE_IMAGE}", "dependencies"}


def test_what_changes_least_is_copied_first() -> None:
    final = DOCKERFILE.rpartition("FROM ${BASE_IMAGE}")[2]

    copied = re.findall(r"^COPY --from=\S+ /(?:code/)?([a-z]+)\S* /$", final, re.MULTILINE)
    assert list(dict.fromkeys(copied)) == ["dependencies", "shared", "group"]
    assert copied == sorted(copied, key=["dependencies", "shared", "group"].index)
    # Every layer that code is spread over is copied.
    for layers in ("shared", "group"):
        spread = re.search(rf'f"{layers}-{{number % (\d+)}}"', DOCKERFILE)
        assert spread is not None
        assert copied.count(layers) == int(spread[1])
