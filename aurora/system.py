"""What a system declares: its groups of functions, resources, routes, workflows, settings and commands.

A platform is one or more systems, by convention ``infra.SYSTEMS``. Resources have keys (``visits``), which grants,
routes and environments use; names in AWS and ARNs follow from the key and the stage. Code that only some commands need
(doctor checks, ...) is declared by its import path, ``module:name``, and imported where it is used.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from pydantic import BaseModel

from aurora.grants import Grant
from aurora.metrics import Alarm, Widget
from aurora.naming import Naming
from aurora.runtime.env import Environment
from aurora.settings import Settings
from aurora.suggestions import did_you_mean

S = TypeVar("S", bound=BaseModel)


class UnknownKey(Exception):
    """A declaration names a resource that no system declares; the message suggests a similar one."""


@dataclass(frozen=True)
class Stage:
    """One stage of the platform, for the parts of a declaration that depend on it: environments, grants, alarms, site.

    The methods take a resource's key and return its name or ARN in AWS.

    Raises:
        UnknownKey: no system declares such a resource.
    """

    settings: Settings
    naming: Naming
    keys: Mapping[str, frozenset[str]] = field(repr=False)
    """The declared keys by kind: ``{"table": {"visits", ...}, ...}``."""

    def of(self, kind: type[S]) -> S:
        """The stack's settings of a class that a system declares."""
        return self.settings.of(kind)

    def bucket(self, key: str) -> str:
        return self.naming.global_name(self._known("bucket", key))

    def table(self, key: str) -> str:
        return self.naming.name(self._known("table", key))

    def queue_url(self, key: str) -> str:
        return self.naming.queue_url(self._known("queue", key), self.settings.endpoints.get("sqs", ""))

    def topic(self, key: str) -> str:
        return self.naming.topic_arn(self._known("topic", key))

    def state_machine(self, key: str) -> str:
        return self.naming.state_machine_arn(self._known("workflow", key))

    def secret(self, key: str) -> str:
        """The name of the SSM parameter with a secret setting of the stack; "" if the stack does not set it."""
        known = self._known("secret", key)
        return self.naming.parameter_name(known) if known in self.settings.secrets else ""

    def _known(self, kind: str, key: str) -> str:
        if key not in self.keys[kind]:
            raise UnknownKey(f"there is no {kind} '{key}'{did_you_mean(key, self.keys[kind])}")
        return key


@dataclass(frozen=True)
class Function:
    """A function: ``functions.<group>.<name, with _ for ->.handler``. ``timeout`` is in seconds, ``memory`` in MiB.

    ``environment`` returns the settings that its handler reads; grants that depend on the stage may be a callable.
    ``alarm`` is False for a function whose errors are expected, such as one that passes throttling on to its caller.
    """

    name: str
    environment: Callable[[Stage], Environment]
    grants: tuple[Grant, ...] | Callable[[Stage], tuple[Grant, ...]] = ()
    timeout: int = 30
    memory: int = 512
    alarm: bool = True

    def handler(self, group: str) -> str:
        """The import path, the same in the image, in a test and locally."""
        return f"functions.{group}.{self.name.replace('-', '_')}.handler"

    def granted(self, stage: Stage) -> tuple[Grant, ...]:
        """Its grants in a stage."""
        return self.grants(stage) if callable(self.grants) else self.grants


@dataclass(frozen=True)
class Index:
    """A global secondary index, which projects all attributes of its items, or their keys alone."""

    hash_key: str
    range_key: str = ""
    keys_only: bool = False


@dataclass(frozen=True)
class Table:
    """A table's keys: strings, except those in ``numbers``. ``ttl_attribute`` holds when an item expires."""

    hash_key: str
    range_key: str = ""
    numbers: tuple[str, ...] = ()
    indexes: Mapping[str, Index] = field(default_factory=dict[str, Index])
    ttl_attribute: str = ""


@dataclass(frozen=True)
class BucketEvent:
    """Sends a message to a queue for each new object whose key begins with ``prefix`` and ends in ``suffix``.

    When the events are set up, S3 also sends one test message to each queue: its ``Event`` is ``s3:TestEvent`` and it
    has no ``Records``.
    """

    queue: str
    prefix: str = ""
    suffix: str = ""


@dataclass(frozen=True)
class Bucket:
    """A private bucket. With ``from_pages``, the site's pages may send and fetch objects by presigned URL."""

    from_pages: bool = False
    events: tuple[BucketEvent, ...] = ()


@dataclass(frozen=True)
class Queue:
    """A queue with a dead-letter queue, and the function that its messages go to, in batches.

    The function answers with the messages that failed (``batchItemFailures``); one that failed ``attempts`` times goes
    to the dead-letter queue. Messages are hidden for six times the function's timeout while it works on them, as
    https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html demands.
    """

    function: str
    batch_size: int = 10
    attempts: int = 3


@dataclass(frozen=True)
class Topic:
    """A topic and the mail addresses that are subscribed to it in a stage."""

    emails: Callable[[Stage], Sequence[str]] = lambda _: ()


