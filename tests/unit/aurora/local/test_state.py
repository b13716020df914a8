"""How commands of a project find its running platform, and keep out of each other's way."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from aurora.local import state
from aurora.local.errors import DataInUse, LocalError


@pytest.fixture
def ended_pid() -> int:
    """The id of a process that has ended."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_a_platform_whose_process_has_ended_is_not_running(tmp_path: Path, ended_pid: int) -> None:
    state.announce(tmp_path, {"pid": ended_pid, "site": "http://127.0.0.1:1"})

    assert state.find_running(tmp_path) is None


def test_an_unfinished_or_absent_state_file_is_no_platform(tmp_path: Path) -> None:
    assert state.find_running(tmp_path) is None
    (tmp_path / ".aurora").mkdir()
    (tmp_path / ".aurora" / "local.json").write_text("{")
    assert state.find_running(tmp_path) is None


def test_a_second_platform_of_the_same_project_is_told_of_the_first(tmp_path: Path) -> None:
    state.announce(tmp_path, {"pid": os.getppid(), "site": "http://127.0.0.1:1"})

    with pytest.raises(LocalError, match=r"already runs at http://127\.0\.0\.1:1 \(process \d+\)"):
        state.announce(tmp_path, {"pid": os.getpid(), "site": "http://127.0.0.1:2"})


def test_only_the_platform_that_announced_itself_withdraws(tmp_path: Path) -> None:
    state.announce(tmp_path, {"pid": os.getppid(), "site": "http://127.0.0.1:1"})
    state.withdraw(tmp_path)
    assert state.find_running(tmp_path) is not None


def test_folders_of_killed_sessions_are_removed_and_those_of_living_ones_kept(tmp_path: Path, ended_pid: int) -> None:
    left, living = tmp_path / ".aurora" / "run" / f"{ended_pid}-1", tmp_path / ".aurora" / "run" / f"{os.getppid()}-1"
    left.mkdir(parents=True)
    living.mkdir()

    own = state.scratch_folder(tmp_path)

    assert set((tmp_path / ".aurora" / "run").iterdir()) == {living, own}


def test_a_data_folder_is_one_platforms_until_it_is_released(tmp_path: Path) -> None:
    first = state.DataFolder(tmp_path / "data")
    with pytest.raises(DataInUse):
        state.DataFolder(tmp_path / "data")
    first.keep_password("secret")
    first.release()

    second = state.DataFolder(tmp_path / "data")
    assert second.password() == "secret"
    second.release()


def test_a_new_data_folder_stays_out_of_repositories_and_an_old_one_is_left_as_it_is(tmp_path: Path) -> None:
    new, old = tmp_path / "new", tmp_path / "old"
    old.mkdir()
    for folder in (new, old):
        state.DataFolder(folder).release()
    assert (new / ".gitignore").read_text("utf-8").splitlines()[-1] == "*"
    assert not (old / ".gitignore").exists()


def test_a_data_folder_that_cannot_be_made_is_a_clear_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(LocalError, match="Data cannot be kept in"):
        state.DataFolder(tmp_path / "file" / "data")


@pytest.mark.parametrize("damaged", ["", "{", "[]", "{}"])
def test_a_damaged_password_file_is_as_good_as_none(tmp_path: Path, damaged: str) -> None:
    folder = state.DataFolder(tmp_path / "data")
    folder.keep_password("A-password-1")
    assert folder.password() == "A-password-1"
    (folder.path / "author.json").write_text(damaged)
    assert folder.password() is None
    folder.release()
