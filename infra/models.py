"""The models that systems share: where they are, what they cost, their API keys, and who may ask them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic.alias_generators import to_camel

from aurora.grants import Grant, invoke_model, read_parameter
from aurora.metrics import HOUR, Alarm, Metric
from aurora.settings import StackModel, structured
from aurora.system import DoctorCheck, Stage

Kind = Literal["text", "image"]
ModelName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,39}$")]

SAMPLE: Final = "sample"
"""The built-in model of either kind."""
API_KEYS: Final[Mapping[str, str]] = {"openai": "openaiApiKey", "bedrock": "bedrockApiKey"}
"""The secret settings with the API keys of providers, by provider."""
SECRETS: Final[Mapping[str, str]] = {setting: f"{provider}-api-key" for provider, setting in API_KEYS.items()}
"""The SSM parameters that hold them."""
BEDROCK_CHECK: Final = DoctorCheck(
    "Bedrock",
    "infra.bedrock:check_bedrock",
    "--bedrock",
    "MODEL_ID",
    "Call this Bedrock model once, for one token, as the stack.",
)
"""Whether the models of Bedrock answer."""
ARN_FORMS: Final[Mapping[str, str]] = {
    r"arn:[\w-]+:bedrock:\*:(\d+)?:(foundation-model|inference-profile)/[^*?]+": "one model, in every region",
}
"""What roles may reach that asks models of Bedrock."""
LOCAL_HELP: Final = """\
Texts and images are samples; OPENAI_BASE_URL with OPENAI_MODEL, OPENAI_IMAGE_MODEL or both (and OPENAI_API_KEY where
needed) offers the models openai and openai-images beside them; AWS_BEARER_TOKEN_BEDROCK and AWS_REGION with
BEDROCK_MODEL_ID, BEDROCK_IMAGE_MODEL_ID or both offers bedrock and bedrock-images. As an example:

\b
  OPENAI_BASE_URL=http://127.0.0.1:11434/v1 OPENAI_MODEL=llama3.1 python3 run.py local
"""
"""The environment variables of a local run that offer models."""
# Where an OpenAI model is that names no endpoint of its own.
_OPENAI = "https://api.openai.com/v1"


class ModelSpec(BaseModel):
    """An entry of ``models``: where a model is, what it costs, and which other one is asked when it cannot answer."""

    model_config = ConfigDict(extra="forbid", frozen=True, alias_generator=to_camel, populate_by_name=True)

    provider: Literal["openai", "bedrock"]
    kind: Kind = "text"
    id: str = Field(min_length=1, description="the model's id, or its inference profile's")
    base_url: str = Field("", pattern=r"^(https?://\S+)?$", description="an endpoint other than the provider's own")
    region: str = Field("", description="a region other than the stack's")
    input_price: float = Field(0, ge=0, description="US dollars for a million tokens read")
    output_price: float = Field(0, ge=0, description="US dollars for a million tokens written")
    image_price: float = Field(0, ge=0, description="US dollars for an image")
    fallback: str = Field("", description="the model that is asked when this one cannot answer")


class ModelSettings(StackModel):
    """What a stack says of the models that its systems may ask."""

    models: Annotated[dict[ModelName, ModelSpec], BeforeValidator(structured)] = Field(
        default_factory=dict[str, ModelSpec],
        description="the models that there are beside sample",
        examples=["{claude: {provider: bedrock, id: eu.anthropic.claude-sonnet-4-5-20250929-v1:0}}"],
    )
    cost_alarm_per_hour: float = Field(20, gt=0, description="US dollars for models in an hour that ring an alarm")
    sample_seconds_per_lesson: float = Field(0, ge=0, le=600, description="seconds that the sample model takes")

    @model_validator(mode="after")
    def _fallbacks_end(self) -> ModelSettings:
        for name, spec in self.models.items():
            self._check_fallbacks(name, spec)
        return self

    def names(self, kind: Kind) -> tuple[str, ...]:
        """The models of that kind that a request may choose."""
        return (SAMPLE, *(name for name, spec in self.models.items() if spec.kind == kind))

    def _check_fallbacks(self, name: str, spec: ModelSpec) -> None:
        if name == SAMPLE:
            raise ValueError("sample is the built-in model: give the model of that name another one, in models")
        passed = [name]
        while spec.fallback:
            if spec.fallback not in self.models or self.models[spec.fallback].kind != spec.kind:
                raise ValueError(f"the fallback {spec.fallback!r} of {passed[-1]} is no {spec.kind} model: see models")
            passed.append(spec.fallback)
            if spec.fallback in passed[:-1]:
                raise ValueError(f"fallbacks go in a circle ({' -> '.join(passed)}): see models")
            spec = self.models[spec.fallback]


def described(stage: Stage) -> str:
    """The stack's models as functions read them, JSON; of a secret it holds the name of its parameter."""
    specs = {
        name: {**spec.model_dump(by_alias=True, exclude_defaults=True), "kind": spec.kind}
        for name, spec in stage.of(ModelSettings).models.items()
    }
    for spec in specs.values():
        if spec["provider"] == "openai":
            spec.setdefault("baseUrl", _OPENAI)
        if parameter := stage.secret(SECRETS[API_KEYS[spec["provider"]]]):
            spec["apiKeyParameter"] = parameter
    return json.dumps(specs, sort_keys=True)


def ask(stage: Stage, kind: Kind) -> tuple[Grant, ...]:
    """What asking the stack's models of a kind takes; where an API key is sent, the role itself asks nothing."""
    specs = [spec for spec in stage.of(ModelSettings).models.values() if spec.kind == kind]
    sent = {spec.provider: SECRETS[API_KEYS[spec.provider]] for spec in specs}
    sent = {provider: key for provider, key in sent.items() if key in stage.settings.secrets}
    signed = {spec.id for spec in specs if spec.provider == "bedrock" and spec.provider not in sent}
    return (
        *(grant for key in sorted(sent.values()) for grant in read_parameter(key)),
        *(grant for id_ in sorted(signed) for grant in invoke_model(id_, kind)),
    )


def cost_alarm(stage: Stage) -> Alarm:
    """Rings when models cost more than the stack says within an hour."""
    dollars = stage.of(ModelSettings).cost_alarm_per_hour
    return Alarm(
        "model-cost",
        f"models cost more than {dollars:g} US dollars within an hour",
        (Metric("Cost"),),
        threshold=dollars,
        seconds=HOUR,
    )
