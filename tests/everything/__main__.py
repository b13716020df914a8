"""A platform that declares one of everything."""

from pathlib import Path

import pulumi

from aurora.platform import Platform
from aurora.settings import Settings
from infra import SYSTEMS

platform = Platform(Settings.load(SYSTEMS), SYSTEMS, Path(__file__).parent)
for name, value in platform.exports.items():
    pulumi.export(name, value)
