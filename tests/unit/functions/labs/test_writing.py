"""Batches of labs, from the outline to guides in the store; how units are written at all is tested with writing."""

from __future__ import annotations

import json

import pytest

from aurora.runtime.errors import Throttled
from aurora.runtime.objects import ObjectStore
from functions.courses.events import CourseEvent
from functions.labs.units import tidy_guide
from functions.models.errors import ModelRefused
from functions.models.sample_labs import write_guide
from functions.outline.batches import LabBatch
from functions.outline.units import LAB
from tests.support.courses import PATHS
from tests.unit.functions.labs.conftest import OUTLINE, Model, Workshop

KINDS: LabBatch = {"module_number": 1, "batch_index": 1, "labs": [1, 2]}
MORE_KINDS: LabBatch = {"module_number": 1, "batch_index": 2, "labs": [3]}
CARE: LabBatch = {"module_number": 2, "batch_index": 1, "labs": [1]}
DRAIN = PATHS.unit(LAB, 1, 2, "let-it-drain")


def count(written: int = 0, skipped: int = 0, failed: int = 0, cancelled: int = 0) -> dict[str, int]:
    return {"written": written, "skipped": skipped, "failed": failed, "cancelled": cancelled, "remaining": 0}


@pytest.fixture
def course(workshop: Workshop) -> CourseEvent:
    course = workshop.begin()
    workshop.plan(course, Model())
    return course


def stored(store: ObjectStore) -> dict[str, str]:
    """The entity tags of all guides."""
    return {found.key: found.etag for found in store.list(PATHS.units(LAB)) if found.key.endswith(".md")}


def test_planned_labs_become_batches_of_one_module_each(workshop: Workshop, course: CourseEvent) -> None:
    assert workshop.expand(course) == {"batches": [KINDS, MORE_KINDS, CARE], "labs": 4}


def test_single_labs_become_batches_of_their_own(workshop: Workshop) -> None:
    course = workshop.begin(only=["lab-01-02", "lab-02-01"])
    assert workshop.expand(course) == {"batches": [{**KINDS, "labs": [2]}, CARE], "labs": 2}


def test_a_batch_is_written_by_the_plan_stored_and_recorded(workshop: Workshop, course: CourseEvent) -> None:
    model = Model()
    assert workshop.write(course, model, KINDS) == count(written=2)
    assert list(workshop.states(course).values()) == ["written", "written", "waiting", "waiting"]
    guide = workshop.store.read_text(DRAIN)
    assert guide.startswith("# Let it drain\n")
    planned = json.loads(workshop.store.read(PATHS.lab_plan(1)))["labs"][1]
    assert planned["software"]
    assert all(f"- {name}\n" in guide for name in planned["software"])
    assert all(name in model.asked[1].prompt for name in (planned["objective"], *planned["steps"]))


def test_labs_without_a_plan_are_written_from_the_outline(workshop: Workshop) -> None:
    assert workshop.write(workshop.begin(), Model(), CARE) == count(written=1)


def test_guides_that_are_there_need_no_batch_and_are_not_paid_for_again(
    workshop: Workshop, course: CourseEvent
) -> None:
    workshop.write(course, Model(), KINDS)
    second = workshop.begin(2)
    assert workshop.expand(second) == {"batches": [{**MORE_KINDS, "batch_index": 1}, CARE], "labs": 4}
    kept, also_kept, *others = workshop.units(second)
    assert [kept.state, also_kept.state, *(unit.state for unit in others)] == ["skipped"] * 2 + ["waiting"] * 2
    assert kept.words
    model = Model()
    assert workshop.write(second, model, KINDS) == count(skipped=2)
    assert model.asked == []


def test_a_change_of_one_lab_makes_that_guide_alone_stale(workshop: Workshop) -> None:
    workshop.generate(workshop.begin(), Model())
    before = stored(workshop.store)
    model = Model()
    changed = OUTLINE.replace("[Let it drain]", "[{title: Let it drain, description: Twice}]")
    workshop.generate(workshop.begin(2, changed), model)
    assert model.written == ["plan 1", "Let it drain"]
    after = stored(workshop.store)
    assert {key for key in before if before[key] != after[key]} == {DRAIN}


def test_a_guide_whose_lab_has_another_title_is_there_once(workshop: Workshop) -> None:
    workshop.generate(workshop.begin(), Model())
    workshop.generate(workshop.begin(2, OUTLINE.replace("[Let it drain]", "[Drain it]")), Model())
    assert workshop.store.read_text(DRAIN).startswith("# Drain it\n")
    assert len(stored(workshop.store)) == 4


def test_what_is_asked_for_by_name_is_written_anew(workshop: Workshop) -> None:
    workshop.generate(workshop.begin(), Model())
    model = Model()
    workshop.generate(workshop.begin(2, only=["lab-02-01"]), model)
    assert model.written == ["Water a bed"]


def test_a_refused_lab_fails_alone(workshop: Workshop, course: CourseEvent) -> None:
    model = Model({"Roll it": ModelRefused("The model declined")})
    assert workshop.write(course, model, KINDS) == count(written=1, failed=1)
    failed, written, *_ = workshop.units(course)
    assert (failed.state, failed.reason, written.state) == ("failed", "The model declined.", "written")
    assert workshop.write(course, model, KINDS) == count(written=1, failed=1)
    assert model.written == ["Roll it", "Let it drain"]


def test_a_busy_model_ends_the_call_so_that_the_workflow_calls_again(workshop: Workshop, course: CourseEvent) -> None:
    with pytest.raises(Throttled):
        workshop.write(course, Model({"Let it drain": Throttled("Retry-After 7.")}), KINDS)
    first, second, *_ = workshop.units(course)
    assert (first.state, second.state, second.reason) == ("written", "waiting", "Retry-After 7.")
    model = Model()
    assert workshop.write(course, model, KINDS) == count(written=2)
    assert model.written == ["Let it drain"]


def test_nothing_more_is_begun_once_the_execution_is_cancelled(workshop: Workshop, course: CourseEvent) -> None:
    model = Model(meanwhile=lambda: workshop.records.cancel(course["execution"]))
    assert workshop.write(course, model, KINDS) == count(written=1, cancelled=1)
    assert workshop.write(course, model, CARE) == count(cancelled=1)
    assert model.written == ["Roll it"]
    assert list(workshop.states(course).values()) == ["written", "cancelled", "waiting", "cancelled"]


def test_a_guide_is_tidied_without_touching_its_code() -> None:
    code = "```sh\n# Module 1\necho '[VISUAL: 01-01-0001 - no tag]'\n\n```\n"
    answer = f"```markdown\n# Module 1\n\n[visual: a plan]\n\nText [VISUAL: 3 - a dog].\n\n{code}```"
    assert tidy_guide(answer, "Roll it", "01-01") == f"# Roll it\n\n\nText .\n\n{code}"


def test_the_sample_models_guides_are_tidy_already(workshop: Workshop, course: CourseEvent) -> None:
    model = Model()
    workshop.write(course, model, CARE)
    (request,) = model.asked
    guide = write_guide(request.brief)  # pyright: ignore[reportArgumentType]
    assert workshop.store.read_text(PATHS.unit(LAB, 2, 1, "water-a-bed")) == guide
