"""The course command against a platform that keeps to the contract: what it sends, says, writes and exits with."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from aurora.errors import COMPLETE, INCOMPLETE, CommandError, InvalidInput, PlatformLost
from client import writing
from client.outlines import read_outline
from client.writing import CourseRequest, Pace, cancel_at, cancel_course, make_course, write_course
from tests.support.fake_api import BOOKS, EMAIL, PASSWORD, FakePlatform, look
from tests.support.stacks import GivenStack, served_at

QUICK = Pace(poll=0.001, patience=0.2)


def write(outline: Path, out: Path, place: GivenStack, **options: Any) -> int:
    return write_course(CourseRequest(outline, out, options), *read_outline(outline), place, QUICK)


def test_a_complete_course_lies_in_the_folder(
    outline: Path, tmp_path: Path, place: GivenStack, platform: FakePlatform, capsys: pytest.CaptureFixture[str]
) -> None:
    platform.looks = [look(["writing", "waiting"]), look(["written", "writing"]), look(["written", "skipped"])]
    out = tmp_path / "out"
    assert write(outline, out, place) == COMPLETE
    names = {path.relative_to(out).as_posix(): path.read_bytes() for path in out.rglob("*") if path.is_file()}
    del names[".aurora/course.json"]
    assert names == platform.files
    said = capsys.readouterr()
    assert said.out.splitlines() == [str(out / f"book.{format_}") for format_ in ("md", "json", "html", "pdf", "docx")]
    assert said.err.splitlines() == [
        "Lessons: writing, 0 of 2",
        "Lessons: writing, 1 of 2",
        "Lessons: done, 2 of 2",
        "         written  kept",
        "lessons        1     1",
        f"1 file in {out / 'lessons'}",
    ]


def test_lessons_labs_and_slides_are_counted_apart_with_what_they_cost(
    outline: Path, tmp_path: Path, place: GivenStack, platform: FakePlatform, capsys: pytest.CaptureFixture[str]
) -> None:
    decks = {"slides/module-01-beginnings.pptx": b"slides", "course.zip": b"all of it"}
    platform.files = {**BOOKS, **decks, "labs/module-01-lab-01-first-try.md": b"# First try"}
    done = look(["written", "written"], ["written", "skipped"], cost=1.25, spent=3, budget=5)
    for unit in done["units"][:3]:
        unit |= {"cost": 0.4, "inputTokens": 1000, "outputTokens": 2500, "retries": 1}
    slides = {"id": "slides-01", "kind": "slides", "module": 1, "number": 0, "title": "Beginnings", "state": "written"}
    done["units"].append(slides)
    done["steps"]["slides"] = "done"
    platform.looks = [done]
    assert write(outline, tmp_path / "out", place, content="both", slides=True) == COMPLETE
    assert platform.starts[0].keys() == {"uploadId", "courseId", "content", "slides"}
    said = capsys.readouterr()
    assert [Path(line).name for line in said.out.splitlines()] == [*BOOKS, "module-01-beginnings.pptx"]
    assert not (tmp_path / "out" / "course.zip").exists()
    assert said.err.splitlines() == [
        "Lessons: done, 2 of 2 (2 retries, $0.80)",
        "Labs: done, 2 of 2 (1 retry, $0.40)",
        "Slides: done, 1 of 1",
        "             written  kept  tokens read  tokens written   cost",
        "lessons            2     0        2,000           5,000  $0.80",
        "labs               1     1        1,000           2,500  $0.40",
        "slide decks        1     0            0               0  $0.00",
        "This run cost $1.25; the course so far $3.00, of a budget of $5.00.",
        f"1 file in {tmp_path / 'out' / 'labs'}",
    ]


def test_what_failed_is_named_with_its_reason_and_the_book_is_there(
    outline: Path, tmp_path: Path, place: GivenStack, platform: FakePlatform, capsys: pytest.CaptureFixture[str]
) -> None:
    platform.looks = [look(["written", "failed"], problems=["Two links lead nowhere."])]
    assert write(outline, tmp_path / "out", place) == INCOMPLETE
    said = capsys.readouterr().err
    assert "Missing: 1 lesson\n  01-02 Second: refused\nProblem: Two links lead nowhere.\n" in said
    assert said.endswith("Run the same command again to write only what is missing.\n")
    assert (tmp_path / "out" / "book.pdf").read_bytes() == BOOKS["book.pdf"]


def test_a_run_that_somebody_cancelled_is_no_success_and_no_failure(
    outline: Path, tmp_path: Path, place: GivenStack, platform: FakePlatform, capsys: pytest.CaptureFixture[str]
) -> None:
    platform.looks = [look(["writing", "waiting"], cancelling=True), look(["written", "cancelled"])]
    platform.files = {"lessons/module-01-lesson-01-first.md": b"# First"}
    assert write(outline, tmp_path / "out", place) == INCOMPLETE
    said = capsys.readouterr().err
    assert "Cancelling: units in progress are finished" in said
    assert "Lessons: done, 2 of 2 (1 cancelled)" in said
    assert "01-02 Second: not started: the run was cancelled" in said
    assert "The run was cancelled; what was written is kept." in said


def cancel(outline: Path, out: Path, place: GivenStack) -> int:
    return cancel_at(CourseRequest(outline, out), read_outline(outline)[1], place, QUICK)


def test_cancelling_waits_for_the_end_and_says_what_is_kept(
    outline: Path, tmp_path: Path, place: GivenStack, platform: FakePlatform, capsys: pytest.CaptureFixture[str]
) -> None:
    write(outline, tmp_path / "out", place)
    running = look(["writing", "waiting"], cancelling=True)
    platform.looks = [running, running, look(["written", "cancelled"])]
    capsys.readouterr()
    assert cancel(outline, tmp_path / "out", place) == COMPLETE
    assert platform.cancels == ["course1-1"]
    said = capsys.readouterr()
    assert said.out == ""
    assert "lessons        1            1\n" in said.err
    assert "What is written is kept: run the command without --cancel to continue." in said.err


def test_cancelling_what_has_ended_changes_nothing_and_is_done(
    outline: Path, tmp_path: Path, place: GivenStack, platform: FakePlatform, capsys: pytest.CaptureFixture[str]
) -> None:
    write(outline, tmp_path / "out", place)
    assert cancel(outline, tmp_path / "out", place) == COMPLETE
    assert platform.cancels == []
    assert "the last run of this course has ended" in capsys.readouterr().err


def test_cancelling_a_course_that_nobody_knows_is_a_sentence(outline: Path, tmp_path: Path, place: GivenStack) -> None:
    with pytest.raises(CommandError, match="knows no course of"):
        cancel(outline, tmp_path / "out", place)


def test_cancelling_without_a_running_platform_is_a_sentence(
    outline: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing.stacks, "running", lambda: None)
    with pytest.raises(CommandError, match="No local platform is running here"):
        cancel_course(CourseRequest(outline, tmp_path / "out"))


def test_a_forced_course_with_a_failed_lesson_is_not_to_be_forced_again(
    outline: Path, tmp_path: Path, place: GivenStack, platform: FakePlatform, capsys: pytest.CaptureFixture[str]
) -> None:
    platform.looks = [look(["written", "failed"])]
    assert write(outline, tmp_path / "out", place, force=True) == INCOMPLETE
    assert "Run the same command without --force to write only what is missing." in capsys.readouterr().err


def test_a_lesson_that_waits_says_once_what_for(
    outline: Path, tmp_path: Path, place: GivenStack, platform: FakePlatform, capsys: pytest.CaptureFixture[str]
) -> None:
    waiting = look(["waiting", "waiting"])
    for unit in waiting["units"]:
        unit["reason"] = "The text model does not answer."
    platform.looks = [waiting, waiting, look(["written", "written"])]
    assert write(outline, tmp_path / "out", place) == COMPLETE
    assert capsys.readouterr().err.count("Waiting: The text model does not answer.\n") == 1


def test_images_that_are_missing_are_named(
    outline: Path, tmp_path: Path, place: GivenStack, platform: FakePlatform, capsys: pytest.CaptureFixture[str]
) -> None:
    platform.looks = [look(["written", "written"], outcome="incomplete", error="Images missing in the book: 2.")]
    assert write(outline, tmp_path / "out", place) == INCOMPLETE
    said = capsys.readouterr().err
    assert "Images missing in the book: 2." in said
    assert "Missing" not in said


def test_an_interrupted_course_says_how_to_go_on(
    outline: Path,
    tmp_path: Path,
    place: GivenStack,
    platform: FakePlatform,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(writing, "follow", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write(outline, tmp_path / "out", place)
    assert capsys.readouterr().err.startswith("The course is still being written there: run the same command again")
    with pytest.raises(KeyboardInterrupt):
        write(outline, tmp_path / "out", GivenStack(place.outputs, EMAIL, PASSWORD, temporary=True))
    assert capsys.readouterr().err == "Run the same command again to continue this course.\n"


def test_the_same_command_again_goes_on_with_the_same_course(
    outline: Path, tmp_path: Path, place: GivenStack, platform: FakePlatform
) -> None:
    write(outline, tmp_path / "out", place)
    write(outline, tmp_path / "out", place)
    assert [start["courseId"] for start in platform.starts] == ["course1", "course1"]


def test_another_outline_in_the_same_folder_is_another_course(
    outline: Path, tmp_path: Path, place: GivenStack, platform: FakePlatform
) -> None:
    write(outline, tmp_path / "out", place)
    other = tmp_path / "other.yaml"
    other.write_text(outline.read_text().replace("A short course", "Another course"))
    write(other, tmp_path / "out", place)
    assert [start["courseId"] for start in platform.starts] == ["course1", "course2"]


def test_a_course_that_the_platform_forgot_is_begun_anew(
    outline: Path, tmp_path: Path, place: GivenStack, platform: FakePlatform
) -> None:
    write(outline, tmp_path / "out", place)
    platform.courses.clear()
    assert write(outline, tmp_path / "out", place) == COMPLETE
    assert len(platform.starts) == 2


def test_a_damaged_memory_begins_anew(outline: Path, tmp_path: Path, place: GivenStack, platform: FakePlatform) -> None:
    write(outline, tmp_path / "out", place)
    (tmp_path / "out" / ".aurora" / "course.json").write_text('{"courses": [{"plat')
    assert write(outline, tmp_path / "out", place) == COMPLETE
    assert len(platform.courses) == 2


def test_a_run_under_way_is_joined_and_that_is_said(
    outline: Path, tmp_path: Path, place: GivenStack, platform: FakePlatform, capsys: pytest.CaptureFixture[str]
) -> None:
    platform.joined = True
    assert write(outline, tmp_path / "out", place) == COMPLETE
    assert capsys.readouterr().err.startswith("This course is being written already: following that run.\nLessons")
    write(outline, tmp_path / "out", place, slides=True)
    assert "The other options of this command have no effect" in capsys.readouterr().err


def test_an_execution_that_failed_as_a_whole_says_why(
    outline: Path, tmp_path: Path, place: GivenStack, platform: FakePlatform
) -> None:
    platform.looks = [look(["written", "waiting"], status="TIMED_OUT", outcome="failed", error="It took too long.")]
    with pytest.raises(CommandError, match=r"timed out\)\. It took too long\."):
        write(outline, tmp_path / "out", place)


def test_a_book_that_was_not_made_is_no_success(
    outline: Path, tmp_path: Path, place: GivenStack, platform: FakePlatform
) -> None:
    del platform.files["book.pdf"]
    with pytest.raises(CommandError, match=r"made no book\.pdf"):
        write(outline, tmp_path / "out", place)


def test_a_file_that_breaks_off_leaves_the_earlier_one_whole(
    outline: Path, tmp_path: Path, place: GivenStack, platform: FakePlatform
) -> None:
    out = tmp_path / "out"
    write(outline, out, place)
    platform.files["book.md"] = b"# A newer book that breaks off"
    platform.truncated = {"book.md"}
    with pytest.raises(PlatformLost, match=r"book\.md could not be downloaded"):
        write(outline, out, place)
    assert (out / "book.md").read_bytes() == BOOKS["book.md"]
    assert [path for path in out.iterdir() if path.name.startswith(".book")] == []


def test_a_lesson_whose_title_changed_is_not_there_twice(
    outline: Path, tmp_path: Path, place: GivenStack, platform: FakePlatform
) -> None:
    lessons = tmp_path / "out" / "lessons"
    decks = {"slides/module-01-lesson-01-first.pptx": b"deck"}
    platform.files = {**BOOKS, **decks, "lessons/module-01-lesson-01-first.md": b"1"}
    write(outline, tmp_path / "out", place)
    (lessons / "notes.md").write_text("the author's own")
    renamed = {"lessons/module-01-lesson-01-new.md": b"2", "lessons/module-01-lesson-010-x.md": b"3"}
    platform.files = {**BOOKS, **renamed}
    write(outline, tmp_path / "out", place)
    there = ["module-01-lesson-01-new.md", "module-01-lesson-010-x.md", "notes.md"]
    assert sorted(path.name for path in lessons.iterdir()) == there
    assert (tmp_path / "out" / "slides" / "module-01-lesson-01-first.pptx").exists()


@pytest.mark.parametrize("name", ["../escape.md", "/etc/passwd", "lessons/../../escape.md", ".aurora/course.json"])
def test_a_name_that_leaves_the_folder_is_refused(
    outline: Path, tmp_path: Path, place: GivenStack, platform: FakePlatform, name: str
) -> None:
    platform.files[name] = b"-"
    with pytest.raises(CommandError, match="no course has"):
        write(outline, tmp_path / "out", place)


def test_what_the_platform_finds_wrong_in_the_outline_has_its_place(
    outline: Path, tmp_path: Path, place: GivenStack, platform: FakePlatform
) -> None:
    problem = {"line": 3, "column": 5, "message": "too many lessons", "hint": "split it"}
    platform.refuse_start = (422, {"title": "Invalid outline", "detail": "1 problem", "problems": [problem]})
    with pytest.raises(InvalidInput, match=r"outline\.yaml:3:5: too many lessons\n    split it"):
        write(outline, tmp_path / "out", place)


def test_a_value_that_the_platform_refuses_is_a_wrong_command_line(
    outline: Path, tmp_path: Path, place: GivenStack, platform: FakePlatform
) -> None:
    platform.refuse_start = (400, {"title": "Bad request", "detail": "Unknown model 'gpt'. Available: sample."})
    with pytest.raises(InvalidInput, match=r"^Unknown model 'gpt'\. Available: sample\.\nNothing was started\.$"):
        write(outline, tmp_path / "out", place, model="gpt")
    platform.refuse_start = (400, {"detail": "maxConcurrency must be a whole number from 1 to 10."})
    with pytest.raises(InvalidInput, match=r"^--max-concurrency must be a whole number from 1 to 10\."):
        write(outline, tmp_path / "out", place, max_concurrency=20)


def test_a_platform_that_dies_on_the_way_is_one_sentence_and_what_to_do(
    outline: Path, tmp_path: Path, place: GivenStack, platform: FakePlatform
) -> None:
    content, parsed = read_outline(outline)
    dead = GivenStack({**served_at(platform.url), "api": "http://127.0.0.1:9"}, EMAIL, PASSWORD)
    with pytest.raises(PlatformLost, match="run the same command again to follow it"):
        write_course(CourseRequest(outline, tmp_path), content, parsed, dead, QUICK)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("modules: [\n", r"outline\.yaml:\d+:\d+: "),
        ("title: a: b\n", r"outline\.yaml:1:\d+: "),
        ("", r"outline\.yaml:1:1: "),
    ],
    ids=["unclosed bracket", "unquoted colon", "empty"],
)
def test_an_invalid_outline_is_refused_with_its_place_and_starts_nothing(
    outline: Path, tmp_path: Path, text: str, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def touched(*_: object) -> None:
        raise AssertionError("a platform was asked for")

    monkeypatch.setattr(writing, "_platform", touched)
    outline.write_text(text)
    with pytest.raises(InvalidInput, match=place):
        make_course(CourseRequest(outline, tmp_path / "out"))
    assert not (tmp_path / "out").exists()


def test_an_outline_that_is_not_there_or_too_large_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="cannot be read: No such file"):
        read_outline(tmp_path / "absent.yaml")
    with pytest.raises(InvalidInput, match="cannot be read: Is a directory"):
        read_outline(tmp_path)
    large = tmp_path / "large.yaml"
    large.write_bytes(b"#" * 1_000_001)
    with pytest.raises(InvalidInput, match="too large"):
        read_outline(large)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"modules": [1, 7]}, r"^--modules: .*not in the outline: 7\."),
        ({"only": ["01-01", "01-09", "lab-07-01"]}, "^--only: .*not found: 01-09, lab-07-01"),
        ({"content": "theory", "only": ["lab-01-01"]}, "^--only: .*not found: lab-01-01.*makes lessons"),
        ({"only": ["01-01"], "modules": [1]}, "not both"),
        ({"min_words": 900, "max_words": 800}, "--min-words 900 is more than --max-words 800"),
    ],
)
def test_what_the_outline_lacks_or_contradicts_itself_starts_nothing(
    outline: Path, tmp_path: Path, options: dict[str, Any], said: str
) -> None:
    with pytest.raises(InvalidInput, match=said):
        make_course(CourseRequest(outline, tmp_path / "out", options))
    assert not (tmp_path / "out").exists()


def test_units_that_the_outline_has_are_asked_for_alone(
    outline: Path, tmp_path: Path, place: GivenStack, platform: FakePlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing.stacks, "running", lambda: place)
    make_course(CourseRequest(outline, tmp_path / "out", {"only": ["01-02", "lab-01-01", "slides-01"]}))
    assert platform.starts[0]["only"] == ["01-02", "lab-01-01", "slides-01"]


def test_a_folder_that_cannot_be_made_starts_nothing(outline: Path, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="cannot be used"):
        make_course(CourseRequest(outline, outline / "out"))


def test_data_of_the_course_s_own_platform_is_spoken_of_while_another_runs(
    outline: Path,
    tmp_path: Path,
    place: GivenStack,
    platform: FakePlatform,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(writing.stacks, "running", lambda: place)
    own = tmp_path / "out" / ".aurora"
    make_course(CourseRequest(outline, tmp_path / "out"))
    assert str(own) not in capsys.readouterr().err
    (own / "objects").mkdir()
    make_course(CourseRequest(outline, tmp_path / "out"))
    assert f"{own}, from a platform of its own, is not used" in capsys.readouterr().err


def test_a_deployed_stack_asks_the_environment_for_the_user(
    outline: Path, tmp_path: Path, platform: FakePlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    unknown = GivenStack(served_at(platform.url))
    monkeypatch.setenv("AURORA_EMAIL", EMAIL)
    monkeypatch.setenv("AURORA_PASSWORD", PASSWORD)
    assert write(outline, tmp_path / "out", unknown) == COMPLETE


def test_the_remembered_course_is_remembered_by_platform(
    outline: Path, tmp_path: Path, place: GivenStack, platform: FakePlatform
) -> None:
    write(outline, tmp_path / "out", place)
    remembered = json.loads((tmp_path / "out" / ".aurora" / "course.json").read_text())["courses"]
    assert [(entry["platform"], entry["course_id"]) for entry in remembered] == [(platform.url, "course1")]
