"""The example outlines under tests/fixtures/outlines: every accepted shape, and a broken one of each kind."""

from __future__ import annotations

from pathlib import Path

from functions.outline.model import Lesson, Module, Outline

OUTLINES = Path(__file__).parents[1] / "fixtures" / "outlines"
ACCEPTED = sorted(OUTLINES.glob("*.yaml"))
BROKEN = sorted((OUTLINES / "broken").glob("*.yaml"))


def outline_bytes(name: str) -> bytes:
    """The bytes of an example, as "minimal" or "broken/tab"."""
    return (OUTLINES / f"{name}.yaml").read_bytes()


def course(*lesson_counts: int) -> Outline:
    """A course of modules with so many lessons each."""
    modules = tuple(
        Module(number, f"Module {number}", lessons=tuple(Lesson(i, f"Lesson {i}") for i in range(1, count + 1)))
        for number, count in enumerate(lesson_counts, start=1)
    )
    return Outline("T", "", "en", "", (), (), (), None, modules)
