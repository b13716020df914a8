"""The two tables: courses (who owns what, and the latest attempt) and lessons (progress of one execution).

The only module that knows the shape of their items; it knows nothing of why a record changes.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final, Literal

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from botocore.exceptions import ClientError

from functions.common import aws

LessonStatus = Literal["waiting", "writing", "written", "skipped", "failed"]
Step = Literal["writing", "validating", "building", "done"]

DONE: Final[frozenset[str]] = frozenset({"written", "skipped", "failed"})
"""Lesson states after which nothing more happens in the same execution."""
MARKER_SECONDS: Final = 60
"""How long a claimed attempt without an execution counts as being started. Longer than a starter function may run."""
LAUNCHED_SECONDS: Final = 5
"""How long an execution that was started may be unknown yet: DescribeExecution is eventually consistent."""
KEPT_SECONDS: Final = 90 * 24 * 3600
"""How long progress is kept: as long as Step Functions keeps the execution's history."""

_RUN = "#run"  # sorts before every "MM-LL", so a query meets the run before its lessons
_serialize = TypeSerializer().serialize
_deserialize = TypeDeserializer().deserialize


@dataclass(frozen=True)
class ExecutionRequest:
    """What an execution was asked for: module numbers (None: all), redo what exists, text model, lessons concerned."""

    modules: tuple[int, ...] | None
    force: bool
    model: str
    lessons: int


@dataclass(frozen=True)
class CourseRecord:
    """A course and its latest attempt.

    `created_at` is ISO 8601 (UTC), `started_at` epoch seconds of the attempt; `launched` tells that its execution was
    started.
    """

    owner: str
    course_id: str
    title: str
    language: str
    created_at: str
    outline_key: str
    modules: int
    lessons: int
    attempt: int
    execution: str
    started_at: float
    request: ExecutionRequest
    launched: bool = False

    def is_fresh(self, now: float) -> bool:
        """Whether the attempt was claimed so lately that its execution may still be about to appear."""
        return now - self.started_at < (LAUNCHED_SECONDS if self.launched else MARKER_SECONDS)


@dataclass(frozen=True)
class LessonRecord:
    """Progress of one lesson in one execution; `id` is "MM-LL". A waiting lesson may carry the reason why it waits."""

    module: int
    number: int
    title: str
    state: LessonStatus = "waiting"
    reason: str | None = None
    words: int | None = None

    @property
    def id(self) -> str:
        return lesson_id(self.module, self.number)


@dataclass(frozen=True)
class RunRecord:
    """One execution as a whole, from its expansion on: its step, how many lessons it concerns, whose it is.

    `images_missing` is how many figures of the book have no image; 0 until the book is built.
    """

    step: Step
    total: int
    owner: str
    course_id: str
    images_missing: int = 0


def lesson_id(module: int, number: int) -> str:
    """The id "MM-LL", as in visual tags and object names."""
    return f"{module:02d}-{number:02d}"


def execution_name(course_id: str, attempt: int) -> str:
    """The name of a course's attempt: also the name of its Step Functions execution."""
    return f"{course_id}-{attempt}"


class CourseRecords:
    """The courses table: partition key `owner`, sort key `course_id`."""

    def __init__(self, table: str, client: Any = None) -> None:
        self._table = table
        self._client = client or aws.client("dynamodb")

    def get(self, owner: str, course_id: str) -> CourseRecord | None:
        """The course as it is now (a consistent read), or None if this owner has none of that id."""
        answer = self._client.get_item(
            TableName=self._table, Key=_item({"owner": owner, "course_id": course_id}), ConsistentRead=True
        )
        return _course(_plain(answer["Item"])) if "Item" in answer else None

    def of_owner(self, owner: str) -> list[CourseRecord]:
        """Every course of this owner, newest first."""
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression="#owner = :owner",
            ExpressionAttributeNames={"#owner": "owner"},
            ExpressionAttributeValues=_item({":owner": owner}),
        )
        courses = [_course(_plain(item)) for page in pages for item in page["Items"]]
        return sorted(courses, key=lambda course: (course.created_at, course.course_id), reverse=True)

    def every(self) -> list[CourseRecord]:
        """Every course of every owner: for those who look after an environment, never for an author."""
        pages = self._client.get_paginator("scan").paginate(TableName=self._table, ConsistentRead=True)
        return [_course(_plain(item)) for page in pages for item in page["Items"]]

    def claim(self, record: CourseRecord, seen_attempt: int) -> bool:
        """Write `record` if the table still has `seen_attempt` (0: no such course yet); False if it has moved on."""
        condition: dict[str, Any] = {"ConditionExpression": "attribute_not_exists(course_id)"}
        if seen_attempt:
            condition = {
                "ConditionExpression": "attempt = :seen",
                "ExpressionAttributeValues": _item({":seen": seen_attempt}),
            }
        try:
            self._client.put_item(TableName=self._table, Item=_item(_course_item(record)), **condition)
        except ClientError as error:
            if aws.error_code(error) == "ConditionalCheckFailedException":
                return False
            raise
        return True


