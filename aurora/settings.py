"""Typed settings of one stack, read from Pulumi's stack config and checked before anything is declared.

The engine's settings are ``aurora:`` keys in every project; those of systems begin with the project's name. A wrong,
missing, unknown or misplaced value ends the program with a message that says what to write instead.
"""

from __future__ import annotations

import difflib
import importlib.util
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Final, Literal, Protocol, TypeVar, cast

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator
from pydantic.alias_generators import to_camel

from aurora.errors import DeclarationError

ENGINE: Final = "aurora"
"""The namespace of the engine's own settings."""

# The retention periods that CloudWatch Logs accepts, in days
# (https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html).
RETENTION_DAYS = frozenset(
    {1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653}
)

# Stages in which a deployment to the wrong account would hurt users.
GUARDED_STAGES = ("staging", "prod")

M = TypeVar("M", bound=BaseModel)


class SettingsError(DeclarationError):
    """The stack's config is incomplete or wrong; the message shows the YAML lines to write."""


class DeclaresSettings(Protocol):
    """The parts of a system (`aurora.system.System`) that settings are read with."""

    @property
    def settings(self) -> tuple[type[BaseModel], ...]: ...
    @property
    def secrets(self) -> Mapping[str, str]: ...
    @property
    def settings_faults(self) -> Callable[[Settings], Iterable[str]] | None: ...


def structured(value: Any) -> Any:
    """A list or map of the stack config, which Pulumi hands to a program as JSON text. For `BeforeValidator`."""
    try:
        return json.loads(value) if isinstance(value, str) else value
    except ValueError:
        raise ValueError("it must be a list or a map, not a string") from None


def listed(config: Mapping[str, Any], key: str) -> list[Any]:
    """A list of the stack config, which may be JSON text; empty if the stack does not set it."""
    return structured(config.get(key) or [])


def endpoints(config: Mapping[str, Any]) -> dict[str, str]:
    """URLs that replace AWS's own, by Pulumi's names of the services (``cognitoidp``); empty in the cloud."""
    return {service: url for entry in listed(config, "aws:endpoints") for service, url in entry.items()}


class StackModel(BaseModel):
    """Base of models whose fields a stack may set, ``max_words`` as ``maxWords``; unknown keys are refused.

    Messages about a field show its ``examples`` as YAML lines.
    """

    model_config = ConfigDict(
        extra="forbid", frozen=True, alias_generator=to_camel, populate_by_name=True, hide_input_in_errors=True
    )


AccountId = Annotated[str, Field(pattern=r"^\d{12}$")]


class CopySource(BaseModel):
    """An entry of ``copyFrom``: another environment, in the stack's own account and region unless it says otherwise."""

    model_config = ConfigDict(extra="forbid", frozen=True, coerce_numbers_to_str=True)

    stage: str = Field(min_length=1)
    service: str = ""
    account: str = Field("", pattern=r"^(\d{12})?$")
    region: str = ""


class EngineSettings(StackModel):
    """What a stack of any project may set under ``aurora:``; the defaults suit a small team."""

    log_retention_days: int = Field(14, description="days that log groups keep their logs", examples=["14"])
    keep_history: bool = Field(True, description="keep earlier versions of objects, and 35 days of the tables")
    protect: bool = Field(False, description="refuse to destroy the stack's resources")
    alarms: bool = Field(False, description="alarms on failures, sent to alarmEmail")
    alarm_email: str = Field(
        "", description="the mail address that alarms are sent to", examples=["platform-team@example.com"]
    )
    architecture: Literal["x86_64", "arm64"] = Field("x86_64", description="the functions' processor")
    base_image: str = Field("", description="the images' base, when it is not the one in images/base-image")
    build_images: bool = Field(True, description="build images that cannot be copied")
    copy_from: Annotated[tuple[CopySource, ...], BeforeValidator(structured)] = Field(
        (),
        description="environments to copy images from, in this order",
        examples=["[{stage: staging}, {stage: prod}]"],
    )
    copied_by: Annotated[tuple[AccountId, ...], BeforeValidator(structured)] = Field(
        (), description="other accounts that may copy this stack's images", examples=['["111122223333"]']
    )
    image_builder: Literal["docker", "pulumi-docker"] = Field("docker", description="what builds the images")
    site_origin: str = Field("", description="the site's own origin when it is not the CDN's domain")

    @model_validator(mode="after")
    def _consistent(self) -> EngineSettings:
        if self.log_retention_days not in RETENTION_DAYS:
            raise ValueError(f"logRetentionDays must be one of {', '.join(map(str, sorted(RETENTION_DAYS)))}")
        if self.image_builder == "pulumi-docker" and not self.build_images:
            raise ValueError("imageBuilder: pulumi-docker always builds: buildImages must not be false")
        if self.alarms and not self.alarm_email:
            raise ValueError("alarms: true needs alarmEmail")
        return self


