"""The course command: an outline of this machine becomes a book in a folder, through a platform's API like any client.

Knows the order of the steps and what to say of each; how to talk to a platform, sign in and download lies elsewhere.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx

from aurora import console, target
from aurora.api import ApiRefusal, CoursesApi, Execution, Started
from aurora.download import download
from aurora.errors import COMPLETE, INCOMPLETE, CommandError, InvalidInput, PlatformLost, SignInFailed
from aurora.memory import CourseMemory
from aurora.session import Session
from aurora.target import Target
from functions.common.errors import BadRequest, InvalidOutline
from functions.common.outline import MAX_OUTLINE_BYTES, Outline, chosen, parse

BOOK_FILES: Final = ("book.md", "book.json", "book.html", "book.pdf")

# What a step of an execution is called while it runs.
_STEPS: Final = {
    "expanding": "Planning the batches",
    "writing": "Writing lessons",
    "validating": "Checking the lessons",
    "building": "Making the book",
    "done": "Done",
}


@dataclass(frozen=True)
class CourseRequest:
    """What was asked for. ``modules`` None means all; ``model`` None the platform's default; ``stack`` None local."""

    outline: Path
    out: Path
    modules: tuple[int, ...] | None = None
    model: str | None = None
    force: bool = False
    stack: str | None = None


@dataclass(frozen=True)
class Pace:
    """How patient a client is with a platform, in seconds: between two looks, and while it does not answer."""

    poll: float
    patience: float


_LOCAL_PACE: Final = Pace(poll=0.4, patience=8)
_CLOUD_PACE: Final = Pace(poll=2, patience=180)


def make_course(request: CourseRequest) -> int:
    """Writes the course and downloads it; returns the exit code, INCOMPLETE where lessons are missing.

    Raises:
        InvalidInput: the outline or the options are wrong; nothing was started, nothing overwritten.
        CommandError: the platform cannot do it.
    """
    content, outline = read_outline(request.outline)
    try:
        chosen(outline, request.modules)
    except BadRequest as error:
        raise InvalidInput(f"--modules: {error}") from None
    _check_folder(request.out)
    with _platform(request) as place:
        return write_course(request, content, outline, place, _LOCAL_PACE if place.local else _CLOUD_PACE)


def read_outline(path: Path) -> tuple[bytes, Outline]:
    """Reads and checks an outline.

    Raises:
        InvalidInput: with ``file:line:column: what is wrong`` and a hint for every problem.
    """
    try:
        with path.open("rb") as file:
            content = file.read(MAX_OUTLINE_BYTES + 1)
    except OSError as error:
        raise InvalidInput(f"{path} cannot be read: {error.strerror}.") from None
    if len(content) > MAX_OUTLINE_BYTES:
        raise InvalidInput(f"{path} is too large for an outline: at most {MAX_OUTLINE_BYTES:,} bytes are accepted.")
    try:
        return content, parse(content)
    except InvalidOutline as error:
        lines: list[str] = []
        for problem in error.problems:
            lines.append(f"{path}:{problem.line}:{problem.column}: {problem.message}")
            if problem.hint:
                lines.append(f"    {problem.hint}")
        raise InvalidInput("\n".join([*lines, "Nothing was started."])) from None


def write_course(request: CourseRequest, content: bytes, outline: Outline, place: Target, pace: Pace) -> int:
    """Signs in to ``place``, has the course written there and downloads it; returns the exit code.

    Raises:
        CommandError: the platform refused, failed or was lost.
    """
    with httpx.Client(timeout=60, trust_env=not place.local) as http:
        session = _sign_in(http, place)
        api = CoursesApi(http, place.api, session, patience=pace.patience, lost=place.lost)
        try:
            course = _start(api, request, content, outline, place)
            finished = _follow(api, course.execution_id, pace.poll)
            files = api.files(course.course_id)
        except PlatformLost as error:
            raise PlatformLost(f"{error}\n{_after_loss(place)}") from error
        except KeyboardInterrupt:
            console.say("The same command again goes on with this course.")
            raise
        paths = download(http, files, request.out)
    return _report(request, finished, paths)


def _check_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InvalidInput(f"--out {folder} cannot be used: {error.strerror}.") from None
    if not os.access(folder, os.W_OK):
        raise InvalidInput(f"--out {folder} cannot be used: it is not writable.")


@contextlib.contextmanager
def _platform(request: CourseRequest) -> Generator[Target]:
    """The stack asked for, else the local platform that runs, else one for this course alone."""
    if request.stack is not None and request.stack != target.LOCAL:
        yield Target.of_stack(request.stack)
        return
    running = target.running_local()
    if running is not None:
        console.say(f"Using the local platform that runs at {running.site}")
        own_data = request.out / ".aurora"
        if (own_data / "objects").is_dir():
            console.say(
                f"What this course has in {own_data}, from a platform of its own, is not used meanwhile: to go on with "
                "that, end the running platform first."
            )
        yield running
        return
    if request.stack == target.LOCAL:
        raise CommandError("No local platform is running here: start one with python3 run.py local")
    from aurora.locally import running_for

    with running_for(request.out / ".aurora", request.model) as place:
        yield place


