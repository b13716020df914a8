from __future__ import annotations

import dataclasses
import hashlib
import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.models import LabBrief, LabPlanBrief, LessonBrief, TextRequest
from functions.models.errors import ModelTimeout
from functions.models.sample import SampleModel, write_lesson
from functions.models.sample_lab_phrases import ENGLISH as LAB_ENGLISH
from functions.models.sample_lab_phrases import SPANISH as LAB_SPANISH
from functions.models.sample_lab_phrases import LabPhrases
from functions.models.sample_labs import write_guide, write_plan
from functions.models.sample_phrases import ENGLISH, SPANISH, Phrases
from functions.text.words import count_words

BRIEF = LessonBrief(
    course_title="Seguridad en IA",
    language="es",
    level="advanced",
    module_number=2,
    module_title="MCP",
    lesson_number=3,
    lesson_title="Ingestión segura",
    description="Cómo entran los datos",
    topics=("Validación de schema", "Sanitización: qué y cuándo", "Firma | verificación"),
    objectives=("Explicar la validación de un schema",),
    bloom_level="Analizar",
    word_target=1500,
)
LAB = LabBrief(
    course_title="Seguridad en IA",
    language="es",
    level="advanced",
    module_number=2,
    module_title="MCP",
    lab_number=1,
    lab_title="Cerrar un servidor",
    lesson_title="Ingestión segura",
    description="Qué se cierra",
    objectives=("Cerrar un puerto",),
    activities=("Buscar | puertos", "Cerrarlos"),
    bloom_level="Aplicar",
    minutes=45,
    word_target=1100,
    software=("nmap 7",),
)
LONG_TEXT = st.text(max_size=60)


def with_(**changes: object) -> LessonBrief:
    return dataclasses.replace(BRIEF, **changes)  # pyright: ignore[reportArgumentType]


def headings(markdown: str) -> list[str]:
    text = re.sub(r"^```.*?^```$", "", markdown, flags=re.DOTALL | re.MULTILINE)
    return re.findall(r"^#+ .*$", text, flags=re.MULTILINE)


def test_equal_briefs_give_equal_bytes_on_every_platform() -> None:
    digest = hashlib.sha256(write_lesson(BRIEF).encode()).hexdigest()
    assert digest == "ee4dfc5cd644b6e00714109b0d0859374e7d3fad62b634d7df851a65ce257c72"


def test_another_brief_gives_another_text() -> None:
    bodies = {write_lesson(with_(lesson_number=number)).split("\n", 20)[-1] for number in range(1, 6)}
    assert len(bodies) == 5


@pytest.mark.parametrize("language", ["es", "es-MX", "Español", "en", "fr"])
@pytest.mark.parametrize("target", [1000, 1777, 5000])
@pytest.mark.parametrize("topics", [(), BRIEF.topics, tuple(f"Tema número {number}" for number in range(12))])
def test_the_word_target_is_met_within_two_percent(language: str, target: int, topics: tuple[str, ...]) -> None:
    words = count_words(write_lesson(with_(language=language, word_target=target, topics=topics)))
    assert abs(words - target) <= 0.02 * target


def test_a_lesson_begins_with_its_title_and_says_that_it_is_a_sample() -> None:
    assert write_lesson(BRIEF).startswith("# Ingestión segura\n\n> Texto de muestra: ")
    assert "\n> Sample text: " in write_lesson(with_(language="en"))
    assert "\n> Sample text: " in write_lesson(with_(language="et"))


def test_every_topic_has_its_section_and_every_objective_is_named() -> None:
    lesson = write_lesson(BRIEF)
    assert [f"## {topic}" in headings(lesson) for topic in BRIEF.topics] == [True, True, True]
    assert "- Explicar la validación de un schema." in lesson


def test_topics_that_a_title_lists_become_sections() -> None:
    title = "Transporte seguro: tokens, mTLS y políticas de acceso (con ejemplos)"
    sections = headings(write_lesson(with_(lesson_title=title, topics=())))
    assert {"## Tokens", "## mTLS", "## Políticas de acceso"} < set(sections)


def test_a_lesson_without_topics_has_sections_all_the_same() -> None:
    assert "## Cómo funciona" in headings(write_lesson(with_(topics=())))


def test_a_lesson_holds_a_table_a_code_block_lists_and_four_numbered_visuals() -> None:
    lesson = write_lesson(BRIEF)
    assert "\n| --- | --- | --- | --- |\n" in lesson
    assert lesson.count("\n```") == 2
    assert re.search(r"^1\. .+\n2\. ", lesson, re.MULTILINE)
    assert "\n- " in lesson
    tags = re.findall(r"^\[VISUAL: (\S+) - [^\[\]]+\]$", lesson, re.MULTILINE)
    assert tags == ["02-03-0001", "02-03-0002", "02-03-0003", "02-03-0004"]


def test_sentences_vary() -> None:
    paragraphs = [line for line in write_lesson(with_(word_target=2000)).split("\n") if len(line) > 150]
    sentences = [sentence for line in paragraphs for sentence in re.split(r"(?<=[.?]) ", line)]
    assert len(set(sentences)) > 0.85 * len(sentences)


