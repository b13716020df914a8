"""Calls that cost something, within what a job may still spend."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from aurora.runtime.errors import AuroraError, Throttled
from functions.generation import metrics
from functions.models import ImageAnswer, TextAnswer
from functions.models.errors import ModelError
from functions.progress.errors import BudgetExceeded
from functions.progress.jobs import Job
from functions.progress.money import MICRO
from functions.progress.records import Spent, UnitRecords

Answer = TypeVar("Answer", TextAnswer, ImageAnswer)


@dataclass(frozen=True)
class Budget:
    """What a job may spend."""

    job: Job
    records: UnitRecords

    def spend(self, max_cost: int, call: Callable[[], Answer]) -> Answer:
        """What `call` answers, which may cost `max_cost` millionths of a US dollar.

        Raises what it raises, with the most that this may have cost; before it is called BudgetExceeded, or Throttled
        if other calls have reserved what is missing: most of that they will give back.
        """
        account, limit = self.job.account, self.job.budget
        if not max_cost:
            return call()
        if not self.records.reserve(account, max_cost, limit):
            spent = self.records.spent(account)
            if spent + max_cost <= limit:
                raise Throttled("The rest of the budget is reserved for what is being made at the moment.")
            raise BudgetExceeded(
                f"The budget is ${limit / MICRO:,.2f}, and ${spent / MICRO:,.2f} of it is spent: this might have cost "
                f"${max_cost / MICRO:,.2f} more. Start again with a larger budget."
            )
        try:
            answer = call()
        except AuroraError as error:
            if isinstance(error, ModelError) and error.may_be_paid:
                error.cost = max_cost  # nobody says how much it was
                metrics.paid_in_vain(max_cost)
            self.records.charge(account, max_cost, spent_in_vain(error).cost)
            raise
        self.records.charge(account, max_cost, answer.cost)
        return answer


def spent_on(answer: TextAnswer) -> Spent:
    """What an answer cost, as records hold it."""
    return Spent(answer.input_tokens, answer.output_tokens, answer.cost, answer.model)


def spent_in_vain(error: AuroraError) -> Spent:
    """The most that a failed call may have cost."""
    if not isinstance(error, ModelError):
        return Spent()
    return spent_on(error.answer) if error.answer else Spent(cost=error.cost)