@dataclass(frozen=True)
class Settings:
    """Everything that the program knows about its stack before it declares a resource.

    ``service`` is the project's name in Pulumi.yaml. ``endpoints`` maps AWS service names to URLs where the stack
    config replaces AWS's own (an emulator); it is empty in the cloud. ``secrets`` are the secret settings that the
    stack has, by the key of their SSM parameter; ``repr`` does not show them.
    """

    service: str
    stage: str
    region: str
    endpoints: Mapping[str, str]
    stack: EngineSettings
    models: Mapping[type[BaseModel], BaseModel]
    secrets: Mapping[str, str] = field(repr=False)

    @property
    def tags(self) -> dict[str, str]:
        """The tags that every resource carries."""
        return {"service": self.service, "stage": self.stage, "managed-by": "pulumi"}

    def of(self, kind: type[M]) -> M:
        """The settings of a class that a system declares."""
        return cast("M", self.models[kind])

    @staticmethod
    def load(systems: Sequence[DeclaresSettings]) -> Settings:
        """Reads the running program's stack config.

        Raises:
            pulumi.RunError: with one paragraph for each value that is missing, unknown, misplaced or out of range.
        """
        import pulumi  # slow, and no command needs it for its help
        from pulumi.runtime import config

        values: dict[str, Any] = {**config.get_config_env(), **config.CONFIG.get()}
        try:
            return Settings.read(pulumi.get_project(), pulumi.get_stack(), values, systems)
        except SettingsError as error:
            raise pulumi.RunError(str(error)) from error

    @staticmethod
    def read(service: str, stage: str, values: Mapping[str, Any], systems: Sequence[DeclaresSettings]) -> Settings:
        """Settings from stack config by full key (``aurora:protect``); lists may be JSON text.

        Raises:
            SettingsError: a value is missing, unknown, misplaced or out of range.
        """
        reader = _Reader(service, systems)
        given, problems = reader.given(values)
        lines: list[str] = []
        models: dict[type[BaseModel], BaseModel] = {}
        for kind in reader.models:
            try:
                models[kind] = kind.model_validate(given[kind])
            except ValidationError as error:
                for fault in error.errors():
                    key, *within = map(str, fault["loc"] or ("",))
                    entry = f"{_place(within)}: " if within else ""
                    problem, more = reader.explain(kind, key, entry + fault["msg"])
                    problems.append(problem)
                    lines.extend(each for each in more if each not in lines)

        region = str(values.get("aws:region", ""))
        if not region:
            problems.append("aws:region is missing: the region to deploy to")
            lines.append("  aws:region: eu-west-1")
        # The AWS provider and `StackSession` enforce which accounts they are.
        if stage in GUARDED_STAGES and not listed(values, "aws:allowedAccountIds"):
            problems.append(f"aws:allowedAccountIds is missing: {stage} may only be deployed to those accounts")
            lines.append('  aws:allowedAccountIds: ["111122223333"]')
        if problems:
            raise SettingsError(_message(stage, problems, lines))

        settings = Settings(
            service=service,
            stage=stage,
            region=region,
            endpoints=endpoints(values),
            stack=cast("EngineSettings", models.pop(EngineSettings)),
            models=models,
            secrets={
                parameter: str(values[key])
                for setting, parameter in reader.secrets.items()
                if values.get(key := f"{service}:{setting}")
            },
        )
        for system in systems:
            for message in system.settings_faults(settings) if system.settings_faults else ():
                problems.append(message)
                lines += reader.lines(message, models)
        if problems:
            raise SettingsError(_message(stage, problems, lines))
        return settings


