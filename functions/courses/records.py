"""The table of courses: whose each is, and its latest attempt. No other module knows the shape of its items."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from botocore.exceptions import ClientError

from aurora.runtime import aws
from aurora.runtime.items import from_item, to_item
from functions.courses.options import RunOptions, stored

MARKER_SECONDS: Final = 60
"""How long a claimed attempt without an execution counts as being started. Longer than a starter function may run."""
LAUNCHED_SECONDS: Final = 5
"""How long an execution that was started may be unknown yet: DescribeExecution is eventually consistent."""


@dataclass(frozen=True)
class CourseRecord:
    """A course and its latest attempt.

    `request` is what the attempt was asked for, `units` how many that concerns. `whole` is the latest request that
    named no single units: what going on with the course means; None if there was none. `created_at` is ISO 8601 (UTC),
    `started_at` epoch seconds of the attempt; `launched` means that its execution was started.
    """

    owner: str
    course_id: str
    title: str
    language: str
    created_at: str
    outline_key: str
    modules: int
    lessons: int
    labs: int
    attempt: int
    execution: str
    started_at: float
    request: RunOptions
    units: int
    whole: RunOptions | None = None
    launched: bool = False

    def is_fresh(self, now: float) -> bool:
        """Whether the attempt was claimed so lately that its execution may still be about to appear."""
        return now - self.started_at < (LAUNCHED_SECONDS if self.launched else MARKER_SECONDS)


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
            TableName=self._table, Key=to_item({"owner": owner, "course_id": course_id}), ConsistentRead=True
        )
        return _course(from_item(answer["Item"])) if "Item" in answer else None

    def of_owner(self, owner: str) -> list[CourseRecord]:
        """Every course of this owner, newest first."""
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression="#owner = :owner",
            ExpressionAttributeNames={"#owner": "owner"},
            ExpressionAttributeValues=to_item({":owner": owner}),
        )
        courses = [_course(from_item(item)) for page in pages for item in page["Items"]]
        return sorted(courses, key=lambda course: (course.created_at, course.course_id), reverse=True)

    def every(self) -> list[CourseRecord]:
        """Every course of every owner: for those who look after an environment, never for an author."""
        pages = self._client.get_paginator("scan").paginate(TableName=self._table, ConsistentRead=True)
        return [_course(from_item(item)) for page in pages for item in page["Items"]]

    def claim(self, record: CourseRecord, seen_attempt: int) -> bool:
        """Write `record` if the table still has `seen_attempt` (0: no such course yet); False if it has moved on."""
        condition: dict[str, Any] = {"ConditionExpression": "attribute_not_exists(course_id)"}
        if seen_attempt:
            condition = {
                "ConditionExpression": "attempt = :seen",
                "ExpressionAttributeValues": to_item({":seen": seen_attempt}),
            }
        try:
            self._client.put_item(TableName=self._table, Item=to_item(_course_item(record)), **condition)
        except ClientError as error:
            if aws.error_code(error) == "ConditionalCheckFailedException":
                return False
            raise
        return True


def _course_item(record: CourseRecord) -> dict[str, Any]:
    return {**vars(record), "started_at": Decimal(str(record.started_at))}


def _course(item: dict[str, Any]) -> CourseRecord:
    whole = item.get("whole")
    read = {"request": stored(item["request"]), "whole": whole and stored(whole)}
    return CourseRecord(**{"labs": 0, "units": 0, **item, **read})
