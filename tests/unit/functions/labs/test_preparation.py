from __future__ import annotations

import json
from typing import Any

import pytest

from aurora.runtime.errors import AuroraError, Throttled
from functions.courses.events import CourseEvent
from functions.models.errors import ModelRefused, ModelTimeout, ModelUnavailable
from functions.progress.counts import Count
from tests.support.courses import COURSE, PATHS
from tests.unit.functions.labs.conftest import OUTLINE, Model, Workshop

EVERY = ["plan 1", "plan 2"]


def count(written: int = 0, skipped: int = 0, cancelled: int = 0, remaining: int = 0) -> Count:
    return {"written": written, "skipped": skipped, "failed": 0, "cancelled": cancelled, "remaining": remaining}


def plan(workshop: Workshop, module: int) -> dict[str, Any]:
    return json.loads(workshop.store.read(PATHS.lab_plan(module)))


def master(workshop: Workshop) -> dict[str, Any]:
    return json.loads(workshop.store.read(PATHS.lab_master_plan))


def test_every_module_is_planned_and_the_plans_are_joined(workshop: Workshop) -> None:
    course, model = workshop.begin(), Model()
    assert workshop.plan(course, model) == count(written=2)
    assert model.written == EVERY
    assert [lab["id"] for lab in plan(workshop, 1)["labs"]] == ["lab-01-01", "lab-01-02", "lab-01-03"]
    assert [lab["id"] for lab in master(workshop)["labs"]] == ["lab-01-01", "lab-01-02", "lab-01-03", "lab-02-01"]
    assert master(workshop)["problems"] == []


def test_a_plan_is_not_paid_for_twice(workshop: Workshop) -> None:
    course, model = workshop.begin(force=True), Model()
    workshop.plan(course, model)
    assert workshop.plan(course, model) == count(written=2)
    assert model.written == EVERY
    assert workshop.plan(workshop.begin(2), model) == count(skipped=2)
    assert model.written == EVERY


def test_a_plan_is_made_anew_when_its_outline_changed_or_it_is_asked_for(workshop: Workshop) -> None:
    workshop.plan(workshop.begin(), Model())
    model = Model()
    changed = OUTLINE.replace("Water a bed", "Water a garden")
    assert workshop.plan(workshop.begin(2, changed), model) == count(written=1, skipped=1)
    assert model.written == ["plan 2"]
    assert workshop.plan(workshop.begin(3, changed, force=True), model) == count(written=2)


def test_single_labs_are_planned_with_the_others_of_their_module(workshop: Workshop) -> None:
    model = Model()
    assert workshop.plan(workshop.begin(only=["lab-01-02"]), model) == count(written=1)
    assert [lab["id"] for lab in plan(workshop, 1)["labs"]] == ["lab-01-01", "lab-01-02", "lab-01-03"]
    assert workshop.plan(workshop.begin(2), model) == count(written=1, skipped=1)
    assert model.written == EVERY


@pytest.mark.parametrize(
    "fault", ["I will not.", ModelRefused("It declined"), ModelTimeout("It took too long.")], ids=str
)
def test_a_plan_that_no_model_made_is_made_from_the_outline_and_says_so(
    workshop: Workshop, fault: str | AuroraError
) -> None:
    course = workshop.begin()
    assert workshop.plan(course, Model({1: fault})) == count(written=2)
    made = plan(workshop, 1)
    assert (made["source"], len(made["problems"]), len(made["labs"])) == ("outline", 1, 3)
    assert made["problems"][0].startswith("Module 1 is planned by its outline alone: ")
    assert master(workshop)["problems"] == made["problems"]
    assert plan(workshop, 2)["source"] == "model"


def test_a_makeshift_plan_is_asked_for_again_by_the_next_execution_that_writes_by_it(workshop: Workshop) -> None:
    refusing = Model({1: ModelRefused("No.")})
    first = workshop.begin()
    workshop.plan(first, refusing)
    assert workshop.plan(first, refusing) == count(written=2)
    assert refusing.written == EVERY
    assert workshop.plan(workshop.begin(2), Model()) == count(written=1, skipped=1)
    assert plan(workshop, 1)["source"] == "model"


def test_a_makeshift_plan_stays_where_all_guides_are_written(workshop: Workshop) -> None:
    workshop.generate(workshop.begin(), Model({1: ModelRefused("No.")}))
    model = Model()
    assert workshop.plan(workshop.begin(2), model) == count(skipped=2)
    assert model.asked == []


@pytest.mark.parametrize("fault", [Throttled("Retry-After 7."), ModelUnavailable("Nobody answers.")], ids=str)
def test_a_busy_model_is_asked_again_later_and_the_labs_say_what_they_wait_for(
    workshop: Workshop, fault: AuroraError
) -> None:
    course = workshop.begin()
    with pytest.raises(type(fault)):
        workshop.plan(course, Model({2: fault}))
    assert workshop.store.head(PATHS.lab_master_plan) is None
    assert {unit.id: unit.reason for unit in workshop.units(course)} == {
        **dict.fromkeys(["lab-01-01", "lab-01-02", "lab-01-03"]),
        "lab-02-01": str(fault),
    }
    model = Model()
    assert workshop.plan(course, model) == count(written=2)
    assert model.written == ["plan 2"]


def test_a_call_returns_what_remains_when_its_time_is_short(workshop: Workshop) -> None:
    course, model = workshop.begin(), Model()
    assert workshop.plan(course, model, left=lambda: 60.0) == count(written=1, remaining=1)
    assert workshop.store.head(PATHS.lab_master_plan) is None
    assert workshop.plan(course, model, left=lambda: 60.0) == count(written=2)
    assert model.written == EVERY


def test_nothing_more_is_planned_once_the_execution_is_cancelled(workshop: Workshop) -> None:
    course = workshop.begin()
    model = Model(meanwhile=lambda: workshop.records.cancel(course["execution"]))
    assert workshop.plan(course, model) == count(written=1, cancelled=1)
    assert [lab["module"] for lab in master(workshop)["labs"]] == [1, 1, 1]


def spent(workshop: Workshop, course: CourseEvent) -> dict[str, int]:
    return {unit.id: unit.cost for unit in workshop.units(course) if unit.cost}


def test_what_a_plan_cost_is_told_and_counts_against_the_budget(workshop: Workshop) -> None:
    course, model = workshop.begin(budget=1500), Model(cost=1000)
    assert workshop.plan(course, model) == count(written=2)
    assert model.written == ["plan 1"]
    assert spent(workshop, course) == {"lab-01-01": 1000}
    assert workshop.records.spent(COURSE) == 1000
    assert "larger budget" in master(workshop)["problems"][0]


def test_a_plan_that_is_of_no_use_was_paid_for_all_the_same(workshop: Workshop) -> None:
    course = workshop.begin(only=["lab-02-01"])
    workshop.plan(course, Model({2: "Nothing of use."}, cost=1000))
    assert spent(workshop, course) == {"lab-02-01": 1000}
