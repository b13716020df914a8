"""This platform as its systems declare it, for tests that compare something with the declaration."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from aurora.declaration import Declaration
from aurora.naming import Naming
from aurora.settings import Settings
from infra import SYSTEMS
from tests.support.clone import PROJECT

SERVICE, REGION, ACCOUNT = "aurora", "eu-west-1", "123456789012"


def settings(config: Mapping[str, Any] | None = None, stage: str = "dev") -> Settings:
    """Settings of a stack with this config beside its region."""
    return Settings.read(SERVICE, stage, {"aws:region": REGION, **(config or {})}, SYSTEMS)


def declared(
    config: Mapping[str, Any] | None = None, stage: str = "dev", account: str = ACCOUNT, project: Path = PROJECT
) -> Declaration:
    """What the systems declare in a stack with this config."""
    found = settings(config, stage)
    return Declaration(SYSTEMS, found, Naming(SERVICE, stage, found.region, account), project)


DECLARED = declared()
COURSES = DECLARED.workflows["courses"]
"""The workflow of courses: its definition in the stage dev, and its functions."""
