"""What each function of the group `slides` reads from its environment. Standard library only.

The program that deploys imports these to set exactly these variables; it needs none of the group's dependencies for it.
"""

from __future__ import annotations

from dataclasses import dataclass

from aurora.runtime.env import Environment


@dataclass(frozen=True)
class ImagesGenSettings(Environment):
    """`images_per_call`: how many images one call asks for before it returns what remains; `image_seconds`: what the
    worst image is assumed to take. `models` tells of the models as JSON."""

    bucket: str
    progress_table: str
    models: str
    images_per_call: int
    image_seconds: float


@dataclass(frozen=True)
class PptGeneratorSettings(Environment):
    bucket: str
    progress_table: str
