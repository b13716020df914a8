"""How a course ended, told once and truthfully: the records, the subject and the message agree."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from aurora.runtime import aws
from aurora.runtime.errors import NotFound
from aurora.testing.http_api import Context
from functions.content import course_finisher
from functions.content.ending import Ending, failures_of, finish
from functions.courses.progress import CourseProgress, ExecutionRecord
from functions.courses.records import CourseRecord, CourseRecords
from functions.progress.records import Spent
from tests.support.courses import COURSE, OWNER, course_event, course_unit, run_options

RUN = f"{COURSE}-1"
RECORD = CourseRecord(OWNER, COURSE, "Panadería", "es", "", "k", 1, 2, 1, 1, RUN, 0, run_options(), 3)
BUILDER = {"theory": {"Error": "NotFound", "Cause": '{"errorMessage": "No lesson is there."}'}}


@dataclass
class Course:
    """A course of two lessons, a lab and slides, whose execution comes to its end."""

    courses: CourseRecords
    records: CourseProgress
    told: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])

    def all_written(self, but: str = "") -> None:
        for id_ in ("01-01", "01-02", "lab-01-01", "slides-01"):
            if id_ != but:
                self.records.note(RUN, id_, "written", words=700)

    def finish(self, **failures: Any) -> Ending:
        event = {"course": course_event(), "failures": failures}
        return finish(course_event(), failures_of(event), self.courses, self.records, self._publish)

    def _publish(self, subject: str, message: str) -> None:
        self.told.append((subject, message))

    @property
    def subject(self) -> str:
        ((subject, _),) = self.told
        return subject

    @property
    def message(self) -> str:
        ((_, message),) = self.told
        return message

    @property
    def run(self) -> ExecutionRecord:
        run = self.records.progress(RUN)[0]
        assert run is not None
        return run


@pytest.fixture
def course(courses_table: str, progress_table: str) -> Course:
    course = Course(CourseRecords(courses_table), CourseProgress(progress_table))
    course.courses.claim(RECORD, 0)
    units = [course_unit("lesson", 1, 1, "Masa"), course_unit("lesson", 1, 2, "Horno")]
    units += [course_unit("lab", 1, 1, "Amasar"), course_unit("slides", 1, 0, "Pan")]
    course.records.start(RUN, OWNER, COURSE, ("theory", "labs", "slides"), units)
    return course


def test_a_course_of_which_nothing_is_missing_is_complete(course: Course) -> None:
    course.all_written()
    course.records.note(RUN, "01-02", "skipped", words=700)
    course.records.charge(COURSE, 0, 1_234_567)
    assert course.finish(theory=None, labs=None) == {"outcome": "complete", "missing": 0}
    assert course.told == [
        (
            "Panaderia is ready",
            "Panadería: ready.\n\n"
            "Lessons: 2 of 2 are there, 1 of them new.\n"
            "Labs: 1 of 1 are there, 1 of them new.\n"
            "Slides: 1 of 1 are there, 1 of them new.\n\n"
            "The course has cost $1.23 so far.\n\n"
            f"Execution: {RUN}",
        )
    ]
    assert (course.run.outcome, course.run.problems) == ("complete", ())


def test_a_course_that_lacks_a_unit_is_incomplete_and_names_it_with_its_reason(course: Course) -> None:
    course.all_written()
    course.records.note(RUN, "lab-01-01", "failed", reason="The text model refused.", spent=Spent(cost=1))
    assert course.finish() == {"outcome": "incomplete", "missing": 1}
    assert course.subject == "Panaderia is ready, but something is missing"
    assert "Labs: 0 of 1 are there" in course.message
    assert "Missing:\n- lab-01-01 Amasar: The text model refused.\n" in course.message


def test_a_course_of_which_nothing_could_be_written_has_failed_and_no_step_goes_on(course: Course) -> None:
    for id_ in ("01-01", "01-02", "lab-01-01", "slides-01"):
        course.records.note(RUN, id_, "failed", reason="The API key is wrong.")
    assert course.finish() == {"outcome": "failed", "missing": 4}
    assert course.subject == "Panaderia: failed"
    assert "Problem: No unit could be written.\n" in course.message
    assert set(course.run.steps.values()) == {"done"}


def test_a_book_without_some_of_its_images_is_incomplete(course: Course) -> None:
    course.all_written()
    course.records.note_images(RUN, 2)
    course.records.note_images_problem(RUN, "The key is empty.")
    assert course.finish() == {"outcome": "incomplete", "missing": 0}
    assert "Images missing in the book: 2. The key is empty.\n" in course.message


@pytest.mark.parametrize("part", ["theory", "labs", "slides", "course"])
def test_a_part_that_could_not_be_made_is_never_told_as_success(course: Course, part: str) -> None:
    course.all_written()
    assert course.finish(**{part: BUILDER["theory"]}) == {"outcome": "failed", "missing": 0}
    assert course.subject == "Panaderia: failed"
    assert course.run.problems == (course.message.partition("Problem: ")[2].partition("\n")[0],)
    assert course.run.problems[0].endswith(": No lesson is there.")


def test_a_fault_of_ours_is_told_without_its_insides(course: Course) -> None:
    course.all_written()
    course.finish(labs={"Error": "KeyError", "Cause": '{"errorMessage": "secret"}'}, theory=None)
    assert course.run.problems == ("The book of labs could not be made: something went wrong on our side.",)
    assert "secret" not in course.message


def test_without_the_archive_a_course_is_there_but_incomplete(course: Course) -> None:
    course.all_written()
    assert course.finish(archive={"Error": "States.Timeout"})["outcome"] == "incomplete"
    assert "The file with everything in it could not be made" in course.message


def test_a_course_that_somebody_ended_is_cancelled_and_what_it_never_came_to_is_too(course: Course) -> None:
    course.all_written(but="lab-01-01")
    course.records.cancel(RUN)
    assert course.finish() == {"outcome": "cancelled", "missing": 1}
    assert course.subject == "Panaderia: cancelled"
    assert "- lab-01-01 Amasar: cancelled" in course.message
    assert course.records.progress(RUN)[1][2].state == "cancelled"


def test_a_cancel_that_came_too_late_to_stop_anything_leaves_the_course_complete(course: Course) -> None:
    course.all_written()
    course.records.cancel(RUN)
    assert course.finish()["outcome"] == "complete"


def test_what_no_branch_came_to_has_failed_with_a_reason(course: Course) -> None:
    course.all_written(but="slides-01")
    course.records.note(RUN, "01-01", "waiting", reason="Rate limit reached.")
    assert course.finish(slides=BUILDER["theory"]) == {"outcome": "failed", "missing": 2}
    states = {unit.id: (unit.state, unit.reason) for unit in course.records.progress(RUN)[1]}
    assert states["01-01"] == ("failed", "Rate limit reached.")
    assert states["slides-01"] == ("failed", "The execution ended before this was finished.")


def test_a_course_that_failed_before_it_was_expanded_is_told_as_well(course: Course) -> None:
    event = course_event(2)
    failures = failures_of({"failures": {"course": {"Error": "NotFound", "Cause": "The outline is gone."}}})
    ended = finish(event, failures, course.courses, course.records, course._publish)
    assert ended == {"outcome": "failed", "missing": 0}
    assert "Problem: The course could not be written: The outline is gone.\n" in course.message
    assert course.records.finished([f"{COURSE}-2"]) == {f"{COURSE}-2": "failed"}


def test_a_long_list_of_what_is_missing_is_cut(course: Course) -> None:
    course.records.start(
        RUN, OWNER, COURSE, ("theory",), [course_unit("lesson", 1, number, "T") for number in range(1, 31)]
    )
    course.finish()
    assert course.message.count("\n- ") == 21
    assert "- and 12 more" in course.message


@pytest.mark.parametrize(
    ("title", "subject"),
    [
        ("烘焙", "The course is ready"),
        ("Pan\nde pueblo", "Pan de pueblo is ready"),
        ("x" * 200, "x" * 91 + " is ready"),
    ],
)
def test_a_subject_is_what_a_topic_takes(course: Course, title: str, subject: str) -> None:
    course.courses.claim(replace(RECORD, title=title), 1)
    course.all_written()
    course.finish()
    assert course.subject == subject
    assert len(subject) <= 100


def test_a_course_that_is_gone_cannot_be_told_of(course: Course) -> None:
    stranger = course_event(owner="owner-2")
    with pytest.raises(NotFound):
        finish(stranger, [], course.courses, course.records, course._publish)
    assert course.told == []


@pytest.fixture
def topic(courses_table: str, progress_table: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    arn = aws.client("sns").create_topic(Name=f"topic-{progress_table}")["TopicArn"]
    for name, value in (("COURSES_TABLE", courses_table), ("PROGRESS_TABLE", progress_table), ("TOPIC_ARN", arn)):
        monkeypatch.setenv(name, value)
    course_finisher._settings.cache_clear()
    yield arn
    course_finisher._settings.cache_clear()


@pytest.mark.usefixtures("topic")
def test_the_function_tells_the_topic_of_its_environment_and_its_log_what_is_missing(
    course: Course, caplog: pytest.LogCaptureFixture
) -> None:
    course.all_written()
    course.records.note(RUN, "lab-01-01", "failed", reason="The text model refused.")
    answer = course_finisher.handler({"course": course_event(), "failures": {"theory": None}}, Context())
    assert answer == {"outcome": "incomplete", "missing": 1}
    (told,) = [line for line in caplog.messages if "course ended" in line]
    assert "is ready, but something is missing" in told
    assert "Missing: - lab-01-01 Amasar: The text model refused." in told
