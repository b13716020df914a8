"""The table of progress: what became of one execution's units.

The only module that knows the shape of its items; it knows nothing of why a record changes. A unit is what is
written at a time: a lesson, a lab or a deck of slides.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from typing import Any, Final, Literal

from botocore.exceptions import ClientError

from aurora.runtime import aws
from aurora.runtime.items import from_item, to_item
from functions.outline.units import UNIT_KINDS, Branch, Kind, unit_id

UnitState = Literal["waiting", "writing", "written", "skipped", "failed", "cancelled"]
Step = Literal["planning", "writing", "validating", "building", "done"]
Outcome = Literal["complete", "incomplete", "cancelled", "failed"]

DONE: Final[frozenset[str]] = frozenset({"written", "skipped", "failed", "cancelled"})
"""Unit states after which nothing more happens in the same execution."""
KEPT_SECONDS: Final = 90 * 24 * 3600
"""How long progress is kept: as long as Step Functions keeps the execution's history."""
_RUN = "#run"  # sorts before every unit's id, so a query meets the run before its units
_SPENT = "#spent"


@dataclass(frozen=True)
class UnitRecord:
    """Progress of one unit in one execution. A waiting unit may carry the reason why it waits.

    `retries` counts how often it went back to waiting; tokens and `cost` (millionths of a US dollar) are what this
    execution paid for it, its images included.
    """

    kind: Kind
    module: int
    number: int
    title: str
    state: UnitState = "waiting"
    reason: str | None = None
    words: int | None = None
    retries: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost: int = 0
    model: str | None = None

    @property
    def id(self) -> str:
        return unit_id(self.kind, self.module, self.number)

    @property
    def is_there(self) -> bool:
        """Whether it is as it was asked for, written now or kept."""
        return self.state in ("written", "skipped")


@dataclass(frozen=True)
class Spent:
    """What an answer of a model cost: tokens, and millionths of a US dollar. `model` is what it says it is."""

    input_tokens: int = 0
    output_tokens: int = 0
    cost: int = 0
    model: str = ""


@dataclass(frozen=True)
class RunRecord:
    """One execution as a whole, from its expansion on: where each of its branches stands, and whose it is.

    `outcome` is None until it is settled; `images_missing` is how many figures of the book have no image, 0 until the
    book is built, and `images_problem` why the last one that failed did; `problems` says in plain words what went wrong
    beside units; `cancelled` is that somebody asked for it to end.
    """

    owner: str
    course_id: str
    total: int
    steps: Mapping[Branch, Step]
    outcome: Outcome | None = None
    images_missing: int = 0
    images_problem: str = ""
    problems: tuple[str, ...] = ()
    cancelled: bool = False


