"""Image models behind any endpoint that speaks OpenAI's image generations, found by its base URL.

What errors mean is told in `functions.models.openai`. An image that is answered as an address is fetched from
there without the API key; it is paid for by then, so a fault in fetching it raises ModelAnswerInvalid.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

import httpx

from functions.models import ImageAnswer, ImageRequest
from functions.models.endpoint import Endpoint, client, reason
from functions.models.errors import ModelAnswerInvalid, ModelTimeout
from functions.slides.models.answers import as_png, decoded, shortened

MAX_ANSWER_BYTES: Final = 50_000_000
"""A body beyond this is no image of a book, whatever its server thinks."""

_FETCHES: Final = 3
# By the beginning of a model's name: how many characters of prompt it takes, and its size that is nearest to 16:9.
_DIALECTS: Final = {
    "gpt-image": (32_000, "1536x1024"),
    "dall-e-3": (4000, "1792x1024"),
    "dall-e-2": (1000, "1024x1024"),
}
_OTHER: Final = (4000, "1024x1024")  # what every server of this protocol takes


@dataclass(frozen=True)
class OpenAIImages:
    """`base_url` as OpenAI's clients take it ("https://api.openai.com/v1"); `api_key` "" sends none.

    Raises ConfigurationError for an address or a model name that cannot be one.
    """

    base_url: str
    model: str
    api_key: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        _ = self._endpoint

    @cached_property
    def _endpoint(self) -> Endpoint:
        return Endpoint("image model", self.base_url, self.model, self.api_key)

    def draw(self, request: ImageRequest, seconds: float) -> ImageAnswer:
        """The image of `request`, within `seconds`. Raises what the module tells."""
        if seconds <= 0:
            raise ModelTimeout("No time was left to ask the image model.")
        try:
            return asyncio.run(self._within(seconds, request.prompt))
        except TimeoutError:
            raise ModelTimeout(f"The image model did not finish within {seconds:.0f} s.") from None

    async def _within(self, seconds: float, prompt: str) -> ImageAnswer:
        longest, size = next((said for name, said in _DIALECTS.items() if self.model.startswith(name)), _OTHER)
        wish = {"model": self.model, "prompt": shortened(prompt, longest), "size": size, "n": 1}
        async with asyncio.timeout(seconds):
            async with self._endpoint.post("/images/generations", wish, "application/json") as response:
                body = await _read(response)
            image = _first_image(body)
            data = decoded(image["b64_json"]) if image.get("b64_json") else await _fetch(image.get("url"))
        return ImageAnswer(as_png(data), self.model)


def _first_image(body: bytes) -> dict[str, Any]:
    try:
        return {**json.loads(body)["data"][0]}
    except (ValueError, KeyError, IndexError, TypeError):
        raise ModelAnswerInvalid("The image model answered something that is no image.") from None


async def _fetch(url: object) -> bytes:
    """What lies at the address that a server answered. Fetching costs nothing, so it is tried more than once."""
    if not isinstance(url, str) or not url.startswith(("https://", "http://")):
        raise ModelAnswerInvalid("The image model answered neither an image nor the address of one.")
    fault = ""
    for _ in range(_FETCHES):
        try:
            async with client(url) as http, http.stream("GET", url, follow_redirects=True) as response:
                if response.status_code == httpx.codes.OK:
                    return await _read(response)
                fault = f"its server answered {response.status_code}"
        except (httpx.RequestError, httpx.InvalidURL) as error:
            fault = reason(error)
    raise ModelAnswerInvalid(f"The image was drawn, but cannot be fetched: {fault}.")


async def _read(response: httpx.Response) -> bytes:
    body = bytearray()
    async for piece in response.aiter_bytes():
        body += piece
        if len(body) > MAX_ANSWER_BYTES:
            raise ModelAnswerInvalid(f"The image model's answer exceeds {MAX_ANSWER_BYTES:,} bytes.")
    return bytes(body)
