from __future__ import annotations

import io
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from PIL import Image

from aurora.runtime import aws
from aurora.runtime.errors import ConfigurationError, Throttled
from functions.models import ImageModel, ImageRequest
from functions.models.errors import ModelDeclined
from functions.slides.drawing import Picture, draw
from functions.slides.image_models import image_model
from tests.support.fake_bedrock import FakeBedrock
from tests.support.fake_openai import FakeOpenAI

PROJECT = Path(__file__).parents[4]
REQUEST = ImageRequest("01-01-0001", "Soil", "Layers", "en", "A diagram. Lesson: Soil. It shows: Layers.")

Servers = tuple[FakeBedrock, FakeOpenAI]


@pytest.fixture
def servers(monkeypatch: pytest.MonkeyPatch) -> Iterator[Servers]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    with FakeBedrock() as bedrock, FakeOpenAI() as openai:
        yield bedrock, openai


def opened(servers: Servers, **changes: Any) -> ImageModel:
    bedrock, openai = servers
    canvas = {"provider": "bedrock", "kind": "image", "id": "amazon.nova-canvas-v1:0", "region": "us-east-1"}
    canvas |= {"baseUrl": bedrock.url, "imagePrice": 0.06, "fallback": "dalle"}
    dalle = {"provider": "openai", "kind": "image", "id": "dall-e-3", "baseUrl": openai.url, "imagePrice": 0.08}
    return image_model("canvas", json.dumps({"canvas": canvas | changes, "dalle": dalle}))


def test_an_image_costs_what_the_model_that_drew_it_costs(servers: Servers) -> None:
    model = opened(servers)
    servers[0].then("ok", "throttle")
    drawn = [model.draw(REQUEST, 30) for _ in range(2)]
    assert [(answer.model, answer.cost) for answer in drawn] == [
        ("amazon.nova-canvas-v1:0", 60_000),
        ("dall-e-3", 80_000),
    ]
    assert model.max_cost(REQUEST) == 80_000
    assert {Image.open(io.BytesIO(answer.png)).format for answer in drawn} == {"PNG"}


def test_an_image_that_was_held_back_is_asked_for_of_nobody_else(servers: Servers) -> None:
    servers[0].then("filter")
    with pytest.raises(ModelDeclined):
        opened(servers).draw(REQUEST, 30)
    assert servers[1].asked == []


def test_when_nobody_draws_it_each_is_quoted(servers: Servers) -> None:
    servers[0].then("access")
    servers[1].then("throttle")
    with pytest.raises(Throttled, match=r"^canvas: .*request access.*; dalle: .*Rate limit"):
        opened(servers).draw(REQUEST, 30)


def test_a_missing_key_is_an_error_and_no_course_without_images(servers: Servers, aws_environment: None) -> None:
    with pytest.raises(ConfigurationError, match="'/models/none' cannot be read"):
        opened(servers, provider="openai", apiKeyParameter="/models/none")


def test_a_model_of_bedrock_is_asked_with_the_key_of_its_parameter(servers: Servers, aws_environment: None) -> None:
    parameter = f"/models/{uuid4().hex}"
    aws.client("ssm").put_parameter(Name=parameter, Value="key", Type="SecureString")
    opened(servers, apiKeyParameter=parameter).draw(REQUEST, 30)
    assert [asked.authorization for asked in servers[0].asked] == ["Bearer key"]


def test_the_sample_model_draws_for_nothing() -> None:
    model = image_model("sample", "")
    answer = model.draw(REQUEST, 30)
    assert (answer.model, answer.cost, model.max_cost(REQUEST)) == ("sample", 0, 0)
    assert answer.png == draw(Picture("01-01-0001", "Soil", "Layers", "en"))


def test_whoever_uses_the_sample_model_imports_no_protocol() -> None:
    program = (
        "import sys; from functions.slides.image_models import image_model\n"
        "image_model('sample', ''); print(*{'httpx', 'functions.slides.models.bedrock'} & set(sys.modules))"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=PROJECT)
    assert run.stdout.split() == []
