"""Processes that a test started, and what they started: read from /proc, so Linux only."""

from __future__ import annotations

from pathlib import Path


def started_by(pid: int, saying: str) -> set[int]:
    """The processes below ``pid`` that have ``saying`` in one of their arguments."""
    children: dict[int, list[int]] = {}
    # /proc/<pid>/task/<tid>/children may leave some out while others come and go.
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(stat.read_text().rpartition(")")[2].split()[1])
        except (FileNotFoundError, ProcessLookupError):
            continue  # it ended meanwhile
        children.setdefault(parent, []).append(int(stat.parent.name))
    found: set[int] = set()
    below = children.get(pid, [])
    while below:
        child = below.pop()
        below.extend(children.get(child, []))
        if saying in _arguments(child):
            found.add(child)
    return found


def _arguments(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode("utf-8", "replace")
    except (FileNotFoundError, ProcessLookupError):
        return ""
