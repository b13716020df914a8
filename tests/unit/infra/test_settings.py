"""Settings of a stack: what is accepted, and what an author of a stack file is told."""

from __future__ import annotations

import pytest
import yaml

from infra.settings import Settings, SettingsError
from tests.infra.declared import run


def load(stage: str = "dev", **config: str) -> Settings:
    loaded: list[Settings] = []
    run(stage, {key.replace("__", ":"): value for key, value in config.items()}, lambda: loaded.append(Settings.load()))
    return loaded[0]


def refusal(stage: str = "dev", **config: str) -> str:
    with pytest.raises(SettingsError) as refused:
        load(stage, **config)
    return str(refused.value)


def lines_to_add(message: str) -> dict[str, object]:
    return yaml.safe_load(message[message.index("\nconfig:") :])["config"]


def test_a_region_is_all_that_dev_must_say() -> None:
    settings = load(aws__region="eu-west-1")
    assert (settings.service, settings.stage, settings.stack.max_concurrency) == ("aurora", "dev", 2)


def test_values_arrive_as_text_and_become_what_they_are() -> None:
    settings = load(aws__region="eu-west-1", aurora__maxConcurrency="4", aurora__protect="true")
    assert settings.stack.max_concurrency == 4
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
    settings = load(aws__region="eu-west-1", aurora__openaiApiKey="sk-secret")
    assert settings.openai_api_key == "sk-secret"
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
    settings = Settings.of("aurora", "dev", {"aws:region": "eu-west-1", "aurora:maxConcurrency": "4"})
    assert (settings.stage, settings.stack.max_concurrency) == ("dev", 4)
