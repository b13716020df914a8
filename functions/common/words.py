"""What counts as a word of a lesson: one definition for targets, records and reports.

Knows nothing of courses; Markdown's marks (#, |, ```) are no words because they hold no letter or digit.
"""

from __future__ import annotations

import re

_WORD = re.compile(r"[^\W_]\S*")


def count_words(text: str) -> int:
    """How many runs without white space hold a letter or a digit: "two-part" is one word, "---" none."""
    return len(_WORD.findall(text))