class LessonRecords:
    """The lessons table: partition key `execution`, sort key `lesson` ("MM-LL", or "#run" for the whole)."""

    def __init__(self, table: str, client: Any = None, now: Callable[[], float] = time.time) -> None:
        self._table = table
        self._client = client or aws.client("dynamodb")
        self._now = now

    def begin(self, execution: str, owner: str, course_id: str, lessons: Sequence[LessonRecord]) -> None:
        """Record that an execution concerns `lessons`, all of them as they are given; its step is now "writing"."""
        run = {"lesson": _RUN, "step": "writing", "total": len(lessons), "owner": owner, "course_id": course_id}
        items = [run, *(_lesson_item(lesson) for lesson in lessons)]
        self._write({"execution": execution, **item, **self._times()} for item in items)

    def set_step(self, execution: str, step: Step) -> None:
        """Note which step an execution is at."""
        self._update(execution, _RUN, {"step": step})

    def set_state(
        self,
        execution: str,
        module: int,
        number: int,
        state: LessonStatus,
        *,
        reason: str | None = None,
        words: int | None = None,
    ) -> None:
        """Note a lesson's state. `reason` and `words` replace what stood there: None removes it."""
        self._update(execution, lesson_id(module, number), {"state": state, "reason": reason, "words": words})

    def progress(self, execution: str) -> tuple[RunRecord | None, list[LessonRecord]]:
        """The execution's run record (None before it is expanded) and its lessons in the order of the course."""
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression="execution = :execution",
            ExpressionAttributeValues=_item({":execution": execution}),
            ConsistentRead=True,
        )
        run: RunRecord | None = None
        lessons: list[LessonRecord] = []
        for item in (_plain(item) for page in pages for item in page["Items"]):
            if item["lesson"] == _RUN:
                run = RunRecord(
                    item["step"], item["total"], item["owner"], item["course_id"], item.get("images_missing", 0)
                )
            else:
                lessons.append(_lesson(item))
        return run, sorted(lessons, key=lambda lesson: (lesson.module, lesson.number))

    def finish(self, execution: str, missing: int, images_missing: int = 0) -> None:
        """Note that the book is built, and how many lessons and images are missing in it."""
        self._update(execution, _RUN, {"step": "done", "missing": missing, "images_missing": images_missing})

    def finished(self, executions: Sequence[str]) -> dict[str, int]:
        """Those of `executions` whose book is built, and how many lessons and images are missing in each: they need
        not be asked about anywhere else."""
        done: dict[str, int] = {}

        def ask(keys: dict[str, Any]) -> dict[str, Any]:
            answer = self._client.batch_get_item(RequestItems=keys)
            items = map(_plain, answer["Responses"].get(self._table, ()))
            done.update(
                (item["execution"], item["missing"] + item.get("images_missing", 0))
                for item in items
                if item["step"] == "done"
            )
            return answer.get("UnprocessedKeys") or {}

        for some in _by(100, [_item({"execution": name, "lesson": _RUN}) for name in executions]):
            _until_nothing_is_left(ask, {self._table: {"Keys": some}})
        return done

    def _times(self) -> dict[str, Any]:
        now = self._now()
        return {"updated_at": _iso(now), "expires_at": int(now) + KEPT_SECONDS}

    def _update(self, execution: str, lesson: str, changes: Mapping[str, Any]) -> None:
        values = {**changes, **self._times()}
        given = {name: value for name, value in values.items() if value is not None}
        absent = [name for name in values if name not in given]
        expression = "SET " + ", ".join(f"#{name} = :{name}" for name in given)
        if absent:
            expression += " REMOVE " + ", ".join(f"#{name}" for name in absent)
        self._client.update_item(
            TableName=self._table,
            Key=_item({"execution": execution, "lesson": lesson}),
            UpdateExpression=expression,
            ExpressionAttributeNames={f"#{name}": name for name in values},
            ExpressionAttributeValues=_item({f":{name}": value for name, value in given.items()}),
        )

    def _write(self, items: Iterable[Mapping[str, Any]]) -> None:
        def put(requests: dict[str, Any]) -> dict[str, Any]:
            return self._client.batch_write_item(RequestItems=requests).get("UnprocessedItems") or {}

        for some in _by(25, [{"PutRequest": {"Item": _item(item)}} for item in items]):
            _until_nothing_is_left(put, {self._table: some})


def _until_nothing_is_left(send: Callable[[dict[str, Any]], dict[str, Any]], left: dict[str, Any]) -> None:
    """DynamoDB may leave part of a batch undone when it is busy; that part is sent again after a pause that grows."""
    pause = 0.05
    while left := send(left):
        time.sleep(random.uniform(0, pause))
        pause = min(2 * pause, 2.0)


def iso_now() -> str:
    """The present moment as records hold it: ISO 8601, UTC, whole seconds."""
    return _iso(time.time())


def _iso(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="seconds")


def _by(size: int, things: list[Any]) -> Iterator[list[Any]]:
    return (things[start : start + size] for start in range(0, len(things), size))


def _course_item(record: CourseRecord) -> dict[str, Any]:
    request = record.request
    modules = None if request.modules is None else list(request.modules)
    return {
        **{name: value for name, value in vars(record).items() if name != "request"},
        "started_at": Decimal(str(record.started_at)),
        "request": {"modules": modules, "force": request.force, "model": request.model, "lessons": request.lessons},
    }


def _course(item: dict[str, Any]) -> CourseRecord:
    request = item.pop("request")
    modules = request["modules"]
    return CourseRecord(
        **item,
        request=ExecutionRequest(
            None if modules is None else tuple(modules), request["force"], request["model"], request["lessons"]
        ),
    )


def _lesson_item(lesson: LessonRecord) -> dict[str, Any]:
    given = {name: value for name, value in vars(lesson).items() if value is not None}
    return {"lesson": lesson.id, **given}


def _lesson(item: Mapping[str, Any]) -> LessonRecord:
    return LessonRecord(
        item["module"], item["number"], item["title"], item["state"], item.get("reason"), item.get("words")
    )


def _item(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _serialize(value) for name, value in values.items()}


def _plain(item: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _number(_deserialize(value)) for name, value in item.items()}


def _number(value: Any) -> Any:
    """DynamoDB's Decimals as int or float, at any depth."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, dict):
        return {name: _number(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_number(inner) for inner in value]
    return value
