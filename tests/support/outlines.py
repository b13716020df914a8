"""The example outlines under tests/fixtures/outlines: every accepted shape, and a broken one of each kind."""

from __future__ import annotations

from pathlib import Path

OUTLINES = Path(__file__).parents[1] / "fixtures" / "outlines"
ACCEPTED = sorted(OUTLINES.glob("*.yaml"))
BROKEN = sorted((OUTLINES / "broken").glob("*.yaml"))


def outline_bytes(name: str) -> bytes:
    """The bytes of an example, as "minimal" or "broken/tab"."""
    return (OUTLINES / f"{name}.yaml").read_bytes()
