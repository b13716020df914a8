"""The words that a deck itself says, beside those that a book says too; English for languages that are not here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class DeckLabels:
    agenda: str
    lesson: str
    table: str
    summary: str


_BY_LANGUAGE: Final = {
    "en": DeckLabels(agenda="Agenda", lesson="Lesson", table="Table", summary="Summary of the module"),
    "es": DeckLabels(agenda="Agenda", lesson="Lección", table="Tabla", summary="Resumen del módulo"),
    "pt": DeckLabels(agenda="Agenda", lesson="Lição", table="Tabela", summary="Resumo do módulo"),
    "fr": DeckLabels(agenda="Programme", lesson="Leçon", table="Tableau", summary="Résumé du module"),
    "de": DeckLabels(agenda="Agenda", lesson="Lektion", table="Tabelle", summary="Zusammenfassung des Moduls"),
}


def deck_labels(language: str) -> DeckLabels:
    """The labels of a primary language tag ("es")."""
    return _BY_LANGUAGE.get(language, _BY_LANGUAGE["en"])
