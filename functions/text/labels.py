"""The words that a book itself says, in the languages it knows; English for all others."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, Literal

Kind = Literal["lesson", "lab"]
"""What a book's units are."""


@dataclass(frozen=True)
class Labels:
    """Headings and notices. `title` is the book's, of the course's ("{}"); `unit` stands before a unit's number."""

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
    missing_units: str
    missing_intro: str
    missing_unit: str
    reason: str
    unknown_reason: str
    units: str
    words: str
    back: str
    hardware: str
    software: str
    title: str = "{}"
    unit: str = ""


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
    missing_units="Missing lessons",
    missing_intro="This book is incomplete. These lessons could not be written; generating the course again adds them.",
    missing_unit="This lesson is missing.",
    reason="Reason",
    unknown_reason="It has not been generated yet.",
    units="lessons",
    words="words",
    back="Back to contents",
    hardware="Equipment you need",
    software="Software you need",
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
    missing_units="Lecciones que faltan",
    missing_intro="Este libro está incompleto. Estas lecciones no se pudieron escribir; "
    "al generar el curso de nuevo se añadirán.",
    missing_unit="Esta lección falta.",
    reason="Motivo",
    unknown_reason="Aún no se ha generado.",
    units="lecciones",
    words="palabras",
    back="Volver al contenido",
    hardware="Equipo necesario",
    software="Software necesario",
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
    missing_units="Lições em falta",
    missing_intro="Este livro está incompleto. Não foi possível escrever estas lições; "
    "gerar o curso novamente irá acrescentá-las.",
    missing_unit="Falta esta lição.",
    reason="Motivo",
    unknown_reason="Ainda não foi gerada.",
    units="lições",
    words="palavras",
    back="Voltar ao conteúdo",
    hardware="Equipamento necessário",
    software="Software necessário",
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
    missing_units="Leçons manquantes",
    missing_intro="Ce livre est incomplet. Ces leçons n’ont pas pu être écrites ; "
    "générer à nouveau le cours les ajoutera.",
    missing_unit="Cette leçon manque.",
    reason="Raison",
    unknown_reason="Elle n’a pas encore été générée.",
    units="leçons",
    words="mots",
    back="Retour à la table des matières",
    hardware="Matériel nécessaire",
    software="Logiciels nécessaires",
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
    missing_units="Fehlende Lektionen",
    missing_intro="Dieses Buch ist unvollständig. Diese Lektionen konnten nicht geschrieben werden; "
    "wird der Kurs noch einmal erzeugt, kommen sie hinzu.",
    missing_unit="Diese Lektion fehlt.",
    reason="Grund",
    unknown_reason="Sie wurde noch nicht erzeugt.",
    units="Lektionen",
    words="Wörter",
    back="Zurück zum Inhalt",
    hardware="Benötigte Geräte",
    software="Benötigte Software",
)
_LESSONS: Final = {"en": ENGLISH, "es": SPANISH, "pt": PORTUGUESE, "fr": FRENCH, "de": GERMAN}
_LABS: Final = {
    "en": replace(
        ENGLISH,
        title="{}: lab guide",
        unit="Lab",
        units="labs",
        about="About this lab guide",
        missing_units="Missing labs",
        missing_intro="This lab guide is incomplete. These labs could not be written; "
        "generating the course again adds them.",
        missing_unit="This lab is missing.",
    ),
    "es": replace(
        SPANISH,
        title="{}: guía de laboratorios",
        unit="Laboratorio",
        units="laboratorios",
        about="Sobre esta guía",
        missing_units="Laboratorios que faltan",
        missing_intro="Esta guía está incompleta. Estos laboratorios no se pudieron escribir; "
        "al generar el curso de nuevo se añadirán.",
        missing_unit="Este laboratorio falta.",
    ),
    "pt": replace(
        PORTUGUESE,
        title="{}: guia de laboratórios",
        unit="Laboratório",
        units="laboratórios",
        about="Sobre este guia",
        missing_units="Laboratórios em falta",
        missing_intro="Este guia está incompleto. Não foi possível escrever estes laboratórios; "
        "gerar o curso novamente irá acrescentá-los.",
        missing_unit="Falta este laboratório.",
        unknown_reason="Ainda não foi gerado.",
    ),
    "fr": replace(
        FRENCH,
        title="{} : guide des travaux pratiques",
        unit="TP",
        units="travaux pratiques",
        about="À propos de ce guide",
        missing_units="Travaux pratiques manquants",
        missing_intro="Ce guide est incomplet. Ces travaux pratiques n’ont pas pu être écrits ; "
        "générer à nouveau le cours les ajoutera.",
        missing_unit="Ce TP manque.",
        unknown_reason="Il n’a pas encore été généré.",
    ),
    "de": replace(
        GERMAN,
        title="{}: Laborübungen",
        unit="Übung",
        units="Übungen",
        about="Über dieses Übungsbuch",
        missing_units="Fehlende Übungen",
        missing_intro="Dieses Übungsbuch ist unvollständig. Diese Übungen konnten nicht geschrieben werden; "
        "wird der Kurs noch einmal erzeugt, kommen sie hinzu.",
        missing_unit="Diese Übung fehlt.",
    ),
}
_BY_KIND: Final[dict[Kind, dict[str, Labels]]] = {"lesson": _LESSONS, "lab": _LABS}


def labels_for(language: str, kind: Kind = "lesson") -> Labels:
    """The labels of a primary language tag ("es"); English for a language that is not here."""
    labels = _BY_KIND[kind]
    return labels.get(language, labels["en"])
