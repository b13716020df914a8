from __future__ import annotations

import socket
from collections.abc import Iterator

import boto3
import pytest

from aurora.runtime.errors import AuroraError, ConfigurationError, Throttled
from functions.models import LessonBrief, TextAnswer, TextRequest
from functions.models.answers import CONTINUATIONS
from functions.models.bedrock import BedrockModel
from functions.models.errors import (
    AnswerCut,
    ModelAnswerInvalid,
    ModelDeclined,
    ModelRefused,
    ModelTimeout,
    ModelUnavailable,
)
from tests.support.fake_bedrock import FakeBedrock
from tests.support.fake_model import lesson_text

BRIEF = LessonBrief("Course", "en", "", 1, "Module", 1, "Soil", "", (), (), "", 300)
REQUEST = TextRequest("You write lessons.", "Lesson title: Soil\nWrite about 300 words.", 1060, BRIEF)
SOIL = lesson_text("Soil", 300)
PROFILE = "eu.anthropic.claude-sonnet-4-5-20250929-v1:0"
KEY = f"ABSK{'QmVkcm9jaw' * 60}"
"""Longer than what is quoted of an error, as short-term keys are."""


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_REGION", "eu-central-1")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    monkeypatch.delenv("AWS_PROFILE", raising=False)


@pytest.fixture
def server() -> Iterator[FakeBedrock]:
    with FakeBedrock() as fake:
        yield fake


def write(server: FakeBedrock, seconds: float = 30.0) -> TextAnswer:
    return BedrockModel(PROFILE, "eu-west-1", server.url).write(REQUEST, seconds)


@pytest.mark.parametrize("behaviour", ["ok", "thinking"])
def test_a_streamed_answer_is_put_together_with_its_token_counts(server: FakeBedrock, behaviour: str) -> None:
    server.then(behaviour)
    assert write(server) == TextAnswer(SOIL, 50, len(SOIL.split()), PROFILE)


def test_the_request_carries_prompt_limit_model_and_region(server: FakeBedrock) -> None:
    write(server)
    (asked,) = server.asked
    assert asked.body == {
        "modelId": PROFILE,
        "system": [{"text": REQUEST.system}],
        "messages": [{"role": "user", "content": [{"text": REQUEST.prompt}]}],
        "inferenceConfig": {"maxTokens": 1060},
    }
    assert "/eu-west-1/bedrock/aws4_request" in asked.authorization


