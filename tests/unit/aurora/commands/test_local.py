"""The environment's model settings as stack config, and how serving ends."""

from __future__ import annotations

import json
import signal
from collections.abc import Generator
from pathlib import Path
from typing import Any, Self

import pytest

from aurora.commands import local
from aurora.commands.local import model_config, running_for
from aurora.errors import CommandError, InvalidInput
from infra.courses import RunSettings
from infra.models import ModelSettings
from tests.support.platform import settings


def test_an_environment_that_names_no_model_that_can_be_asked_changes_nothing() -> None:
    assert model_config({"OPENAI_API_KEY": "key", "OPENAI_MODEL": "gpt"}) == {}
    assert model_config({"AWS_BEARER_TOKEN_BEDROCK": "key", "AWS_REGION": "eu-west-1"}) == {}


def test_an_endpoint_its_models_and_its_key_are_settings() -> None:
    url = "http://127.0.0.1:11434/v1"
    config = model_config(
        {"OPENAI_BASE_URL": url, "OPENAI_MODEL": "llama3.1", "OPENAI_IMAGE_MODEL": "pictures", "OPENAI_API_KEY": "key"}
    )
    assert config.keys() == {"aurora:models", "aurora:openaiApiKey"}
    assert json.loads(config["aurora:models"]) == {
        "openai": {"provider": "openai", "kind": "text", "id": "llama3.1", "baseUrl": url},
        "openai-images": {"provider": "openai", "kind": "image", "id": "pictures", "baseUrl": url},
    }


def test_what_the_environment_makes_is_a_stack_s_config_and_its_models_can_be_asked_for() -> None:
    named = {"OPENAI_BASE_URL": "http://127.0.0.1:11434/v1", "OPENAI_MODEL": "m", "OPENAI_IMAGE_MODEL": "p"}
    stack = settings(model_config(named), "local")
    models, courses = stack.of(ModelSettings), stack.of(RunSettings).model_dump()
    assert (models.names("text"), models.names("image")) == (("sample", "openai"), ("sample", "openai-images"))
    assert (courses["text_model"], courses["image_model"]) == ("sample", "sample")


BEDROCK = {"AWS_BEARER_TOKEN_BEDROCK": "b-key", "AWS_REGION": "eu-west-1", "BEDROCK_MODEL_ID": "eu.claude"}


def test_models_of_bedrock_are_asked_with_their_key_and_never_at_the_embedded_aws() -> None:
    config = model_config({**BEDROCK, "BEDROCK_IMAGE_MODEL_ID": "amazon.nova-canvas-v1:0"})
    assert config["aurora:bedrockApiKey"] == "b-key"
    spec = {"provider": "bedrock", "baseUrl": "https://bedrock-runtime.eu-west-1.amazonaws.com"}
    assert json.loads(config["aurora:models"]) == {
        "bedrock": {**spec, "kind": "text", "id": "eu.claude"},
        "bedrock-images": {**spec, "kind": "image", "id": "amazon.nova-canvas-v1:0"},
    }
    stack = settings(config, "local")
    assert stack.of(ModelSettings).names("text") == ("sample", "bedrock")
    assert stack.secrets == {"bedrock-api-key": "b-key"}


def test_models_of_both_providers_are_offered_each_with_its_key() -> None:
    openai = {"OPENAI_BASE_URL": "http://127.0.0.1:11434/v1", "OPENAI_MODEL": "m", "OPENAI_API_KEY": "o-key"}
    config = model_config({**BEDROCK, **openai})
    assert json.loads(config["aurora:models"]).keys() == {"openai", "bedrock"}
    assert (config["aurora:openaiApiKey"], config["aurora:bedrockApiKey"]) == ("o-key", "b-key")


@pytest.mark.parametrize(
    ("changes", "url"),
    [
        ({"AWS_REGION": "", "AWS_DEFAULT_REGION": "us-east-1"}, "https://bedrock-runtime.us-east-1.amazonaws.com"),
        ({"AWS_REGION": "", "BEDROCK_BASE_URL": "https://vpce.example.com"}, "https://vpce.example.com"),
    ],
)
def test_bedrock_is_where_the_environment_says(changes: dict[str, str], url: str) -> None:
    assert json.loads(model_config({**BEDROCK, **changes})["aurora:models"])["bedrock"]["baseUrl"] == url


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
        model_config({**BEDROCK, **changes})
    assert "b-key" not in str(caught.value)