class _Reader:
    """Which keys a stack of a project may set, and to which model each belongs."""

    def __init__(self, service: str, systems: Sequence[DeclaresSettings]) -> None:
        self._service = service
        # Systems may share settings: each model is read once.
        self.models = list(dict.fromkeys([EngineSettings, *(kind for system in systems for kind in system.settings)]))
        self.secrets = {key: parameter for system in systems for key, parameter in system.secrets.items()}
        self._owners: dict[str, type[BaseModel] | None] = dict.fromkeys(self.secrets)
        for kind in self.models:
            for name in kind.model_fields:
                if self._owners.setdefault(to_camel(name), kind) is not kind:
                    raise DeclarationError(f"the setting {to_camel(name)} is declared twice: rename one of them")

    def given(self, values: Mapping[str, Any]) -> tuple[dict[type[BaseModel], dict[str, Any]], list[str]]:
        """The stack's values by model, and the problems of all other keys."""
        found: dict[type[BaseModel], dict[str, Any]] = {kind: {} for kind in self.models}
        problems: list[str] = []
        for full_key, value in values.items():
            namespace, colon, key = full_key.partition(":")
            if not colon:  # the CLI writes the project's name before such a key
                namespace, key = self._service, full_key
            if namespace not in (ENGINE, self._service):
                problems += self._foreign(namespace, key)
            elif key not in self._owners:
                problems.append(self._unknown(namespace, key))
            elif namespace != self._namespace(key):
                problems.append(f"{full_key} has no effect there: write {self._full(key)}")
            elif (owner := self._owners[key]) is not None:
                found[owner][key] = value
        return found, problems

    def explain(self, kind: type[BaseModel], key: str, message: str) -> tuple[str, list[str]]:
        """What is wrong with a key of a model, and the YAML lines that would be right."""
        message = message.removeprefix("Value error, ")
        if not key:
            return message, self.lines(message, [kind])
        setting = {to_camel(name): field for name, field in kind.model_fields.items()}[key]
        example = (
            setting.examples[0] if setting.examples else json.dumps(setting.get_default(call_default_factory=True))
        )
        return f"{self._full(key)} ({setting.description}): {message}", [self._line(key, example)]

    def lines(self, message: str, kinds: Iterable[type[BaseModel]]) -> list[str]:
        """The YAML lines for a rule between keys, whose message begins with, or ends in, the key to set."""
        return [
            self._line(key, setting.examples[0])
            for kind in kinds
            for name, setting in kind.model_fields.items()
            for key in [to_camel(name)]
            if setting.examples and (message.endswith(key) or message.startswith(f"{key} "))
        ]

    def _namespace(self, key: str) -> str:
        return ENGINE if self._owners[key] is EngineSettings else self._service

    def _full(self, key: str) -> str:
        return f"{self._namespace(key)}:{key}"

    def _line(self, key: str, example: Any) -> str:
        return f"  {self._full(key)}: {example}"

    def _unknown(self, namespace: str, key: str) -> str:
        near = difflib.get_close_matches(key, self._owners, n=1)
        known = [name for name in sorted(self._owners) if self._namespace(name) == namespace]
        suggestion = (
            f"did you mean {self._full(near[0])}?" if near else f"known settings are {', '.join(known) or 'none'}"
        )
        return f"{namespace}:{key} is not a setting: {suggestion}"

    def _foreign(self, namespace: str, key: str) -> Iterable[str]:
        """The problem of a key that is neither the engine's nor the project's; keys of other programs have none."""
        if key in self._owners:
            yield f"{namespace}:{key} has no effect there: write {self._full(key)}"
        elif namespace != "pulumi" and not _is_provider(namespace):
            yield (
                f"{namespace}:{key} is not a setting: no provider `pulumi_{namespace.replace('-', '_')}` is installed, "
                f"and this project's settings begin with {' or '.join(dict.fromkeys((ENGINE, self._service)))}:"
            )


def _is_provider(namespace: str) -> bool:
    name = f"pulumi_{namespace.replace('-', '_')}"
    return name.isidentifier() and importlib.util.find_spec(name) is not None


def _place(within: list[str]) -> str:
    """The place of a problem in a list: ``entry 2, stage``."""
    return ", ".join(f"entry {int(part) + 1}" if part.isdigit() else part for part in within)


def _message(stage: str, problems: list[str], lines: list[str]) -> str:
    text = f"Pulumi.{stage}.yaml is not valid:\n" + "".join(f"  - {problem}\n" for problem in problems)
    if lines:
        text += f"Add to Pulumi.{stage}.yaml, with your own values:\n\nconfig:\n" + "\n".join(lines)
    return text
