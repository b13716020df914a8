"""What keeps a unit from being made beside its own faults. Standard library only."""

from __future__ import annotations

from aurora.runtime.errors import AuroraError


class BudgetExceeded(AuroraError):
    """A call was not made because it might have cost more than may still be spent."""
