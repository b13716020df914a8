"""What is wrong with an outline, and how the API answers it. Standard library only."""

from __future__ import annotations

from dataclasses import dataclass

from aurora.runtime.errors import AuroraError
from aurora.runtime.problems import ProblemType, register_problem


@dataclass(frozen=True, order=True)
class Problem:
    """One fault of an outline: where it is (line and column count from 1), what is wrong and how to correct it."""

    line: int
    column: int
    message: str
    hint: str = ""

    def __str__(self) -> str:
        where = f"line {self.line}, column {self.column}: {self.message}"
        return f"{where} ({self.hint})" if self.hint else where


class InvalidOutline(AuroraError):
    """An outline that cannot become a course. `problems` holds every fault found, in the order of the text."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        self.problems = tuple(sorted(problems))
        super().__init__("; ".join(str(problem) for problem in self.problems))


def _detail(error: InvalidOutline) -> str:
    found = len(error.problems)
    return f"{found} problem{'s' if found > 1 else ''} found; nothing was started."


def _members(error: InvalidOutline) -> dict[str, object]:
    return {"problems": [vars(problem) for problem in error.problems]}


register_problem(InvalidOutline, ProblemType(422, "Invalid outline", _detail, _members))
