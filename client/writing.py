"""Makes a course from an outline of this machine, through the API of a platform, and downloads it into a folder."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import httpx

from aurora import console
from aurora.errors import COMPLETE, INCOMPLETE, CommandError, InvalidInput, PlatformLost, SignInFailed
from aurora.local import stack as stacks
from aurora.passwords import NEW_PASSWORD_VARIABLE, prompt_for
from aurora.stack.deployed import LOCAL, DeployedStack
from client import summary
from client.api import ApiRefusal, Course, CoursesApi, Execution, Started
from client.course import option_name
from client.download import download
from client.following import follow
from client.memory import CourseMemory
from client.outlines import check, read_outline
from client.session import Session
from functions.courses.options import REQUEST_OPTIONS, field_name
from functions.courses.rules import Model
from functions.outline.model import Outline
from functions.outline.units import UNIT_KINDS


@dataclass(frozen=True)
class CourseRequest:
    """A course to make of an outline, and the folder for its files. ``stack`` None is this machine.

    ``options`` are those of a run, by name; what they leave out is for the platform to decide.
    """

    outline: Path
    out: Path
    options: Mapping[str, Any] = field(default_factory=dict[str, Any])
    stack: str | None = None


@dataclass(frozen=True)
class Pace:
    """How patient a client is with a platform, in seconds: between two looks, and while it does not answer."""

    poll: float
    patience: float


_LOCAL_PACE: Final = Pace(poll=0.4, patience=8)
_CLOUD_PACE: Final = Pace(poll=2, patience=180)
_WITH_FILES: Final = ("complete", "incomplete", "cancelled")  # outcomes after which there is something to fetch
_BAD_REQUEST: Final = 400
# Options whose names in a request, which refusals speak of, differ from those that are typed.
_NAMES: Final = {field_name(name): name for name, option in REQUEST_OPTIONS.items() if option.help and "_" in name}
_FIELD: Final = re.compile(rf"\b(?:{'|'.join(_NAMES)})\b")
_NOT_FOUND: Final = 404
_ARCHIVE: Final = "course.zip"  # for those who download by hand: it holds the very files that are fetched here


def make_course(request: CourseRequest) -> int:
    """Writes the course and downloads it; returns the exit code, INCOMPLETE where something is missing.

    Raises:
        InvalidInput: the outline or the options are wrong; nothing was started, nothing overwritten.
        CommandError: the platform cannot do it.
    """
    content, outline = read_outline(request.outline)
    check(request.options, outline)
    _check_folder(request.out)
    with _platform(request) as stack:
        return write_course(request, content, outline, stack, _pace(stack))


def cancel_course(request: CourseRequest) -> int:
    """Ends the run that writes this outline's course, waits until it has ended and says what is kept.

    Returns the exit code: COMPLETE once nothing of it runs any more, also where nothing did.

    Raises:
        InvalidInput: there is no such outline, or it is wrong.
        CommandError: no course of it is known here, or the platform cannot be asked.
    """
    outline = read_outline(request.outline)[1]
    stack = stacks.running() if request.stack in (None, LOCAL) else stacks.stack_named(request.stack)
    if stack is None:
        raise CommandError(
            "No local platform is running here. A course that `course` writes on one of its own ends with Ctrl-C in "
            "its terminal; what it has written is kept."
        )
    return cancel_at(request, outline, stack, _pace(stack))


def write_course(request: CourseRequest, content: bytes, outline: Outline, stack: DeployedStack, pace: Pace) -> int:
    """Signs in to ``stack``, has the course written there and downloads it; returns the exit code.

    Raises:
        CommandError: the platform refused, failed or was lost.
    """
    with _connected(stack, pace) as (http, api):
        try:
            started = _start(api, request, content, outline, stack)
            finished = follow(api, started.execution_id, pace.poll)
            if finished.outcome not in _WITH_FILES:
                raise _failure(finished)
            course = api.course(started.course_id)
        except PlatformLost as error:
            raise PlatformLost(f"{error}\n{_after_loss(stack)}") from error
        except KeyboardInterrupt:
            console.say(_after_interruption(stack))
            raise
        paths = download(http, [file for file in course.files if file.name != _ARCHIVE], request.out)
    _remove_former(paths)
    return _report(request, finished, paths)


def cancel_at(request: CourseRequest, outline: Outline, stack: DeployedStack, pace: Pace) -> int:
    """As `cancel_course`, at ``stack``."""
    with _connected(stack, pace) as (_, api):
        course = _known_course(api, CourseMemory(request.out).candidates(stack.key, outline.title, request.outline))
        if course is None:
            raise CommandError(f"{request.out} knows no course of {request.outline} at {stack.name}.")
        if course.status != "RUNNING" or not api.cancel(course.execution_id):
            console.say("Nothing is being written: the last run of this course has ended.")
            return COMPLETE
        try:
            finished = follow(api, course.execution_id, pace.poll)
        except KeyboardInterrupt:
            console.say("The run is still being cancelled.")
            raise
    if finished.outcome not in _WITH_FILES:
        raise _failure(finished)
    _sum_up(finished)
    if finished.outcome == "cancelled":
        console.say("The run is cancelled. What is written is kept: run the command without --cancel to continue.")
    else:
        console.say(f"The run had ended before it could be cancelled: it is {finished.outcome}.")
    return COMPLETE


def _remove_former(paths: Sequence[Path]) -> None:
    """Removes what an earlier download left of the same lessons, labs and modules under the titles of then."""
    for path in paths:
        for kind in UNIT_KINDS.values():
            numbers = kind.numbers_of_file(path.name) if path.parent.name == kind.folder.rstrip("/") else None
            if numbers:
                for other in path.parent.glob(f"{kind.stem(*numbers)}-*{path.suffix}"):
                    if other not in paths:
                        other.unlink(missing_ok=True)


def _pace(stack: DeployedStack) -> Pace:
    return _LOCAL_PACE if stack.local else _CLOUD_PACE


@contextlib.contextmanager
def _connected(stack: DeployedStack, pace: Pace) -> Generator[tuple[httpx.Client, CoursesApi]]:
    """The platform's API for a user who has signed in."""
    with httpx.Client(timeout=60, trust_env=not stack.local) as http:
        session = _sign_in(http, stack)
        yield http, CoursesApi(http, stack.api, session, patience=pace.patience, lost=stack.ended)


