"""How large an outline may be. A module of its own, because API functions read outlines only when they must."""

from __future__ import annotations

from typing import Final

MAX_OUTLINE_BYTES: Final = 1_000_000
"""Largest outline accepted; real ones have tens of kilobytes."""
MAX_LESSONS: Final = 500
"""Most lessons of a course: their batches travel in one state of the workflow, which holds 256 KB."""
MAX_LABS: Final = 500
"""Most labs of a course, for the same reason."""
