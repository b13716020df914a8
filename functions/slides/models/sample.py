"""The image model `sample`: diagrams drawn here, offline and for nothing."""

from __future__ import annotations

from functions.models import ImageAnswer, ImageRequest
from functions.models.errors import ModelAnswerInvalid
from functions.slides.drawing import Picture, draw


class SampleImages:
    """Draws from the request's words; its prompt is not read."""

    def draw(self, request: ImageRequest, seconds: float) -> ImageAnswer:  # noqa: ARG002 (it takes some milliseconds)
        """The diagram. Raises ModelAnswerInvalid where this machine's Pillow cannot draw it."""
        try:
            png = draw(Picture(request.id, request.title, request.description, request.language))
        except (OSError, ValueError) as error:
            raise ModelAnswerInvalid(f"The sample image cannot be drawn: {error}") from error
        return ImageAnswer(png, "sample")
