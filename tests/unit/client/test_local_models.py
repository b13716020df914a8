"""The environment's model variables as settings of the local stack."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest

from aurora.errors import CommandError
from client.local_models import check_offered, stack_settings
from infra.courses import RunSettings
from infra.models import ModelSettings
from tests.support.platform import SERVICE, settings


def named_in(found: Mapping[str, str]) -> dict[str, str]:
    """Settings as a stack's config has them."""
    return {f"{SERVICE}:{key}": value for key, value in found.items()}


def test_an_environment_that_names_no_model_that_can_be_asked_changes_nothing() -> None:
    assert stack_settings({"OPENAI_API_KEY": "key", "OPENAI_MODEL": "gpt"}) == {}
    assert stack_settings({"AWS_BEARER_TOKEN_BEDROCK": "key", "AWS_REGION": "eu-west-1"}) == {}


def test_an_endpoint_its_models_and_its_key_are_settings() -> None:
    url = "http://127.0.0.1:11434/v1"
    config = stack_settings(
        {"OPENAI_BASE_URL": url, "OPENAI_MODEL": "llama3.1", "OPENAI_IMAGE_MODEL": "pictures", "OPENAI_API_KEY": "key"}
    )
    assert config.keys() == {"models", "openaiApiKey"}
    assert json.loads(config["models"]) == {
        "openai": {"provider": "openai", "kind": "text", "id": "llama3.1", "baseUrl": url},
        "openai-images": {"provider": "openai", "kind": "image", "id": "pictures", "baseUrl": url},
    }


def test_what_the_environment_makes_is_a_stack_s_config_and_its_models_can_be_asked_for() -> None:
    named = {"OPENAI_BASE_URL": "http://127.0.0.1:11434/v1", "OPENAI_MODEL": "m", "OPENAI_IMAGE_MODEL": "p"}
    stack = settings(named_in(stack_settings(named)), "local")
    models, courses = stack.of(ModelSettings), stack.of(RunSettings).model_dump()
    assert (models.names("text"), models.names("image")) == (("sample", "openai"), ("sample", "openai-images"))
    assert (courses["text_model"], courses["image_model"]) == ("sample", "sample")


BEDROCK = {"AWS_BEARER_TOKEN_BEDROCK": "b-key", "AWS_REGION": "eu-west-1", "BEDROCK_MODEL_ID": "eu.claude"}


def test_models_of_bedrock_are_asked_with_their_key_and_never_at_the_embedded_aws() -> None:
    config = stack_settings({**BEDROCK, "BEDROCK_IMAGE_MODEL_ID": "amazon.nova-canvas-v1:0"})
    assert config["bedrockApiKey"] == "b-key"
    spec = {"provider": "bedrock", "baseUrl": "https://bedrock-runtime.eu-west-1.amazonaws.com"}
    assert json.loads(config["models"]) == {
        "bedrock": {**spec, "kind": "text", "id": "eu.claude"},
        "bedrock-images": {**spec, "kind": "image", "id": "amazon.nova-canvas-v1:0"},
    }
    stack = settings(named_in(config), "local")
    assert stack.of(ModelSettings).names("text") == ("sample", "bedrock")
    assert stack.secrets == {"bedrock-api-key": "b-key"}


def test_models_of_both_providers_are_offered_each_with_its_key() -> None:
    openai = {"OPENAI_BASE_URL": "http://127.0.0.1:11434/v1", "OPENAI_MODEL": "m", "OPENAI_API_KEY": "o-key"}
    config = stack_settings({**BEDROCK, **openai})
    assert json.loads(config["models"]).keys() == {"openai", "bedrock"}
    assert (config["openaiApiKey"], config["bedrockApiKey"]) == ("o-key", "b-key")


@pytest.mark.parametrize(
    ("changes", "url"),
    [
        ({"AWS_REGION": "", "AWS_DEFAULT_REGION": "us-east-1"}, "https://bedrock-runtime.us-east-1.amazonaws.com"),
        ({"AWS_REGION": "", "BEDROCK_BASE_URL": "https://vpce.example.com"}, "https://vpce.example.com"),
    ],
)
def test_bedrock_is_where_the_environment_says(changes: dict[str, str], url: str) -> None:
    assert json.loads(stack_settings({**BEDROCK, **changes})["models"])["bedrock"]["baseUrl"] == url


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"AWS_BEARER_TOKEN_BEDROCK": ""}, "AWS_BEARER_TOKEN_BEDROCK is not set"),
        ({"AWS_REGION": ""}, "AWS_REGION is not set: .*AWS_REGION=eu-west-1"),
        ({"BEDROCK_BASE_URL": "nonsense"}, "BEDROCK_BASE_URL is 'nonsense', which is no address"),
        (
            {"BEDROCK_BASE_URL": "https://vpce.example.com", "BEDROCK_MODEL_ID": ""},
            "BEDROCK_MODEL_ID is not: .*BEDROCK_IMAGE_MODEL_ID=amazon",
        ),
    ],
)
def test_what_a_model_of_bedrock_lacks_is_a_sentence(changes: dict[str, str], says: str) -> None:
    with pytest.raises(CommandError, match=says) as caught:
        stack_settings({**BEDROCK, **changes})
    assert "b-key" not in str(caught.value)


@pytest.mark.parametrize(("variable", "model"), [("OPENAI_MODEL", "openai"), ("OPENAI_IMAGE_MODEL", "openai-images")])
def test_one_model_and_no_key_will_do(variable: str, model: str) -> None:
    config = stack_settings({"OPENAI_BASE_URL": "http://127.0.0.1:11434/v1", variable: "m"})
    assert config.keys() == {"models"}
    assert json.loads(config["models"]).keys() == {model}


def test_an_endpoint_without_a_model_is_a_sentence() -> None:
    with pytest.raises(CommandError, match="OPENAI_MODEL is not"):
        stack_settings({"OPENAI_BASE_URL": "http://127.0.0.1:11434/v1"})


@pytest.mark.parametrize(("model", "variable"), [("openai", "OPENAI_MODEL"), ("openai-images", "OPENAI_IMAGE_MODEL")])
def test_a_model_that_the_environment_does_not_name_is_a_sentence_before_anything_starts(
    model: str, variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    with pytest.raises(CommandError, match=f"set OPENAI_BASE_URL and {variable} "):
        check_offered([model])


def test_a_model_is_not_there_because_another_one_of_its_provider_is(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable, value in {**BEDROCK, "BEDROCK_MODEL_ID": "", "BEDROCK_IMAGE_MODEL_ID": "nova"}.items():
        monkeypatch.setenv(variable, value)
    says = "set AWS_BEARER_TOKEN_BEDROCK, AWS_REGION and BEDROCK_MODEL_ID,"
    with pytest.raises(CommandError, match=says):
        check_offered(["bedrock-images", "bedrock"])


def test_an_endpoint_that_is_no_address_is_a_sentence() -> None:
    with pytest.raises(CommandError, match="'nonsense', which is no address"):
        stack_settings({"OPENAI_BASE_URL": "nonsense", "OPENAI_MODEL": "m"})


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]"])
def test_containers_do_not_reach_a_model_on_loopback(host: str) -> None:
    named = {"OPENAI_BASE_URL": f"http://{host}:11434/v1", "OPENAI_MODEL": "llama3.1"}
    with pytest.raises(CommandError, match="in a container is the container itself"):
        stack_settings(named, containers=True)
    assert "models" in stack_settings(named)