def _sign_in(http: httpx.Client, place: Target) -> Session:
    import getpass

    def ask(prompt: str, variable: str, secret: bool = True) -> str:
        given = os.environ.get(variable)
        if given:
            return given
        try:
            return getpass.getpass(f"{prompt}: ") if secret else input(f"{prompt}: ")
        except EOFError:
            raise SignInFailed(
                f"Signing in to {place.stack} needs a user: set {variable}, or run in a terminal."
            ) from None

    def choose_password() -> str:
        console.say("This is your first sign-in: choose a password of your own.")
        return ask("New password", "AURORA_NEW_PASSWORD")

    session = Session(http, place.sign_in, place.client_id, choose_password=choose_password)
    email = place.email or ask("E-mail", "AURORA_EMAIL", secret=False)
    session.sign_in(email, place.password or ask("Password", "AURORA_PASSWORD"))
    return session


def _start(api: CoursesApi, request: CourseRequest, content: bytes, outline: Outline, place: Target) -> Started:
    memory = CourseMemory(request.out)
    known = _known_course(api, memory.candidates(place.key, outline.title, request.outline))
    upload = api.upload(request.outline.name, known)
    api.send(upload, request.outline.name, content)
    try:
        started = api.start(upload, modules=request.modules, force=request.force, model=request.model)
    except ApiRefusal as error:
        raise _with_places(error, request.outline) from error
    memory.remember(place.key, started.course_id, outline.title, request.outline)
    if started.joined:
        console.say("This course is being written already: following that run.")
    return started


def _known_course(api: CoursesApi, candidates: list[str]) -> str | None:
    """The first course that is still there: a local platform may have started empty since."""
    for course_id in candidates:
        try:
            api.files(course_id)
        except ApiRefusal as error:
            if error.status == 404:
                continue
            raise
        return course_id
    return None


def _with_places(error: ApiRefusal, outline: Path) -> CommandError:
    """An outline that the platform, perhaps of another version, refuses although it was accepted here."""
    if not error.problems:
        return error
    lines = [
        f"{outline}:{problem['line']}:{problem['column']}: {problem['message']}\n    {problem.get('hint', '')}".rstrip()
        for problem in error.problems
    ]
    return InvalidInput("\n".join(lines))


def _follow(api: CoursesApi, execution_id: str, poll: float, sleep: Callable[[float], None] = time.sleep) -> Execution:
    told: set[str] = set()
    with console.progress_view("lessons") as view:
        while True:
            execution = api.execution(execution_id)
            for reason in {lesson.reason for lesson in execution.in_state("waiting") if lesson.reason} - told:
                view.note(f"Waiting: {reason}")
                told.add(reason)
            view.update(_STEPS.get(execution.step, execution.step or "Starting"), execution.done, execution.total)
            if not execution.running:
                break
            sleep(poll)
    if execution.outcome not in ("complete", "incomplete"):
        status = execution.status.lower().replace("_", " ")
        raise CommandError(
            f"The course was not finished ({status}): {execution.error or 'no reason given'}\n"
            "The same command goes on from what is written."
        )
    return execution


def _report(request: CourseRequest, execution: Execution, paths: list[Path]) -> int:
    written, skipped = len(execution.in_state("written")), len(execution.in_state("skipped"))
    missing = [lesson for lesson in execution.lessons if lesson.state not in ("written", "skipped")]
    there = {path.relative_to(request.out).as_posix(): path for path in paths}
    console.say(f"{console.counted(written, 'lesson')} written, {skipped} already there.")
    for name in BOOK_FILES:
        if name in there:
            console.result(str(there[name]))
    absent = [name for name in BOOK_FILES if name not in there]
    if absent:
        raise CommandError(f"The platform made no {', '.join(absent)}: its validation report and logs say why.")
    if not missing and execution.outcome == "complete":
        return COMPLETE
    if missing:
        console.say(f"{console.counted(len(missing), 'lesson')} could not be written:")
    for lesson in missing:
        console.say(f"  {lesson.id} {lesson.title}: {lesson.reason or 'no reason given'}")
    if execution.error:
        console.say(execution.error)
    again = "The same command without --force" if request.force else "The same command again"
    console.say(f"{again} writes only what is missing.")
    return INCOMPLETE


def _after_loss(place: Target) -> str:
    if place.local:
        return (
            "The local platform has ended, or was killed. Run the same command again: it goes on with what was "
            "written, where that is kept (--data)."
        )
    return "The course goes on being written there: the same command again follows it."
