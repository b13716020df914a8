"""The course command against a platform that keeps to the contract: what it sends, says, writes and exits with."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from aurora import course
from aurora.course import CourseRequest, Pace, make_course, read_outline, write_course
from aurora.errors import COMPLETE, INCOMPLETE, CommandError, InvalidInput, PlatformLost
from aurora.target import Target
from tests.support.fake_api import EMAIL, PASSWORD, FakePlatform, look

QUICK = Pace(poll=0.001, patience=0.2)


def write(outline: Path, out: Path, place: Target, **options: object) -> int:
    request = CourseRequest(outline, out, **options)  # type: ignore[arg-type]
    return write_course(request, *read_outline(outline), place, QUICK)


def test_a_complete_course_lies_in_the_folder(
    outline: Path, tmp_path: Path, place: Target, platform: FakePlatform, capsys: pytest.CaptureFixture[str]
) -> None:
    platform.looks = [look(["writing", "waiting"]), look(["written", "writing"]), look(["written", "skipped"])]
    out = tmp_path / "out"
    assert write(outline, out, place) == COMPLETE
    names = {path.relative_to(out).as_posix(): path.read_bytes() for path in out.rglob("*") if path.is_file()}
    del names[".aurora/course.json"]
    assert names == platform.files
    said = capsys.readouterr()
    assert said.out.splitlines() == [str(out / name) for name in ("book.md", "book.json", "book.html", "book.pdf")]
    assert "Writing lessons: 1 of 2 lessons" in said.err
    assert "1 lesson written, 1 already there." in said.err


def test_a_failed_lesson_is_named_with_its_reason_and_the_book_is_there(
    outline: Path, tmp_path: Path, place: Target, platform: FakePlatform, capsys: pytest.CaptureFixture[str]
) -> None:
    platform.looks = [look(["written", "failed"])]
    assert write(outline, tmp_path / "out", place) == INCOMPLETE
    assert "1 lesson could not be written:\n  01-02 Second: refused\nThe same command again" in capsys.readouterr().err
    assert (tmp_path / "out" / "book.pdf").read_bytes() == b"%PDF"


def test_a_forced_course_with_a_failed_lesson_is_not_to_be_forced_again(
    outline: Path, tmp_path: Path, place: Target, platform: FakePlatform, capsys: pytest.CaptureFixture[str]
) -> None:
    platform.looks = [look(["written", "failed"])]
    assert write(outline, tmp_path / "out", place, force=True) == INCOMPLETE
    assert "The same command without --force writes only what is missing." in capsys.readouterr().err


def test_a_lesson_that_waits_says_once_what_for(
    outline: Path, tmp_path: Path, place: Target, platform: FakePlatform, capsys: pytest.CaptureFixture[str]
) -> None:
    waiting = look(["waiting", "waiting"])
    for lesson in waiting["lessons"]:
        lesson["reason"] = "The text model does not answer."
    platform.looks = [waiting, waiting, look(["written", "written"])]
    assert write(outline, tmp_path / "out", place) == COMPLETE
    assert capsys.readouterr().err.count("Waiting: The text model does not answer.\n") == 1


def test_images_that_are_missing_are_told_of(
    outline: Path, tmp_path: Path, place: Target, platform: FakePlatform, capsys: pytest.CaptureFixture[str]
) -> None:
    platform.looks = [look(["written", "written"], outcome="incomplete", error="Images missing in the book: 2.")]
    assert write(outline, tmp_path / "out", place) == INCOMPLETE
    said = capsys.readouterr().err
    assert "Images missing in the book: 2." in said
    assert "could not be written" not in said


def test_an_interrupted_course_says_how_to_go_on(
    outline: Path,
    tmp_path: Path,
    place: Target,
    platform: FakePlatform,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(course, "_follow", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write(outline, tmp_path / "out", place)
    assert capsys.readouterr().err == "The same command again goes on with this course.\n"


def test_the_same_command_again_goes_on_with_the_same_course(
    outline: Path, tmp_path: Path, place: Target, platform: FakePlatform
) -> None:
    write(outline, tmp_path / "out", place)
    write(outline, tmp_path / "out", place)
    assert [start["courseId"] for start in platform.starts] == ["course1", "course1"]


def test_another_outline_in_the_same_folder_is_another_course(
    outline: Path, tmp_path: Path, place: Target, platform: FakePlatform
) -> None:
    write(outline, tmp_path / "out", place)
    other = tmp_path / "other.yaml"
    other.write_text(outline.read_text().replace("A short course", "Another course"))
    write(other, tmp_path / "out", place)
    assert [start["courseId"] for start in platform.starts] == ["course1", "course2"]


def test_a_course_that_the_platform_forgot_is_begun_anew(
    outline: Path, tmp_path: Path, place: Target, platform: FakePlatform
) -> None:
    write(outline, tmp_path / "out", place)
    platform.courses.clear()
    assert write(outline, tmp_path / "out", place) == COMPLETE
    assert len(platform.starts) == 2


def test_a_damaged_memory_begins_anew(outline: Path, tmp_path: Path, place: Target, platform: FakePlatform) -> None:
    write(outline, tmp_path / "out", place)
    (tmp_path / "out" / ".aurora" / "course.json").write_text('{"courses": [{"plat')
    assert write(outline, tmp_path / "out", place) == COMPLETE
    assert len(platform.courses) == 2


def test_a_run_under_way_is_joined_and_that_is_said(
    outline: Path, tmp_path: Path, place: Target, platform: FakePlatform, capsys: pytest.CaptureFixture[str]
) -> None:
    platform.joined = True
    assert write(outline, tmp_path / "out", place) == COMPLETE
    assert "is being written already" in capsys.readouterr().err


def test_an_execution_that_failed_as_a_whole_says_why(
    outline: Path, tmp_path: Path, place: Target, platform: FakePlatform
) -> None:
    platform.looks = [look(["written", "waiting"], status="TIMED_OUT", outcome="failed", error="it took too long")]
    with pytest.raises(CommandError, match=r"timed out\): it took too long"):
        write(outline, tmp_path / "out", place)


def test_a_book_that_was_not_made_is_no_success(
    outline: Path, tmp_path: Path, place: Target, platform: FakePlatform
) -> None:
    del platform.files["book.pdf"]
    with pytest.raises(CommandError, match=r"made no book\.pdf"):
        write(outline, tmp_path / "out", place)


def test_a_file_that_breaks_off_leaves_the_earlier_one_whole(
    outline: Path, tmp_path: Path, place: Target, platform: FakePlatform
) -> None:
    out = tmp_path / "out"
    write(outline, out, place)
    platform.files["book.md"] = b"# A newer book that breaks off"
    platform.truncated = {"book.md"}
    with pytest.raises(PlatformLost, match=r"book\.md could not be downloaded"):
        write(outline, out, place)
    assert (out / "book.md").read_bytes() == b"# Book"
    assert [path for path in out.iterdir() if path.name.startswith(".book")] == []


@pytest.mark.parametrize("name", ["../escape.md", "/etc/passwd", "lessons/../../escape.md", ".aurora/course.json"])
def test_a_name_that_leaves_the_folder_is_refused(
    outline: Path, tmp_path: Path, place: Target, platform: FakePlatform, name: str
) -> None:
    platform.files[name] = b"-"
    with pytest.raises(CommandError, match="no course has"):
        write(outline, tmp_path / "out", place)


def test_what_the_platform_finds_wrong_in_the_outline_has_its_place(
    outline: Path, tmp_path: Path, place: Target, platform: FakePlatform
) -> None:
    problem = {"line": 3, "column": 5, "message": "too many lessons", "hint": "split it"}
    platform.refuse_start = (422, {"title": "Invalid outline", "detail": "1 problem", "problems": [problem]})
    with pytest.raises(InvalidInput, match=r"outline\.yaml:3:5: too many lessons\n    split it"):
        write(outline, tmp_path / "out", place)


def test_a_platform_that_dies_on_the_way_is_one_sentence_and_what_to_do(
    outline: Path, tmp_path: Path, place: Target, platform: FakePlatform
) -> None:
    content, parsed = read_outline(outline)
    dead = Target("dev", "http://127.0.0.1:9", "eu-west-1", platform.url, "client", "pool", EMAIL, PASSWORD)
    with pytest.raises(PlatformLost, match="the same command again follows it"):
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
def test_an_invalid_outline_is_told_by_its_place_and_starts_nothing(
    outline: Path, tmp_path: Path, text: str, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def touched(*_: object) -> None:
        raise AssertionError("a platform was asked for")

    monkeypatch.setattr(course, "_platform", touched)
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


def test_a_module_that_the_outline_lacks_starts_nothing(outline: Path, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="--modules"):
        make_course(CourseRequest(outline, tmp_path / "out", modules=(1, 7)))
    assert not (tmp_path / "out").exists()


def test_a_folder_that_cannot_be_made_starts_nothing(outline: Path, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="cannot be used"):
        make_course(CourseRequest(outline, outline / "out"))


def test_data_of_the_course_s_own_platform_is_spoken_of_while_another_runs(
    outline: Path,
    tmp_path: Path,
    place: Target,
    platform: FakePlatform,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(course.target, "running_local", lambda: place)
    own = tmp_path / "out" / ".aurora"
    make_course(CourseRequest(outline, tmp_path / "out"))
    assert str(own) not in capsys.readouterr().err
    (own / "objects").mkdir()
    make_course(CourseRequest(outline, tmp_path / "out"))
    assert f"{own}, from a platform of its own, is not used meanwhile" in capsys.readouterr().err


def test_a_deployed_stack_asks_the_environment_for_the_user(
    outline: Path, tmp_path: Path, platform: FakePlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    unknown = Target("dev", platform.url, "eu-west-1", platform.url, "client", "pool")
    monkeypatch.setenv("AURORA_EMAIL", EMAIL)
    monkeypatch.setenv("AURORA_PASSWORD", PASSWORD)
    assert write(outline, tmp_path / "out", unknown) == COMPLETE


def test_the_remembered_course_is_told_apart_by_platform(
    outline: Path, tmp_path: Path, place: Target, platform: FakePlatform
) -> None:
    write(outline, tmp_path / "out", place)
    remembered = json.loads((tmp_path / "out" / ".aurora" / "course.json").read_text())["courses"]
    assert [(entry["platform"], entry["course_id"]) for entry in remembered] == [(platform.url, "course1")]
