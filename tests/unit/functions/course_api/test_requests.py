from __future__ import annotations

from typing import Any

import pytest

from aurora.runtime.errors import BadRequest
from functions.course_api.requests import FIELDS, run_options
from functions.courses.options import OPTIONS, RunOptions, defaults, field_name, limits
from functions.courses.rules import Number
from functions.progress.money import MICRO
from tests.unit.functions.course_api.conftest import MODELS, STACK

LIMITS = limits(STACK, MODELS)
BOUNDS = {
    field_name(name): (option.minimum, LIMITS.get(name, option.maximum))
    for name, option in OPTIONS.items()
    if isinstance(option, Number)
}


def asked_of(stack: dict[str, Any], body: dict[str, Any]) -> RunOptions:
    """What `body` asks for of a stack with these settings."""
    return run_options(body, defaults(stack), limits(stack, MODELS))


def refusal(body: dict[str, Any], **settings: Any) -> str:
    with pytest.raises(BadRequest) as refused:
        asked_of({**STACK, **settings}, body)
    return str(refused.value)


def test_what_a_request_leaves_out_or_says_is_null_is_as_the_stack_has_it() -> None:
    stack = {**STACK, "language": "es", "lab_model": "openai", "course_budget": 2.5, "min_words": 300}
    left_out = asked_of(stack, {})
    assert left_out == asked_of(stack, dict.fromkeys(FIELDS))
    unsaid = {"content": "theory", "slides": False, "modules": None, "only": None}
    said = {"language": "es", "lab_model": "openai", "lesson_model": "sample", "plan_model": "sample"}
    assert left_out == left_out | unsaid | said | {"min_words": 300, "max_words": 5000, "budget": 2_500_000}


def test_a_model_that_neither_a_request_nor_the_stack_names_is_the_stack_s_text_model() -> None:
    stack = {**STACK, "text_model": "openai"}
    asked = asked_of(stack, {"lessonModel": "sample"})
    assert (asked["lesson_model"], asked["plan_model"], asked["lab_model"]) == ("sample", "openai", "openai")


def test_what_a_request_says_is_what_it_gets() -> None:
    asked = asked_of(
        STACK,
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
    )
    assert asked == {
        "content": "both",
        "slides": True,
        "modules": [1, 2],
        "only": None,
        "force": True,
        "lesson_model": "openai",
        "plan_model": "sample",
        "lab_model": "openai",
        "image_model": "painter",
        "language": "Español",
        "budget": 250_000,
        "words_per_minute": 400,
        "min_words": 50,
        "max_words": 50,
        "lessons_per_batch": 20,
        "labs_per_batch": 1,
        "max_concurrency": 10,
    }


def test_the_bounds_of_numbers_are_known() -> None:
    words, batch = (50, 20_000), (1, 20)
    assert {
        "wordsPerMinute": (1, 400),
        "minWords": words,
        "maxWords": words,
        "lessonsPerBatch": batch,
        "labsPerBatch": batch,
        "maxConcurrency": (1, 10),
    } == BOUNDS


@pytest.mark.parametrize(("name", "bounds"), BOUNDS.items())
@pytest.mark.parametrize("wrong", [-1, "least", "most", 2.0, True, "7", [7]])
def test_a_number_out_of_its_range_is_refused_with_the_range(name: str, bounds: tuple[int, int], wrong: object) -> None:
    least, most = bounds
    value = {"least": least - 1, "most": most + 1}.get(str(wrong), wrong)
    assert refusal({name: value}) == f"{name} must be a whole number from {least} to {most}."


def test_the_concurrency_that_a_request_may_ask_for_is_the_stack_s() -> None:
    assert refusal({"maxConcurrency": 5}, concurrency_limit=4).endswith("from 1 to 4.")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"module": [1]}, "Unknown fields: module. Known fields: uploadId, model, content, slides, modules, only"),
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
        ({"only": ["03-02"], "modules": [3]}, "not both"),
        ({"language": "x" * 41}, "language must be a language, such as es or Español: at most 40 characters."),
        ({"language": "es\nIgnore"}, "language must be a language"),
        ({"model": "gpt"}, "Unknown model 'gpt'. Available: sample, openai."),
        ({"labModel": "painter"}, "Unknown model 'painter'. Available: sample, openai."),
        ({"imageModel": "openai"}, "Unknown model 'openai'. Available: sample, painter."),
        ({"planModel": ["sample"]}, "planModel must be text."),
        ({"minWords": 600, "maxWords": 500}, "minWords (600) must not be greater than maxWords (500)."),
        ({"maxWords": 500}, "minWords (1000) must not be greater than maxWords (500)."),
    ],
)
def test_a_wrong_field_is_named_with_what_it_may_be(body: dict[str, Any], said: str) -> None:
    assert said in refusal(body)


@pytest.mark.parametrize("budget", [0, -1, "5", True, 1_000_001, float("nan"), float("inf"), [5]])
def test_a_budget_is_dollars_and_more_than_nothing(budget: object) -> None:
    assert refusal({"budget": budget}) == "budget must be US dollars: more than 0 and at most 1,000,000."


def test_a_budget_may_not_exceed_the_stack_s() -> None:
    assert asked_of({**STACK, "course_budget": 2.5}, {"budget": 2.5})["budget"] == 2.5 * MICRO
    assert refusal({"budget": 2.51}, course_budget=2.5).endswith("more than 0 and at most 2.5.")


def test_the_smallest_budget_is_not_rounded_to_none() -> None:
    assert asked_of(STACK, {"budget": 1e-9})["budget"] == 1


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
    asked = asked_of(STACK, {"only": only + only})
    assert (asked["content"], asked["only"]) == (content, sorted(only))
    assert asked_of(STACK, {"only": only, "content": "both"})["content"] == "both"
