"""Opens a text model by its name: with its protocol, its key, its prices and those that are asked instead of it.

Imports a protocol only when a model of it is used: whoever uses the sample model pays for no other.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Protocol

from botocore.exceptions import ClientError

from aurora.runtime import aws
from aurora.runtime.errors import ConfigurationError
from functions.models import TextAnswer, TextModel, TextRequest
from functions.models.chain import TextChain
from functions.models.pricing import cost_of_text, max_cost_of_text
from functions.models.specs import ModelSpec, read_chain


def text_model(name: str, models: str, sample_seconds: float) -> TextModel:
    """The text model `name` of the JSON `models` (as `read_chain` takes it).

    Keys are read anew each time, so that a changed key holds from the next call on. `sample_seconds` is how long the
    sample model takes for a text. Raises ConfigurationError for what is wrong with the model or its fallbacks.
    """
    first, *others = [_PricedModel(spec, sample_seconds) for spec in read_chain(name, models, "text")]
    _ = first.opened  # a fault of the model itself is told before anything is begun; a fallback's, when it is asked
    return TextChain(tuple((model.spec.name, model) for model in (first, *others))) if others else first


def api_key(parameter: str) -> str:
    """The key kept in that SSM parameter; "" where the endpoint wants none (no parameter is named)."""
    if not parameter:
        return ""
    try:
        answer = aws.client("ssm").get_parameter(Name=parameter, WithDecryption=True)
    except ClientError as error:
        if aws.error_code(error) not in ("ParameterNotFound", "AccessDeniedException", "ValidationException"):
            raise
        said = error.response.get("Error", {}).get("Message") or "there is none of that name"
        raise ConfigurationError(f"The API key in the SSM parameter {parameter!r} cannot be read: {said}.") from None
    key = answer["Parameter"]["Value"].strip()
    if not key:
        raise ConfigurationError(f"The API key in the SSM parameter {parameter!r} is empty.")
    return key


class _Writes(Protocol):
    """A model that knows nothing of prices."""

    def write(self, request: TextRequest, seconds: float) -> TextAnswer: ...


@dataclass(frozen=True)
class _PricedModel:
    """A model with what its answers cost, opened when it is first asked."""

    spec: ModelSpec
    sample_seconds: float

    def write(self, request: TextRequest, seconds: float) -> TextAnswer:
        answer = self.opened.write(request, seconds)
        return replace(answer, cost=cost_of_text(self.spec, request, answer))

    def max_cost(self, request: TextRequest) -> int:
        return max_cost_of_text(self.spec, request)

    @cached_property
    def opened(self) -> _Writes:
        spec = self.spec
        if spec.provider == "openai":
            from functions.models.openai import OpenAIModel

            return OpenAIModel(spec.base_url, spec.id, api_key(spec.api_key_parameter))
        if spec.provider == "bedrock":
            from functions.models.bedrock import BedrockModel

            return BedrockModel(spec.id, spec.region, spec.base_url, api_key(spec.api_key_parameter))
        from functions.models.sample import SampleModel

        return SampleModel(self.sample_seconds)
