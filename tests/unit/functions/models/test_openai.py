from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from aurora.runtime.errors import AuroraError, ConfigurationError, Throttled
from functions.models import LessonBrief, TextAnswer, TextRequest
from functions.models.answers import CONTINUATIONS
from functions.models.errors import AnswerCut, ModelAnswerInvalid, ModelRefused, ModelTimeout, ModelUnavailable
from functions.models.openai import OpenAIModel
from tests.support.fake_openai import FakeOpenAI, lesson_text

KEY = "sk-secret-0123456789"
BRIEF = LessonBrief("Course", "en", "", 1, "Module", 1, "Soil", "", (), (), "", 300)
REQUEST = TextRequest("You write lessons.", "Lesson title: Soil\nWrite about 300 words.", 1060, BRIEF)
SOIL = lesson_text("Soil", 300)


@pytest.fixture
def server() -> Iterator[FakeOpenAI]:
    with FakeOpenAI() as fake:
        yield fake


def write(server: FakeOpenAI, seconds: float = 30.0) -> TextAnswer:
    return OpenAIModel(server.url, "fake", KEY).write(REQUEST, seconds)


def test_a_streamed_answer_is_put_together_with_its_token_counts(server: FakeOpenAI) -> None:
    assert write(server) == TextAnswer(SOIL, 50, len(SOIL.split()), "fake-1")


def test_the_request_carries_prompt_limit_model_and_key(server: FakeOpenAI) -> None:
    write(server)
    (asked,) = server.asked
    assert asked.authorization == f"Bearer {KEY}"
    assert asked.body["model"] == "fake"
    assert asked.body["max_tokens"] == 1060
    assert [message["content"] for message in asked.body["messages"]] == [REQUEST.system, REQUEST.prompt]


def test_no_key_means_no_authorization_header(server: FakeOpenAI) -> None:
    OpenAIModel(f"{server.url}/", "fake").write(REQUEST, 30)
    assert server.asked[0].authorization == ""


def test_a_server_that_does_not_stream_is_understood(server: FakeOpenAI) -> None:
    server.then("json")
    assert write(server) == TextAnswer(SOIL, 50, len(SOIL.split()), "fake-1")


def test_a_server_of_another_dialect_is_asked_in_its_own(server: FakeOpenAI) -> None:
    server.always_for_lesson("Soil", "old")
    assert write(server).text == SOIL
    assert [asked.body.get("max_completion_tokens") for asked in server.asked] == [None, 1060, 1060]


def test_text_of_any_alphabet_arrives_whole_although_pieces_split_its_bytes(server: FakeOpenAI) -> None:
    assert "naïve — or not — and says what résumé" in write(server).text


@pytest.mark.parametrize(
    ("behaviour", "error", "says"),
    [
        ("throttle", Throttled, "Rate limit reached; it asks to wait: Retry-After 7"),
        ("busy", Throttled, "503: overloaded"),
        ("early-throttle", Throttled, "Slow down"),
        ("error:500", ModelUnavailable, "500"),
        ("error:502", ModelUnavailable, "502"),
        ("early-error", ModelUnavailable, "The model crashed"),
        ("error:504", ModelTimeout, "504"),
        ("error:408", ModelTimeout, "408"),
        ("error:400", ModelRefused, "The server says 400"),
        ("error:401", ModelRefused, "check the API key"),
        ("error:403", ModelRefused, "may not use this model"),
        ("error:404", ModelRefused, "check the base URL"),
        ("error:307", ModelRefused, "307"),
        ("refuse", ModelRefused, "I cannot write about this"),
        ("filter", ModelRefused, "content filter"),
        ("garbage", ModelAnswerInvalid, "It works!"),
        ("nonsense", ModelAnswerInvalid, "no chat completion"),
        ("empty", ModelAnswerInvalid, "without any text"),
        ("drop", ModelAnswerInvalid, "lost after the request was sent"),
        ("hang-up", ModelAnswerInvalid, "lost after the request was sent"),
        ("late-error", ModelAnswerInvalid, "The model crashed"),
    ],
)
def test_each_fault_has_its_error_and_is_not_asked_again(
    server: FakeOpenAI, behaviour: str, error: type[AuroraError], says: str
) -> None:
    server.then(behaviour)
    with pytest.raises(error, match=says):
        write(server)
    assert len(server.asked) == 1


@pytest.mark.parametrize("behaviour", ["throttle", "busy", "early-throttle", "error:500", "early-error"])
def test_what_may_be_tried_again_was_not_paid_for(server: FakeOpenAI, behaviour: str) -> None:
    server.then(behaviour)
    with pytest.raises((Throttled, ModelUnavailable)):
        write(server)
    assert server.paid == 0


@pytest.mark.parametrize("behaviour", ["stall", "silence"])
def test_an_answer_that_does_not_end_in_time_is_given_up_and_asked_for_once(server: FakeOpenAI, behaviour: str) -> None:
    server.then(behaviour)
    with pytest.raises(ModelTimeout, match="within 0 s"):
        write(server, seconds=0.3)
    assert server.paid <= 1  # none where the machine was too busy to send it in time


def test_without_any_time_left_nothing_is_asked(server: FakeOpenAI) -> None:
    with pytest.raises(ModelTimeout):
        write(server, seconds=0)
    assert server.asked == []


def test_nobody_listening_is_unavailable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(ModelUnavailable, match="cannot be reached"):
        OpenAIModel(f"http://127.0.0.1:{port}/v1", "fake").write(REQUEST, 30)


def test_a_cut_answer_is_continued_where_it_stopped(server: FakeOpenAI) -> None:
    server.then("cut", "cut")
    answer = write(server)
    assert answer.text == SOIL
    assert answer.input_tokens == 150
    roles = [[message["role"] for message in asked.body["messages"]] for asked in server.asked]
    assert roles == [["system", "user"], *[["system", "user", "assistant", "user"]] * 2]


def test_an_answer_that_is_cut_again_and_again_is_cut(server: FakeOpenAI) -> None:
    server.always_for_lesson("Soil", "cut")
    with pytest.raises(AnswerCut):
        write(server)
    assert len(server.asked) == 1 + CONTINUATIONS


def test_a_beginning_that_was_paid_for_is_not_asked_for_again_when_its_continuation_is_throttled(
    server: FakeOpenAI,
) -> None:
    server.then("cut", "throttle")
    with pytest.raises(AnswerCut, match="Rate limit"):
        write(server)


@pytest.mark.parametrize("behaviour", ["error:400", "error:401", "error:429", "error:500"])
def test_the_key_is_in_no_message_even_if_the_server_repeats_it(server: FakeOpenAI, behaviour: str) -> None:
    server.then(behaviour)
    with pytest.raises(AuroraError, match=r"\*\*\*") as caught:
        write(server)
    assert KEY not in str(caught.value)
    assert KEY not in repr(OpenAIModel(server.url, "fake", KEY))


@pytest.mark.parametrize("url", ["", "api.example.com/v1", "ftp://example.com", "http://", "http://host:port/"])
def test_an_address_that_cannot_be_one_is_refused_at_once(url: str) -> None:
    with pytest.raises(ConfigurationError):
        OpenAIModel(url, "fake")


def test_a_model_without_a_name_and_a_key_that_no_header_carries_are_refused_at_once() -> None:
    with pytest.raises(ConfigurationError, match="no model name"):
        OpenAIModel("http://127.0.0.1/v1", "")
    with pytest.raises(ConfigurationError, match="API key"):
        OpenAIModel("http://127.0.0.1/v1", "fake", "one\ntwo")
