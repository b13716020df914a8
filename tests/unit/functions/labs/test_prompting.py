from __future__ import annotations

import json

import pytest

from functions.labs.master_plan import PlannedLab, plan_of_answer
from functions.labs.prompting import (
    lab_brief,
    lab_fingerprint,
    lab_request,
    plan_fingerprint,
    plan_request,
    word_target,
)
from functions.outline.model import Outline
from functions.outline.parse import parse
from functions.outline.selection import PlacedLab, labs
from tests.support.fake_model import PLANNED, TITLE, WORDS_ASKED, plan_text
from tests.unit.functions.labs.conftest import OUTLINE

COURSE = parse(OUTLINE)
SPANISH = parse(OUTLINE.replace("language: en", "language: es"))
KINDS = [lab for lab in labs(COURSE) if lab.module.number == 1]
ROLL, DRAIN, COMPARE = KINDS
PLAN: PlannedLab = {
    "id": "lab-01-01",
    "module": 1,
    "number": 1,
    "title": "Roll it",
    "lesson": "Clay",
    "objective": "Tell clay by touch",
    "minutes": 90,
    "hardware": ["A jar"],
    "software": ["A spreadsheet"],
    "steps": ["Fill the jar", "Shake it"],
}


@pytest.mark.parametrize(
    ("minutes", "activities", "words"), [(45, 2, 1100), (5, 0, 600), (180, 3, 3000), (30, 0, 600), (62.5, 1, 1350)]
)
def test_the_word_target_follows_minutes_and_activities_within_bounds(
    minutes: float, activities: int, words: int
) -> None:
    assert word_target(minutes, activities) == words


@pytest.mark.parametrize("outline", [COURSE, SPANISH], ids=["en", "es"])
def test_the_prompt_of_a_guide_says_all_that_outline_and_plan_say(outline: Outline) -> None:
    said = lab_request(lab_brief(outline, ROLL, PLAN)).prompt
    for part in ("Soil", "Kinds", "Clay", "Roll it", "1. Recognise clay", "1. Wet it\n2. Roll it", "20 minut"):
        assert part in said
    for part in ("1. Fill the jar\n2. Shake it", "- A jar", "- A spreadsheet", f"'{outline.language}'", "- [ ]"):
        assert part in said


def test_a_guide_is_asked_for_in_the_language_of_its_outline() -> None:
    assert "Troubleshooting" in lab_request(lab_brief(COURSE, ROLL)).prompt
    assert "Solución de problemas" in lab_request(lab_brief(SPANISH, ROLL)).prompt


@pytest.mark.parametrize("outline", [COURSE, SPANISH], ids=["en", "es"])
def test_the_stand_in_for_a_model_finds_title_length_and_the_labs_to_plan(outline: Outline) -> None:
    said = lab_request(lab_brief(outline, ROLL)).prompt
    title, words = TITLE.search(said), WORDS_ASKED.search(said)
    assert title
    assert words
    assert (title[1], words[1]) == ("Roll it", "600")
    assert PLANNED.findall(plan_request(outline, KINDS).prompt) == ["lab-01-01", "lab-01-02", "lab-01-03"]


def test_what_the_outline_says_of_a_lab_holds_against_the_plan() -> None:
    brief = lab_brief(COURSE, ROLL, PLAN)
    assert (brief.minutes, brief.objectives) == (20, ("Recognise clay",))


def test_the_plan_says_what_the_outline_leaves_open() -> None:
    brief = lab_brief(COURSE, DRAIN, {**PLAN, "id": "lab-01-02"})
    assert (brief.minutes, brief.objectives, brief.word_target) == (90, ("Tell clay by touch",), 1800)
    assert lab_brief(COURSE, DRAIN).minutes == 45


def test_a_lab_of_a_whole_module_names_no_lesson() -> None:
    assert "belongs to the lesson: Clay" in lab_request(lab_brief(COURSE, ROLL)).prompt
    assert "belongs to the lesson" not in lab_request(lab_brief(COURSE, COMPARE)).prompt


def test_limits_of_tokens_follow_what_is_asked_for() -> None:
    assert lab_request(lab_brief(COURSE, ROLL)).max_tokens == 1840
    assert plan_request(COURSE, KINDS).max_tokens - plan_request(COURSE, KINDS[:2]).max_tokens == 700


def test_the_prompt_of_a_plan_tells_what_the_outline_says_of_each_lab() -> None:
    said = plan_request(COURSE, KINDS).prompt
    roll = "- lab-01-01: Roll it\n  Lesson: Clay\n  Objectives: Recognise clay\n  Activities: Wet it; Roll it\n"
    roll += "  Minutes: 20"
    assert f"Labs:\n\n{roll}\n\n- lab-01-02: Let it drain\n  Lesson: Sand\n\n- lab-01-03: Compare them\n" in said
    assert '"id": "lab-01-01"' in said


def changed(old: str, new: str) -> tuple[Outline, list[PlacedLab]]:
    outline = parse(OUTLINE.replace(old, new))
    return outline, [lab for lab in labs(outline) if lab.module.number == 1]


def test_a_change_of_one_lab_makes_that_guide_stale_and_its_modules_plan() -> None:
    outline, placed = changed("activities: [Wet it", "activities: [Dry it, Wet it")
    before = [lab_fingerprint(COURSE, lab) for lab in KINDS]
    after = [lab_fingerprint(outline, lab) for lab in placed]
    assert [one != other for one, other in zip(before, after, strict=True)] == [True, False, False]
    assert plan_fingerprint(COURSE, KINDS) != plan_fingerprint(outline, placed)


def test_another_language_makes_every_guide_stale() -> None:
    assert lab_fingerprint(COURSE, DRAIN) != lab_fingerprint(SPANISH, DRAIN)


def test_what_the_stand_in_plans_is_a_plan() -> None:
    plan = plan_of_answer(plan_text(["lab-01-01", "lab-01-02", "lab-01-03"]), KINDS)
    assert json.loads(json.dumps(plan)) == plan
