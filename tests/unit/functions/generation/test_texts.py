"""Texts that a model writes, unit by unit: what is due, what is tried again, and what may be spent."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pytest

from aurora.runtime.errors import AuroraError, Throttled
from aurora.runtime.objects import ObjectStore
from functions.generation.budget import Budget
from functions.generation.loop import MARGIN_SECONDS
from functions.generation.texts import TextUnit, TextWriter
from functions.generation.units import UnitMaker, is_due
from functions.models import LessonBrief, TextAnswer, TextRequest
from functions.models.errors import (
    AnswerCut,
    ModelAnswerInvalid,
    ModelDeclined,
    ModelRefused,
    ModelTimeout,
    ModelUnavailable,
)
from functions.progress.counts import Count
from functions.progress.jobs import Job
from functions.progress.money import MICRO
from functions.progress.records import UnitRecord, UnitRecords

ACCOUNT = "soil"
BRIEF = LessonBrief("C", "en", "", 1, "M", 1, "T", "", (), (), "", 100)
TITLES = ("Clay", "Sand", "Loam")
TEXT = "word " * 100


@dataclass
class Model:
    """Writes a text, or does what is planned for a title; remembers what it was asked, and takes its time."""

    plans: dict[str, AuroraError | str | Callable[[], object]] = field(default_factory=dict[str, Any])
    cost: int = 0
    passes: float = 0.0
    now: float = 0.0
    titles: list[str] = field(default_factory=list[str])
    seconds: list[float] = field(default_factory=list[float])

    def write(self, request: TextRequest, seconds: float) -> TextAnswer:
        title = request.prompt
        self.titles.append(title)
        self.seconds.append(seconds)
        self.now += self.passes
        plan = self.plans.get(title, TEXT)
        if isinstance(plan, AuroraError):
            raise plan
        if not isinstance(plan, str):
            plan()
            plan = TEXT
        return TextAnswer(plan, 11, 22, "modèle", self.cost)

    def max_cost(self, request: TextRequest) -> int:
        return 2 * self.cost


def run_of(attempt: int) -> str:
    """The name of an execution."""
    return f"{ACCOUNT}-{attempt}"


@dataclass(frozen=True)
class Batch:
    """A batch of three texts, which two executions have begun to write."""

    store: ObjectStore
    records: UnitRecords

    def units(self, fingerprint: str = "f1") -> list[TextUnit]:
        return [self.unit(number, fingerprint) for number in (1, 2, 3)]

    def unit(self, number: int, fingerprint: str = "f1") -> TextUnit:
        title = TITLES[number - 1]
        return TextUnit(
            f"page-{number}", "page", self.key(number), fingerprint, 100, partial(request, title), str.strip
        )

    def run(
        self,
        model: Model,
        attempt: int = 1,
        units: Sequence[TextUnit] | None = None,
        left: Callable[[], float] = lambda: 450.0,
        **asked: Any,
    ) -> Count:
        job = Job(run_of(attempt), ACCOUNT, **asked)
        maker = UnitMaker(job, self.store, self.records, left, 240.0, clock=lambda: model.now)
        writer = TextWriter(model, Budget(job, self.records))
        return maker.make_all(self.units() if units is None else units, writer.write)

    def key(self, number: int) -> str:
        return f"pages/{TITLES[number - 1].lower()}.md"

    def states(self, attempt: int = 1) -> list[str]:
        return [page.state for page in self.pages(attempt)]

    def pages(self, attempt: int = 1) -> list[UnitRecord]:
        return self.records.units(run_of(attempt))


def request(title: str) -> TextRequest:
    return TextRequest("Write.", title, 1000, BRIEF)


@pytest.fixture
def batch(bucket: str, progress_table: str) -> Batch:
    batch = Batch(ObjectStore(bucket), UnitRecords(progress_table))
    for attempt in (1, 2):
        pages = [UnitRecord(f"page-{number}", "page", title) for number, title in enumerate(TITLES, start=1)]
        batch.records.begin(run_of(attempt), pages, {})
    return batch


def count(written: int = 0, skipped: int = 0, failed: int = 0, cancelled: int = 0, remaining: int = 0) -> Count:
    return {"written": written, "skipped": skipped, "failed": failed, "cancelled": cancelled, "remaining": remaining}


def test_a_batch_is_written_stored_and_recorded(batch: Batch) -> None:
    assert batch.run(Model(cost=7)) == count(written=3)
    assert batch.pages()[1] == UnitRecord(
        "page-2", "page", "Sand", "written", words=100, input_tokens=11, output_tokens=22, cost=7, model="modèle"
    )
    found = batch.store.head(batch.key(2))
    assert found
    assert found.metadata == {
        "execution": run_of(1),
        "fingerprint": "f1",
        "words": "100",
        "target": "100",
        "model": "mod?le",
    }
    assert batch.store.read_text(batch.key(2)) == TEXT.strip()


def test_a_text_of_an_earlier_execution_is_skipped_and_its_words_are_known(batch: Batch) -> None:
    batch.run(Model(cost=7))
    model = Model(cost=7)
    assert batch.run(model, attempt=2) == count(skipped=3)
    assert model.titles == []
    assert [(page.state, page.words, page.cost) for page in batch.pages(2)] == [("skipped", 100, 0)] * 3


def test_only_what_has_become_stale_is_written_again(batch: Batch) -> None:
    batch.run(Model())
    model = Model()
    changed = [batch.unit(1), batch.unit(2, "f2"), batch.unit(3)]
    assert batch.run(model, attempt=2, units=changed) == count(written=1, skipped=2)
    assert model.titles == ["Sand"]


@pytest.mark.parametrize(("asked", "titles"), [({"force": True}, list(TITLES)), ({"only": ["page-3"]}, ["Loam"])])
def test_what_is_asked_for_anew_is_written_anew_once(batch: Batch, asked: dict[str, Any], titles: list[str]) -> None:
    batch.run(Model())
    model = Model()
    for _ in range(2):
        batch.run(model, attempt=2, **asked)
    assert model.titles == titles


@pytest.mark.parametrize(
    ("metadata", "due"),
    [
        (None, True),
        ({}, True),
        ({"fingerprint": "f1", "execution": "x"}, False),
        ({"fingerprint": "f0", "execution": "x"}, True),
        ({"fingerprint": "f0", "execution": run_of(1)}, False),
    ],
)
def test_a_text_is_due_that_is_absent_or_made_from_something_else(metadata: dict[str, str] | None, due: bool) -> None:
    assert is_due(Job(run_of(1), ACCOUNT), "page-1", "f1", metadata) is due


def test_a_text_that_was_stored_when_its_call_died_is_recorded_by_the_next(batch: Batch) -> None:
    batch.run(Model())
    batch.records.note(run_of(1), "page-2", "writing")
    model = Model()
    assert batch.run(model) == count(written=3)
    assert model.titles == []
    assert (batch.pages()[1].state, batch.pages()[1].words) == ("written", 100)


def test_a_unit_whose_call_died_while_the_model_was_asked_is_written_once_its_claim_is_over(batch: Batch) -> None:
    assert batch.records.claim(run_of(1), "page-1", 0, "waiting")
    model = Model()
    assert batch.run(model) == count(written=3)
    assert model.titles == list(TITLES)


def test_a_unit_that_another_call_is_writing_is_left_to_it_and_remains(batch: Batch) -> None:
    assert batch.records.claim(run_of(1), "page-1", 300, "waiting")
    model = Model()
    assert batch.run(model) == count(written=2, remaining=1)
    assert model.titles == ["Sand", "Loam"]
    with pytest.raises(Throttled, match="Another call"):
        batch.run(model)
    assert model.titles == ["Sand", "Loam"]


def test_of_two_calls_at_once_each_unit_is_written_by_one(batch: Batch) -> None:
    other = Model()
    model = Model({"Clay": lambda: batch.run(other)})  # the other call comes while the first one's model is writing
    first = batch.run(model)
    assert (model.titles, other.titles) == (["Clay"], ["Sand", "Loam"])
    assert first == count(written=1, remaining=2)
    assert batch.run(model) == count(written=3)


@pytest.mark.parametrize("error", [ModelTimeout, ModelRefused, ModelAnswerInvalid, AnswerCut])
def test_a_lasting_fault_fails_its_unit_alone_and_for_the_whole_execution(
    batch: Batch, error: type[AuroraError]
) -> None:
    assert batch.run(Model({"Sand": error("No, says the model")})) == count(written=2, failed=1)
    assert batch.pages()[1] == UnitRecord("page-2", "page", "Sand", "failed", reason="No, says the model.")
    model = Model()
    assert batch.run(model) == count(written=2, failed=1)
    assert model.titles == []
    assert batch.run(model, attempt=2) == count(written=1, skipped=2)
    assert model.titles == ["Sand"]


@pytest.mark.parametrize("error", [Throttled, ModelUnavailable])
def test_a_passing_fault_is_noted_on_its_unit_counted_and_raised(batch: Batch, error: type[AuroraError]) -> None:
    for _ in range(2):
        with pytest.raises(error):
            batch.run(Model({"Sand": error("Retry-After 7")}))
    assert batch.states() == ["written", "waiting", "waiting"]
    assert batch.pages()[1].reason == "Retry-After 7."
    model = Model()
    assert batch.run(model) == count(written=3)
    assert model.titles == ["Sand", "Loam"]
    assert [(page.reason, page.retries) for page in batch.pages()] == [(None, 0), (None, 2), (None, 0)]


def test_an_answer_of_a_few_words_is_no_text_and_was_paid_for(batch: Batch) -> None:
    assert batch.run(Model({"Clay": "I am sorry, I cannot."}, cost=7)) == count(written=2, failed=1)
    assert batch.store.head(batch.key(1)) is None
    assert "5 words where 100 were asked for" in str(batch.pages()[0].reason)
    assert (batch.pages()[0].cost, batch.pages()[0].output_tokens, batch.pages()[0].model) == (7, 22, "modèle")
    assert batch.records.spent(ACCOUNT) == 21


def test_what_an_answer_cost_is_told_and_what_was_reserved_is_free_again(batch: Batch) -> None:
    assert batch.run(Model(cost=7), budget=28) == count(written=3)  # the last may cost 14, beside 14 spent
    assert batch.records.spent(ACCOUNT) == 21


def test_a_model_is_not_asked_for_what_might_exceed_the_budget(batch: Batch) -> None:
    model = Model(cost=MICRO)
    assert batch.run(model, budget=round(2.5 * MICRO)) == count(written=1, failed=2)
    assert model.titles == ["Clay"]
    assert batch.pages()[1].reason == (
        "The budget is $2.50, and $1.00 of it is spent: this might have cost $2.00 more. Start again with a larger "
        "budget."
    )
    assert batch.run(model, attempt=2, budget=5 * MICRO) == count(written=2, skipped=1)


def test_a_unit_waits_while_only_what_others_reserved_keeps_it_from_the_budget(batch: Batch) -> None:
    model, budget = Model(cost=MICRO), 9 * MICRO
    assert batch.records.reserve(ACCOUNT, budget - 1, budget)
    with pytest.raises(Throttled, match="reserved"):
        batch.run(model, budget=budget)
    assert (model.titles, batch.pages()[0].state) == ([], "waiting")
    batch.records.charge(ACCOUNT, budget - 1, 0)
    assert batch.run(model, budget=budget) == count(written=3)


@pytest.mark.parametrize(
    ("error", "spent"),
    [
        (Throttled, 0),
        (ModelUnavailable, 0),
        (ModelRefused, 0),
        (ModelDeclined, 14),
        (ModelTimeout, 14),
        (ModelAnswerInvalid, 14),
        (AnswerCut, 14),
    ],
)
def test_a_failed_call_that_may_have_been_paid_for_counts_as_the_most_that_it_may_cost(
    batch: Batch, error: type[AuroraError], spent: int
) -> None:
    model = Model({"Clay": error("no")}, cost=7)
    with contextlib.suppress(Throttled, ModelUnavailable):
        batch.run(model, units=[batch.unit(1)], budget=100)
    assert batch.records.spent(ACCOUNT) == batch.pages()[0].cost == spent
    assert batch.records.reserve(ACCOUNT, 100 - spent, 100)


def test_nothing_is_begun_any_more_once_the_execution_was_cancelled(batch: Batch) -> None:
    model = Model({"Clay": lambda: batch.records.cancel(run_of(1))})
    assert batch.run(model) == count(written=1, cancelled=2)
    assert model.titles == ["Clay"]
    assert batch.states() == ["written", "cancelled", "cancelled"]
    assert batch.run(model) == count(written=1, cancelled=2)
    assert batch.run(model, attempt=2) == count(written=2, skipped=1)


def test_no_unit_is_begun_that_might_not_be_ended_in_time(batch: Batch) -> None:
    model = Model(passes=100.0)
    assert batch.run(model, left=lambda: 450.0 - model.now) == count(written=2, remaining=1)
    assert model.seconds == [450.0 - MARGIN_SECONDS, 350.0 - MARGIN_SECONDS]
    assert batch.states() == ["written", "written", "waiting"]
    assert batch.run(model) == count(written=3)


def test_a_unit_slower_than_assumed_is_the_new_measure(batch: Batch) -> None:
    model = Model(passes=300.0)
    assert batch.run(model, left=lambda: 560.0 - model.now) == count(written=1, remaining=2)


def test_a_call_always_begins_one_unit_so_that_the_workflow_ends(batch: Batch) -> None:
    model = Model(passes=500.0)
    assert [batch.run(model, left=lambda: 100.0)["remaining"] for _ in range(3)] == [2, 1, 0]