@settings(max_examples=60, deadline=None)
@given(LONG_TEXT, LONG_TEXT, st.lists(LONG_TEXT, max_size=4), st.lists(LONG_TEXT, max_size=3), st.integers(0, 2500))
def test_any_outline_gives_a_lesson_with_one_title_and_closed_code(
    title: str, description: str, topics: list[str], objectives: list[str], target: int
) -> None:
    lesson = write_lesson(
        with_(
            lesson_title=f"T{title}",
            description=description,
            topics=tuple(f"t{topic}" for topic in topics),
            objectives=tuple(objectives),
            word_target=target,
        )
    )
    fences = [line for line in lesson.split("\n") if line.startswith("```")]
    assert len(fences) == 2
    assert lesson.count("\n[VISUAL: 02-03-000") == 4
    assert len([heading for heading in headings(lesson) if heading.startswith("# ")]) == 1


@pytest.mark.parametrize("phrases", [ENGLISH, SPANISH])
def test_no_template_is_there_twice_and_every_slot_is_known(phrases: Phrases) -> None:
    slots = {"topic", "topics", "module", "course", "lesson", "audience", "prerequisites"}
    slots |= {"role", "artifact", "quality", "risk", "moment", "evidence"}
    for name, value in vars(phrases).items():
        templates = (value,) if isinstance(value, str) else value
        assert len(set(templates)) == len(templates), name
        assert {slot for text in templates for slot in re.findall(r"{(\w+)}", text)} <= slots, name


def test_a_model_with_a_pace_takes_its_time_and_no_more_than_there_is() -> None:
    slept: list[float] = []
    model = SampleModel(seconds_per_lesson=2, sleep=slept.append)
    request = TextRequest("", "", 100, BRIEF)
    assert model.write(request, seconds=10).text == write_lesson(BRIEF)
    with pytest.raises(ModelTimeout):
        model.write(request, seconds=1.5)
    assert slept == [2, 1.5]


def lab_with(**changes: object) -> LabBrief:
    return dataclasses.replace(LAB, **changes)  # pyright: ignore[reportArgumentType]


def test_equal_labs_give_equal_bytes_on_every_platform() -> None:
    digest = hashlib.sha256((write_guide(LAB) + write_plan(PLAN)).encode()).hexdigest()
    assert digest == "4a6909fb811ae7d298b3f7e4df0babc605a8bbec6c68c3436904bfc544e876a2"


@pytest.mark.parametrize("language", ["es", "en", "fr"])
@pytest.mark.parametrize("target", [600, 1100, 3000])
@pytest.mark.parametrize("activities", [(), LAB.activities])
def test_the_word_target_of_a_lab_is_met_within_five_percent(
    language: str, target: int, activities: tuple[str, ...]
) -> None:
    words = count_words(write_guide(lab_with(language=language, word_target=target, activities=activities)))
    assert abs(words - target) <= 0.05 * target


def test_a_guide_says_that_it_is_a_sample_and_has_every_part_that_guides_have() -> None:
    guide = write_guide(LAB)
    assert guide.startswith("# Cerrar un servidor\n\n> Texto de muestra: ")
    assert [heading for heading in headings(guide) if heading.startswith("## ")] == [
        "## Objetivos",
        "## Materiales",
        "## Duración",
        "## Instrucciones",
        "## Verificación",
        "## Solución de problemas",
        "## Limpieza",
        "## Reflexión",
    ]
    assert "- nmap 7\n" in guide
    assert "### Buscar \\| puertos\n\n1. " in guide
    assert "- [ ] Cerrar un puerto.\n" in guide
    assert "\n| --- | --- | --- |\n" in guide
    assert guide.count("\n```") == 2
    assert "Sample text" in write_guide(lab_with(language="en"))


@settings(max_examples=25, deadline=None)
@given(LONG_TEXT, LONG_TEXT, st.lists(LONG_TEXT, max_size=3), st.integers(0, 1500))
def test_any_outline_gives_a_guide_with_one_title_and_closed_code(
    title: str, description: str, activities: list[str], target: int
) -> None:
    given = {"lab_title": f"T{title}", "description": description, "word_target": target}
    guide = write_guide(lab_with(**given, activities=tuple(f"a{activity}" for activity in activities)))
    assert len([line for line in guide.split("\n") if line.startswith("```")]) == 2
    assert len([heading for heading in headings(guide) if heading.startswith("# ")]) == 1


PLAN = LabPlanBrief("Seguridad en IA", "es", "advanced", 2, "MCP", (LAB, lab_with(lab_number=2, activities=())))


def test_a_plan_is_json_with_one_entry_a_lab() -> None:
    first, second = json.loads(write_plan(PLAN))["labs"]
    assert (first["id"], first["objective"], first["minutes"]) == ("lab-02-01", "Cerrar un puerto", 45)
    assert first["steps"] == list(LAB.activities)
    assert second["id"] == "lab-02-02"
    assert second["steps"]
    assert all(isinstance(first[name], list) and first[name] for name in ("hardware", "software"))


@pytest.mark.parametrize("phrases", [LAB_ENGLISH, LAB_SPANISH])
def test_every_slot_of_a_lab_is_known(phrases: LabPhrases) -> None:
    slots = {"topic", "module", "course", "lesson", "minutes", "role", "artifact", "quality", "risk", "evidence"}
    assert set(re.findall(r"{(\w+)}", repr(phrases))) <= slots


def test_labs_and_plans_take_as_long_as_lessons_and_cost_nothing() -> None:
    slept: list[float] = []
    model = SampleModel(seconds_per_lesson=2, sleep=slept.append)
    requests = [TextRequest("", "", 100, brief) for brief in (LAB, PLAN)]
    assert [model.write(request, seconds=10).text for request in requests] == [write_guide(LAB), write_plan(PLAN)]
    assert slept == [2, 2]
    assert [model.max_cost(request) for request in requests] == [0, 0]