class UnitRecords:
    """The table of progress: partition key `execution`, sort key `unit` (its id, or "#run" for the whole).

    What a course has cost so far stands under the course's id in place of an execution's name.
    """

    def __init__(self, table: str, client: Any = None, now: Callable[[], float] = time.time) -> None:
        self._table = table
        self._client = client or aws.client("dynamodb")
        self._now = now

    def begin(
        self, execution: str, owner: str, course_id: str, branches: Iterable[Branch], units: Sequence[UnitRecord]
    ) -> None:
        """Record that an execution concerns `units`, all of them as they are given, and that its branches begin."""
        run = {
            "unit": _RUN,
            "owner": owner,
            "course_id": course_id,
            "total": len(units),
            "steps": dict.fromkeys(branches, "planning"),
        }
        items = [run, *({"unit": unit.id, **_given(asdict(unit))} for unit in units)]
        self._write({"execution": execution, **item, **self._times()} for item in items)

    def set_step(self, execution: str, branch: Branch, step: Step) -> None:
        """Note which step a branch of an execution is at."""
        self._update(
            {"execution": execution, "unit": _RUN},
            "SET steps.#branch = :step, updated_at = :now",
            {"#branch": branch},
            {":step": step, ":now": self._times()["updated_at"]},
        )

    def claim(self, execution: str, id_: str, seconds: float, seen: UnitState) -> bool:
        """Note that this call writes the unit now, for `seconds` at most; False while another call does, or if it is no
        longer as it was `seen`: another call may have settled it since."""
        now = self._now()
        return self._update(
            {"execution": execution, "unit": id_},
            "SET #state = :writing, lease = :end, updated_at = :at, expires_at = :expires REMOVE reason",
            {"#state": "state"},
            {
                ":seen": seen,
                ":writing": "writing",
                ":end": int(now + seconds),
                ":now": int(now),
                ":at": _iso(now),
                ":expires": int(now) + KEPT_SECONDS,
            },
            condition="#state = :seen AND (attribute_not_exists(lease) OR lease <= :now)",
        )

    def note(
        self,
        execution: str,
        id_: str,
        state: UnitState,
        *,
        reason: str | None = None,
        words: int | None = None,
        spent: Spent | None = None,
    ) -> None:
        """Note a unit's state, and give up a claim on it. `reason` and `words` replace what stood there: None removes
        it. What was `spent` is added; going back to waiting counts as a retry."""
        values = {"state": state, "reason": reason, "words": words, "lease": None, **self._times()}
        if spent and spent.model:
            values["model"] = spent.model
        given = _given(values)
        absent = [name for name in values if name not in given]
        more = {"retries": int(state == "waiting"), **_costs(spent)}
        self._update(
            {"execution": execution, "unit": id_},
            "SET "
            + ", ".join(f"#{name} = :{name}" for name in given)
            + "".join(f", #{name} = if_not_exists(#{name}, :zero) + :{name}" for name in more)
            + " REMOVE "
            + ", ".join(f"#{name}" for name in absent),
            {f"#{name}": name for name in (*values, *more)},
            {":zero": 0, **{f":{name}": value for name, value in {**given, **more}.items()}},
        )

    def add_cost(self, execution: str, id_: str, spent: Spent) -> None:
        """Add what was paid for a unit beside its text: its images."""
        costs = _costs(spent)
        self._update(
            {"execution": execution, "unit": id_},
            "SET " + ", ".join(f"#{name} = if_not_exists(#{name}, :zero) + :{name}" for name in costs),
            {f"#{name}": name for name in costs},
            {":zero": 0, **{f":{name}": value for name, value in costs.items()}},
        )

    def progress(self, execution: str) -> tuple[RunRecord | None, list[UnitRecord]]:
        """The execution's run record (None before it is expanded) and its units: lessons, labs, slides, each in the
        order of the course."""
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression="execution = :execution",
            ExpressionAttributeValues=to_item({":execution": execution}),
            ConsistentRead=True,
        )
        run: RunRecord | None = None
        units: list[UnitRecord] = []
        for item in (from_item(item) for page in pages for item in page["Items"]):
            if item["unit"] == _RUN:
                run = _run(item)
            else:
                units.append(_unit(item))
        order = list(UNIT_KINDS)
        return run, sorted(units, key=lambda unit: (order.index(unit.kind), unit.module, unit.number))

    def is_cancelled(self, execution: str) -> bool:
        """Whether somebody asked for the execution to end (a consistent read)."""
        answer = self._client.get_item(
            TableName=self._table,
            Key=to_item({"execution": execution, "unit": _RUN}),
            ProjectionExpression="cancelled",
            ConsistentRead=True,
        )
        return bool(from_item(answer.get("Item", {})).get("cancelled"))

    def cancel(self, execution: str) -> bool:
        """Ask for the execution to end; False if it is not expanded yet or has ended."""
        return self._update(
            {"execution": execution, "unit": _RUN},
            "SET cancelled = :yes, updated_at = :now",
            {},
            {":yes": True, ":now": self._times()["updated_at"]},
            condition="attribute_exists(steps) AND attribute_not_exists(outcome)",
        )

    def note_images(self, execution: str, missing: int) -> None:
        """Note how many figures of the book have no image."""
        self._update({"execution": execution, "unit": _RUN}, "SET images_missing = :missing", {}, {":missing": missing})

    def note_images_problem(self, execution: str, problem: str) -> None:
        """Note, as a sentence, why an image could not be drawn; the last one stays."""
        self._update({"execution": execution, "unit": _RUN}, "SET images_problem = :problem", {}, {":problem": problem})

    def finish(self, execution: str, outcome: Outcome, missing: int, problems: Sequence[str] = ()) -> None:
        """Note how the execution ended: how many units are missing, and what else went wrong, in plain words."""
        self._update(
            {"execution": execution, "unit": _RUN},
            "SET outcome = :outcome, #missing = :missing, problems = :problems, updated_at = :now",
            {"#missing": "missing"},  # a word that DynamoDB keeps for itself
            {
                ":outcome": outcome,
                ":missing": missing,
                ":problems": list(problems),
                ":now": self._times()["updated_at"],
            },
        )

    def finished(self, executions: Sequence[str]) -> dict[str, Outcome]:
        """The outcome of those of `executions` that are settled: they need not be asked about anywhere else."""
        items = self._items(to_item({"execution": name, "unit": _RUN}) for name in executions)
        return {item["execution"]: item["outcome"] for item in items if "outcome" in item}

    def reserve(self, course_id: str, cost: int, budget: int) -> bool:
        """Set `cost` aside of what a course may cost; False if that would be more than `budget` (0: no limit)."""
        if budget and cost > budget:
            return False
        limit = {":most": budget - cost} if budget else {}
        return self._update(
            {"execution": course_id, "unit": _SPENT},
            "ADD committed :cost",
            {},
            {":cost": cost, **limit},
            condition="attribute_not_exists(committed) OR committed <= :most" if budget else "",
        )

    def settle(self, course_id: str, reserved: int, cost: int) -> None:
        """Replace what was set aside by what it did cost."""
        self._update(
            {"execution": course_id, "unit": _SPENT},
            "ADD committed :difference, spent :cost",
            {},
            {":difference": cost - reserved, ":cost": cost},
        )

    def spent(self, course_id: str) -> int:
        """What all executions of a course have cost together."""
        answer = self._client.get_item(
            TableName=self._table, Key=to_item({"execution": course_id, "unit": _SPENT}), ConsistentRead=True
        )
        return int(from_item(answer.get("Item", {})).get("spent", 0))

    def spent_of(self, course_ids: Sequence[str]) -> dict[str, int]:
        """What each of these courses has cost, as far as it has cost anything."""
        items = self._items(to_item({"execution": course_id, "unit": _SPENT}) for course_id in course_ids)
        return {item["execution"]: item.get("spent", 0) for item in items}

    def release_reservations(self, course_id: str) -> None:
        """Forget what calls set aside that never came back: only while no execution of the course runs."""
        self._update(
            {"execution": course_id, "unit": _SPENT},
            "SET committed = if_not_exists(spent, :zero)",
            {},
            {":zero": 0},
        )

    def _times(self) -> dict[str, Any]:
        now = self._now()
        return {"updated_at": _iso(now), "expires_at": int(now) + KEPT_SECONDS}

    def _update(
        self,
        key: Mapping[str, str],
        expression: str,
        names: Mapping[str, str],
        values: Mapping[str, Any],
        condition: str = "",
    ) -> bool:
        """Change one item; False if it does not meet `condition`."""
        try:
            self._client.update_item(
                TableName=self._table,
                Key=to_item(key),
                UpdateExpression=expression,
                ExpressionAttributeValues=to_item(values),
                **({"ExpressionAttributeNames": dict(names)} if names else {}),
                **({"ConditionExpression": condition} if condition else {}),
            )
        except ClientError as error:
            if aws.error_code(error) == "ConditionalCheckFailedException":
                return False
            raise
        return True

    def _items(self, keys: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
        """Those items of these keys that are there."""
        found: list[dict[str, Any]] = []

        def ask(asked: dict[str, Any]) -> dict[str, Any]:
            answer = self._client.batch_get_item(RequestItems=asked)
            found.extend(map(from_item, answer["Responses"].get(self._table, ())))
            return answer.get("UnprocessedKeys") or {}

        for some in _by(100, list(keys)):
            _until_nothing_is_left(ask, {self._table: {"Keys": some}})
        return found

    def _write(self, items: Iterable[Mapping[str, Any]]) -> None:
        def put(requests: dict[str, Any]) -> dict[str, Any]:
            return self._client.batch_write_item(RequestItems=requests).get("UnprocessedItems") or {}

        for some in _by(25, [{"PutRequest": {"Item": to_item(item)}} for item in items]):
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


def _given(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _costs(spent: Spent | None) -> dict[str, int]:
    if spent is None:
        return {}
    return {"input_tokens": spent.input_tokens, "output_tokens": spent.output_tokens, "cost": spent.cost}


def _run(item: Mapping[str, Any]) -> RunRecord:
    return RunRecord(
        owner=item["owner"],
        course_id=item["course_id"],
        total=item["total"],
        steps=item["steps"],
        outcome=item.get("outcome"),
        images_missing=item.get("images_missing", 0),
        images_problem=item.get("images_problem", ""),
        problems=tuple(item.get("problems", ())),
        cancelled=item.get("cancelled", False),
    )


def _unit(item: Mapping[str, Any]) -> UnitRecord:
    return UnitRecord(**{field.name: item[field.name] for field in fields(UnitRecord) if field.name in item})
