"""What each function of the group `slides` reads from its environment. Standard library only.

The program that deploys imports these to set exactly these variables; it needs none of the group's dependencies for it.
"""

from __future__ import annotations

from dataclasses import dataclass

from functions.common.env import Environment


@dataclass(frozen=True)
class ImagesGenSettings(Environment):
    """`images_per_call`: how many images one call draws before it returns what remains."""

    bucket: str
    images_per_call: int
