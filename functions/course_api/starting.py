"""Starts a course: only one execution of a course runs at a time, however many requests ask for it.

One conditional write of the course's record decides. It numbers the attempt, and the attempt names the execution. A
request that loses the write, or finds an execution running, joins that execution.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from aurora.runtime.errors import BadRequest, NotFound, Throttled
from aurora.runtime.executions import Executions
from aurora.runtime.objects import ObjectStore
from functions.courses.events import CourseEvent
from functions.courses.options import RunOptions
from functions.courses.paths import CoursePaths
from functions.courses.progress import CourseProgress
from functions.courses.records import CourseRecord, CourseRecords, execution_name
from functions.outline.limits import MAX_OUTLINE_BYTES
from functions.progress.records import iso_now

if TYPE_CHECKING:
    from functions.outline.model import Outline

_TRIES: Final = 5


@dataclass(frozen=True)
class StartRequest:
    """What an author asks for: an uploaded outline (None: the one accepted before), and how to run it."""

    owner: str
    course_id: str
    upload_id: str | None
    options: RunOptions


@dataclass(frozen=True)
class Started:
    """The execution that now runs; `joined` if it was there already, `units` is how many it concerns."""

    execution: str
    joined: bool
    units: int


class Starter:
    """Starts executions of courses, or joins them."""

    def __init__(
        self,
        store: ObjectStore,
        courses: CourseRecords,
        progress: CourseProgress,
        executions: Executions,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._store = store
        self._courses = courses
        self._progress = progress
        self._executions = executions
        self._now = now

    def start(self, request: StartRequest) -> Started:
        """Start the course's next execution or join the one that runs.

        Raises NotFound (no such course or upload), TooLarge, InvalidOutline, BadRequest (modules or units that the
        outline does not have); then nothing was changed.
        """
        # Loaded by the first start and not before: the API's other requests need no YAML and answer sooner.
        from functions.courses.chosen import chosen_units
        from functions.outline.parse import parse

        key = self._outline_key(request)
        outline = parse(self._read(key))
        options = request.options
        chosen = chosen_units(
            outline, options["content"], slides=options["slides"], modules=options["modules"], only=options["only"]
        )
        if not chosen:
            raise BadRequest("The outline has no units for this request.")
        for _ in range(_TRIES):
            seen = self._courses.get(request.owner, request.course_id)
            if seen and self.under_way(seen):
                return Started(seen.execution, joined=True, units=seen.units)
            claim = self._next_attempt(request, key, outline, len(chosen), seen)
            if self._courses.claim(claim, seen.attempt if seen else 0):
                self._run(claim)
                return Started(claim.execution, joined=False, units=claim.units)
        raise Throttled("Too many requests start this course at once; try again in a moment.")

    def under_way(self, course: CourseRecord) -> bool:
        """Whether the course's latest attempt runs, or is being started at this moment."""
        state = self._executions.state(course.execution)
        if state is None:
            return course.is_fresh(self._now())
        return state.status == "RUNNING"

    def _outline_key(self, request: StartRequest) -> str:
        paths = CoursePaths(request.owner, request.course_id)
        if request.upload_id is not None:
            return paths.outline(request.upload_id)
        course = self._courses.get(request.owner, request.course_id)
        if course is None:
            raise NotFound("Course not found.")
        return course.outline_key

    def _read(self, key: str) -> bytes:
        try:
            return self._store.read(key, MAX_OUTLINE_BYTES)
        except NotFound:
            raise NotFound("Upload not found in this course: upload the outline first.") from None

    def _next_attempt(
        self, request: StartRequest, key: str, outline: Outline, units: int, seen: CourseRecord | None
    ) -> CourseRecord:
        from functions.outline.selection import labs

        attempt = seen.attempt + 1 if seen else 1
        return CourseRecord(
            owner=request.owner,
            course_id=request.course_id,
            title=outline.title,
            language=outline.language,
            created_at=seen.created_at if seen else iso_now(),
            outline_key=key,
            modules=len(outline.modules),
            lessons=outline.lesson_count,
            labs=len(labs(outline)),
            attempt=attempt,
            execution=execution_name(request.course_id, attempt),
            started_at=self._now(),
            request=request.options,
            units=units,
            whole=request.options if request.options["only"] is None else seen and seen.whole,
        )

    def _run(self, claim: CourseRecord) -> None:
        try:
            self._progress.release_reservations(claim.course_id)
            self._executions.start(claim.execution, {"course": _event(claim)})
        except Exception:
            # The claim is given up at once, so that the author need not wait until it has grown stale.
            self._courses.claim(replace(claim, started_at=0), claim.attempt)
            raise
        # From here on an execution that is not there is one that is gone: nobody needs to wait for it to appear.
        self._courses.claim(replace(claim, launched=True), claim.attempt)


def _event(claim: CourseRecord) -> CourseEvent:
    return {
        "owner": claim.owner,
        "course_id": claim.course_id,
        "execution": claim.execution,
        "outline_key": claim.outline_key,
        **claim.request,
    }
