"""What each function of the group reads from its environment. Standard library only: the program imports it too."""

from dataclasses import dataclass

from aurora.runtime.env import Environment


@dataclass(frozen=True)
class CollectSettings(Environment):
    state_machine_arn: str


@dataclass(frozen=True)
class WriteSettings(Environment):
    table: str
