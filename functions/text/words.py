"""What counts as a word of a text, one definition for targets, records and reports; and plain forms of texts.

Markdown's marks (#, |, ```) are no words because they hold no letter or digit.
"""

from __future__ import annotations

import re
import unicodedata

_WORD = re.compile(r"[^\W_]\S*")


def count_words(text: str) -> int:
    """How many runs without white space hold a letter or a digit: "two-part" is one word, "---" none."""
    return len(_WORD.findall(text))


def plain(text: str) -> str:
    """`text` in lower case and without accents, as far as ASCII has its letters."""
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()


def one_line(text: str) -> str:
    """`text` in one line: white space of any kind becomes single blanks."""
    return " ".join(text.split())


def sentence(text: str) -> str:
    """`text` as a whole sentence: more may be said after it."""
    return text if text.endswith((".", "!", "?")) else f"{text}."
