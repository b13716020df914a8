from __future__ import annotations

import io
from collections.abc import Iterator

import pytest
from PIL import Image

from aurora.runtime.errors import AuroraError, ConfigurationError, Throttled
from functions.models import ImageAnswer, ImageRequest
from functions.models.errors import ModelAnswerInvalid, ModelDeclined, ModelRefused, ModelTimeout, ModelUnavailable
from functions.slides.models.bedrock import BedrockImages
from tests.support.fake_bedrock import FakeBedrock

NOVA, TITAN, STABILITY = (
    "amazon.nova-canvas-v1:0",
    "amazon.titan-image-generator-v2:0",
    "stability.stable-image-core-v1:1",
)
REQUEST = ImageRequest("01-01-0001", "Soil", "Layers", "en", "A diagram. Lesson: Soil. It shows: Layers.")
LONG = ImageRequest("01-01-0001", "Soil", "Layers", "en", "A diagram. Lesson: Soil. It shows: " + "many layers, " * 200)


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.delenv("AWS_PROFILE", raising=False)


@pytest.fixture
def server() -> Iterator[FakeBedrock]:
    with FakeBedrock() as fake:
        yield fake


def draw(server: FakeBedrock, model: str = NOVA, request: ImageRequest = REQUEST, seconds: float = 30) -> ImageAnswer:
    return BedrockImages(model, "us-east-1", server.url).draw(request, seconds)


@pytest.mark.parametrize("model", [NOVA, TITAN, STABILITY, f"us.{STABILITY}"])
def test_each_family_of_models_draws_a_png(server: FakeBedrock, model: str) -> None:
    answer = draw(server, model)
    assert answer.model == model
    assert Image.open(io.BytesIO(answer.png)).size == (1280, 720)
    assert server.asked[0].body["modelId"] == model


def test_a_jpeg_becomes_a_png(server: FakeBedrock) -> None:
    server.then("jpeg")
    assert Image.open(io.BytesIO(draw(server).png)).format == "PNG"


def test_the_families_are_asked_in_their_own_forms(server: FakeBedrock) -> None:
    for model in (NOVA, TITAN, STABILITY):
        draw(server, model)
    nova, titan, stability = ({**asked.body, "modelId": ""} for asked in server.asked)
    amazon = {"modelId": "", "taskType": "TEXT_IMAGE", "textToImageParams": {"text": REQUEST.prompt}}
    assert nova == amazon | {"imageGenerationConfig": {"numberOfImages": 1, "width": 1280, "height": 720}}
    assert titan == amazon | {"imageGenerationConfig": {"numberOfImages": 1, "width": 1280, "height": 768}}
    assert stability == {"modelId": "", "prompt": REQUEST.prompt, "aspect_ratio": "16:9", "output_format": "png"}


@pytest.mark.parametrize(("model", "longest"), [(NOVA, 1024), (TITAN, 512)])
def test_a_prompt_is_shortened_to_what_the_model_takes(server: FakeBedrock, model: str, longest: int) -> None:
    draw(server, model, LONG)
    assert longest - 20 < len(server.asked[0].body["textToImageParams"]["text"]) <= longest


@pytest.mark.parametrize(
    ("model", "behaviour", "error", "says"),
    [
        (NOVA, "throttle", Throttled, "Too many tokens"),
        (NOVA, "internal", ModelUnavailable, "unexpected error"),
        (NOVA, "access", ModelRefused, "request access"),
        (NOVA, "blocked", ModelRefused, "blocked by our content filters"),
        (NOVA, "filter", ModelDeclined, "None of the generated images passed"),
        (STABILITY, "filter", ModelDeclined, "Filter reason: prompt"),
        (NOVA, "empty", ModelAnswerInvalid, "without an image"),
        (NOVA, "broken", ModelAnswerInvalid, "no image"),
        (NOVA, "garbage", ModelAnswerInvalid, "no image"),
        (NOVA, "hang-up", ModelAnswerInvalid, "lost after the request was sent"),
        (NOVA, "timeout", ModelTimeout, "timed out"),
    ],
)
def test_each_fault_has_its_error_and_is_not_asked_again(
    server: FakeBedrock, model: str, behaviour: str, error: type[AuroraError], says: str
) -> None:
    server.then(behaviour)
    with pytest.raises(error, match=says):
        draw(server, model)
    assert len(server.asked) == 1


def test_an_image_that_does_not_come_in_time_is_given_up(server: FakeBedrock) -> None:
    server.then("silence")
    with pytest.raises(ModelTimeout, match="did not finish"):
        draw(server, seconds=0.3)


def test_a_model_of_no_known_family_is_refused_at_once() -> None:
    with pytest.raises(ConfigurationError, match=r"not known here; there are: amazon\.nova-canvas"):
        BedrockImages("meta.llama3-8b", "us-east-1")
