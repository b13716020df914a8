"""Runs the Pulumi program in this process, through Pulumi's own test interface, and creates real resources."""

from __future__ import annotations

import asyncio
import os
import runpy
import sys
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, cast

import pulumi
from pulumi.runtime import mocks, rpc
from pulumi.runtime import settings as pulumi_settings
from pulumi.runtime.config import set_all_config

from aurora.errors import DeclarationError
from aurora.local.errors import LocalError, ProgramError

PROGRAM = "__main__.py"

_RESOURCES_AT_ONCE = 8

# (type token, name, inputs) -> (id, outputs)
Create = Callable[[str, str, dict[str, Any]], tuple[str, dict[str, Any]]]
# (token, arguments) -> result
Invoke = Callable[[str, dict[str, Any]], dict[str, Any]]


def run(
    project: Path, *, name: str, stack: str, config: Mapping[str, str], create: Create, invoke: Invoke
) -> dict[str, Any]:
    """Runs ``__main__.py`` of ``project`` and returns its exports.

    ``config`` is the stack's config by full key (``aws:region``); ``create`` is called for each resource, in several
    threads, once its dependencies exist; ``invoke`` answers the program's function calls.

    Raises:
        LocalError: ``create`` raised it.
        ProgramError: the program failed, or uses an output that ``create`` did not supply.
    """
    exports: dict[str, Any] = {}

    def deploy() -> None:
        set_all_config(dict(config))
        resources = _Resources(create, invoke)
        mocks.set_mocks(resources, project=name, stack=stack, preview=False, monitor=_Monitor(resources))
        run_and_await = cast("Callable[[Callable[[], None]], Callable[[], None]]", mocks.test)  # pyright: ignore[reportUnknownMemberType]
        run_and_await(partial(_execute, project, exports))()

    try:
        in_a_thread_of_its_own(deploy)
    except BaseException as error:
        raise _explained(error) from error
    return exports


def in_a_thread_of_its_own(work: Callable[[], None]) -> None:
    """Runs work that uses Pulumi's test interface, and raises what it raises.

    Pulumi keeps its settings in context variables and its tasks in the thread's event loop: a new thread has neither.
    """
    errors: list[BaseException] = []

    def run_it() -> None:
        loops = _Loops()
        loop = loops.give_thread_its_own()
        loop.set_exception_handler(_ignore_unawaited)
        loop.set_default_executor(ThreadPoolExecutor(_RESOURCES_AT_ONCE, "resource", loops.give_thread_its_own))
        try:
            work()
        except BaseException as error:  # noqa: BLE001 - raised in the waiting thread
            errors.append(error)
        finally:
            loop.run_until_complete(loop.shutdown_default_executor())
            loops.close()

    thread = threading.Thread(target=run_it, name="program", daemon=True)
    thread.start()
    thread.join()
    if errors:
        raise errors[0]


class _Loops:
    """The event loops of this run's threads. Pulumi makes one in each thread that has none, and closes none."""

    def __init__(self) -> None:
        self._loops: list[asyncio.AbstractEventLoop] = []

    def give_thread_its_own(self) -> asyncio.AbstractEventLoop:
        """Gives the calling thread a loop and returns it."""
        loop = asyncio.new_event_loop()
        self._loops.append(loop)
        asyncio.set_event_loop(loop)
        return loop

    def close(self) -> None:
        """Closes every loop that was given away."""
        for loop in self._loops:
            loop.close()


def _execute(project: Path, exports: dict[str, Any]) -> None:
    """Runs the program; exports are filled in as they become known."""
    if str(project) not in sys.path:
        sys.path.insert(0, str(project))
    runpy.run_path(str(project / PROGRAM))
    stack = cast("Any", pulumi_settings.get_root_resource())
    for export, value in stack.outputs.items():
        pulumi.Output.from_input(value).apply(partial(_keep, exports, export), run_with_unknowns=True)


def _keep(exports: dict[str, Any], name: str, value: Any) -> None:
    if rpc.contains_unknowns(value):
        raise ProgramError(f"The export {name} uses an output of a resource that the local platform does not supply.")
    exports[name] = value


