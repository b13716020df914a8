"""The local platform as commands use it: served until it is ended, or running for one course.

Turns the environment's model settings into stack config; how a platform runs is the business of aurora.local.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
from collections.abc import Generator, Mapping, Sequence
from pathlib import Path
from types import FrameType
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from aurora.console import result, say
from aurora.errors import COMPLETE, CommandError, InvalidInput
from aurora.local.errors import LocalError
from aurora.local.platform import LocalPlatform
from aurora.ops.target import Target


class _Named(NamedTuple):
    """A model that the environment may name: ``variable`` holds its id, as in ``example``."""

    provider: str
    kind: str
    variable: str
    example: str


_MODELS: Final = {
    "openai": _Named("openai", "text", "OPENAI_MODEL", "llama3.1"),
    "openai-images": _Named("openai", "image", "OPENAI_IMAGE_MODEL", "gpt-image-1"),
    "bedrock": _Named("bedrock", "text", "BEDROCK_MODEL_ID", "eu.anthropic.claude-sonnet-4-5-20250929-v1:0"),
    "bedrock-images": _Named("bedrock", "image", "BEDROCK_IMAGE_MODEL_ID", "amazon.nova-canvas-v1:0"),
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


def model_config(environ: Mapping[str, str]) -> dict[str, str]:
    """The stack config for the models that the environment names; empty where it names none.

    It offers models beside the sample ones, which stay what is taken where nobody asks for another.

    Raises:
        CommandError: it names an endpoint but no model, what is no address, or Bedrock's models without key or region.
    """
    models: dict[str, dict[str, str]] = {}
    keys: dict[str, str] = {}
    for provider, url in (("openai", environ.get("OPENAI_BASE_URL")), ("bedrock", _bedrock_url(environ))):
        if url:
            models |= _offered(provider, url, environ)
            if key := environ.get(_KEYS[provider]):
                keys[f"aurora:{provider}ApiKey"] = key
    return {"aurora:models": json.dumps(models), **keys} if models else {}


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

    It is always told: functions would take the embedded AWS for Bedrock, and have no credentials but that one's.
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


def serve(
    data: Path | None, port: int | None, as_json: bool, containers: bool = False, base_image: str | None = None
) -> int:
    """Runs the local platform until Ctrl-C or SIGTERM and returns the exit code.

    With ``containers`` functions run as their images, on ``base_image`` or the one that deployments use.

    Raises:
        InvalidInput: a base image for functions that are no containers.
        LocalError: it cannot run; the message says what to do.
    """
    if base_image and not containers:
        raise InvalidInput("--base-image is what the images of --containers are built on: add --containers.")
    config = model_config(os.environ)
    if containers:
        _check_reachable_from_containers(os.environ)
    if base_image:
        config["aurora:baseImage"] = base_image
    _end_like_ctrl_c()
    serving = False
    try:
        with LocalPlatform(
            data_dir=data, port=port, progress=_say_step, stack_config=config, containers=containers
        ) as platform:
            serving = True
            if as_json:
                line = {
                    "site": platform.site,
                    "api": platform.api,
                    "stack": platform.stack,
                    "buckets": platform.buckets,
                }
                result(json.dumps(line))
            else:
                result(_welcome(platform, data, containers))
            platform.wait()
    except KeyboardInterrupt:
        if not serving:
            raise
        say("Ended." if data is None else f"Ended; the data is kept in {data}.")
    return COMPLETE


def _check_reachable_from_containers(environ: Mapping[str, str]) -> None:
    """Refuses a model endpoint that a container would look for in itself."""
    for variable in _BASE_URLS.values():
        host = urlsplit(environ.get(variable, "")).hostname or ""
        if host == "localhost" or host.startswith("127.") or host == "::1":
            raise CommandError(
                f"{variable} names {host}, which in a container is the container itself: let the model's server "
                "listen on this machine's address in Docker's network too (172.17.0.1, as a rule), and name that."
            )


def _welcome(platform: LocalPlatform, data: Path | None, containers: bool) -> str:
    kept = "is gone when it ends (--data DIR keeps it)" if data is None else f"is kept in {data}"
    at_once = "as soon as their image is built" if containers else "at once"
    return f"""
  The platform runs here:  {platform.site}
  Sign in as               {platform.email}
  with the password        {platform.password}

  Next: open the site and paste an outline, or in another terminal
        python3 run.py course OUTLINE.yaml --out DIR
  Edits to functions take effect {at_once}. What is made {kept}.
  Ctrl-C ends it.
"""


@contextlib.contextmanager
def running_for(data: Path, models: Sequence[str]) -> Generator[Target]:
    """A local platform for one command that asks for ``models``, its data kept in ``data``.

    Raises:
        CommandError: one of the models needs what the environment does not name.
        LocalError: it cannot run.
    """
    config = model_config(os.environ)
    offered = json.loads(config.get("aurora:models", "{}"))
    for name in models:
        if name in _MODELS and name not in offered:
            model = _MODELS[name]
            raise CommandError(f"The model {name} needs {_NEEDS[model.provider].format(model.variable)}")
    say("No local platform is running: starting one for this course.")
    _end_like_ctrl_c()
    # Neither announced nor watching: it serves this command alone, and ends with it.
    with LocalPlatform(data_dir=data, progress=_say_step, stack_config=config, announce=False, watch=False) as platform:

        def lost() -> bool:
            try:
                platform.check()
            except LocalError:
                return True
            return False

        yield Target.of_local(platform.described(), lost, own=True)


def _say_step(text: str) -> None:
    say(text[:1].upper() + text[1:])


def _end_like_ctrl_c() -> None:
    """SIGTERM, and a terminal that is closed, end a command as Ctrl-C does, so that what it started ends too."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:  # nohup means what it says
            signal.signal(number, interrupt)
