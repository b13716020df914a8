"""Typed settings of one stack, read from Pulumi's stack config and checked before anything is declared.

Nothing here knows how a setting is used. A wrong or missing value ends the program with the YAML lines to add.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

import pulumi
import pulumi.runtime.config as pulumi_config
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator
from pydantic.alias_generators import to_camel, to_snake

from aurora.aws_session import endpoints, listed

# The retention periods that CloudWatch Logs accepts, in days
# (https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html).
RETENTION_DAYS = frozenset(
    {1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653}
)

# The settings with the API keys of providers, by provider. They are secrets, and so no part of `StackSettings`.
API_KEYS = {"openai": "openaiApiKey", "bedrock": "bedrockApiKey"}

# Stages in which a deployment to the wrong account would hurt others than its author.
GUARDED_STAGES = ("staging", "prod")


class SettingsError(pulumi.RunError):
    """The stack's config is incomplete or wrong; the message holds the YAML lines to add or mend."""


def _structured(value: Any) -> Any:
    """Pulumi hands lists and maps to a program as JSON text."""
    try:
        return json.loads(value) if isinstance(value, str) else value
    except ValueError:
        raise ValueError("it is a list or a map, not a text") from None


AccountId = Annotated[str, Field(pattern=r"^\d{12}$")]
ModelName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,39}$")]


class CopySource(BaseModel):
    """An entry of ``copyFrom``: another environment, in the stack's own account and region unless it says otherwise."""

    model_config = ConfigDict(extra="forbid", frozen=True, coerce_numbers_to_str=True)

    stage: str = Field(min_length=1)
    service: str = ""
    account: str = Field("", pattern=r"^(\d{12})?$")
    region: str = ""


class ModelSpec(BaseModel):
    """An entry of ``models``: where a model is, what it costs, and which other one is asked when it cannot answer."""

    model_config = ConfigDict(extra="forbid", frozen=True, alias_generator=to_camel, populate_by_name=True)

    provider: Literal["openai", "bedrock"]
    kind: Literal["text", "image"] = "text"
    id: str = Field(min_length=1, description="the model's id, or its inference profile's")
    base_url: str = Field("", pattern=r"^(https?://\S+)?$", description="an endpoint other than the provider's own")
    region: str = Field("", description="a region other than the stack's")
    input_price: float = Field(0, ge=0, description="US dollars for a million tokens read")
    output_price: float = Field(0, ge=0, description="US dollars for a million tokens written")
    image_price: float = Field(0, ge=0, description="US dollars for an image")
    fallback: str = Field("", description="the model that is asked when this one cannot answer")


