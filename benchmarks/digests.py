"""How long the source digests take, as a ratio to a bare sha256 of the same bytes in the same run.

    .venv/bin/python -m benchmarks.digests

The bare one opens, reads and hashes the very files in one loop, knowing which they are; a digest finds them first. The
two are measured in turns, so that a busy machine slows both, and the smallest of each counts.
"""

from __future__ import annotations

import hashlib
import random
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from aurora.image.source import GroupSource

PROJECT = Path(__file__).parents[1]
GROUPS = tuple(sorted(path.parent.name for path in (PROJECT / "images").glob("*/requirements.txt")))
FILES = (5, 500, 5_000)
RUNS = 25


def digests(project: Path, groups: Sequence[str]) -> None:
    """What a program computes for its groups: the digest, and each file's hash."""
    for group in groups:
        source = GroupSource.read(project, group)
        source.manifest()
        source.digest("base", "linux/amd64", {"HANDLERS": "a.handler"})


def bare_sha256(paths: Sequence[Path]) -> None:
    state = hashlib.sha256()
    for path in paths:
        with open(path, "rb") as file:
            state.update(file.read())


def paths_of(project: Path, groups: Sequence[str]) -> list[Path]:
    """The files of the groups' contexts; the shared ones once for each group, as they are part of each."""
    return [_path_of(name, project, group) for group in groups for name in GroupSource.read(project, group).files]


def _path_of(name: str, project: Path, group: str) -> Path:
    if name == "requirements.txt":
        return project / "images" / group / name
    if name == "Dockerfile":
        return PROJECT / "aurora" / "image" / name
    return (PROJECT if name.startswith("aurora/") else project) / name


def generate(project: Path, files: int) -> None:
    """A group ``g`` of modules as long as this project's own, 50 to a folder."""
    sizes = sorted(path.stat().st_size for path in (PROJECT / "functions").rglob("*.py"))
    draw = random.Random(files)
    for folder in ("images/g", "functions/g"):
        (project / folder).mkdir(parents=True)
    for name in ("images/g/requirements.txt", "functions/__init__.py"):
        (project / name).write_bytes(b"# one line\n")
    for number in range(files):
        path = project / f"functions/g/package_{number // 50}/module_{number}.py"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(draw.randbytes(draw.choice(sizes)))


def fastest(runs: int, *works: Callable[[], None]) -> list[float]:
    """The least seconds of each work, measured in turns."""
    least = [float("inf")] * len(works)
    for _ in range(runs):
        for index, work in enumerate(works):
            began = time.perf_counter()
            work()
            least[index] = min(least[index], time.perf_counter() - began)
    return least


def report(label: str, project: Path, groups: Sequence[str]) -> None:
    paths = paths_of(project, groups)
    size = sum(path.stat().st_size for path in paths)
    ours, bare = fastest(RUNS, lambda: digests(project, groups), lambda: bare_sha256(paths))
    row = f"{len(paths):>7,} {size / 1e6:>7.2f} MB {ours * 1e3:>9.2f} ms {bare * 1e3:>9.2f} ms {ours / bare:>7.2f}x"
    print(f"{label:<30} {row}")


def main() -> None:
    print(f"{'':<30} {'files':>7} {'bytes':>10} {'digests':>12} {'bare sha256':>12} {'ratio':>8}")
    report(f"this project's {len(GROUPS)} groups", PROJECT, GROUPS)
    for files in FILES:
        with tempfile.TemporaryDirectory() as folder:
            generate(Path(folder), files)
            report(f"a group of {files:,} modules", Path(folder), ["g"])


if __name__ == "__main__":
    main()