def _check_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InvalidInput(f"--out {folder} cannot be used: {error.strerror}.") from None
    if not os.access(folder, os.W_OK):
        raise InvalidInput(f"--out {folder} cannot be used: it is not writable.")


@contextlib.contextmanager
def _platform(request: CourseRequest) -> Generator[DeployedStack]:
    """The stack asked for, else the local platform that runs, else one for this course alone."""
    if request.stack not in (None, LOCAL):
        yield stacks.stack_named(request.stack)
        return
    running = stacks.running()
    if running is not None:
        console.say(f"Using the local platform that runs at {running.site}")
        own_data = request.out / ".aurora"
        if (own_data / "objects").is_dir():
            console.say(
                f"The data of this course in {own_data}, from a platform of its own, is not used: to continue with it, "
                "end the running platform first."
            )
        yield running
        return
    if request.stack == LOCAL:
        raise CommandError("No local platform is running here: start one with python3 run.py local")
    from aurora.ops.local_run import platform_for_one_command
    from client.local_models import check_offered

    named = {name for name, option in REQUEST_OPTIONS.items() if isinstance(option, Model)}
    check_offered([request.options[name] for name in sorted(named & request.options.keys())])
    with platform_for_one_command(request.out / ".aurora") as stack:
        yield stack


def _sign_in(http: httpx.Client, stack: DeployedStack) -> Session:
    def ask(prompt: str, variable: str, secret: bool = True) -> str:
        try:
            return prompt_for(prompt, variable, secret=secret)
        except EOFError:
            raise SignInFailed(
                f"Signing in to {stack.name} needs a user: set {variable}, or run in a terminal."
            ) from None

    def choose_password() -> str:
        console.say("This is your first sign-in: choose a password of your own.")
        return ask("New password", NEW_PASSWORD_VARIABLE)

    session = Session(http, stack.sign_in_endpoint, stack.client_id, choose_password=choose_password)
    email = stack.email or ask("E-mail", "AURORA_EMAIL", secret=False)
    session.sign_in(email, stack.password or ask("Password", "AURORA_PASSWORD"))
    return session


