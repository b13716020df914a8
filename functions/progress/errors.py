"""Why a unit is not made, beside the faults of models. Standard library only."""

from __future__ import annotations

from aurora.runtime.errors import AuroraError


class BudgetExceeded(AuroraError):
    """A call was not made because it might have cost more than may still be spent."""


class UnitFailed(AuroraError):
    """A unit cannot be made from what there is: trying again in the same execution changes nothing."""
