"""Checks of functions: the handler exists and reads the declared variables, and Lambda accepts the limits."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

from aurora.declaration import Declaration, DeclaredFunction
from aurora.errors import DeclarationError
from aurora.image.packages import check_imports
from aurora.runtime.errors import ConfigurationError

# https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html: seconds, MiB, and bytes of variables with
# their names.
_TIMEOUT = range(1, 900 + 1)
_MEMORY = range(128, 10_240 + 1)
_MAX_BYTES = 4096
# Variables that only Lambda itself may set
# (https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html).
_RESERVED_PREFIXES = ("AWS_", "LAMBDA_", "_")


def check(declaration: Declaration) -> None:
    """Checks that every function can run as it is declared.

    Raises:
        DeclarationError: one has no handler, gets other variables than its handler reads, or exceeds a limit.
        UnresolvedImport: the code of a group imports what its image would not hold.
    """
    for function in declaration.functions.values():
        for problem in (*_wrong_handler(function, declaration), *_wrong_limits(function)):
            raise DeclarationError(f"function '{function.name}': {problem}")
        for problem in _wrong_values(function):
            raise DeclarationError(f"function '{function.name}'{problem}")
    for group in declaration.groups:
        check_imports(declaration.project, group)


def _wrong_handler(function: DeclaredFunction, declaration: Declaration) -> Iterator[str]:
    module, _, handler = function.handler.rpartition(".")
    path = declaration.project.joinpath(*module.split(".")).with_suffix(".py")
    shown = declaration.shown(path)
    try:
        source = ast.parse(path.read_bytes(), str(path))
    except FileNotFoundError:
        yield f"its handler must be in {shown}, which does not exist"
        return
    except SyntaxError as error:
        yield f"{shown}, line {error.lineno}: {error.msg}"
        return
    if not any(isinstance(part, ast.FunctionDef) and part.name == handler for part in source.body):
        yield f"{shown} defines no function '{handler}'"
        return
    given = type(function.environment)
    home = f"functions.{function.group}.settings"
    read = _settings_read(source, home)
    if read != {given.__name__} or given.__module__ != home:
        yield (
            f"{shown} reads {' and '.join(sorted(read)) or 'no settings'} of {home}, but its environment is "
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


def _wrong_limits(function: DeclaredFunction) -> Iterator[str]:
    spec = function.spec
    for what, value, unit, allowed in (
        ("timeout", spec.timeout, "s", _TIMEOUT),
        ("memory", spec.memory, "MiB", _MEMORY),
    ):
        if value not in allowed:
            yield f"its {what} is {value} {unit}; Lambda allows {allowed[0]} to {allowed[-1]:,} {unit}"


def _wrong_values(function: DeclaredFunction) -> Iterator[str]:
    environment = function.environment
    variables = environment.variables()
    try:
        read = type(environment).read(variables)
    except ConfigurationError as error:
        yield f": its settings refuse the declared values: {error}"
        return
    if read != environment:
        yield f": it would read {read} instead of the declared {environment}"
    if reserved := [variable for variable in variables if variable.startswith(_RESERVED_PREFIXES)]:
        yield f": {', '.join(reserved)} cannot be set: Lambda reserves the name"
    if (size := _size(variables)) > _MAX_BYTES:
        yield f": its variables take {size:,} bytes; Lambda allows {_MAX_BYTES:,}"


def _size(variables: Mapping[str, str]) -> int:
    return sum(len(f"{name}{value}".encode()) for name, value in variables.items())
