"""Opens an image model by its name: with its protocol, its key, its price and those that are asked instead of it.

Imports a protocol only when a model of it is used: whoever uses the sample model pays for no other.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Protocol

from functions.models import ImageAnswer, ImageModel, ImageRequest
from functions.models.chain import ask_in_turn
from functions.models.opened import api_key
from functions.models.pricing import cost_of_image
from functions.models.specs import ModelSpec, read_chain


def image_model(name: str, models: str) -> ImageModel:
    """The image model `name` of the JSON `models` (as `read_chain` takes it).

    Keys are read anew each time, so that a changed key holds from the next call on. Raises ConfigurationError for
    what is wrong with the model or its fallbacks.
    """
    first, *others = [_PricedImages(spec) for spec in read_chain(name, models, "image")]
    _ = first.opened  # a fault of the model itself is told before anything is begun; a fallback's, when it is asked
    return ImageChain(tuple((model.spec.name, model) for model in (first, *others))) if others else first


@dataclass(frozen=True)
class ImageChain:
    """Image models by name, asked in their order until one does not decline unpaid."""

    models: tuple[tuple[str, ImageModel], ...]
    clock: Callable[[], float] = time.monotonic

    def draw(self, request: ImageRequest, seconds: float) -> ImageAnswer:
        """The first model's image that there is. Raises as `ask_in_turn`."""
        asks = [(name, lambda left, model=model: model.draw(request, left)) for name, model in self.models]
        return ask_in_turn(asks, seconds, self.clock)

    def max_cost(self, request: ImageRequest) -> int:
        """What the dearest one costs: whoever is asked instead of another is asked because that one was free."""
        return max(model.max_cost(request) for _, model in self.models)


class _Draws(Protocol):
    """A model that knows nothing of prices."""

    def draw(self, request: ImageRequest, seconds: float) -> ImageAnswer: ...


@dataclass(frozen=True)
class _PricedImages:
    """A model with what its images cost, opened when it is first asked."""

    spec: ModelSpec

    def draw(self, request: ImageRequest, seconds: float) -> ImageAnswer:
        return replace(self.opened.draw(request, seconds), cost=cost_of_image(self.spec))

    def max_cost(self, request: ImageRequest) -> int:  # noqa: ARG002 (an image costs what it costs)
        return cost_of_image(self.spec)

    @cached_property
    def opened(self) -> _Draws:
        spec = self.spec
        if spec.provider == "openai":
            from functions.slides.models.openai import OpenAIImages

            return OpenAIImages(spec.base_url, spec.id, api_key(spec.api_key_parameter))
        if spec.provider == "bedrock":
            from functions.slides.models.bedrock import BedrockImages

            return BedrockImages(spec.id, spec.region, spec.base_url, api_key(spec.api_key_parameter))
        from functions.slides.models.sample import SampleImages

        return SampleImages()
