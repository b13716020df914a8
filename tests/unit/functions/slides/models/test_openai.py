from __future__ import annotations

import io
from collections.abc import Iterator

import pytest
from PIL import Image

from aurora.runtime.errors import AuroraError, ConfigurationError, Throttled
from functions.models import ImageAnswer, ImageRequest
from functions.models.errors import ModelAnswerInvalid, ModelRefused, ModelTimeout, ModelUnavailable
from functions.slides.models.openai import OpenAIImages
from tests.support.fake_openai import FakeOpenAI

KEY = "sk-secret-0123456789"
REQUEST = ImageRequest("01-01-0001", "Soil", "Layers", "en", "A diagram. Lesson: Soil. It shows: Layers.")


@pytest.fixture
def server() -> Iterator[FakeOpenAI]:
    with FakeOpenAI() as fake:
        yield fake


def draw(server: FakeOpenAI, seconds: float = 30.0, model: str = "gpt-image-1") -> ImageAnswer:
    return OpenAIImages(server.url, model, KEY).draw(REQUEST, seconds)


@pytest.mark.parametrize("behaviour", ["ok", "jpeg", "webp", "url"])
def test_an_image_becomes_a_png_however_it_is_answered(server: FakeOpenAI, behaviour: str) -> None:
    server.then(behaviour)
    image = Image.open(io.BytesIO(draw(server).png))
    assert (image.format, image.size) == ("PNG", (1280, 720))


@pytest.mark.parametrize(
    ("model", "size"), [("gpt-image-1", "1536x1024"), ("dall-e-3", "1792x1024"), ("flux", "1024x1024")]
)
def test_the_request_carries_prompt_model_size_and_key(server: FakeOpenAI, model: str, size: str) -> None:
    assert draw(server, model=model).model == model
    (asked,) = server.asked
    assert asked.authorization == f"Bearer {KEY}"
    assert asked.body == {"model": model, "prompt": REQUEST.prompt, "size": size, "n": 1}


@pytest.mark.parametrize(
    ("behaviour", "error", "says"),
    [
        ("throttle", Throttled, "Retry-After 7"),
        ("error:500", ModelUnavailable, "500"),
        ("error:504", ModelTimeout, "504"),
        ("error:401", ModelRefused, "check the API key"),
        ("refuse", ModelRefused, "safety system"),
        ("garbage", ModelAnswerInvalid, "no image"),
        ("empty", ModelAnswerInvalid, "no image"),
        ("broken", ModelAnswerInvalid, "no image"),
        ("lost-url", ModelAnswerInvalid, "was drawn, but cannot be fetched: its server answered 404"),
        ("hang-up", ModelAnswerInvalid, "lost after the request was sent"),
    ],
)
def test_each_fault_has_its_error_and_is_not_asked_again(
    server: FakeOpenAI, behaviour: str, error: type[AuroraError], says: str
) -> None:
    server.then(behaviour)
    with pytest.raises(error, match=says) as caught:
        draw(server)
    assert len(server.asked) == 1
    assert KEY not in str(caught.value)


def test_an_image_that_does_not_come_in_time_is_given_up_and_asked_for_once(server: FakeOpenAI) -> None:
    server.then("silence")
    with pytest.raises(ModelTimeout, match="did not finish"):
        draw(server, seconds=0.3)
    assert len(server.asked) <= 1  # on a busy machine the time is up before it was asked


def test_an_address_that_cannot_be_one_is_refused_at_once() -> None:
    with pytest.raises(ConfigurationError, match="image model"):
        OpenAIImages("api.example.com/v1", "gpt-image-1")
