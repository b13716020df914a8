"""The systems of this platform."""

from __future__ import annotations

from typing import Final

from aurora.system import System
from infra.courses import COURSES

SYSTEMS: Final[tuple[System, ...]] = (COURSES,)
