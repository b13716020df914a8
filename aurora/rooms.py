"""The folders whose code every group shares, beside its own: each is part of every group's image."""

from __future__ import annotations

from typing import Final

ROOMS: Final = ("book", "courses", "generation", "models", "outline", "progress", "text")
"""Below `functions/`, as far as they are there."""
RUNTIME: Final = "aurora/runtime"
"""What images hold of the engine."""
