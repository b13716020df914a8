"""What an outline may call its language, and the tag that stands for it. Standard library only."""

from __future__ import annotations

import re
from typing import Final

_NAMES: Final = {
    **dict.fromkeys(("español", "espanol", "spanish", "castellano", "spa", "espagnol", "espanhol"), "es"),
    **dict.fromkeys(("english", "inglés", "ingles", "inglês", "anglais", "eng"), "en"),
    **dict.fromkeys(("português", "portugues", "portugués", "portuguese", "por"), "pt"),
    **dict.fromkeys(("français", "francais", "francés", "french", "fra", "fre"), "fr"),
    **dict.fromkeys(("deutsch", "german", "alemán", "aleman", "deu", "ger"), "de"),
}


def primary_language(language: str) -> str:
    """The primary tag of an outline's language: "es" for "es", "es-MX", "Español"; "en" for what no tag can be."""
    primary = re.split(r"[-_\s(,;/]", language.strip().casefold(), maxsplit=1)[0]
    return _NAMES.get(primary) or (primary if re.fullmatch(r"[a-z]{2,3}", primary) else "en")
