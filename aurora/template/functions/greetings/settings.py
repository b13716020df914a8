"""The environment variables of the group's functions. Standard library only: the Pulumi program imports it too."""

from dataclasses import dataclass

from aurora.runtime.env import Environment


@dataclass(frozen=True)
class GreetSettings(Environment):
    greeting: str
