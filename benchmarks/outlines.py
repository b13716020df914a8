"""Outlines of a chosen size, shaped like real ones: no benchmark needs a file that is not here."""

from __future__ import annotations

from collections.abc import Sequence

import yaml

# The largest course that the platform's users have written: 42 lessons in seven modules.
LARGEST = (7, 6, 6, 6, 6, 6, 5)
_LEVELS = ("Comprender", "Aplicar", "Aplicar / Analizar", "Analizar", "Evaluar")


def outline(lessons: Sequence[int] = LARGEST) -> bytes:
    """A Spanish outline with ``lessons[i]`` lessons in module i + 1, of 10 to 20 minutes each."""
    modules = [
        {
            "title": f"Capítulo {number}: operación segura de la plataforma, parte {number}",
            "summary": "Conceptos, configuración y verificación de una parte de la plataforma.",
            "duration_minutes": 15 * count,
            "bloom_level": "Aplicar / Analizar",
            "lessons": [
                {
                    "title": f"Tema {number}.{lesson}: controles, registros y límites",
                    "duration_minutes": 10 + 5 * (lesson % 3),
                    "bloom_level": _LEVELS[lesson % len(_LEVELS)],
                }
                for lesson in range(1, count + 1)
            ],
        }
        for number, count in enumerate(lessons, start=1)
    ]
    course = {"title": "Operación segura de una plataforma", "language": "es", "level": "advanced"}
    return yaml.safe_dump({"course": course, "modules": modules}, allow_unicode=True, sort_keys=False).encode()