def _start(api: CoursesApi, request: CourseRequest, content: bytes, outline: Outline, stack: DeployedStack) -> Started:
    memory = CourseMemory(request.out)
    known = _known_course(api, memory.candidates(stack.key, outline.title, request.outline))
    upload = api.upload(request.outline.name, known.course_id if known else None)
    api.send(upload, request.outline.name, content)
    try:
        started = api.start(upload, request.options)
    except ApiRefusal as error:
        raise _in_terms_of(error, request.outline) from error
    memory.remember(stack.key, started.course_id, outline.title, request.outline)
    if started.joined:
        console.say("This course is being written already: following that run.")
        if request.options:
            console.say(
                "The other options of this command have no effect: run it again after that run ends, or after --cancel."
            )
    return started


def _known_course(api: CoursesApi, candidates: Sequence[str]) -> Course | None:
    """The first course that is still there: a local platform may have started empty since."""
    for course_id in candidates:
        try:
            return api.course(course_id)
        except ApiRefusal as error:
            if error.status != _NOT_FOUND:
                raise
    return None


def _in_terms_of(error: ApiRefusal, outline: Path) -> CommandError:
    """An outline, or a value, that the platform refuses although it was accepted here: it knows what its stack has."""
    if error.problems:
        lines = [
            f"{outline}:{problem['line']}:{problem['column']}: {problem['message']}\n    {problem.get('hint', '')}"
            for problem in error.problems
        ]
        return InvalidInput("\n".join(map(str.rstrip, lines)))
    if error.status != _BAD_REQUEST:
        return error
    detail = _FIELD.sub(lambda field: option_name(_NAMES[field[0]]), error.detail)
    return InvalidInput(f"{detail}\nNothing was started.")


def _sum_up(execution: Execution) -> None:
    for line in (*summary.table(execution), *filter(None, [summary.money(execution)]), *summary.missing(execution)):
        console.say(line)
    for problem in execution.problems:
        console.say(f"Problem: {problem}")


def _failure(execution: Execution) -> CommandError:
    _sum_up(execution)
    status = execution.status.lower().replace("_", " ")
    reason = execution.error or "No reason is given. Run the same command again to continue."
    return CommandError(f"The course was not finished ({status}). {reason}")


def _report(request: CourseRequest, execution: Execution, paths: list[Path]) -> int:
    _sum_up(execution)
    there = {path.relative_to(request.out).as_posix(): path for path in paths}
    made, absent = summary.results(execution, there)
    for name in made:
        console.result(str(there[name]))
    for folder in (kind.folder for kind in UNIT_KINDS.values() if kind.book):  # of others each file is a result
        files = sum(name.startswith(folder) for name in there)
        if files:
            console.say(f"{console.counted(files, 'file')} in {request.out / folder}")
    if execution.outcome == "complete":
        if absent:
            raise CommandError(f"The platform made no {', '.join(absent)}: its validation report and logs say why.")
        return COMPLETE
    if absent:
        console.say(f"Not made: {', '.join(absent)}.")
    if execution.error:
        console.say(execution.error)
    if execution.outcome == "cancelled":
        console.say("The run was cancelled; what was written is kept.")
    if "only" in request.options:
        console.say("Run the same command again to write all the units that it names.")
    else:
        again = "without --force" if "force" in request.options else "again"
        console.say(f"Run the same command {again} to write only what is missing.")
    return INCOMPLETE


def _after_interruption(stack: DeployedStack) -> str:
    if stack.temporary:
        return "Run the same command again to continue this course."
    return (
        "The course is still being written there: run the same command again to follow it, or with --cancel to end it."
    )


def _after_loss(stack: DeployedStack) -> str:
    if stack.local:
        return (
            "The local platform has ended, or was killed. Run the same command again: it goes on with what was "
            "written, where that is kept (--data)."
        )
    return "The course is still being written there: run the same command again to follow it."
