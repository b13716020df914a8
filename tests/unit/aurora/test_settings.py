"""Settings of a stack: what is accepted, and what an author of a stack file is told."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pulumi
import pytest
import yaml
from pydantic import BaseModel, Field

from aurora.declaration import Declaration
from aurora.errors import DeclarationError
from aurora.settings import Settings, SettingsError, StackModel
from aurora.testing.declared import run
from functions.models.specs import read_chain
from infra import SYSTEMS, models
from infra.courses import RunSettings
from infra.models import ModelSettings
from tests.support.clone import PROJECT
from tests.support.platform import declared
from tests.support.platform import settings as read_settings


def load(stage: str = "dev", **config: str) -> Settings:
    """What the program reads under Pulumi's test interface; ``aurora__protect`` is the key ``aurora:protect``."""
    loaded: list[Settings] = []
    values = {key.replace("__", ":"): value for key, value in config.items()}
    run(stage, values, lambda: loaded.append(Settings.load(SYSTEMS)))
    return loaded[0]


def refusal(stage: str = "dev", **config: str) -> str:
    with pytest.raises(pulumi.RunError) as refused:
        load(stage, **config)
    return str(refused.value)


def lines_to_add(message: str) -> dict[str, object]:
    return yaml.safe_load(message[message.index("\nconfig:") :])["config"]


def test_a_region_is_all_that_dev_must_say() -> None:
    settings = load(aws__region="eu-west-1")
    assert (settings.service, settings.stage) == ("aurora", "dev")
    assert settings.of(RunSettings).model_dump()["max_concurrency"] == 2


def test_values_arrive_as_text_and_become_what_they_are() -> None:
    settings = load(aws__region="eu-west-1", aurora__maxConcurrency="4", aurora__protect="true")
    assert settings.of(RunSettings).model_dump()["max_concurrency"] == 4
    assert settings.stack.protect is True


def test_a_missing_region_is_answered_with_the_line_to_add() -> None:
    assert lines_to_add(refusal()) == {"aws:region": "eu-west-1"}


@pytest.mark.parametrize("stage", ["staging", "prod"])
def test_staging_and_prod_must_name_their_accounts(stage: str) -> None:
    message = refusal(stage, aws__region="eu-west-1")
    assert f"Pulumi.{stage}.yaml" in message
    assert lines_to_add(message) == {"aws:allowedAccountIds": ["111122223333"]}


def test_a_misspelt_setting_is_answered_with_the_one_that_was_meant() -> None:
    message = refusal(aws__region="eu-west-1", aurora__maxConcurency="3")
    assert "did you mean aurora:maxConcurrency?" in message


def test_every_fault_is_told_at_once() -> None:
    message = refusal("prod", aurora__minWords="many", aurora__maxConcurrency="0")
    for part in ("aurora:minWords", "aurora:maxConcurrency", "aws:region", "aws:allowedAccountIds"):
        assert part in message


@pytest.mark.parametrize(
    ("config", "wanted"),
    [
        ({"aurora__textModel": "openai"}, "textModel"),
        ({"aurora__alarms": "true"}, "alarmEmail"),
    ],
)
def test_a_setting_that_needs_another_says_which(config: dict[str, str], wanted: str) -> None:
    assert f"aurora:{wanted}" in lines_to_add(refusal(aws__region="eu-west-1", **config))


def test_a_retention_that_cloudwatch_does_not_know_is_refused() -> None:
    assert "logRetentionDays must be one of 1, 3, 5" in refusal(aws__region="eu-west-1", aurora__logRetentionDays="10")


def test_a_key_s_value_is_never_in_a_message() -> None:
    message = refusal(aws__region="eu-west-1", aurora__openaiApiKey="sk-secret", aurora__minWords="sk-secret")
    assert "sk-secret" not in message


def test_a_key_s_value_is_never_in_what_settings_look_like() -> None:
    settings = load(aws__region="eu-west-1", aurora__openaiApiKey="sk-secret", aurora__bedrockApiKey="b-secret")
    assert settings.secrets == {"openai-api-key": "sk-secret", "bedrock-api-key": "b-secret"}
    assert "b-secret" not in repr(settings)
    assert "sk-secret" not in repr(settings)


