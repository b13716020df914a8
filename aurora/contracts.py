"""The catalogue held against the code that it names, before the first resource is declared.

A function gets exactly the variables that its handler reads, and a workflow calls exactly its functions: whatever
does not fit ends the program, and with it every preview, in a sentence. Knows what a handler looks like, not what it
does.
"""

from __future__ import annotations

import ast
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pulumi

from aurora import asl
from aurora.components.group import FunctionSpec
from aurora.naming import Naming
from aurora.runtime.env import Environment
from aurora.runtime.errors import ConfigurationError
from aurora.settings import Settings
from infra import catalogue

# What Lambda sets by itself and lets nobody else set
# (https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html), and how much it holds, names included.
_OF_LAMBDA = ("AWS_", "LAMBDA_", "_")
_MOST_BYTES = 4096


class BrokenContract(pulumi.RunError):
    """The catalogue and the functions do not fit each other; the message says which, where and how."""


def functions(settings: Settings, naming: Naming, project: Path) -> dict[str, tuple[FunctionSpec, ...]]:
    """Every group's functions, as the catalogue has them.

    Raises:
        BrokenContract: one has no handler, or would get other variables than its handler reads.
    """
    try:
        groups = catalogue.groups(settings, naming)
    except TypeError as error:  # what Python says of a setting that is missing, or that nobody declared
        place = traceback.extract_tb(error.__traceback__)[-1]
        raise BrokenContract(f"{_shown(Path(place.filename), project)}, line {place.lineno}: {error}") from error
    for group, specs in groups.items():
        longer = [other for other in groups if other != group and other.startswith(group)]
        if longer:
            raise BrokenContract(
                f"the group '{longer[0]}' has a name that begins with '{group}', so that --target '**::{group}**' "
                "would change both: rename one of them"
            )
        for spec in specs:
            _check_handler(group, spec, project)
            _check_values(spec.name, spec.environment)
    return groups


def workflow(naming: Naming) -> dict[str, Any]:
    """The definition of the course workflow.

    Raises:
        InvalidWorkflow: it is not sound, or calls other functions than its own.
    """
    definition = catalogue.workflow(naming)
    aliases = {naming.live_arn(name) for name in catalogue.WORKFLOW_FUNCTIONS}
    asl.check(catalogue.WORKFLOW, definition, aliases, catalogue.ERRORS)
    return definition


def _check_handler(group: str, spec: FunctionSpec, project: Path) -> None:
    module, _, handler = spec.handler(group).rpartition(".")
    path = project.joinpath(*module.split(".")).with_suffix(".py")
    where = f"function '{spec.name}': {_shown(path, project)}"
    try:
        source = ast.parse(path.read_bytes(), str(path))
    except FileNotFoundError:
        raise BrokenContract(f"{where} does not exist, and that is where its handler should be") from None
    except SyntaxError as error:
        raise BrokenContract(f"{where}, line {error.lineno}: {error.msg}") from None
    if not any(isinstance(part, ast.FunctionDef) and part.name == handler for part in source.body):
        raise BrokenContract(f"{where} defines no function '{handler}'")
    given = type(spec.environment)
    home = f"functions.{group}.settings"
    read = _settings_read(source, home)
    if read != {given.__name__} or given.__module__ != home:
        raise BrokenContract(
            f"{where} reads {' and '.join(sorted(read)) or 'no settings'} of {home}, and infra/catalogue.py gives it "
            f"{given.__name__} of {given.__module__}: it would not find its variables"
        )


def _settings_read(source: ast.Module, home: str) -> set[str]:
    """The settings of ``home`` that a module reads: ``from home import X``, then ``X.read``."""
    imported: dict[str, str] = {}
    read: set[str] = set()
    for node in ast.walk(source):
        if isinstance(node, ast.Attribute):
            if node.attr == "read" and isinstance(node.value, ast.Name):
                read.add(node.value.id)
        elif isinstance(node, ast.ImportFrom) and node.module == home:
            imported.update({alias.asname or alias.name: alias.name for alias in node.names})
    return {imported[name] for name in read & imported.keys()}


def _check_values(name: str, environment: Environment) -> None:
    variables = environment.variables()
    try:
        read = type(environment).read(variables)
    except ConfigurationError as error:
        raise BrokenContract(f"function '{name}' would refuse what infra/catalogue.py gives it: {error}") from None
    if read != environment:
        raise BrokenContract(f"function '{name}' would read {read}, and infra/catalogue.py gives it {environment}")
    if reserved := [variable for variable in variables if variable.startswith(_OF_LAMBDA)]:
        raise BrokenContract(f"function '{name}': {', '.join(reserved)} cannot be set, as the name is Lambda's own")
    if (size := _size(variables)) > _MOST_BYTES:
        raise BrokenContract(
            f"function '{name}': its variables have {size:,} bytes, and Lambda holds {_MOST_BYTES:,} a function"
        )


def _size(variables: Mapping[str, str]) -> int:
    return sum(len(f"{name}{value}".encode()) for name, value in variables.items())


def _shown(path: Path, project: Path) -> str:
    """A file of the project as people write it."""
    return path.relative_to(project).as_posix() if path.is_relative_to(project) else str(path)
