"""The deployment on one screen: this stack's settings, the platform they describe, and what to know of it."""

from pathlib import Path

import pulumi

from infra.platform import Platform
from infra.settings import Settings

platform = Platform(Settings.load(), Path(__file__).parent)
for name, value in platform.exports.items():
    pulumi.export(name, value)
