"""The table of progress: what became of an execution's units, and what may still be spent.

The only module that knows the shape of its items; it knows nothing of why a record changes. A unit is what is made at
a time, such as a lesson or a page.
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

UnitState = Literal["waiting", "writing", "written", "skipped", "failed", "cancelled"]
Outcome = Literal["complete", "incomplete", "cancelled", "failed"]

DONE: Final[frozenset[str]] = frozenset({"written", "skipped", "failed", "cancelled"})
"""Unit states after which nothing more happens in the same execution."""
KEPT_SECONDS: Final = 90 * 24 * 3600
"""How long progress is kept: as long as Step Functions keeps the execution's history."""
_WHOLE = "#whole"  # sorts before every unit's id, so a query meets the execution before its units
_SPENT = "#spent"


@dataclass(frozen=True)
class UnitRecord:
    """Progress of one unit in one execution. A waiting unit may carry the reason why it waits.

    `retries` counts how often it went back to waiting; tokens and `cost` (millionths of a US dollar) are what this
    execution paid for it, its images included.
    """

    id: str
    kind: str
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


class UnitRecords:
    """The table of progress: partition key `execution`, sort key `unit` (its id, or "#whole" for the execution).

    An execution has ended once it has an `outcome`. What was spent stands under an account in place of an execution's
    name: costs of several executions may be counted together.
    """

    def __init__(self, table: str, client: Any = None, now: Callable[[], float] = time.time) -> None:
        self._table = table
        self._client = client or aws.client("dynamodb")
        self._now = now

    def begin(self, execution: str, units: Sequence[UnitRecord], more: Mapping[str, Any]) -> None:
        """Record that an execution concerns `units`, all of them as they are given, and what `more` there is of it."""
        whole = {"unit": _WHOLE, "total": len(units), **more}
        items = [{"unit": unit.id, "position": position, **_given(asdict(unit))} for position, unit in enumerate(units)]
        self._write({"execution": execution, **item, **self._times()} for item in (whole, *items))

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

    def units(self, execution: str) -> list[UnitRecord]:
        """The execution's units, in the order in which it began them."""
        return self._read(execution)[1]

    def is_cancelled(self, execution: str) -> bool:
        """Whether somebody asked for the execution to end (a consistent read)."""
        answer = self._client.get_item(
            TableName=self._table,
            Key=to_item(_whole(execution)),
            ProjectionExpression="cancelled",
            ConsistentRead=True,
        )
        return bool(from_item(answer.get("Item", {})).get("cancelled"))

    def cancel(self, execution: str) -> bool:
        """Ask for the execution to end; False if it has not begun yet or has ended."""
        return self._update(
            _whole(execution),
            "SET cancelled = :yes, updated_at = :now",
            {"#total": "total"},  # a word that DynamoDB keeps for itself, like "missing" below
            {":yes": True, ":now": self._times()["updated_at"]},
            condition="attribute_exists(#total) AND attribute_not_exists(outcome)",
        )

    def finish(self, execution: str, outcome: Outcome, missing: int, problems: Sequence[str] = ()) -> None:
        """Note how the execution ended: how many units are missing, and what else went wrong, in plain words."""
        self._set(
            execution,
            "outcome = :outcome, #missing = :missing, problems = :problems",
            {"#missing": "missing"},
            {":outcome": outcome, ":missing": missing, ":problems": list(problems)},
        )

    def finished(self, executions: Sequence[str]) -> dict[str, Outcome]:
        """The outcome of those of `executions` that have ended: they need not be asked about anywhere else."""
        items = self._items(to_item(_whole(name)) for name in executions)
        return {item["execution"]: item["outcome"] for item in items if "outcome" in item}

    def reserve(self, account: str, cost: int, budget: int) -> bool:
        """Reserve `cost` of what an account may spend; False if that would be more than `budget` (0: no limit)."""
        if budget and cost > budget:
            return False
        limit = {":limit": budget - cost} if budget else {}
        return self._update(
            _account(account),
            "ADD committed :cost",
            {},
            {":cost": cost, **limit},
            condition="attribute_not_exists(committed) OR committed <= :limit" if budget else "",
        )

    def charge(self, account: str, reserved: int, cost: int) -> None:
        """Replace what was reserved by what it did cost."""
        self._update(
            _account(account),
            "ADD committed :difference, spent :cost",
            {},
            {":difference": cost - reserved, ":cost": cost},
        )

    def spent(self, account: str) -> int:
        """What was spent on an account in all."""
        answer = self._client.get_item(TableName=self._table, Key=to_item(_account(account)), ConsistentRead=True)
        return int(from_item(answer.get("Item", {})).get("spent", 0))

    def spent_of(self, accounts: Sequence[str]) -> dict[str, int]:
        """What was spent on each of these accounts, as far as anything was."""
        items = self._items(to_item(_account(account)) for account in accounts)
        return {item["execution"]: item.get("spent", 0) for item in items}

    def release_reservations(self, account: str) -> None:
        """Forget what calls reserved that never came back: only while no execution spends on the account."""
        self._update(_account(account), "SET committed = if_not_exists(spent, :zero)", {}, {":zero": 0})

    def _read(self, execution: str) -> tuple[dict[str, Any] | None, list[UnitRecord]]:
        """The execution's own item (None before it has begun) and its units."""
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression="execution = :execution",
            ExpressionAttributeValues=to_item({":execution": execution}),
            ConsistentRead=True,
        )
        items = [from_item(item) for page in pages for item in page["Items"]]
        whole = next((item for item in items if item["unit"] == _WHOLE), None)
        units = sorted((item for item in items if item["unit"] != _WHOLE), key=lambda item: item["position"])
        return whole, [_unit(item) for item in units]

    def _set(self, execution: str, expression: str, names: Mapping[str, str], values: Mapping[str, Any]) -> None:
        """Change the execution's own item."""
        changes = {**values, ":now": self._times()["updated_at"]}
        self._update(_whole(execution), f"SET {expression}, updated_at = :now", names, changes)

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


def _whole(execution: str) -> dict[str, str]:
    return {"execution": execution, "unit": _WHOLE}


def _account(account: str) -> dict[str, str]:
    return {"execution": account, "unit": _SPENT}


def _given(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _costs(spent: Spent | None) -> dict[str, int]:
    if spent is None:
        return {}
    return {"input_tokens": spent.input_tokens, "output_tokens": spent.output_tokens, "cost": spent.cost}


def _unit(item: Mapping[str, Any]) -> UnitRecord:
    return UnitRecord(**{field.name: item[field.name] for field in fields(UnitRecord) if field.name in item})
