"""How money is counted. Standard library only."""

from __future__ import annotations

from typing import Final

MICRO: Final = 1_000_000
"""Costs and budgets are whole millionths of a US dollar: tables add them up exactly."""
