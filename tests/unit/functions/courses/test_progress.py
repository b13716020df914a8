"""What an execution of a course records beside its units."""

from __future__ import annotations

import pytest

from functions.courses.progress import CourseProgress, ExecutionRecord, place_of
from functions.progress.records import UnitRecord
from tests.support.courses import course_unit

RUN = "c1-1"
UNITS = [
    course_unit("lesson", 1, 1, "Lesson 1"),
    course_unit("lesson", 1, 2, "Lesson 2"),
    course_unit("lab", 1, 1, "Digging"),
    course_unit("slides", 1, 0, "Soil"),
]


@pytest.fixture
def begun(progress_table: str) -> CourseProgress:
    """An execution of two lessons, a lab and slides that has been expanded."""
    progress = CourseProgress(progress_table)
    progress.start(RUN, "owner-1", "c1", ("theory", "labs", "slides"), UNITS)
    return progress


def test_nothing_is_known_of_an_execution_before_it_is_expanded(begun: CourseProgress) -> None:
    assert begun.progress("c1-2") == (None, [])


def test_an_execution_begins_with_its_branches_and_its_units_as_given(begun: CourseProgress) -> None:
    record, units = begun.progress(RUN)
    assert units == UNITS
    assert record == ExecutionRecord(
        "owner-1", "c1", 4, {"theory": "planning", "labs": "planning", "slides": "planning"}
    )


def test_a_unit_s_id_says_its_place_in_the_course() -> None:
    assert [place_of(unit) for unit in UNITS] == [(1, 1), (1, 2), (1, 1), (1, 0)]
    with pytest.raises(ValueError, match="'cover' is no unit of a course"):
        place_of(UnitRecord("cover", "cover", "Soil"))


def test_the_step_of_a_branch_is_noted_without_touching_the_others_or_the_units(begun: CourseProgress) -> None:
    begun.set_step(RUN, "labs", "building")
    record, units = begun.progress(RUN)
    assert record is not None
    assert record.steps == {"theory": "planning", "labs": "building", "slides": "planning"}
    assert units == UNITS


def test_an_execution_says_that_it_was_cancelled(begun: CourseProgress) -> None:
    assert begun.cancel(RUN)
    record = begun.progress(RUN)[0]
    assert record is not None
    assert record.cancelled


def test_how_an_execution_ended_is_recorded_with_its_problems(begun: CourseProgress) -> None:
    begun.note_images(RUN, 2)
    begun.note_images_problem(RUN, "No key.")
    begun.finish(RUN, "incomplete", 1, ["The slides could not be made."])
    record = begun.progress(RUN)[0]
    assert record is not None
    assert (record.outcome, record.images_missing, record.images_problem) == ("incomplete", 2, "No key.")
    assert record.problems == ("The slides could not be made.",)