@dataclass(frozen=True)
class Schedule:
    """When a function runs by itself, in UTC: ``rate(1 hour)``, ``cron(0 6 * * ? *)``, ``at(2030-01-31T06:00:00)``.

    The function gets the event of EventBridge Scheduler: ``time``, and the schedule's ARN in ``resources``.
    """

    expression: str
    function: str


@dataclass(frozen=True)
class Route:
    """A route of the HTTP API, ``GET /visits/{visitId}``, and its function.

    ``public`` is the reason why a route needs no token: anybody may call its function. "" for all other routes.
    """

    key: str
    function: str
    public: str = ""


@dataclass(frozen=True)
class Workflow:
    """A state machine. ``definition`` returns Amazon States Language. Its argument turns a function's name into the ARN
    of the alias ``live``; the state machine may call the functions whose ARN it gets that way, and no others."""

    definition: Callable[[Callable[[str], str]], dict[str, Any]]


@dataclass(frozen=True)
class Command:
    """A command, or a family of commands: the import path of its `typer.Typer`, which
    `aurora.commands.parameters.new_app` makes, and its line in the list of commands."""

    name: str
    path: str
    help: str


@dataclass(frozen=True)
class LocalRun:
    """A system's part in local runs of the platform.

    ``settings`` is the import path of a function ``(environment variables, containers) -> stack settings``, without
    their namespace, which may raise CommandError; ``containers`` says whether functions run in containers, which do
    not reach this machine's loopback. ``help`` describes these variables in `local --help`. ``next_step`` says what to
    do once the platform runs.
    """

    settings: str = ""
    help: str = ""
    next_step: str = ""


@dataclass(frozen=True)
class DoctorCheck:
    """A line of `doctor -s STACK`: the import path of a function ``(PulumiStack, value) -> Finding``.

    ``value`` is what follows ``option`` (``--bedrock MODEL_ID``) on the command line, None where it is not given.
    """

    name: str
    path: str
    option: str = ""
    metavar: str = ""
    help: str = ""


@dataclass(frozen=True)
class Quota:
    """A system's share of the account's concurrent Lambda executions, which `doctor` checks.

    One ``work`` ("order") takes ``each`` functions times the value of the stack's ``setting``, a field of
    ``settings``.
    """

    work: str
    settings: type[BaseModel]
    setting: str
    each: int = 1


@dataclass(frozen=True)
class Logs:
    """What `logs SUBJECT` shows of a system.

    ``argument`` completes "SUBJECT is ...". ``path`` is the import path of a function ``(subject, number of the
    execution or None, DeployedStack) -> LogSubject or None``. ``columns`` are the fields of log lines that are shown
    before the message.
    """

    argument: str
    path: str
    columns: tuple[str, ...] = ()


@dataclass(frozen=True)
class System:
    """One system of a platform. Keys of resources, groups and functions are unique in the platform.

    ``settings`` are pydantic models whose fields a stack may set under the project's name; ``secrets`` maps further
    settings to the keys of the SSM parameters that hold them, encrypted. Two systems may name the same settings.
    """

    name: str
    groups: Mapping[str, tuple[Function, ...]] = field(default_factory=dict[str, tuple[Function, ...]])
    tables: Mapping[str, Table] = field(default_factory=dict[str, Table])
    buckets: Mapping[str, Bucket] = field(default_factory=dict[str, Bucket])
    queues: Mapping[str, Queue] = field(default_factory=dict[str, Queue])
    topics: Mapping[str, Topic] = field(default_factory=dict[str, Topic])
    schedules: Mapping[str, Schedule] = field(default_factory=dict[str, Schedule])
    routes: tuple[Route, ...] = ()
    workflows: Mapping[str, Workflow] = field(default_factory=dict[str, Workflow])
    settings: tuple[type[BaseModel], ...] = ()
    secrets: Mapping[str, str] = field(default_factory=dict[str, str])
    settings_faults: Callable[[Settings], Iterable[str]] | None = None
    """Problems between settings of several models; each message begins with, or ends in, the setting to change."""
    site: Callable[[Stage], Mapping[str, Any]] | None = None
    """The part of the site's ``config.js`` under the system's name."""
    dashboard: Callable[[Stage], Sequence[Widget]] | None = None
    alarms: Callable[[Stage], Sequence[Alarm]] | None = None
    quotas: tuple[Quota, ...] = ()
    commands: tuple[Command, ...] = ()
    doctor: tuple[DoctorCheck, ...] = ()
    local: LocalRun | None = None
    logs: Logs | None = None
    idle: str = ""
    """The import path of a function ``(PulumiStack, since) -> RecentWork or None``: what people worked on recently."""
    any_resource: Mapping[str, str] = field(default_factory=dict[str, str])
    """Actions that the policy pack lets roles use on every resource, each with the reason."""
    arn_forms: Mapping[str, str] = field(default_factory=dict[str, str])
    """Regular expressions of ARNs with a wildcard that the policy pack lets roles reach, each with what they are."""
    end_to_end: str = ""
    """The import path of the scenario in which each function uses each of its grants, for the permissions test."""
