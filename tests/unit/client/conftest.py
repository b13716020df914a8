"""A platform to talk to, and an outline to send it."""

from tests.unit.aurora.conftest import outline, place, platform, pulumi

__all__ = ["outline", "place", "platform", "pulumi"]
