"""Whether an environment may be ended because nobody uses it: what has run in it, what runs, what authors have there.

Says that it is idle only if every look succeeded; whatever cannot be read ends as an error. Ends nothing itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path, PurePosixPath
from typing import Any, Final

from aurora import project
from aurora.aws_session import StackSession
from aurora.console import counted, result, say
from aurora.errors import COMPLETE, CommandError
from aurora.files import write_atomically
from aurora.naming import Naming
from aurora.runtime.objects import ObjectStore
from aurora.stack import pulumi_cli as pulumi_stack
from aurora.stack.ground import Ground
from functions.courses.paths import CoursePaths
from functions.courses.records import CourseRecord, CourseRecords

IN_USE: Final = 3
"""The exit code that says so."""

_OUTPUTS: Final = ("account", "buckets", "environment", "functions", "region", "stateMachines")
_METRIC_PERIOD: Final = timedelta(hours=1)
_CLOCK = "%d %b %H:%M UTC"


@dataclass(frozen=True)
class Limits:
    """How long nothing may have run, and how young a course keeps its environment alive."""

    quiet: timedelta
    young: timedelta


def tell_whether_idle(stack: str, limits: Limits, export: Path | None, now: datetime | None = None) -> int:
    """Says whether ``stack`` is idle ``now``, and why not; returns the exit code.

    With ``export`` the courses that alone keep it alive are first put there, and no longer do.

    Raises:
        CommandError: it cannot be told.
    """
    ground = Ground(stack)
    if not ground.state["resources"]:
        result(f"Nothing is deployed in the stack {stack}.")
        return COMPLETE
    outputs = pulumi_stack.outputs(stack)
    for name in _OUTPUTS:
        if name not in outputs:
            raise CommandError(
                f"The stack {stack} has no output '{name}': bring it up to date with pulumi up -s {stack}"
            )
    with ground.in_sentences():
        environment = _Environment(outputs, ground.session, now or datetime.now(UTC))
        uses = [*environment.recent(limits.quiet), *environment.running()]
        courses = environment.courses(limits.young)
        if courses and not uses and export is not None:
            environment.export(courses, export)
            courses = []
            uses.extend(environment.running())  # somebody may have come meanwhile
    if courses:
        newest = max(map(_last_worked_on, courses))
        uses.append(f"authors worked on {counted(len(courses), 'course')} lately, last on {newest:{_CLOCK}}")
    if uses:
        result(f"The stack {stack} is in use:")
        for use in uses:
            result(f"  - {use}")
        return IN_USE
    result(f"The stack {stack} is idle.")
    return COMPLETE


class _Environment:
    """A deployed stack by its outputs, as it is ``now``."""

    def __init__(self, outputs: Mapping[str, Any], session: StackSession, now: datetime) -> None:
        self._functions = [str(arn).split(":")[6] for arn in outputs["functions"].values()]
        self._state_machine = str(outputs["stateMachines"]["courses"])
        self._store = ObjectStore(outputs["buckets"]["content"], session.client("s3"))
        naming = Naming(project.service(), outputs["environment"], outputs["region"], outputs["account"])
        self._courses = CourseRecords(naming.name("courses"), session.client("dynamodb"))
        self._session = session
        self._now = now

    def recent(self, quiet: timedelta) -> Iterator[str]:
        """What has run, or was deployed, since ``quiet`` ago.

        Every invocation counts: the platform calls none of its functions by itself, and a request without a valid
        token never reaches one. What is younger than that cannot have been quiet for so long.
        """
        since = self._now - quiet
        metrics, functions = self._session.client("cloudwatch"), self._session.client("lambda")
        for function in self._functions:
            points = metrics.get_metric_statistics(
                Namespace="AWS/Lambda",
                MetricName="Invocations",
                Dimensions=[{"Name": "FunctionName", "Value": function}],
                StartTime=since,
                EndTime=self._now,
                Period=int(_METRIC_PERIOD.total_seconds()),
                Statistics=["Sum"],
            )["Datapoints"]
            if invocations := round(sum(point["Sum"] for point in points)):
                yield f"{function} ran {counted(invocations, 'time')} since {since:{_CLOCK}}"
            deployed = datetime.fromisoformat(
                functions.get_function_configuration(FunctionName=function)["LastModified"]
            )
            if deployed > since:
                yield f"{function} was deployed on {deployed:{_CLOCK}}"

    def running(self) -> Iterator[str]:
        """Executions under way."""
        running = self._session.client("stepfunctions").list_executions(
            stateMachineArn=self._state_machine, statusFilter="RUNNING", maxResults=1
        )["executions"]
        if running:
            yield f"an execution runs since {running[0]['startDate'].astimezone(UTC):{_CLOCK}}"

    def courses(self, young: timedelta) -> list[CourseRecord]:
        """The courses that somebody began or went on with since ``young`` ago."""
        return [course for course in self._courses.every() if _last_worked_on(course) > self._now - young]

    def export(self, courses: list[CourseRecord], folder: Path) -> None:
        """Puts everything of ``courses`` into ``folder``, one folder for each.

        Raises:
            CommandError: a file cannot be written, or is not one of a course's.
        """
        for course in courses:
            prefix = CoursePaths(course.owner, course.course_id).prefix
            files = 0
            for stored in self._store.list(prefix):
                name = PurePosixPath(stored.key.removeprefix(prefix))
                if ".." in name.parts or name.is_absolute():
                    raise CommandError(f"The bucket holds an object that no course has: {stored.key!r}.")
                path = folder / course.course_id / name
                try:
                    write_atomically(path, self._store.read(stored.key))
                except OSError as error:
                    raise CommandError(f"{path} cannot be written: {error.strerror}") from error
                files += 1
            say(f"{course.course_id}: {counted(files, 'file')} in {folder / course.course_id}")


def _last_worked_on(course: CourseRecord) -> datetime:
    return max(datetime.fromisoformat(course.created_at), datetime.fromtimestamp(course.started_at, UTC))