def _ignore_unawaited(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Does not log futures that nobody awaited: if a resource fails, those that depend on it fail too, and the run
    raises the first error."""


def _explained(error: BaseException) -> BaseException:
    """The error to show: the engine's own errors and the program's `RunError` explain themselves."""
    if isinstance(error, (LocalError, KeyboardInterrupt)):
        return error
    if isinstance(error, (pulumi.RunError, DeclarationError)):
        return ProgramError(str(error))
    return ProgramError(f"{PROGRAM} failed: {type(error).__name__}: {error}{_place(error)}")


def _place(error: BaseException) -> str:
    """The place of an error in the program: the innermost frame outside installed packages."""
    trace, place = error.__traceback__, ""
    while trace is not None:
        path = Path(trace.tb_frame.f_code.co_filename)
        if path.is_file() and "site-packages" not in path.parts and path.name != Path(__file__).name:
            place = f" (at {os.path.relpath(path)}:{trace.tb_lineno})"
        trace = trace.tb_next
    return place


class _Resources(mocks.Mocks):
    """Passes registrations to the table, except components, which create nothing themselves."""

    def __init__(self, create: Create, invoke: Invoke) -> None:
        self._create = create
        self._invoke = invoke

    def new_resource(self, args: Any) -> tuple[str | None, dict[str, Any]]:
        inputs = cast("dict[str, Any]", _plain(args.inputs))
        if not args.custom:
            return "", inputs
        try:
            identity, outputs = self._create(args.typ, args.name, inputs)
        except LocalError:
            raise
        except Exception as error:
            raise ProgramError(
                f"{args.typ} '{args.name}' cannot be created locally: {type(error).__name__}: {error}"
            ) from error
        return identity, {**inputs, **outputs}

    def call(self, args: Any) -> tuple[dict[str, Any], list[tuple[str, str]] | None]:
        return self._invoke(args.token, args.args), []


class _Monitor(mocks.MockMonitor):
    """The test interface's monitor, except that a missing output is unknown instead of None.

    A value computed from an unknown one is unknown too. So an unknown input shows that the program reads an output
    that the table lacks.
    """

    def RegisterResource(self, request: Any) -> Any:
        for key, value in request.object.fields.items():
            if _has_unknown(value):
                raise ProgramError(self._what_is_missing(request, key))
        response = cast("Any", super()).RegisterResource(request)
        for output in _declared_outputs(request.type) - set(response.object.fields):
            response.object.fields[output].string_value = rpc.UNKNOWN
        return response

    def _what_is_missing(self, request: Any, key: str) -> str:
        sources: list[str] = []
        for urn in request.propertyDependencies[key].urns:
            kind = urn.split("::")[2].rpartition("$")[2]
            supplied = cast("dict[str, Any]", self.resources[urn].state if urn in self.resources else {})  # pyright: ignore[reportUnknownMemberType]
            missing = _declared_outputs(kind) - set(supplied)
            sources.append(f"{kind} (not supplied: {', '.join(sorted(missing))})")
        return (
            f"{key} of {request.type} '{request.name}' uses an output that the local platform does not supply; it "
            f"reads outputs of {' and of '.join(sorted(set(sources)))}. "
            "Add the output to the table in aurora/local/deploy/resources."
        )


def _has_unknown(value: Any) -> bool:
    kind = value.WhichOneof("kind")
    if kind == "string_value":
        return value.string_value == rpc.UNKNOWN
    if kind == "struct_value":
        return any(_has_unknown(each) for each in value.struct_value.fields.values())
    if kind == "list_value":
        return any(_has_unknown(each) for each in value.list_value.values)
    return False


def _declared_outputs(kind: str) -> set[str]:
    """The outputs, in Pulumi's spelling, of the imported resource class with this type token."""
    for resource in _subclasses(pulumi.CustomResource):
        if pulumi.get_type_token(resource) == kind:
            getters = [each.fget for each in vars(resource).values() if isinstance(each, property)]
            return {getattr(getter, "_pulumi_name", getter.__name__) for getter in getters if getter is not None}
    return set()


def _subclasses(parent: type) -> list[type]:
    return [found for child in parent.__subclasses__() for found in (child, *_subclasses(child))]


def _plain(value: Any) -> Any:
    """Inputs without the wrappers of secrets, and with whole numbers as int: Pulumi passes each as a float."""
    value = rpc.unwrap_rpc_secret(value)
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in cast("dict[str, Any]", value).items()}
    if isinstance(value, list):
        return [_plain(each) for each in cast("list[Any]", value)]
    return value