def test_endpoints_are_read_as_pulumi_hands_them_over() -> None:
    settings = load(
        aws__region="eu-west-1", aws__endpoints='[{"s3": "http://127.0.0.1:1"}, {"sqs": "http://127.0.0.1:2"}]'
    )
    assert settings.endpoints == {"s3": "http://127.0.0.1:1", "sqs": "http://127.0.0.1:2"}


def test_the_environments_to_copy_from_are_read_as_pulumi_hands_them_over() -> None:
    copied = '[{"stage": "staging"}, {"stage": "prod", "account": "111122223333", "region": "us-east-1"}]'
    first, second = load(aws__region="eu-west-1", aurora__copyFrom=copied).stack.copy_from
    assert (first.stage, first.account, first.region) == ("staging", "", "")
    assert (second.stage, second.account, second.region) == ("prod", "111122223333", "us-east-1")


@pytest.mark.parametrize(
    "wrong", ["staging", '{"stage": "staging"}', '[{"stag": "dev"}]', '[{"stage": "x", "account": 1}]']
)
def test_a_wrong_list_of_environments_is_answered_with_a_right_one(wrong: str) -> None:
    message = refusal(aws__region="eu-west-1", aurora__copyFrom=wrong)
    assert lines_to_add(message) == {"aurora:copyFrom": [{"stage": "staging"}, {"stage": "prod"}]}


def test_a_wrong_entry_of_a_list_is_named_and_its_setting_s_line_shown_once() -> None:
    message = refusal(aws__region="eu-west-1", aurora__copyFrom='[{"stage": "prod"}, {"stag": "dev"}]')
    assert "entry 2, stage: Field required" in message
    assert "entry 2, stag: Extra inputs are not permitted" in message
    assert message.count("  aurora:copyFrom: ") == 1


def test_pulumi_s_own_builder_cannot_be_told_not_to_build() -> None:
    message = refusal(aws__region="eu-west-1", aurora__imageBuilder="pulumi-docker", aurora__buildImages="false")
    assert "imageBuilder: pulumi-docker always builds" in message


def test_settings_are_read_outside_of_a_program_too() -> None:
    settings = read_settings({"aurora:maxConcurrency": "4"})
    assert (settings.stage, settings.of(RunSettings).model_dump()["max_concurrency"]) == ("dev", 4)


ENDPOINT = {"provider": "openai", "id": "gpt", "baseUrl": "https://models.example.com/v1", "outputPrice": 10}
CLAUDE = {"provider": "bedrock", "id": "eu.anthropic.claude-x", "fallback": "mine"}
PAINTER = {"provider": "bedrock", "kind": "image", "id": "nova", "imagePrice": 0.04}
MODELS = {"mine": ENDPOINT, "claude": CLAUDE, "painter": PAINTER}


def with_models(specs: dict[str, dict[str, object]], **config: str) -> Settings:
    return load(aws__region="eu-west-1", aurora__models=json.dumps(specs), **config)


def declared_with(specs: Mapping[str, object], **config: object) -> Declaration:
    """What the systems declare in a stack with these models."""
    return declared({"aurora:models": json.dumps(specs), **{f"aurora:{key}": value for key, value in config.items()}})


def test_the_models_of_a_stack_are_what_it_names_and_the_sample_of_each_kind() -> None:
    stack = with_models(MODELS, aurora__textModel="claude", aurora__imageModel="painter").of(ModelSettings)
    assert stack.names("text") == ("sample", "mine", "claude")
    assert stack.names("image") == ("sample", "painter")
    assert (stack.models["mine"].output_price, stack.models["painter"].image_price) == (10, 0.04)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"mine": {"provider": "openai"}}, "mine, id: Field required"),
        ({"mine": {**ENDPOINT, "provider": "acme"}}, "mine, provider: Input should be 'openai' or 'bedrock'"),
        ({"mine": {**ENDPOINT, "prize": 1}}, "mine, prize: Extra inputs are not permitted"),
        ({"mine": {**ENDPOINT, "outputPrice": -1}}, "mine, outputPrice: Input should be greater than or equal to 0"),
        ({"mine": {**ENDPOINT, "baseUrl": "models.example.com"}}, "mine, baseUrl"),
        ({"My Model": ENDPOINT}, "My Model"),
        ({"sample": ENDPOINT}, "sample is the built-in model"),
        ({"mine": {**ENDPOINT, "fallback": "nobody"}}, "the fallback 'nobody' of mine is no text model"),
        ({"mine": {**ENDPOINT, "fallback": "painter"}}, "the fallback 'painter' of mine is no text model"),
        ({"mine": {**ENDPOINT, "fallback": "claude"}}, "fallbacks go in a circle (mine -> claude -> mine)"),
    ],
)
def test_a_model_that_is_not_as_it_should_be_is_answered_with_a_right_one(changes: Any, said: str) -> None:
    with pytest.raises(pulumi.RunError) as refused:
        with_models({**MODELS, **changes})
    assert said in str(refused.value)
    assert list(lines_to_add(str(refused.value))) == ["aurora:models"]


