"""The environment's model settings as stack config."""

from __future__ import annotations

import pytest

from aurora.errors import CommandError
from aurora.locally import model_config


def test_an_environment_without_an_endpoint_changes_nothing() -> None:
    assert model_config({"OPENAI_API_KEY": "key", "OPENAI_MODEL": "gpt"}) == {}


def test_an_endpoint_its_model_and_its_key_are_settings() -> None:
    named = {"OPENAI_BASE_URL": "http://127.0.0.1:11434/v1", "OPENAI_MODEL": "llama3.1", "OPENAI_API_KEY": "key"}
    assert model_config(named) == {
        "aurora:openaiBaseUrl": "http://127.0.0.1:11434/v1",
        "aurora:openaiModel": "llama3.1",
        "aurora:openaiApiKey": "key",
    }


def test_a_key_may_be_missing() -> None:
    named = {"OPENAI_BASE_URL": "http://127.0.0.1:11434/v1", "OPENAI_MODEL": "llama3.1"}
    assert "aurora:openaiApiKey" not in model_config(named)


def test_an_endpoint_without_a_model_is_a_sentence() -> None:
    with pytest.raises(CommandError, match="OPENAI_MODEL is not"):
        model_config({"OPENAI_BASE_URL": "http://127.0.0.1:11434/v1"})
