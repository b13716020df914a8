"""The deployment on one screen: this stack's settings, the platform they describe, and what to know of it."""

from pathlib import Path

import pulumi

from aurora.interrupts import end_without_traceback_when_interrupted
from aurora.platform import Platform
from aurora.settings import Settings
from infra import SYSTEMS

if __name__ == "__main__":  # run by the engine; tests and local runs have a process of their own
    end_without_traceback_when_interrupted()
platform = Platform(Settings.load(SYSTEMS), SYSTEMS, Path(__file__).parent)
for name, value in platform.exports.items():
    pulumi.export(name, value)
