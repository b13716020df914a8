"""The words that a book itself says, in the languages it knows; English for all others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Labels:
    """Headings and notices."""

    contents: str
    about: str
    module: str
    level: str
    duration: str
    audience: str
    prerequisites: str
    outcomes: str
    modules_included: str
    modules_omitted: str
    figure: str
    no_image: str
    missing_lessons: str
    missing_intro: str
    missing_lesson: str
    reason: str
    unknown_reason: str
    lessons: str
    words: str
    back: str


ENGLISH: Final = Labels(
    contents="Contents",
    about="About this course",
    module="Module",
    level="Level",
    duration="Duration",
    audience="Who it is for",
    prerequisites="What you need to know",
    outcomes="What you will learn",
    modules_included="Modules in this book",
    modules_omitted="Modules not in this book",
    figure="Figure",
    no_image="This image is not available.",
    missing_lessons="Missing lessons",
    missing_intro="This book is incomplete. These lessons could not be written; generating the course again adds them.",
    missing_lesson="This lesson is missing.",
    reason="Reason",
    unknown_reason="It has not been generated yet.",
    lessons="lessons",
    words="words",
    back="Back to contents",
)
SPANISH: Final = Labels(
    contents="Contenido",
    about="Sobre este curso",
    module="Módulo",
    level="Nivel",
    duration="Duración",
    audience="A quién se dirige",
    prerequisites="Conocimientos previos",
    outcomes="Qué aprenderá",
    modules_included="Módulos de este libro",
    modules_omitted="Módulos que no están en este libro",
    figure="Figura",
    no_image="Esta imagen no está disponible.",
    missing_lessons="Lecciones que faltan",
    missing_intro="Este libro está incompleto. Estas lecciones no se pudieron escribir; "
    "al generar el curso de nuevo se añadirán.",
    missing_lesson="Esta lección falta.",
    reason="Motivo",
    unknown_reason="Aún no se ha generado.",
    lessons="lecciones",
    words="palabras",
    back="Volver al contenido",
)
PORTUGUESE: Final = Labels(
    contents="Conteúdo",
    about="Sobre este curso",
    module="Módulo",
    level="Nível",
    duration="Duração",
    audience="A quem se destina",
    prerequisites="Conhecimentos prévios",
    outcomes="O que vai aprender",
    modules_included="Módulos deste livro",
    modules_omitted="Módulos que não estão neste livro",
    figure="Figura",
    no_image="Esta imagem não está disponível.",
    missing_lessons="Lições em falta",
    missing_intro="Este livro está incompleto. Não foi possível escrever estas lições; "
    "gerar o curso novamente irá acrescentá-las.",
    missing_lesson="Falta esta lição.",
    reason="Motivo",
    unknown_reason="Ainda não foi gerada.",
    lessons="lições",
    words="palavras",
    back="Voltar ao conteúdo",
)
FRENCH: Final = Labels(
    contents="Table des matières",
    about="À propos de ce cours",
    module="Module",
    level="Niveau",
    duration="Durée",
    audience="À qui il s’adresse",
    prerequisites="Connaissances préalables",
    outcomes="Ce que vous apprendrez",
    modules_included="Modules de ce livre",
    modules_omitted="Modules absents de ce livre",
    figure="Figure",
    no_image="Cette image n’est pas disponible.",
    missing_lessons="Leçons manquantes",
    missing_intro="Ce livre est incomplet. Ces leçons n’ont pas pu être écrites ; "
    "générer à nouveau le cours les ajoutera.",
    missing_lesson="Cette leçon manque.",
    reason="Raison",
    unknown_reason="Elle n’a pas encore été générée.",
    lessons="leçons",
    words="mots",
    back="Retour à la table des matières",
)
GERMAN: Final = Labels(
    contents="Inhalt",
    about="Über diesen Kurs",
    module="Modul",
    level="Niveau",
    duration="Dauer",
    audience="Für wen er gedacht ist",
    prerequisites="Vorkenntnisse",
    outcomes="Was Sie lernen",
    modules_included="Module in diesem Buch",
    modules_omitted="Module, die in diesem Buch fehlen",
    figure="Abbildung",
    no_image="Dieses Bild ist nicht verfügbar.",
    missing_lessons="Fehlende Lektionen",
    missing_intro="Dieses Buch ist unvollständig. Diese Lektionen konnten nicht geschrieben werden; "
    "wird der Kurs noch einmal erzeugt, kommen sie hinzu.",
    missing_lesson="Diese Lektion fehlt.",
    reason="Grund",
    unknown_reason="Sie wurde noch nicht erzeugt.",
    lessons="Lektionen",
    words="Wörter",
    back="Zurück zum Inhalt",
)
_BY_LANGUAGE: Final = {"en": ENGLISH, "es": SPANISH, "pt": PORTUGUESE, "fr": FRENCH, "de": GERMAN}


def labels_for(language: str) -> Labels:
    """The labels of a primary language tag ("es"); English for a language that is not here."""
    return _BY_LANGUAGE.get(language, ENGLISH)
