"""The real program on the embedded AWS, for the tests of one module: lessons are short, so that courses are quick."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import httpx

from aurora.local.platform import LocalPlatform
from tests.support.somebody import Somebody

SHORT_LESSONS = {"aurora:minWords": "100", "aurora:maxWords": "150"}


@contextmanager
def real_platform(settings: dict[str, str] | None = None, project: Path | None = None) -> Generator[Somebody]:
    """The local author, signed in, of a platform with these settings (``{"aurora:maxConcurrency": "3"}``)."""
    config = SHORT_LESSONS | (settings or {})
    with (
        LocalPlatform(stack_config=config, announce=False, watch=False, project=project) as platform,
        httpx.Client(trust_env=False) as http,
    ):
        yield Somebody(platform, http)