@pytest.mark.parametrize(
    ("setting", "value"),
    [("textModel", "painter"), ("planModel", "nobody"), ("labModel", "nobody"), ("imageModel", "mine")],
)
def test_a_default_that_is_no_model_of_its_kind_is_refused(setting: str, value: str) -> None:
    with pytest.raises(pulumi.RunError, match=f"model '{value}'.*: see {setting}"):
        with_models(MODELS, **{f"aurora__{setting}": value})


def test_a_stack_cannot_write_more_batches_at_a_time_than_a_request_may_ask_for() -> None:
    assert "maxConcurrency must not be greater than concurrencyLimit" in refusal(
        aws__region="eu-west-1", aurora__maxConcurrency="5", aurora__concurrencyLimit="4"
    )


def test_what_holds_where_a_request_says_nothing_is_a_setting_of_the_stack() -> None:
    says: dict[str, object] = {
        "wordsPerMinute": 30, "minWords": 200, "maxWords": 900, "maxConcurrency": 5, "concurrencyLimit": 7,
        "maxLessonsPerBatch": 4, "maxLabsPerBatch": 6, "language": "es", "courseBudget": 12.5,
        "textModel": "claude", "planModel": "mine", "labModel": "sample", "imageModel": "painter",
        "imagesPerCall": 9, "sampleSecondsPerLesson": 0.5,
    }  # fmt: skip
    functions = declared_with(MODELS, **says).functions
    variables = {name: function.environment.variables() for name, function in functions.items()}
    starter = variables["starter-api"]
    numbers = {
        "words_per_minute": 30, "min_words": 200, "max_words": 900, "max_concurrency": 5,
        "lessons_per_batch": 4, "labs_per_batch": 6,
    }  # fmt: skip
    chosen = {"lesson_model": "claude", "plan_model": "mine", "lab_model": "sample", "image_model": "painter"}
    said_nothing = {"content": "theory", "slides": False, "modules": None, "only": None, "force": False}
    assert json.loads(starter["RUN_DEFAULTS"]) == {
        **said_nothing, **numbers, **chosen, "language": "es", "budget": 12_500_000,
    }  # fmt: skip
    limits = json.loads(starter["RUN_LIMITS"])
    assert (limits["max_concurrency"], limits["budget"]) == (7, 12.5)
    assert (limits["plan_model"], limits["image_model"]) == (["sample", "mine", "claude"], ["sample", "painter"])
    assert variables["images-gen"]["IMAGES_PER_CALL"] == "9"
    for name in ("content-gen", "lab-planner", "lab-writer"):
        assert variables[name]["SAMPLE_SECONDS"] == "0.5"


def test_what_a_stack_says_of_its_models_is_what_functions_read() -> None:
    own_model = {"provider": "openai", "id": "gpt"}
    told = models.described(declared_with({**MODELS, "own": own_model}, openaiApiKey="sk-secret").stage)
    claude, mine = read_chain("claude", told, "text")
    (own,) = read_chain("own", told, "text")
    (painter,) = read_chain("painter", told, "image")
    assert (claude.provider, claude.id, claude.api_key_parameter) == ("bedrock", "eu.anthropic.claude-x", "")
    assert (mine.base_url, mine.output_price) == ("https://models.example.com/v1", 10)
    assert (own.base_url, painter.image_price) == ("https://api.openai.com/v1", 0.04)
    assert mine.api_key_parameter == own.api_key_parameter == "/aurora/dev/openai-api-key"
    assert "sk-secret" not in told


