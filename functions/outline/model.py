"""What an outline says, whatever the shape of its file. Plain frozen data; durations are minutes, or None."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Topic:
    """A topic that its lesson must cover."""

    title: str
    duration_minutes: float | None = None
    bloom_level: str = ""


@dataclass(frozen=True)
class Lab:
    """A practical activity of a lesson or a module."""

    title: str
    number: int | None = None
    description: str = ""
    duration_minutes: float | None = None
    bloom_level: str = ""
    objectives: tuple[str, ...] = ()
    activities: tuple[str, ...] = ()


@dataclass(frozen=True)
class Lesson:
    """A lesson; `number` is unique within its module and from 1 to 999."""

    number: int
    title: str
    description: str = ""
    duration_minutes: float | None = None
    bloom_level: str = ""
    objectives: tuple[str, ...] = ()
    topics: tuple[Topic, ...] = ()
    labs: tuple[Lab, ...] = ()


@dataclass(frozen=True)
class Module:
    """A module with at least one lesson, in the order of the file; `number` is unique and from 1 to 999."""

    number: int
    title: str
    description: str = ""
    duration_minutes: float | None = None
    percent_theory: float | None = None
    percent_practice: float | None = None
    bloom_level: str = ""
    lessons: tuple[Lesson, ...] = ()
    labs: tuple[Lab, ...] = ()


@dataclass(frozen=True)
class Outline:
    """A course with at least one module. `language` is as the file says ("es"), "en" where it says nothing."""

    title: str
    description: str
    language: str
    level: str
    audience: tuple[str, ...]
    prerequisites: tuple[str, ...]
    learning_outcomes: tuple[str, ...]
    duration_minutes: float | None
    modules: tuple[Module, ...]

    @property
    def lesson_count(self) -> int:
        """How many lessons all modules have together."""
        return sum(len(module.lessons) for module in self.modules)
