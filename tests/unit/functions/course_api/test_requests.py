from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from aurora.runtime.errors import BadRequest
from functions.course_api.requests import FIELDS, execution_request
from functions.course_api.settings import StarterApiSettings
from functions.progress.records import MICRO
from tests.unit.functions.course_api.conftest import DEFAULTS

SETTINGS = StarterApiSettings.read(
    DEFAULTS | dict.fromkeys(("BUCKET", "COURSES_TABLE", "PROGRESS_TABLE", "STATE_MACHINE_ARN"), "unused")
)
BOUNDS = {
    "minWords": (50, 20_000),
    "maxWords": (50, 20_000),
    "wordsPerMinute": (1, 400),
    "lessonsPerBatch": (1, 20),
    "labsPerBatch": (1, 20),
    "maxConcurrency": (1, 10),
}


def refusal(body: dict[str, Any], settings: StarterApiSettings = SETTINGS) -> str:
    with pytest.raises(BadRequest) as refused:
        execution_request(body, settings)
    return str(refused.value)


def test_what_a_request_leaves_out_or_says_is_null_is_as_the_stack_has_it() -> None:
    settings = replace(SETTINGS, language="es", lab_model="openai", course_budget=2.5, min_words=300)
    left_out = execution_request({}, settings)
    assert left_out == execution_request(dict.fromkeys(FIELDS), settings)
    assert (left_out.content, left_out.slides, left_out.modules, left_out.only) == ("theory", False, None, None)
    assert (left_out.language, left_out.lab_model, left_out.lesson_model) == ("es", "openai", "sample")
    assert (left_out.min_words, left_out.max_words, left_out.budget) == (300, 5000, 2_500_000)


def test_what_a_request_says_is_what_it_gets() -> None:
    asked = execution_request(
        {
            "content": "both",
            "slides": True,
            "modules": [2, 1, 2],
            "force": True,
            "language": " Español ",
            "model": "openai",
            "planModel": "sample",
            "imageModel": "painter",
            "wordsPerMinute": 400,
            "minWords": 50,
            "maxWords": 50,
            "lessonsPerBatch": 20,
            "labsPerBatch": 1,
            "maxConcurrency": 10,
            "budget": 0.25,
        },
        SETTINGS,
    )
    assert (asked.content, asked.slides, asked.modules, asked.force) == ("both", True, (1, 2), True)
    assert (asked.lesson_model, asked.plan_model, asked.lab_model) == ("openai", "sample", "openai")
    assert (asked.image_model, asked.language, asked.budget) == ("painter", "Español", 250_000)
    assert (asked.words_per_minute, asked.min_words, asked.max_words) == (400, 50, 50)
    assert (asked.lessons_per_batch, asked.labs_per_batch, asked.max_concurrency) == (20, 1, 10)


@pytest.mark.parametrize(("name", "bounds"), BOUNDS.items())
@pytest.mark.parametrize("wrong", [-1, "least", "most", 2.0, True, "7", [7]])
def test_a_number_out_of_its_range_is_refused_with_the_range(name: str, bounds: tuple[int, int], wrong: object) -> None:
    least, most = bounds
    value = {"least": least - 1, "most": most + 1}.get(str(wrong), wrong)
    assert refusal({name: value}) == f"{name} must be a whole number from {least} to {most}."


def test_the_concurrency_that_a_request_may_ask_for_is_the_stack_s() -> None:
    assert refusal({"maxConcurrency": 5}, replace(SETTINGS, concurrency_limit=4)).endswith("from 1 to 4.")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"module": [1]}, "Unknown fields: module. Known are: uploadId, content, slides, modules, only"),
        ({"content": "all"}, "content must be one of theory, labs, both, slides; not 'all'."),
        ({"content": 1}, "content must be text."),
        ({"slides": "yes"}, "slides must be true or false."),
        ({"force": 1}, "force must be true or false."),
        ({"modules": []}, "modules must be a list of module numbers"),
        ({"modules": [True]}, "modules must be a list of module numbers"),
        ({"modules": ["1"]}, "modules must be a list of module numbers"),
        ({"only": []}, 'only must be a list of units, such as "03-02"'),
        ({"only": ["3-2"]}, 'only must be a list of units, such as "03-02"'),
        ({"only": [302]}, 'only must be a list of units, such as "03-02"'),
        ({"only": ["03-02"], "modules": [3]}, "a request can have one of them"),
        ({"language": "x" * 41}, "language must be a language, such as es or Español: at most 40 characters."),
        ({"language": "es\nIgnore"}, "language must be a language"),
        ({"model": "gpt"}, "There is no model 'gpt' here. There is: sample, openai."),
        ({"labModel": "painter"}, "There is no model 'painter' here. There is: sample, openai."),
        ({"imageModel": "openai"}, "There is no model 'openai' here. There is: sample, painter."),
        ({"planModel": ["sample"]}, "planModel must be text."),
        ({"minWords": 600, "maxWords": 500}, "minWords (600) must not be greater than maxWords (500)."),
        ({"maxWords": 500}, "minWords (1000) must not be greater than maxWords (500)."),
    ],
)
def test_a_wrong_field_is_named_with_what_it_may_be(body: dict[str, Any], said: str) -> None:
    assert said in refusal(body)


@pytest.mark.parametrize("budget", [0, -1, "5", True, 1_000_001, float("nan"), float("inf"), [5]])
def test_a_budget_is_dollars_and_more_than_nothing(budget: object) -> None:
    assert refusal({"budget": budget}) == "budget must be US dollars: more than 0 and a million at most."


def test_a_budget_may_not_exceed_the_stack_s() -> None:
    settings = replace(SETTINGS, course_budget=2.5)
    assert execution_request({"budget": 2.5}, settings).budget == 2.5 * MICRO
    assert refusal({"budget": 2.51}, settings).endswith("more than 0 and at most 2.5, which is the most here.")


def test_the_smallest_budget_is_not_rounded_to_none() -> None:
    assert execution_request({"budget": 1e-9}, SETTINGS).budget == 1


@pytest.mark.parametrize(
    ("only", "content"),
    [
        (["03-02"], "theory"),
        (["lab-03-01"], "labs"),
        (["lab-03-01", "03-02"], "both"),
        (["slides-03"], "slides"),
        (["slides-03", "03-02"], "theory"),
        (["slides-03", "lab-03-01"], "labs"),
    ],
)
def test_what_is_made_follows_from_the_units_that_are_named(only: list[str], content: str) -> None:
    asked = execution_request({"only": only + only}, SETTINGS)
    assert (asked.content, asked.only) == (content, tuple(sorted(only)))
    assert execution_request({"only": only, "content": "both"}, SETTINGS).content == "both"