def test_a_key_of_bedrock_s_is_for_every_model_of_bedrock_and_for_no_other() -> None:
    told = json.loads(models.described(declared_with(MODELS, bedrockApiKey="b-secret").stage))
    assert {name for name, spec in told.items() if "apiKeyParameter" in spec} == {"claude", "painter"}
    assert told["claude"]["apiKeyParameter"] == "/aurora/dev/bedrock-api-key"
    assert "b-secret" not in json.dumps(told)


@pytest.mark.parametrize(
    ("key", "allowed"),
    [
        ({}, {"content-gen": ["model"], "images-gen": ["model"]}),
        ({"openaiApiKey": "k"}, {"content-gen": ["parameter", "model"], "images-gen": ["model"]}),
        ({"bedrockApiKey": "k"}, {"content-gen": ["parameter"], "images-gen": ["parameter"]}),
    ],
)
def test_a_function_may_read_the_keys_of_its_models_and_ask_those_without_one(
    key: dict[str, str], allowed: dict[str, list[str]]
) -> None:
    functions = declared_with(MODELS, **key).functions
    for name, kinds in allowed.items():
        granted = [grant.kind for grant in functions[name].grants if grant.kind in ("model", "parameter")]
        assert granted == kinds


def test_the_models_that_the_guide_shows_are_accepted() -> None:
    page = (PROJECT / "docs/guide/settings.md").read_text()
    (example,) = re.findall(r"```yaml\n(config:\n  aurora:textModel.*?)```", page, re.DOTALL)
    stack = read_settings(yaml.safe_load(example)["config"])
    courses, known = stack.of(RunSettings).model_dump(), stack.of(ModelSettings)
    assert (courses["text_model"], known.models["claude"].fallback, courses["course_budget"]) == ("claude", "gpt", 25)


@pytest.mark.parametrize(
    ("key", "meant"),
    [
        ("aurora:greeting", "aurora:greeting has no effect there: write tales:greeting"),
        ("tales:protect", "tales:protect has no effect there: write aurora:protect"),
        ("other:protect", "other:protect has no effect there: write aurora:protect"),
        ("greting", "tales:greting is not a setting: did you mean tales:greeting?"),
        ("tales:greting", "tales:greting is not a setting: did you mean tales:greeting?"),
        ("tales:alarm", "tales:alarm is not a setting: did you mean aurora:alarms?"),
        ("other:thing", "other:thing is not a setting: no provider `pulumi_other` is installed"),
    ],
)
def test_a_setting_under_a_wrong_namespace_is_refused_with_the_key_that_was_meant(key: str, meant: str) -> None:
    with pytest.raises(SettingsError, match=re.escape(meant)):
        Settings.read("tales", "dev", {"aws:region": "eu-west-1", key: "true"}, [Tales()])


def test_settings_of_pulumi_and_of_installed_providers_are_theirs() -> None:
    values = {
        "aws:region": "eu-west-1",
        "aws:skipCredentialsValidation": "true",
        "docker:host": "x",
        "pulumi:tags": "{}",
    }
    settings = Settings.read("tales", "dev", {**values, "tales:greeting": "Hi", "aurora:protect": "true"}, [Tales()])
    assert (settings.of(TalesSettings).greeting, settings.stack.protect) == ("Hi", True)


def test_a_setting_that_two_systems_declare_differently_is_refused() -> None:
    class Other(StackModel):
        greeting: str = ""

    with pytest.raises(DeclarationError, match="the setting greeting is declared twice"):
        Settings.read("tales", "dev", {"aws:region": "eu-west-1"}, [Tales(), Tales(settings=(Other,))])


class TalesSettings(StackModel):
    greeting: str = Field("Hello", description="what it says first")


@dataclass(frozen=True)
class Tales:
    """A system of another project, as far as settings go."""

    settings: tuple[type[BaseModel], ...] = (TalesSettings,)
    secrets: Mapping[str, str] = field(default_factory=dict[str, str])
    settings_faults: None = None
