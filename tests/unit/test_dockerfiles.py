"""The groups' Dockerfiles are one: what differs between images is in their build contexts and arguments."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCKERFILES = {path.parent.name: path.read_text(encoding="utf-8") for path in ROOT.glob("images/*/Dockerfile")}


def test_every_group_has_the_same_dockerfile() -> None:
    assert len(DOCKERFILES) > 1
    first, *others = DOCKERFILES
    for other in others:
        assert DOCKERFILES[other] == DOCKERFILES[first], f"cp images/{first}/Dockerfile images/{other}/Dockerfile"


def test_it_names_no_group_and_no_base() -> None:
    (dockerfile,) = set(DOCKERFILES.values())
    # A comment may say "content"; no instruction may.
    instructions = "\n".join(line for line in dockerfile.splitlines() if not line.startswith("#"))

    assert not re.findall(rf"\b({'|'.join(DOCKERFILES)})\b", instructions)
    assert set(re.findall(r"^FROM (\S+)", dockerfile, re.MULTILINE)) == {"${BASE_IMAGE}", "dependencies"}


def test_what_changes_least_is_copied_first() -> None:
    (dockerfile,) = set(DOCKERFILES.values())
    final = dockerfile.rpartition("FROM ${BASE_IMAGE}")[2]

    copied = re.findall(r"^COPY --from=\S+ /(?:code/)?([a-z]+)\S* /$", final, re.MULTILINE)
    assert list(dict.fromkeys(copied)) == ["dependencies", "shared", "group"]
    assert copied == sorted(copied, key=["dependencies", "shared", "group"].index)
    # Every layer that code is spread over is copied.
    for layers in ("shared", "group"):
        spread = re.search(rf'f"{layers}-{{number % (\d+)}}"', dockerfile)
        assert spread is not None
        assert copied.count(layers) == int(spread[1])
