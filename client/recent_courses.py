"""The courses that authors worked on lately, for `idle`, and how they are saved before a stack is destroyed."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from pathlib import Path, PurePosixPath

from aurora.console import counted, say
from aurora.errors import CommandError
from aurora.files import write_atomically
from aurora.ops.idle import CLOCK, RecentWork
from aurora.runtime.objects import ObjectStore
from aurora.stack.pulumi_stack import PulumiStack
from functions.courses.paths import CoursePaths
from functions.courses.records import CourseRecord, CourseRecords


def recent_courses(stack: PulumiStack, since: datetime) -> RecentWork | None:
    """The courses that somebody began or continued ``since`` then; None where nobody did. Raises AWS's errors."""
    records = CourseRecords(stack.table("courses"), stack.client("dynamodb"))
    courses = [course for course in records.every() if _last_worked_on(course) > since]
    if not courses:
        return None
    newest = max(map(_last_worked_on, courses))
    return RecentWork(
        f"authors worked on {counted(len(courses), 'course')} lately, last on {newest:{CLOCK}}",
        partial(_export, ObjectStore(stack.bucket("content"), stack.client("s3")), courses),
    )


def _export(store: ObjectStore, courses: list[CourseRecord], folder: Path) -> None:
    """Saves everything of ``courses`` in ``folder``, each in a folder of its own.

    Raises:
        CommandError: a file cannot be written, or is not one of a course's.
    """
    for course in courses:
        prefix = CoursePaths(course.owner, course.course_id).prefix
        files = 0
        for stored in store.list(prefix):
            name = PurePosixPath(stored.key.removeprefix(prefix))
            if ".." in name.parts or name.is_absolute():
                raise CommandError(f"The bucket holds an object that no course has: {stored.key!r}.")
            path = folder / course.course_id / name
            try:
                write_atomically(path, store.read(stored.key))
            except OSError as error:
                raise CommandError(f"{path} cannot be written: {error.strerror}") from error
            files += 1
        say(f"{course.course_id}: {counted(files, 'file')} in {folder / course.course_id}")


def _last_worked_on(course: CourseRecord) -> datetime:
    return max(datetime.fromisoformat(course.created_at), datetime.fromtimestamp(course.started_at, UTC))