@pytest.mark.parametrize(("variable", "model"), [("OPENAI_MODEL", "openai"), ("OPENAI_IMAGE_MODEL", "openai-images")])
def test_one_model_and_no_key_will_do(variable: str, model: str) -> None:
    config = model_config({"OPENAI_BASE_URL": "http://127.0.0.1:11434/v1", variable: "m"})
    assert config.keys() == {"aurora:models"}
    assert json.loads(config["aurora:models"]).keys() == {model}


def test_an_endpoint_without_a_model_is_a_sentence() -> None:
    with pytest.raises(CommandError, match="OPENAI_MODEL is not"):
        model_config({"OPENAI_BASE_URL": "http://127.0.0.1:11434/v1"})


@pytest.mark.parametrize(("model", "variable"), [("openai", "OPENAI_MODEL"), ("openai-images", "OPENAI_IMAGE_MODEL")])
def test_a_model_that_the_environment_does_not_name_is_a_sentence_before_anything_starts(
    model: str, variable: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    with pytest.raises(CommandError, match=f"set OPENAI_BASE_URL and {variable} "), running_for(tmp_path, [model]):
        pass


def test_a_model_is_not_there_because_another_one_of_its_provider_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable, value in {**BEDROCK, "BEDROCK_MODEL_ID": "", "BEDROCK_IMAGE_MODEL_ID": "nova"}.items():
        monkeypatch.setenv(variable, value)
    says = "set AWS_BEARER_TOKEN_BEDROCK, AWS_REGION and BEDROCK_MODEL_ID,"
    with pytest.raises(CommandError, match=says), running_for(tmp_path, ["bedrock-images", "bedrock"]):
        pass


class Interrupted:
    """A platform that Ctrl-C meets while it starts, or while it waits."""

    site = email = password = "told"

    def __init__(self, *, starting: bool) -> None:
        self._starting = starting
        self.asked: dict[str, Any] = {}

    def __call__(self, **asked: Any) -> Self:
        self.asked = asked
        return self

    def __enter__(self) -> Self:
        if self._starting:
            raise KeyboardInterrupt
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing was started."""

    def wait(self) -> None:
        raise KeyboardInterrupt


@pytest.fixture
def signals() -> Generator[None]:
    """Puts back what serving does to the test's own process."""
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.usefixtures("signals")
def test_ctrl_c_ends_a_running_platform_well(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(local, "LocalPlatform", Interrupted(starting=False))
    assert local.serve(None, None, as_json=False) == 0
    assert capsys.readouterr().err == "Ended.\n"


@pytest.mark.usefixtures("signals")
def test_a_platform_that_was_interrupted_before_it_was_ready_is_no_success(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local, "LocalPlatform", Interrupted(starting=True))
    with pytest.raises(KeyboardInterrupt):
        local.serve(None, None, as_json=False)


@pytest.mark.usefixtures("signals")
def test_a_closed_terminal_ends_it_as_ctrl_c_does_unless_that_is_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local, "LocalPlatform", Interrupted(starting=False))
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    local.serve(None, None, as_json=False)
    assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    local.serve(None, None, as_json=False)
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGHUP)


def test_an_endpoint_that_is_no_address_is_a_sentence() -> None:
    with pytest.raises(CommandError, match="'nonsense', which is no address"):
        model_config({"OPENAI_BASE_URL": "nonsense", "OPENAI_MODEL": "m"})


@pytest.mark.usefixtures("signals")
def test_containers_are_built_on_the_base_that_was_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    platform = Interrupted(starting=False)
    monkeypatch.setattr(local, "LocalPlatform", platform)
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    assert local.serve(None, None, as_json=False, containers=True, base_image="base:1") == 0
    assert platform.asked["containers"]
    assert platform.asked["stack_config"] == {"aurora:baseImage": "base:1"}
    assert "take effect as soon as their image is built" in capsys.readouterr().out


def test_a_base_image_without_containers_is_a_sentence() -> None:
    with pytest.raises(InvalidInput, match="add --containers"):
        local.serve(None, None, as_json=False, base_image="base:1")


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]"])
def test_containers_do_not_reach_a_model_on_loopback(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", f"http://{host}:11434/v1")
    monkeypatch.setenv("OPENAI_MODEL", "llama3.1")
    with pytest.raises(CommandError, match="in a container is the container itself"):
        local.serve(None, None, as_json=False, containers=True)
