"""`new`: the names and folders that it takes, and that it leaves nothing behind where it fails."""

from __future__ import annotations

from pathlib import Path

import pytest

from aurora.errors import CommandError, InvalidInput
from aurora.ops import locks, new_project
from aurora.ops.engine import Engine
from aurora.ops.new_project import check_folder, check_name, make_project, write_project

GIT = Engine(git="https://example.com/engine", rev="v1")


@pytest.mark.parametrize("name", ["tales", "our-tales", "a1", "a" * 30])
def test_a_name_that_aws_takes_is_taken(name: str) -> None:
    check_name(name)


@pytest.mark.parametrize("name", ["Tales", "our_tales", "1tales", "-tales", "tales-", "our--tales", "täles", ""])
def test_a_name_that_aws_does_not_take_is_refused(name: str) -> None:
    with pytest.raises(InvalidInput, match="Use lower-case letters, digits and single hyphens"):
        check_name(name)


def test_a_name_that_leaves_no_room_for_the_rest_of_aws_s_names_is_refused() -> None:
    with pytest.raises(InvalidInput, match="Use at most 30 characters"):
        check_name("a" * 31)


@pytest.mark.parametrize("name", ["aurora", "aws", "docker", "pulumi"])
def test_a_name_under_which_settings_of_others_stand_is_refused(name: str) -> None:
    with pytest.raises(InvalidInput, match=f"{name}: is the namespace of other settings"):
        check_name(name)


@pytest.mark.parametrize("name", ["greetings", "greetings-of-ours"])
def test_a_name_with_which_the_template_s_group_could_not_be_targeted_alone_is_refused(name: str) -> None:
    with pytest.raises(InvalidInput, match="the first group of functions has this name"):
        check_name(name)


def test_a_folder_that_is_new_or_empty_is_taken(tmp_path: Path) -> None:
    check_folder(tmp_path)
    check_folder(tmp_path / "new")


def test_a_folder_that_holds_something_is_refused(tmp_path: Path) -> None:
    (tmp_path / "kept.txt").touch()
    for taken in (tmp_path, tmp_path / "kept.txt"):
        with pytest.raises(InvalidInput, match="is not empty"):
            check_folder(taken)


def test_a_project_has_its_name_and_its_engine_everywhere(tmp_path: Path) -> None:
    write_project(tmp_path, "our-tales", GIT)

    texts = {path: path.read_text(encoding="utf-8") for path in tmp_path.rglob("*") if path.is_file()}
    assert [path for path, text in texts.items() if "{{service}}" in text] == []
    assert "name: our-tales\n" in texts[tmp_path / "Pulumi.yaml"]
    assert 'name = "our-tales"\n' in texts[tmp_path / "pyproject.toml"]
    assert f"aurora-engine = {GIT.source()}\n" in texts[tmp_path / "pyproject.toml"]


def test_what_cannot_be_locked_is_not_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        raise CommandError("the package index does not answer")

    monkeypatch.setattr(locks, "lock", fails)
    monkeypatch.setattr(new_project.engine, "present", lambda _: GIT)

    with pytest.raises(CommandError, match="the package index does not answer"):
        make_project(tmp_path / "tales", "tales")

    assert list((tmp_path / "tales").iterdir()) == []