class StackSettings(BaseModel):
    """What a stack may set under ``aurora:`` in its ``Pulumi.<stack>.yaml``; the defaults suit a small team."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, alias_generator=to_camel, populate_by_name=True, hide_input_in_errors=True
    )

    max_concurrency: int = Field(2, ge=1, le=40, description="batches written at the same time")
    concurrency_limit: int = Field(10, ge=1, le=40, description="the most batches at a time that a request may ask for")
    max_lessons_per_batch: int = Field(3, ge=1, le=20, description="lessons in one call of ContentGen")
    max_labs_per_batch: int = Field(2, ge=1, le=20, description="labs in one call of LabWriter")
    words_per_minute: int = Field(45, ge=1, le=400, description="words of text for one minute of a lesson")
    min_words: int = Field(1000, ge=50, le=20_000, description="shortest word target of a lesson")
    max_words: int = Field(5000, ge=50, le=20_000, description="longest word target of a lesson")
    images_per_call: int = Field(24, ge=1, le=200, description="images drawn in one call of ImagesGen")
    language: str = Field("", description="the language to write in when it is not the outline's own")
    models: Annotated[dict[ModelName, ModelSpec], BeforeValidator(_structured)] = Field(
        default_factory=dict[str, ModelSpec], description="the models that there are beside sample"
    )
    text_model: str = Field("sample", description="the model that writes lessons when a request names none")
    plan_model: str = Field("", description="the model that plans labs; textModel where it is not set")
    lab_model: str = Field("", description="the model that writes lab guides; textModel where it is not set")
    image_model: str = Field("sample", description="the model that draws images when a request names none")
    course_budget: float = Field(0, ge=0, description="US dollars that a course may cost in all; 0 sets no limit")
    sample_seconds_per_lesson: float = Field(0, ge=0, le=600, description="seconds that the sample model takes")
    notify_emails: Annotated[tuple[str, ...], BeforeValidator(_structured)] = Field(
        (), description="who is told how a course ended"
    )
    cost_alarm_per_hour: float = Field(20, gt=0, description="US dollars for models in an hour that ring an alarm")
    log_retention_days: int = Field(14, description="days that log groups keep what was logged")
    keep_history: bool = Field(True, description="keep earlier versions of objects, and 35 days of the tables")
    protect: bool = Field(False, description="refuse to destroy the stack's resources")
    alarms: bool = Field(False, description="alarms on failures, sent to alarmEmail")
    alarm_email: str = Field("", description="who is told of an alarm")
    architecture: Literal["x86_64", "arm64"] = Field("x86_64", description="the functions' processor")
    base_image: str = Field("", description="the images' base, when it is not the one in images/base-image")
    build_images: bool = Field(True, description="build images that are nowhere to be copied from")
    copy_from: Annotated[tuple[CopySource, ...], BeforeValidator(_structured)] = Field(
        (), description="environments to copy images from, in this order"
    )
    copied_by: Annotated[tuple[AccountId, ...], BeforeValidator(_structured)] = Field(
        (), description="other accounts that may copy this stack's images"
    )
    image_builder: Literal["docker", "pulumi-docker"] = Field("docker", description="what builds the images")
    site_origin: str = Field("", description="the site's own origin when it is not the CDN's domain")

    @model_validator(mode="after")
    def _consistent(self) -> StackSettings:
        if self.log_retention_days not in RETENTION_DAYS:
            raise ValueError(f"logRetentionDays must be one of {', '.join(map(str, sorted(RETENTION_DAYS)))}")
        if self.min_words > self.max_words:
            raise ValueError("minWords must not be greater than maxWords")
        if self.max_concurrency > self.concurrency_limit:
            raise ValueError("maxConcurrency must not be greater than concurrencyLimit")
        for setting, kind in (
            ("textModel", "text"),
            ("planModel", "text"),
            ("labModel", "text"),
            ("imageModel", "image"),
        ):
            name = getattr(self, to_snake(setting))
            if name and name not in self.names(kind):
                raise ValueError(f"there is no {kind} model {name!r} ({', '.join(self.names(kind))}): see {setting}")
        for name, spec in self.models.items():
            self._check_fallbacks(name, spec)
        if self.image_builder == "pulumi-docker" and not self.build_images:
            raise ValueError("imageBuilder: pulumi-docker always builds: buildImages must not be false")
        if self.alarms and not self.alarm_email:
            raise ValueError("alarms: true needs alarmEmail")
        return self

    def names(self, kind: str) -> tuple[str, ...]:
        """The models of that kind (``text``, ``image``) that a request may choose."""
        return ("sample", *(name for name, spec in self.models.items() if spec.kind == kind))

    def _check_fallbacks(self, name: str, spec: ModelSpec) -> None:
        if name == "sample":
            raise ValueError("sample is the built-in model: give the model of that name another one, in models")
        passed = [name]
        while spec.fallback:
            if spec.fallback not in self.models or self.models[spec.fallback].kind != spec.kind:
                raise ValueError(f"the fallback {spec.fallback!r} of {passed[-1]} is no {spec.kind} model: see models")
            passed.append(spec.fallback)
            if spec.fallback in passed[:-1]:
                raise ValueError(f"fallbacks go in a circle ({' -> '.join(passed)}): see models")
            spec = self.models[spec.fallback]


# What the message about a wrong or missing value shows as an example.
_EXAMPLES: dict[str, str] = {
    "models": "{claude: {provider: bedrock, id: eu.anthropic.claude-sonnet-4-5-20250929-v1:0}}",
    "textModel": "sample",
    "alarmEmail": "platform-team@example.com",
    "logRetentionDays": "14",
    "allowedAccountIds": '["111122223333"]',
    "region": "eu-west-1",
    "copyFrom": "[{stage: staging}, {stage: prod}]",
    "copiedBy": '["111122223333"]',
    "notifyEmails": '["authors@example.com"]',
}


@dataclass(frozen=True)
class Settings:
    """Everything the program knows of its stack before it declares a resource.

    ``endpoints`` maps AWS service names to URLs where the stack config replaces AWS's own (an emulator); it is
    empty in the cloud. ``api_keys`` are the secrets that the stack has, by provider; no representation shows them.
    """

    service: str
    stage: str
    region: str
    endpoints: Mapping[str, str]
    stack: StackSettings
    api_keys: Mapping[str, str] = field(repr=False)

    @property
    def tags(self) -> dict[str, str]:
        """The tags that every resource carries."""
        return {"service": self.service, "stage": self.stage, "managed-by": "pulumi"}

    @staticmethod
    def load() -> Settings:
        """Reads the running program's stack config.

        Raises:
            SettingsError: with one paragraph for each value that is missing, unknown or out of range.
        """
        values: dict[str, Any] = {**pulumi_config.get_config_env(), **pulumi_config.CONFIG.get()}
        return Settings.of(pulumi.get_project(), pulumi.get_stack(), values)

    @staticmethod
    def of(service: str, stage: str, values: Mapping[str, Any]) -> Settings:
        """Settings from stack config by full key (``aurora:maxConcurrency``); lists may be JSON text.

        Raises:
            SettingsError: as `load`.
        """
        own = {key.partition(":")[2]: value for key, value in values.items() if key.startswith(f"{service}:")}
        api_keys = {provider: own.pop(setting, None) for provider, setting in API_KEYS.items()}

        problems: list[str] = []
        lines: list[str] = []
        stack: StackSettings | None = None
        try:
            stack = StackSettings.model_validate(own)
        except ValidationError as error:
            for fault in error.errors():
                key, *within = map(str, fault["loc"] or ("",))
                entry = f"{_place(within)}: " if within else ""
                problem, line = _explain(service, key, entry + fault["msg"])
                problems.append(problem)
                lines.extend(each for each in line if each not in lines)

        region = str(values.get("aws:region", ""))
        if not region:
            problems.append("aws:region is missing: the region to deploy to")
            lines.append(f"  aws:region: {_EXAMPLES['region']}")
        # Which accounts they are is for the AWS provider and `StackSession` to enforce.
        if stage in GUARDED_STAGES and not listed(values, "aws:allowedAccountIds"):
            problems.append(f"aws:allowedAccountIds is missing: {stage} may only be deployed to those accounts")
            lines.append(f"  aws:allowedAccountIds: {_EXAMPLES['allowedAccountIds']}")
        if problems or stack is None:
            raise SettingsError(_message(stage, problems, lines))

        return Settings(
            service=service,
            stage=stage,
            region=region,
            endpoints=endpoints(values),
            stack=stack,
            api_keys={provider: str(key) for provider, key in api_keys.items() if key},
        )


def _place(within: list[str]) -> str:
    """Where in a list a fault is: ``entry 2, stage``."""
    return ", ".join(f"entry {int(part) + 1}" if part.isdigit() else part for part in within)


def _explain(service: str, key: str, message: str) -> tuple[str, list[str]]:
    """What is wrong with one key, and the YAML lines that would mend it."""
    fields = {to_camel(name): field for name, field in StackSettings.model_fields.items()}
    message = message.removeprefix("Value error, ")
    if not key:  # a rule between keys: its message begins with, or ends in, the key to set
        wanted = [name for name in fields if message.endswith(name) or message.startswith(f"{name} ")]
        return message, [f"  {service}:{name}: {_EXAMPLES[name]}" for name in wanted if name in _EXAMPLES]
    if key not in fields:
        near = difflib.get_close_matches(key, fields, n=1)
        suggestion = f"did you mean {service}:{near[0]}?" if near else f"known are {', '.join(sorted(fields))}"
        return f"{service}:{key} is not a setting: {suggestion}", []
    field = fields[key]
    return (
        f"{service}:{key} ({field.description}): {message}",
        [f"  {service}:{key}: {_EXAMPLES.get(key, json.dumps(field.get_default(call_default_factory=True)))}"],
    )


def _message(stage: str, problems: list[str], lines: list[str]) -> str:
    text = f"Pulumi.{stage}.yaml does not describe this stack:\n" + "".join(f"  - {problem}\n" for problem in problems)
    if lines:
        text += "Put into Pulumi." + stage + ".yaml, with your own values:\n\nconfig:\n" + "\n".join(lines)
    return text
