from __future__ import annotations

import json
from typing import Any

import pytest

from aurora.runtime.errors import ConfigurationError
from functions.models.specs import ModelSpec, read_chain

CLAUDE = {"provider": "bedrock", "kind": "text", "id": "eu.anthropic.claude", "region": "eu-west-1"}
GPT = {"provider": "openai", "kind": "text", "id": "gpt", "baseUrl": "https://api.example.com/v1"}
CANVAS = {"provider": "bedrock", "kind": "image", "id": "amazon.nova-canvas-v1:0", "imagePrice": 0.06}


def chain(name: str, **models: dict[str, Any]) -> list[ModelSpec]:
    return read_chain(name, json.dumps(models), "text")


def test_a_model_is_read_with_all_that_is_said_of_it() -> None:
    said = {**GPT, "apiKeyParameter": "/aurora/key", "inputPrice": 3, "outputPrice": 15.5}
    (spec,) = chain("gpt", gpt=said)
    url, key = "https://api.example.com/v1", "/aurora/key"
    assert spec == ModelSpec("gpt", "openai", "text", "gpt", url, key, input_price=3, output_price=15.5)


def test_fallbacks_follow_in_their_order() -> None:
    models = {"claude": {**CLAUDE, "fallback": "gpt"}, "gpt": {**GPT, "fallback": "sample"}}
    assert [spec.name for spec in read_chain("claude", json.dumps(models), "text")] == ["claude", "gpt", "sample"]


@pytest.mark.parametrize("kind", ["text", "image"])
@pytest.mark.parametrize("models", ["", "{}"])
def test_the_sample_model_is_always_there(kind: str, models: str) -> None:
    assert read_chain("sample", models, kind) == [ModelSpec("sample", "sample", kind)]


@pytest.mark.parametrize(
    ("models", "says"),
    [
        ("{", "not set up as JSON"),
        ("[]", "a map from names"),
        ({"claude": 7}, "'claude' must be a map"),
        ({}, "no text model 'claude'; there are: sample"),
        ({"gpt": GPT, "canvas": CANVAS}, "there are: sample, gpt"),
        ({"claude": {**CLAUDE, "price": 3}}, "unknown fields: price"),
        ({"claude": {**CLAUDE, "provider": "azure"}}, "needs a provider, one of: openai, bedrock, sample"),
        ({"claude": {"provider": "bedrock", "id": "x"}}, "needs a kind, one of: text, image"),
        ({"claude": {"provider": "bedrock", "kind": "text"}}, "needs an id"),
        ({"claude": {"provider": "openai", "kind": "text", "id": "gpt"}}, "needs a baseUrl"),
        ({"claude": CANVAS}, "is for image, not for text"),
        ({"claude": {**CLAUDE, "id": 7}}, "id must be text"),
        ({"claude": {**CLAUDE, "inputPrice": -1}}, "inputPrice must be a price"),
        ({"claude": {**CLAUDE, "inputPrice": "3"}}, "inputPrice must be a price"),
        ({"claude": {**CLAUDE, "inputPrice": True}}, "inputPrice must be a price"),
        ({"claude": {**CLAUDE, "inputPrice": float("nan")}}, "inputPrice must be a price"),
        ({"claude": {**CLAUDE, "fallback": "gpt"}}, "'gpt', which is the fallback of 'claude'"),
        ({"claude": {**CLAUDE, "fallback": "claude"}}, "circle: claude -> claude"),
        ({"claude": {**CLAUDE, "fallback": "gpt"}, "gpt": {**GPT, "fallback": "claude"}}, "claude -> gpt -> claude"),
        ({"claude": {**CLAUDE, "fallback": "canvas"}, "canvas": CANVAS}, "'canvas', which.* is for image"),
    ],
)
def test_what_is_wrong_is_told_in_words(models: Any, says: str) -> None:
    with pytest.raises(ConfigurationError, match=says):
        read_chain("claude", models if isinstance(models, str) else json.dumps(models), "text")
