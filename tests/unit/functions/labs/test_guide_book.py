from __future__ import annotations

from functions.book.publishing import FORMATS
from functions.models.errors import ModelRefused
from tests.support.courses import PATHS
from tests.unit.functions.labs.conftest import Model, Workshop


def tags(workshop: Workshop) -> dict[str, str]:
    return {found.key.removeprefix(PATHS.books): found.etag for found in workshop.store.list(PATHS.books)}


def test_the_book_of_labs_is_stored_in_every_format_and_the_branch_is_done(workshop: Workshop) -> None:
    course = workshop.begin()
    assert workshop.run(course, Model()) == {"missing": 0, "labs": 4}
    assert set(tags(workshop)) == {f"lab-book.{extension}" for extension in FORMATS}
    told = workshop.store.read_text(PATHS.lab_book("md"))
    assert all(title in told for title in ("Roll it", "Let it drain", "Compare them", "Water a bed"))
    assert "Python 3.11 or later" in told.split("Roll it")[0]
    run, _ = workshop.records.progress(course["execution"])
    assert run
    assert run.steps == {"labs": "done"}


def test_a_lab_that_no_batch_finished_failed_because_of_its_batch(workshop: Workshop) -> None:
    course = workshop.begin()
    built = workshop.build(course, {"module_number": 1, "batch_index": 1, "error": "Throttled"})
    assert built == {"missing": 4, "labs": 0}
    assert set(workshop.states(course).values()) == {"failed"}
    roll, *_, water = workshop.units(course)
    assert roll.reason == "The text model was too busy for too long, so its batch was given up."
    assert water.reason == "No batch finished it."


def test_the_book_says_which_lab_is_missing_and_why_until_a_second_run_completes_it(workshop: Workshop) -> None:
    assert workshop.run(workshop.begin(), Model({"Roll it": ModelRefused("It declined.")})) == {"missing": 1, "labs": 3}
    assert "It declined." in workshop.store.read_text(PATHS.lab_book("md"))
    assert workshop.run(workshop.begin(2), Model()) == {"missing": 0, "labs": 4}
    assert "It declined." not in workshop.store.read_text(PATHS.lab_book("md"))


def test_a_book_is_written_only_when_something_has_changed(workshop: Workshop) -> None:
    workshop.run(workshop.begin(), Model())
    written = workshop.store.head(PATHS.lab_book("pdf"))
    assert workshop.run(workshop.begin(2), Model()) == {"missing": 0, "labs": 4}
    again = workshop.store.head(PATHS.lab_book("pdf"))
    assert written == again


def test_the_book_has_the_modules_asked_for_and_those_that_are_begun(workshop: Workshop) -> None:
    assert workshop.run(workshop.begin(modules=[2]), Model()) == {"missing": 0, "labs": 1}
    assert workshop.run(workshop.begin(2, only=["lab-01-02"]), Model()) == {"missing": 2, "labs": 2}
    assert workshop.run(workshop.begin(3, modules=[2]), Model()) == {"missing": 2, "labs": 2}
