"""What each function of the group reads from its environment. Standard library only: the program imports it too."""

from dataclasses import dataclass

from aurora.runtime.env import Environment


@dataclass(frozen=True)
class GreetSettings(Environment):
    greeting: str
