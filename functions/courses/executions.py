"""The names of a course's executions."""

from __future__ import annotations

import re
from typing import Final

_NAME: Final = re.compile(r"([0-9a-f]{32})-([1-9][0-9]{0,8})")


def course_of(execution_id: str) -> str:
    """The course that an execution's name names; "" if it is no such name."""
    found = _NAME.fullmatch(execution_id)
    return found[1] if found else ""
