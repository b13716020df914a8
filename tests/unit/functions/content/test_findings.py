from __future__ import annotations

import pytest

from functions.content.findings import check_lesson
from functions.models import LessonBrief
from functions.models.sample import write_lesson
from functions.outline.model import Lesson, Topic
from functions.text.tidy import tidy_lesson

LESSON = Lesson(2, "Soil", topics=(Topic("Análisis de arcillas"),), objectives=("Distinguir la arena del limo",))
GOOD = "# Soil\n\nEl analisis de una arcilla.\n\n## Práctica\n\nSe distingue la arena y el limo.\n"


def kinds(markdown: str, images: tuple[str, ...] = (), target: int | None = None) -> list[tuple[str, int | None]]:
    return [(found.kind, found.line) for found in check_lesson(markdown, LESSON, "01-02", images, target)]


def test_a_good_lesson_has_no_warnings() -> None:
    assert kinds(GOOD, target=16) == []


@pytest.mark.parametrize("language", ["es", "en"])
def test_a_sample_lesson_with_its_images_has_no_warnings(language: str) -> None:
    lesson = Lesson(3, "Ingestión segura: firma | *origen*", topics=(Topic("Firma [x]"), Topic("¿Por qué?: C y n8n")))
    topics = tuple(topic.title for topic in lesson.topics)
    brief = LessonBrief("IA", language, "", 2, "MCP", 3, lesson.title, "", topics, ("Explicar la firma",), "", 1200)
    text = tidy_lesson(write_lesson(brief), lesson.title, "02-03")
    images = tuple(f"02-03-000{number}" for number in range(1, 5))
    assert list(check_lesson(text, lesson, "02-03", images, 1200)) == []


def test_a_topic_and_an_objective_that_are_not_mentioned_are_told() -> None:
    assert kinds("# Soil\n\nNothing of the kind.\n") == [("coverage", None), ("coverage", None)]


@pytest.mark.parametrize(
    ("added", "line"),
    [("# Second\n", 9), ("#### Deep\n", 9), ("##\n", 9), ("```\n# fine in code\n```\n", None)],
)
def test_headings_that_break_the_order_are_told_at_their_line(added: str, line: int | None) -> None:
    assert kinds(f"{GOOD}\n{added}") == ([("heading", line)] if line else [])


def test_a_wrong_title_and_an_absent_one_are_told() -> None:
    assert kinds(GOOD.replace("# Soil", "# Land", 1)) == [("heading", 1)]
    assert ("heading", None) in kinds(GOOD.replace("# Soil", "Soil", 1))


@pytest.mark.parametrize(
    "link",
    [
        "[text]()",
        "[text](<>)",
        "[text](page.html)",
        "[text](#part)",
        "[text](http://)",
        "[text](http:// example.com)",
        "[text](htp://example.com)",
        "[text](mailto:nobody)",
        "[text](javascript:alert(1))",
        "![picture](picture.png)",
        "[text](http://[broken)",
    ],
)
def test_links_that_lead_nowhere_are_told_at_their_line(link: str) -> None:
    assert kinds(f"{GOOD}\nSee {link} there.\n") == [("link", 9)]


@pytest.mark.parametrize(
    "link",
    ["[text](https://example.com/a?b=c#d)", "<https://example.com>", "[a](mailto:a@b.c)", "`[text]()`", "a[0] (b)"],
)
def test_links_that_lead_somewhere_are_fine(link: str) -> None:
    assert kinds(f"{GOOD}\nSee {link} there.\n") == []


def test_visuals_and_images_must_match() -> None:
    tag = "[VISUAL: 01-02-0001 - A field]"
    assert kinds(f"{GOOD}\n{tag}\n", ("01-02-0001", "01-03-0001")) == []
    assert kinds(f"{GOOD}\n{tag}\n") == [("visual", 9)]
    assert kinds(f"{GOOD}\n{tag}\n\n{tag}\n", ("01-02-0001",)) == [("visual", 11)]
    assert kinds(GOOD, ("01-02-0001",)) == [("visual", None)]
    assert kinds(f"{GOOD}\n[VISUAL: 01-03-0001 - Of another]\n", ("01-03-0001",)) == [("visual", 9)]
    assert kinds(f"{GOOD}\n[Visual: A field]\n") == [("visual", 9)]


@pytest.mark.parametrize(("target", "warned"), [(9, True), (10, False), (20, False), (21, True), (None, False)])
def test_a_length_far_from_the_target_is_told(target: int | None, warned: bool) -> None:
    assert kinds(GOOD, target=target) == ([("words", None)] if warned else [])


def test_a_code_block_that_is_never_closed_is_told_where_it_opens() -> None:
    assert kinds(f"{GOOD}\n```python\nx = 1\n") == [("fence", 9)]
