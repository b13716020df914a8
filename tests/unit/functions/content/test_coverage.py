from __future__ import annotations

import pytest

from functions.content.coverage import key_words, uncovered


@pytest.mark.parametrize(
    ("topic", "lesson"),
    [
        ("Validación de schemas", "la VALIDACION de un schema"),
        ("Configurar el despliegue", "se configura y se despliega"),
        ("Rate-limiting, quotas and cost", "about rate limiting and a quota's cost"),
        ("Lenguaje C", "El lenguaje C"),
        ("¿Qué es el árbol?", "Un arbol"),
    ],
)
def test_accents_case_and_endings_make_no_difference(topic: str, lesson: str) -> None:
    assert uncovered([topic], lesson) == []


def test_most_key_words_must_occur() -> None:
    assert uncovered(["Firma y verificación de orígenes"], "la firma de un contrato") == [
        "Firma y verificación de orígenes"
    ]


def test_a_text_without_key_words_is_not_asked_for() -> None:
    assert key_words("¿Y por qué?") == frozenset()
    assert uncovered(["¿Y por qué?"], "nada") == []
