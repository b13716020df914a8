"""Runs the local platform: until Ctrl-C, or for one command."""

from __future__ import annotations

import contextlib
import json
import os
import signal
from collections.abc import Generator
from pathlib import Path
from types import FrameType

from aurora.console import result, say
from aurora.errors import COMPLETE, CommandError, InvalidInput
from aurora.local.platform import LocalPlatform
from aurora.local.stack import LocalStack
from aurora.project import load, service, systems
from aurora.settings import ENGINE


def serve(
    data: Path | None, port: int | None, as_json: bool, containers: bool = False, base_image: str | None = None
) -> int:
    """Runs the local platform until Ctrl-C or SIGTERM and returns the exit code.

    With ``containers`` functions run as their images, on ``base_image`` or the one that deployments use.

    Raises:
        InvalidInput: ``base_image`` without ``containers``.
        CommandError: it cannot run.
    """
    if base_image and not containers:
        raise InvalidInput("--base-image needs --containers, whose images are built on it.")
    config = _config(containers=containers)
    if base_image:
        config[f"{ENGINE}:baseImage"] = base_image
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


def _config(*, containers: bool = False) -> dict[str, str]:
    """The stack config that systems derive from environment variables.

    Raises:
        CommandError: a variable cannot be used.
    """
    hooks = [system.local.settings for system in systems() if system.local is not None and system.local.settings]
    return {f"{service()}:{key}": value for hook in hooks for key, value in load(hook)(os.environ, containers).items()}


def _welcome(platform: LocalPlatform, data: Path | None, containers: bool) -> str:
    kept = "is gone when it ends (--data DIR keeps it)" if data is None else f"is kept in {data}"
    at_once = "as soon as their image is built" if containers else "at once"
    return f"""
  The platform runs here:  {platform.site}
  Sign in as               {platform.email}
  with the password        {platform.password}

{_next_steps()}  Edits to functions take effect {at_once}. The data {kept}.
  Ctrl-C ends it.
"""


def _next_steps() -> str:
    steps = [system.local.next_step for system in systems() if system.local is not None and system.local.next_step]
    return "".join(f"  Next: {step}\n" for step in steps)


@contextlib.contextmanager
def platform_for_one_command(data: Path) -> Generator[LocalStack]:
    """A local platform that runs while the block does, its data kept in ``data``.

    Raises:
        CommandError: it cannot run.
    """
    config = _config()
    say("No local platform is running: starting one for this command.")
    _end_like_ctrl_c()
    # Not announced and without a watcher: it serves this command alone, and ends with it.
    with LocalPlatform(data_dir=data, progress=_say_step, stack_config=config, announce=False, watch=False) as platform:

        def ended() -> bool:
            try:
                platform.check()
            except CommandError:
                return True
            return False

        yield LocalStack(platform.described(), ended, temporary=True)


def _say_step(text: str) -> None:
    say(text[:1].upper() + text[1:])


def _end_like_ctrl_c() -> None:
    """Makes SIGTERM and SIGHUP end a command as Ctrl-C does, so that the processes it started end too."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:  # nohup ignores SIGHUP
            signal.signal(number, interrupt)
