"""The models that a local run's environment variables name, as settings of its stack."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from aurora.errors import CommandError


class _Model(NamedTuple):
    """A model that the environment may name: ``variable`` holds its id, as in ``example``."""

    provider: str
    kind: str
    variable: str
    example: str


_MODELS: Final = {
    "openai": _Model("openai", "text", "OPENAI_MODEL", "llama3.1"),
    "openai-images": _Model("openai", "image", "OPENAI_IMAGE_MODEL", "gpt-image-1"),
    "bedrock": _Model("bedrock", "text", "BEDROCK_MODEL_ID", "eu.anthropic.claude-sonnet-4-5-20250929-v1:0"),
    "bedrock-images": _Model("bedrock", "image", "BEDROCK_IMAGE_MODEL_ID", "amazon.nova-canvas-v1:0"),
}
_BASE_URLS: Final = {"openai": "OPENAI_BASE_URL", "bedrock": "BEDROCK_BASE_URL"}
_KEYS: Final = {"openai": "OPENAI_API_KEY", "bedrock": "AWS_BEARER_TOKEN_BEDROCK"}
# What a model needs whose id is in the variable {0}.
_NEEDS: Final = {
    "openai": "an endpoint: set OPENAI_BASE_URL and {0} (and OPENAI_API_KEY where one is asked for), as in "
    "OPENAI_BASE_URL=http://127.0.0.1:11434/v1 {0}=NAME",
    "bedrock": "an API key of Bedrock: set AWS_BEARER_TOKEN_BEDROCK, AWS_REGION and {0}, as in "
    "AWS_BEARER_TOKEN_BEDROCK=KEY AWS_REGION=eu-west-1 {0}=ID",
}


def stack_settings(environ: Mapping[str, str], containers: bool = False) -> dict[str, str]:
    """The stack settings for the models that the environment names; none where it names none.

    It offers models beside the sample ones, which stay what is taken where nobody asks for another.

    Raises:
        CommandError: it names an endpoint but no model, what is no address, Bedrock's models without key or region, or
            an endpoint on this machine's loopback for functions in ``containers``.
    """
    if containers:
        _check_reachable_from_containers(environ)
    models: dict[str, dict[str, str]] = {}
    keys: dict[str, str] = {}
    for provider, url in (("openai", environ.get("OPENAI_BASE_URL")), ("bedrock", _bedrock_url(environ))):
        if url:
            models |= _offered(provider, url, environ)
            if key := environ.get(_KEYS[provider]):
                keys[f"{provider}ApiKey"] = key
    return {"models": json.dumps(models), **keys} if models else {}


def _offered(provider: str, url: str, environ: Mapping[str, str]) -> dict[str, dict[str, str]]:
    variable = _BASE_URLS[provider]
    if not url.startswith(("http://", "https://")):
        raise CommandError(f"{variable} is {url!r}, which is no address: one begins with http:// or https://")
    known = {name: model for name, model in _MODELS.items() if model.provider == provider}
    offered = {
        name: {"provider": provider, "kind": model.kind, "id": environ[model.variable], "baseUrl": url}
        for name, model in known.items()
        if environ.get(model.variable)
    }
    if not offered:
        text, image = known.values()
        raise CommandError(
            f"{variable} is set, {text.variable} is not: name the model, as in {text.variable}={text.example} (for "
            f"texts) or {image.variable}={image.example} (for images)"
        )
    return offered


def _bedrock_url(environ: Mapping[str, str]) -> str:
    """Where Bedrock is asked; "" where the environment names no model of it.

    It is always set: functions would take the embedded AWS for Bedrock, and have no credentials but that one's.
    """
    url = environ.get("BEDROCK_BASE_URL", "")
    if not url and not any(environ.get(model.variable) for model in _MODELS.values() if model.provider == "bedrock"):
        return ""
    if not environ.get("AWS_BEARER_TOKEN_BEDROCK"):
        raise CommandError(
            "A model of Bedrock is named, AWS_BEARER_TOKEN_BEDROCK is not set: it holds the API key that Bedrock's "
            "console makes; a local platform has no other credentials of yours."
        )
    region = environ.get("AWS_REGION") or environ.get("AWS_DEFAULT_REGION")
    if not url and not region:
        raise CommandError(
            "A model of Bedrock is named, AWS_REGION is not set: name its region, as in AWS_REGION=eu-west-1"
        )
    return url or f"https://bedrock-runtime.{region}.amazonaws.com"


def check_offered(names: Sequence[str]) -> None:
    """Returns if a local platform that starts now offers these models, as far as the environment decides that.

    Raises:
        CommandError: one of them needs what the environment does not name.
    """
    offered = json.loads(stack_settings(os.environ).get("models", "{}"))
    for name in names:
        if name in _MODELS and name not in offered:
            model = _MODELS[name]
            raise CommandError(f"The model {name} needs {_NEEDS[model.provider].format(model.variable)}")


def _check_reachable_from_containers(environ: Mapping[str, str]) -> None:
    """Refuses a model endpoint that a container would look for in itself."""
    for variable in _BASE_URLS.values():
        host = urlsplit(environ.get(variable, "")).hostname or ""
        if host == "localhost" or host.startswith("127.") or host == "::1":
            raise CommandError(
                f"{variable} names {host}, which in a container is the container itself: let the model's server "
                "listen on this machine's address in Docker's network too (172.17.0.1, as a rule), and name that."
            )
