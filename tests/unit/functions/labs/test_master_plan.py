from __future__ import annotations

import json
from typing import Any

import pytest

from functions.labs.master_plan import joined, plan_of_answer, plan_of_outline
from functions.models.errors import ModelAnswerInvalid
from functions.outline.parse import parse
from functions.outline.selection import labs
from tests.unit.functions.labs.conftest import OUTLINE

COURSE = parse(OUTLINE)
LABS = [lab for lab in labs(COURSE) if lab.module.number == 1]
OTHERS = [lab for lab in labs(COURSE) if lab.module.number == 2]


def entry(number: int, **changes: Any) -> dict[str, Any]:
    usual = {
        "id": f"lab-01-{number:02d}",
        "objective": "Know it",
        "hardware": ["A jar"],
        "software": [],
        "minutes": 30,
        "steps": ["Do it"],
    }
    return {**usual, **changes}


def answer(*entries: object) -> str:
    return json.dumps({"labs": entries})


GOOD = answer(entry(1), entry(2), entry(3))


@pytest.mark.parametrize(
    "text",
    [
        GOOD,
        f"```json\n{GOOD}\n```",
        f"Here is the plan:\n\n```\n{GOOD}\n```\n\nGood luck!",
        answer(entry(3), entry(1), entry(2, comment="more than was asked for")),
    ],
)
def test_a_plan_is_read_fenced_or_not_in_the_order_of_the_course(text: str) -> None:
    plan = plan_of_answer(text, LABS)
    assert [lab["id"] for lab in plan["labs"]] == ["lab-01-01", "lab-01-02", "lab-01-03"]
    assert (plan["module"], plan["source"], plan["problems"]) == (1, "model", [])
    assert plan["labs"][1] == {
        "id": "lab-01-02",
        "module": 1,
        "number": 2,
        "title": "Let it drain",
        "lesson": "Sand",
        "objective": "Know it",
        "minutes": 30,
        "hardware": ["A jar"],
        "software": [],
        "steps": ["Do it"],
    }


def test_the_outlines_own_duration_holds() -> None:
    assert [lab["minutes"] for lab in plan_of_answer(GOOD, LABS)["labs"]] == [20, 30, 30]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("I am sorry.", "no JSON"),
        ("[" * 100_000, "no JSON"),
        ("[]", "no JSON object with a list of labs"),
        (answer(1, 2, 3), "no JSON object with a list of labs"),
        (answer(entry(1), entry(2)), "entries for lab-01-01, lab-01-02 in place of one each for"),
        (answer(entry(1), entry(2), entry(3), entry(4)), "lab-01-04 in place"),
        (answer(entry(1), entry(2), entry(3), entry(3)), "in place of one each"),
        (answer(entry(1, objective=" "), entry(2), entry(3)), "lab-01-01 has no objective"),
        (answer(entry(1), entry(2, minutes="45"), entry(3)), "lab-01-02 has no duration in minutes, but '45'"),
        (answer(entry(1), entry(2, minutes=True), entry(3)), "lab-01-02 has no duration"),
        (GOOD.replace("30", "NaN"), "cannot be used: NaN"),
        (answer(entry(1), entry(2, minutes=90_000), entry(3)), "lab-01-02 has no duration"),
        (answer(entry(1), entry(2), entry(3, steps=[])), "lab-01-03 has no steps"),
        (answer(entry(1), entry(2), entry(3, hardware="a jar")), "the hardware of lab-01-03 are no list"),
        (answer(entry(1), entry(2), entry(3, software=[1])), "the software of lab-01-03 are no list"),
        (f"```json\n{GOOD}\n```\n```json\n{GOOD}\n```", "no JSON"),
    ],
)
def test_an_answer_that_is_no_whole_plan_is_refused(text: str, said: str) -> None:
    with pytest.raises(ModelAnswerInvalid, match=said):
        plan_of_answer(text, LABS)


def test_a_plan_of_the_outline_says_so_and_why() -> None:
    plan = plan_of_outline(LABS, "The model declined.")
    assert (plan["source"], plan["problems"]) == ("outline", ["The model declined."])
    assert [lab["objective"] for lab in plan["labs"]] == ["Recognise clay", "Let it drain", "Compare them"]
    assert plan["labs"][0]["steps"] == ["Wet it", "Roll it"]
    assert [lab["minutes"] for lab in plan["labs"]] == [20, 45, 45]


def test_the_master_plan_names_everything_once() -> None:
    kinds = plan_of_answer(answer(entry(1), entry(2, hardware=["a jar", "A sieve"]), entry(3)), LABS)
    master = joined(COURSE, [kinds, plan_of_outline(OTHERS, "No model.")])
    assert (master["hardware"], master["software"]) == (["A jar", "A sieve"], [])
    assert (master["objectives"], master["problems"]) == (["Tell soils apart"], ["No model."])
    assert [lab["id"] for lab in master["labs"]] == ["lab-01-01", "lab-01-02", "lab-01-03", "lab-02-01"]
    assert master["minutes"] == 20 + 30 + 30 + 45
