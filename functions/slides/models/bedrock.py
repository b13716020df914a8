"""Image models of Amazon Bedrock: Nova Canvas, Titan Image and Stability, told apart by their ids.

What errors mean is told in `functions.models.bedrock_runtime`; an image that a filter held back raises
ModelDeclined, for it may have been paid for.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

from aurora.runtime.errors import ConfigurationError
from functions.models import ImageAnswer, ImageRequest
from functions.models.bedrock_runtime import BedrockRuntime
from functions.models.errors import ModelAnswerInvalid, ModelDeclined
from functions.slides.models.answers import as_png, decoded, shortened


@dataclass(frozen=True)
class _Family:
    """Models that are asked alike. `longest` is how many characters of prompt they take."""

    longest: int
    body: Callable[[str], dict[str, Any]]


def _amazon(width: int, height: int) -> Callable[[str], dict[str, Any]]:
    def body(prompt: str) -> dict[str, Any]:
        return {
            "taskType": "TEXT_IMAGE",
            "textToImageParams": {"text": prompt},
            "imageGenerationConfig": {"numberOfImages": 1, "width": width, "height": height},
        }

    return body


def _stability(prompt: str) -> dict[str, Any]:
    return {"prompt": prompt, "aspect_ratio": "16:9", "output_format": "png"}


# Nova Canvas takes any size of sixteens, Titan those of its list; both are as wide as books show images.
_FAMILIES: Final = {
    "amazon.nova-canvas": _Family(1024, _amazon(1280, 720)),
    "amazon.titan-image": _Family(512, _amazon(1280, 768)),
    "stability.": _Family(10_000, _stability),
}


@dataclass(frozen=True)
class BedrockImages:
    """`model` is a model's id, or the id or ARN of an inference profile; "" elsewhere is the environment's.

    With an `api_key` requests carry that and are not signed.
    Raises ConfigurationError for a model that is none of those told above, or where there is no region.
    """

    model: str
    region: str = ""
    endpoint: str = ""
    api_key: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        _ = self._family, self._runtime

    @cached_property
    def _family(self) -> _Family:
        for name, family in _FAMILIES.items():
            if name in self.model:
                return family
        raise ConfigurationError(
            f"Images by Bedrock's model {self.model!r} are not known here; there are: {', '.join(_FAMILIES)}."
        )

    @cached_property
    def _runtime(self) -> BedrockRuntime:
        return BedrockRuntime("image model", self.region, self.endpoint, self.api_key)

    def draw(self, request: ImageRequest, seconds: float) -> ImageAnswer:
        """The image of `request`, within `seconds`. Raises what the module tells."""
        body = json.dumps(self._family.body(shortened(request.prompt, self._family.longest)))

        def call(client: Any) -> bytes:
            answer = client.invoke_model(
                modelId=self.model, body=body, contentType="application/json", accept="application/json"
            )
            return answer["body"].read()

        return ImageAnswer(as_png(_image(self._runtime.within(seconds, call))), self.model)


def _image(body: bytes) -> bytes:
    try:
        answer = json.loads(body)
        images, held_back = answer.get("images") or [None], answer.get("error")
        ended = (answer.get("finish_reasons") or [None])[0]
    except (ValueError, AttributeError, TypeError, KeyError):
        raise ModelAnswerInvalid("The image model answered something that is no image.") from None
    if held_back:
        raise ModelDeclined(f"The image model held this image back: {str(held_back)[:300]}")
    if ended == "Inference error":
        raise ModelAnswerInvalid("The image model failed while it drew this image.")
    if ended:
        raise ModelDeclined(f"The image model held this image back: {str(ended)[:300]}.")
    return decoded(images[0])
