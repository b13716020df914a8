"""What the tests of images on the embedded AWS have in common."""

from __future__ import annotations

import json
from typing import Any

from aurora.local.emulator import Emulator
from tests.support.embedded_aws import access_key


def stack_config(emulator: Emulator) -> dict[str, Any]:
    """A stack's config that means this emulator, with a list as Pulumi hands it over."""
    return {
        "aws:region": "eu-west-1",
        **access_key(emulator),
        "aws:endpoints": json.dumps([{"ecr": emulator.endpoint, "sts": emulator.endpoint}]),
    }