def test_the_environment_s_endpoint_and_region_hold_where_none_is_told(
    server: FakeBedrock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", server.url)
    assert BedrockModel(PROFILE).write(REQUEST, 30).text == SOIL
    assert "/eu-central-1/bedrock/aws4_request" in server.asked[0].authorization


@pytest.mark.parametrize(
    ("behaviour", "error", "says"),
    [
        ("throttle", Throttled, r"Too many tokens, please wait before trying again\.$"),
        ("requests", Throttled, r"Too many requests, please wait before trying again\.$"),
        ("daily", Throttled, "per day.*start again tomorrow"),
        ("quota", Throttled, "exceeds the service quota"),
        ("not-ready", Throttled, "not ready"),
        ("busy", Throttled, "unable to process"),
        ("early-throttle", Throttled, "Too many tokens"),
        ("internal", ModelUnavailable, "unexpected error"),
        ("model-error", ModelUnavailable, "error while processing"),
        ("gateway", ModelUnavailable, "502"),
        ("early-error", ModelUnavailable, "The model crashed"),
        ("timeout", ModelTimeout, "timed out"),
        ("access", ModelRefused, r"don't have access.*\(request access to the model.*InvokeModelWithResponseStream"),
        ("form", ModelRefused, "submit the use case form"),
        ("profile", ModelRefused, "give as id an inference profile"),
        ("unknown", ModelRefused, "check the model's id"),
        ("legacy", ModelRefused, "choose a newer one"),
        ("expired", ModelRefused, "check the AWS credentials"),
        ("guardrail", ModelDeclined, "guardrail"),
        ("filter", ModelDeclined, "content filter"),
        ("window", ModelAnswerInvalid, "model_context_window_exceeded"),
        ("empty", ModelAnswerInvalid, "without any text"),
        ("garbage", ModelAnswerInvalid, "lost after the request was sent"),
        ("corrupt", ModelAnswerInvalid, "(?i)checksum"),
        ("broken-off", ModelAnswerInvalid, "broke off"),
        ("drop", ModelAnswerInvalid, "lost after the request was sent"),
        ("hang-up", ModelAnswerInvalid, "lost after the request was sent"),
        ("late-throttle", ModelAnswerInvalid, "which is paid for"),
        ("late-error", ModelAnswerInvalid, "The model crashed.*which is paid for"),
        ("late-thought", ModelAnswerInvalid, "which is paid for"),
    ],
)
def test_each_fault_has_its_error_and_is_not_asked_again(
    server: FakeBedrock, behaviour: str, error: type[AuroraError], says: str
) -> None:
    server.then(behaviour)
    with pytest.raises(error, match=says) as caught:
        write(server)
    assert len(server.asked) == 1
    paid_for_sure_not = isinstance(caught.value, Throttled | ModelUnavailable) or type(caught.value) is ModelRefused
    assert not (paid_for_sure_not and server.paid)


@pytest.mark.parametrize("behaviour", ["stall", "silence", "trickle"])
def test_an_answer_that_does_not_end_in_time_is_given_up_and_asked_for_once(
    server: FakeBedrock, behaviour: str
) -> None:
    server.then(behaviour)
    with pytest.raises(ModelTimeout, match="did not finish"):
        write(server, seconds=0.4)
    assert len(server.asked) <= 1  # on a busy machine the time is up before it was asked


def test_without_any_time_left_nothing_is_asked(server: FakeBedrock) -> None:
    with pytest.raises(ModelTimeout):
        write(server, seconds=0)
    assert server.asked == []


def test_nobody_listening_is_unavailable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(ModelUnavailable, match="cannot be reached"):
        BedrockModel(PROFILE, "", f"http://127.0.0.1:{port}").write(REQUEST, 30)


def test_a_cut_answer_is_continued_where_it_stopped(server: FakeBedrock) -> None:
    server.then("cut", "cut")
    answer = write(server)
    assert answer.text == SOIL
    assert answer.input_tokens == 150
    roles = [[message["role"] for message in asked.body["messages"]] for asked in server.asked]
    assert roles == [["user"], *[["user", "assistant", "user"]] * 2]


def test_an_answer_that_is_cut_again_and_again_is_cut(server: FakeBedrock) -> None:
    server.always_for_lesson("Soil", "cut")
    with pytest.raises(AnswerCut):
        write(server)
    assert len(server.asked) == 1 + CONTINUATIONS


@pytest.mark.parametrize("behaviour", ["daily", "internal", "unknown"])
def test_a_beginning_that_was_paid_for_is_not_asked_for_again_when_it_cannot_be_continued(
    server: FakeBedrock, behaviour: str
) -> None:
    server.then("cut", behaviour)
    with pytest.raises(AnswerCut, match="could not be continued: Bedrock answered"):
        write(server)


def test_no_credentials_are_a_fault_of_the_setup(server: FakeBedrock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)  # it has read the credentials of other tests
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent")
    with pytest.raises(ConfigurationError, match="credentials"):
        write(server)
    assert server.asked == []


def test_an_api_key_goes_with_the_request_in_place_of_a_signature(server: FakeBedrock) -> None:
    assert BedrockModel(PROFILE, "eu-west-1", server.url, KEY).write(REQUEST, 30).text == SOIL
    assert [asked.authorization for asked in server.asked] == [f"Bearer {KEY}"]


def test_an_api_key_is_not_repeated_in_an_error(server: FakeBedrock) -> None:
    server.then("key")
    model = BedrockModel(PROFILE, "eu-west-1", server.url, KEY)
    with pytest.raises(ModelRefused, match=r"failed for Bearer \*\*\*: .*\(check Bedrock's API key") as caught:
        model.write(REQUEST, 30)
    assert KEY[:10] not in f"{caught.value} {model} {model._runtime}"


def test_an_api_key_that_no_header_can_carry_is_refused_without_being_shown() -> None:
    with pytest.raises(ConfigurationError, match="no HTTP header can carry") as caught:
        BedrockModel(PROFILE, "eu-west-1", "", "two\nlines")
    assert "two" not in str(caught.value)


def test_an_endpoint_that_is_no_address_is_refused_at_once() -> None:
    with pytest.raises(ConfigurationError, match="cannot be reached through Bedrock"):
        BedrockModel(PROFILE, "", "no address")
