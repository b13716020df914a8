"""Each stage is declared once per test process: the program is the same for every test that looks at it."""

from __future__ import annotations

import json

import pytest
import yaml

from tests.infra.declared import PROJECT, Declared, declare


def stack_config(stage: str) -> dict[str, str]:
    """The stack's config as the Pulumi CLI hands it to a program: lists as JSON text."""
    config = yaml.safe_load((PROJECT / f"Pulumi.{stage}.yaml").read_text())["config"]
    return {key: value if isinstance(value, str) else json.dumps(value) for key, value in config.items()}


@pytest.fixture(scope="session")
def dev() -> Declared:
    return declare("dev", stack_config("dev"))


@pytest.fixture(scope="session")
def staging() -> Declared:
    return declare("staging", stack_config("staging"))


@pytest.fixture(scope="session")
def prod() -> Declared:
    return declare("prod", stack_config("prod"))
