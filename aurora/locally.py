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
from typing import Final
from urllib.parse import urlsplit

from aurora.console import result, say
from aurora.errors import COMPLETE, CommandError, InvalidInput
from aurora.local.errors import LocalError
from aurora.local.platform import LocalPlatform
from aurora.target import Target

# The models that the environment may name: their names here, and the variables that hold their ids.
_MODELS: Final = {"openai": ("text", "OPENAI_MODEL"), "openai-images": ("image", "OPENAI_IMAGE_MODEL")}


def model_config(environ: Mapping[str, str]) -> dict[str, str]:
    """The stack config for an OpenAI-compatible endpoint that the environment names; empty where it names none.

    It offers models beside the sample ones, which stay what is taken where nobody asks for another.

    Raises:
        CommandError: it names an endpoint but no model, or what is no address.
    """
    url = environ.get("OPENAI_BASE_URL")
    if not url:
        return {}
    if not url.startswith(("http://", "https://")):
        raise CommandError(f"OPENAI_BASE_URL is {url!r}, which is no address: as in http://127.0.0.1:11434/v1")
    models = {
        name: {"provider": "openai", "kind": kind, "id": environ[variable], "baseUrl": url}
        for name, (kind, variable) in _MODELS.items()
        if environ.get(variable)
    }
    if not models:
        raise CommandError(
            "OPENAI_BASE_URL is set, OPENAI_MODEL is not: name the model, as in OPENAI_MODEL=llama3.1 (for texts) or "
            "OPENAI_IMAGE_MODEL=gpt-image-1 (for images)"
        )
    key = environ.get("OPENAI_API_KEY")
    return {"aurora:models": json.dumps(models), **({"aurora:openaiApiKey": key} if key else {})}


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
    if containers and config:
        _check_reachable_from_containers(os.environ["OPENAI_BASE_URL"])
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
                line = {"site": platform.site, "api": platform.api, "stack": platform.stack, "bucket": platform.bucket}
                result(json.dumps(line))
            else:
                result(_welcome(platform, data, containers))
            platform.wait()
    except KeyboardInterrupt:
        if not serving:
            raise
        say("Ended." if data is None else f"Ended; the data is kept in {data}.")
    return COMPLETE


def _check_reachable_from_containers(endpoint: str) -> None:
    """Refuses a model endpoint that a container would look for in itself."""
    host = urlsplit(endpoint).hostname or ""
    if host == "localhost" or host.startswith("127.") or host == "::1":
        raise CommandError(
            f"OPENAI_BASE_URL names {host}, which in a container is the container itself: let the model's server "
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
    for name in models:
        if name in _MODELS and f'"{name}"' not in config.get("aurora:models", ""):
            variable = _MODELS[name][1]
            raise CommandError(
                f"The model {name} needs an endpoint: set OPENAI_BASE_URL and {variable} (and OPENAI_API_KEY where one "
                f"is asked for), as in OPENAI_BASE_URL=http://127.0.0.1:11434/v1 {variable}=NAME"
            )
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
