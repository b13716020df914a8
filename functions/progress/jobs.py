"""What the making of units must know of the execution that asks for them, whatever it makes. Standard library only."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass


@dataclass(frozen=True)
class Job:
    """An execution, what it may spend, and which units it makes anew.

    Costs are counted under `account`, those of all its executions together, and may be `budget` in all: millionths of
    a US dollar, 0 for no limit. `force` has every unit made again, `only` those of these ids.
    """

    execution: str
    account: str
    budget: int = 0
    force: bool = False
    only: Collection[str] = ()
