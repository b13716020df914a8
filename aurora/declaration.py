"""Everything that a platform's systems declare, for one stage: contracts, resources and images derive from it."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from aurora.errors import DeclarationError
from aurora.grants import Grant, consume
from aurora.naming import Naming
from aurora.runtime.env import Environment
from aurora.settings import Settings
from aurora.system import Bucket, Function, Queue, Route, Schedule, Stage, System, Table, Topic, UnknownKey

T = TypeVar("T")
# Wherever it is installed, maybe within the project.
_ENGINE = str(Path(__file__).parent)


@dataclass(frozen=True)
class DeclaredFunction:
    """A function of a group, with its environment and grants in a stage."""

    group: str
    spec: Function
    environment: Environment
    grants: tuple[Grant, ...]

    @property
    def name(self) -> str:
        return self.spec.name

    @property
    def handler(self) -> str:
        """The import path, the same in the image, in a test and locally."""
        return self.spec.handler(self.group)


@dataclass(frozen=True)
class DeclaredWorkflow:
    """A state machine's definition, and the names of the functions that it calls."""

    definition: dict[str, Any]
    functions: tuple[str, ...]


class Declaration:
    """The platform of ``systems`` in a stage; ``project`` is the checkout, for messages.

    Raises:
        DeclarationError: two systems declare the same key, or an environment or a grant cannot be made in the stage.
    """

    def __init__(self, systems: Sequence[System], settings: Settings, naming: Naming, project: Path) -> None:
        self.systems = tuple(systems)
        self.settings = settings
        self.naming = naming
        self.project = project
        specs = self._merged("group", [system.groups for system in systems])
        self.tables: Mapping[str, Table] = self._merged("table", [system.tables for system in systems])
        self.buckets: Mapping[str, Bucket] = self._merged("bucket", [system.buckets for system in systems])
        self.queues: Mapping[str, Queue] = self._merged("queue", [system.queues for system in systems])
        self.topics: Mapping[str, Topic] = self._merged("topic", [system.topics for system in systems])
        self.schedules: Mapping[str, Schedule] = self._merged("schedule", [system.schedules for system in systems])
        workflows = self._merged("workflow", [system.workflows for system in systems])
        self.routes: tuple[Route, ...] = tuple(route for system in systems for route in system.routes)
        self.secrets = {parameter: key for system in systems for key, parameter in system.secrets.items()}
        self.keys: Mapping[str, frozenset[str]] = {
            "group": frozenset(specs),
            "function": frozenset(function.name for functions in specs.values() for function in functions),
            "table": frozenset(self.tables),
            "bucket": frozenset(self.buckets),
            "queue": frozenset(self.queues),
            "topic": frozenset(self.topics),
            "schedule": frozenset(self.schedules),
            "workflow": frozenset(workflows),
            "secret": frozenset(self.secrets),
        }
        self.stage = Stage(settings, naming, self.keys)
        self.groups: Mapping[str, tuple[DeclaredFunction, ...]] = {
            group: tuple(self._function(group, spec) for spec in functions) for group, functions in specs.items()
        }
        self.workflows = {name: self._workflow(name, workflow.definition) for name, workflow in workflows.items()}

    @cached_property
    def functions(self) -> Mapping[str, DeclaredFunction]:
        """Every function by its name."""
        return {function.name: function for functions in self.groups.values() for function in functions}

    def sources(self, queue: str) -> list[str]:
        """The keys of the buckets whose events are a queue's messages."""
        return [key for key, bucket in self.buckets.items() if any(event.queue == queue for event in bucket.events)]

    def in_stage(self, what: str, make: Callable[[Stage], T]) -> T:
        """Calls ``make``, part of a declaration, with the stage; ``what`` names it in the message.

        Raises:
            DeclarationError: the call fails; the message names the file and line.
        """
        try:
            return make(self.stage)
        except (TypeError, KeyError, UnknownKey) as error:
            place = next(
                frame
                for frame in reversed(traceback.extract_tb(error.__traceback__))
                if frame.filename == __file__
                or (Path(frame.filename).is_relative_to(self.project) and not frame.filename.startswith(_ENGINE))
            )
            raise DeclarationError(
                f"{what}: {self.shown(Path(place.filename))}, line {place.lineno}: {error}"
            ) from error

    def shown(self, path: Path) -> str:
        """A file's path, relative to the project if it is in there."""
        return path.relative_to(self.project).as_posix() if path.is_relative_to(self.project) else str(path)

    def _function(self, group: str, spec: Function) -> DeclaredFunction:
        what = f"function '{spec.name}'"
        grants = self.in_stage(what, spec.granted)
        consumed = [key for key, queue in self.queues.items() if queue.function == spec.name]
        return DeclaredFunction(
            group,
            spec,
            self.in_stage(what, spec.environment),
            (*grants, *(grant for key in consumed for grant in consume(key))),
        )

    def _workflow(self, name: str, definition: Callable[[Callable[[str], str]], dict[str, Any]]) -> DeclaredWorkflow:
        called: dict[str, None] = {}

        def live_arn(function: str) -> str:
            called[function] = None
            return self.naming.live_arn(function)

        return DeclaredWorkflow(self.in_stage(f"workflow '{name}'", lambda _: definition(live_arn)), tuple(called))

    @staticmethod
    def _merged(kind: str, declared: Sequence[Mapping[str, T]]) -> dict[str, T]:
        merged: dict[str, T] = {}
        for each in declared:
            for key, value in each.items():
                if key in merged:
                    raise DeclarationError(f"two systems declare the {kind} '{key}': rename one of them")
                merged[key] = value
        return merged
