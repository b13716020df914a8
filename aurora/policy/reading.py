"""Resources as policies read them, and the way from a check's findings to Pulumi."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from pulumi_policy import (
    PolicyResource,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    StackValidationArgs,
    StackValidationPolicy,
)
from pulumi_policy.proxy import UnknownValueError


@dataclass(frozen=True)
class Resource:
    """One resource. Reading a value of ``properties`` that a preview cannot know yet raises UnknownValueError."""

    type: str
    name: str
    service: str
    stage: str
    properties: Mapping[str, Any]
    protected: bool
    urn: str

    @classmethod
    def of(cls, given: ResourceValidationArgs | PolicyResource) -> Self:
        stage, service = given.urn.split("::")[:2]
        return cls(
            type=given.resource_type,
            name=given.name,
            service=service,
            stage=stage.removeprefix("urn:pulumi:"),
            properties=given.props,
            protected=given.opts.protect,
            urn=given.urn,
        )

    @property
    def is_aws(self) -> bool:
        return self.type.startswith("aws:")

    def has(self, *path: str) -> bool:
        """Whether there is such a property, known or not."""
        try:
            return self.get(*path) is not None
        except UnknownValueError:
            return True

    def get(self, *path: str) -> Any:
        """The property at ``path``; None if there is none."""
        return at(self.properties, *path)

    def items(self, *path: str) -> Sequence[Any]:
        """The list at ``path``; empty if there is none."""
        return self.get(*path) or ()

    def says(self, finding: str) -> str:
        """A finding as a sentence that names this resource."""
        return f"{self.type.rpartition(':')[2]} {self.name} {finding}."


Check = Callable[[Resource], Iterable[str]]
StackCheck = Callable[[Sequence[Resource]], Iterable[tuple[Resource, str]]]


def resource_policy(name: str, description: str, check: Check) -> ResourceValidationPolicy:
    """A policy that checks one resource at a time: ``check`` yields each problem and what to do."""

    def validate(args: ResourceValidationArgs, report: ReportViolation) -> None:
        resource = Resource.of(args)
        for finding in check(resource):
            report(resource.says(finding), None)

    return ResourceValidationPolicy(name=name, description=description, validate=validate)


def stack_policy(name: str, description: str, check: StackCheck) -> StackValidationPolicy:
    """A policy that checks all resources of a stack together."""

    def validate(args: StackValidationArgs, report: ReportViolation) -> None:
        for resource, finding in check([Resource.of(each) for each in args.resources]):
            report(resource.says(finding), resource.urn)

    return StackValidationPolicy(name=name, description=description, validate=validate)


class Deferred:
    """Lets a check continue after values that are not known yet.

    ``with deferred: ...`` leaves the block at the first unknown value; `raise_unknown` raises it again once everything
    else is checked.
    """

    def __init__(self) -> None:
        self._unknown: UnknownValueError | None = None

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> bool:
        if not isinstance(error, UnknownValueError):
            return False
        self._unknown = self._unknown or error
        return True

    def raise_unknown(self) -> None:
        """Raises UnknownValueError if a value was not known."""
        if self._unknown is not None:
            raise self._unknown


def at(value: Any, *path: str) -> Any:
    """The value at ``path`` within ``value``; None if there is none."""
    for key in path:
        if not isinstance(value, Mapping):
            return None
        value = value.get(key)  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    return value  # pyright: ignore[reportUnknownVariableType]


def listed(value: Any) -> Iterator[Any]:
    """The members of a part of a policy document that may be one value or a list."""
    if isinstance(value, Sequence) and not isinstance(value, str):
        yield from value  # pyright: ignore[reportUnknownVariableType]
    elif value is not None:
        yield value
