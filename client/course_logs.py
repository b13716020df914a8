"""What `logs` shows of courses: a folder, a course's id or an execution's names the lines of one course."""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path
from typing import Final

from botocore.exceptions import ClientError

from aurora.errors import CommandError, InvalidInput
from aurora.ops.logs import LogSubject
from aurora.stack.aws_errors import denied
from aurora.stack.deployed import DeployedStack
from client.memory import CourseMemory
from functions.courses.records import CourseRecords

_ID: Final = re.compile(r"([0-9a-f]{32})(?:-([1-9][0-9]*))?")


def course_logs(argument: str, execution: int | None, stack: DeployedStack) -> LogSubject | None:
    """The course that ``argument`` names, or its execution of that number; None if it can name none.

    Raises:
        InvalidInput: it names another execution already.
        CommandError: it is a folder without a course of this platform.
    """
    named = _ID.fullmatch(argument)
    if named is None:
        folder = Path(argument)
        if not (folder / ".aurora" / "course.json").is_file():
            return None
        course_id = CourseMemory(folder).newest(stack.key)
        if course_id is None:
            raise CommandError(f"{folder} holds no course that was made at {stack.name}. -s STACK names another.")
    else:
        course_id = named[1]
        if named[2] and execution not in (None, int(named[2])):
            raise InvalidInput(f"{argument} is an execution already: remove --execution {execution}.")
        execution = int(named[2]) if named[2] else execution
    exists = partial(_exists, course_id, stack)
    name = f"course {course_id}"
    if execution is None:
        return LogSubject(name, "course_id", course_id, exists)
    return LogSubject(name, "execution", f"{course_id}-{execution}", exists)


def _exists(course_id: str, stack: DeployedStack) -> bool:
    try:
        courses = CourseRecords(stack.table("courses"), stack.client("dynamodb")).every()
        return any(course.course_id == course_id for course in courses)
    except ClientError as error:
        if denied(error):
            return True  # who may read logs alone does not see the difference
        raise
