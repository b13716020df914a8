from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aurora.runtime import aws
from aurora.runtime.errors import AuroraError, ConfigurationError, Throttled
from functions.models import LessonBrief, TextModel, TextRequest
from functions.models.errors import AnswerCut, ModelUnavailable
from functions.models.opened import text_model
from tests.support.fake_bedrock import BEHAVIOURS, FakeBedrock
from tests.support.fake_model import lesson_text
from tests.support.fake_openai import BEHAVIOURS as BEHAVIOURS_OF_OPENAI
from tests.support.fake_openai import FakeOpenAI

PROJECT = Path(__file__).parents[4]
BRIEF = LessonBrief("Course", "en", "", 1, "Module", 1, "Soil", "", (), (), "", 100)
REQUEST = TextRequest("You write lessons.", "Lesson title: Soil\nWrite about 100 words.", 400, BRIEF)
SOIL = lesson_text("Soil", 100)
SECONDS = 0.3
"""More than an answer takes, and no more than a test should wait for a server that says nothing."""

Servers = tuple[FakeBedrock, FakeOpenAI]


@pytest.fixture(scope="module")
def servers() -> Iterator[Servers]:
    with FakeBedrock() as bedrock, FakeOpenAI() as openai, pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ACCESS_KEY_ID", "test")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "test")
        patch.delenv("AWS_PROFILE", raising=False)
        yield bedrock, openai


def models(servers: Servers, **changes: Any) -> str:
    bedrock, openai = servers
    claude = {"provider": "bedrock", "kind": "text", "id": "claude", "region": "eu-west-1", "baseUrl": bedrock.url}
    claude |= {"inputPrice": 3, "outputPrice": 15, "fallback": "gpt"}
    gpt = {"provider": "openai", "kind": "text", "id": "gpt", "baseUrl": openai.url, "inputPrice": 1, "outputPrice": 4}
    return json.dumps({"claude": claude | changes, "gpt": gpt})


def opened(servers: Servers, **changes: Any) -> TextModel:
    for server in servers:
        server.asked.clear()
    return text_model("claude", models(servers, **changes), 0)


def test_an_answer_costs_what_its_tokens_cost(servers: Servers) -> None:
    answer = opened(servers).write(REQUEST, 30)
    assert (answer.text, answer.model) == (SOIL, "claude")
    assert answer.cost == 50 * 3 + len(SOIL.split()) * 15


def test_the_fallback_answers_at_its_own_price_when_a_model_is_throttled(servers: Servers) -> None:
    model = opened(servers)
    servers[0].then("daily")
    answer = model.write(REQUEST, 30)
    assert (answer.text, answer.model) == (SOIL, "fake-1")
    assert answer.cost == 50 + len(SOIL.split()) * 4


def test_an_answer_without_token_counts_costs_the_most_it_may_have_cost(servers: Servers) -> None:
    servers[1].then("old", "old", "old")
    model = text_model("gpt", models(servers), 0)
    assert model.write(REQUEST, 30).cost == model.max_cost(REQUEST)


def test_an_unpriced_model_costs_nothing(servers: Servers) -> None:
    model = opened(servers, inputPrice=0, outputPrice=0, fallback="")
    assert (model.write(REQUEST, 30).cost, model.max_cost(REQUEST)) == (0, 0)


def test_no_answer_costs_more_than_was_said_before_however_often_it_is_continued(servers: Servers) -> None:
    model = opened(servers)
    servers[0].then("cut", "cut")
    assert 0 < model.write(REQUEST, 30).cost <= model.max_cost(REQUEST)
    # Three answers of 400 tokens, and all that they were asked with, in the dearest model's prices.
    assert model.max_cost(REQUEST) > 3 * 400 * 15 + 3 * 400 * 3


NAMES = [line.split()[0] for line in BEHAVIOURS.strip().splitlines()]
NAMES_OF_OPENAI = [line.split()[0].replace("STATUS", "502") for line in BEHAVIOURS_OF_OPENAI.strip().splitlines()]
OF_IMAGES = {"blocked", "jpeg", "broken", "url", "lost-url", "webp"}


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.sampled_from(sorted(set(NAMES) - OF_IMAGES)), max_size=4),
    st.lists(st.sampled_from(sorted(set(NAMES_OF_OPENAI) - OF_IMAGES)), max_size=4),
)
def test_whatever_happens_and_however_often_a_workflow_asks_again_nothing_is_paid_for_twice(
    servers: Servers, first: list[str], second: list[str]
) -> None:
    model = opened(servers)
    for server, script in zip(servers, (first, second), strict=True):
        server.then(*script)
    for _ in range(10):
        with suppress(AuroraError):
            try:
                model.write(REQUEST, SECONDS)
            except (Throttled, ModelUnavailable):
                continue  # as the workflow does
        break
    charged = [asked.body["messages"] for server in servers for asked in server.asked if asked.charged]
    beginnings = [messages for messages in charged if all(message["role"] != "assistant" for message in messages)]
    assert len(beginnings) <= 1
    assert len({json.dumps(messages) for messages in charged}) == len(charged)
    for server in servers:
        server._next.clear()


def test_a_beginning_that_was_paid_for_is_continued_by_nobody_else(servers: Servers) -> None:
    model = opened(servers)
    servers[0].then("cut", "throttle")
    with pytest.raises(AnswerCut):
        model.write(REQUEST, 30)
    assert servers[1].asked == []


def test_the_sample_model_takes_the_time_it_is_told_and_costs_nothing() -> None:
    model = text_model("sample", "", 0)
    answer = model.write(REQUEST, 30)
    assert (answer.model, answer.cost, model.max_cost(REQUEST)) == ("sample", 0, 0)


@pytest.mark.parametrize("provider", ["bedrock", "openai"])
def test_the_key_is_read_anew_from_its_parameter(aws_environment: None, servers: Servers, provider: str) -> None:
    parameter = f"/models/{uuid4().hex}"
    server = servers[provider == "openai"]
    said = models(servers, provider=provider, baseUrl=server.url, apiKeyParameter=parameter, fallback="")
    server.asked.clear()
    for key in ("one", "two"):
        aws.client("ssm").put_parameter(Name=parameter, Value=f"{key}\n", Type="SecureString", Overwrite=True)
        text_model("claude", said, 0).write(REQUEST, 30)
    assert [asked.authorization for asked in server.asked] == ["Bearer one", "Bearer two"]


def test_a_key_that_is_not_there_is_an_error_before_anything_is_asked(aws_environment: None, servers: Servers) -> None:
    said = models(servers, provider="openai", baseUrl=servers[1].url, apiKeyParameter="/models/none", fallback="")
    with pytest.raises(ConfigurationError, match="'/models/none' cannot be read"):
        text_model("claude", said, 0)


def test_a_fallback_s_missing_key_says_so_only_when_it_is_needed(aws_environment: None, servers: Servers) -> None:
    said: dict[str, Any] = json.loads(models(servers))
    said["gpt"]["apiKeyParameter"] = "/models/none"
    model = text_model("claude", json.dumps(said), 0)
    servers[0].then("ok", "throttle")
    assert model.write(REQUEST, 30).text == SOIL
    with pytest.raises(Throttled, match=r"claude: .*Too many tokens.*; gpt: .*'/models/none' cannot be read"):
        model.write(REQUEST, 30)


def test_whoever_uses_the_sample_model_imports_no_protocol() -> None:
    program = (
        "import sys; from functions.models.opened import text_model\n"
        "text_model('sample', '', 0); print(*{'httpx', 'functions.models.bedrock'} & set(sys.modules))"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=PROJECT)
    assert run.stdout.split() == []
