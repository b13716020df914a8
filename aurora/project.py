"""Where the project lies on this machine. Knows nothing of what is done there."""

from __future__ import annotations

from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
