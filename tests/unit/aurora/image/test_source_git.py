"""The source digest in real git checkouts: every clone of one commit, however it is configured, has the same."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from aurora.image.source import GroupSource, read_group

PROJECT = Path(__file__).parents[4]
GROUPS = sorted(path.parent.name for path in (PROJECT / "images").glob("*/requirements.txt"))
TRACKED = (".gitattributes", ".gitignore", "aurora", "functions", "images")

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git is not on PATH")


def git(folder: Path, *arguments: str, umask: int = 0o022) -> str:
    """Runs git as on a machine without any configuration of its user or system."""
    return subprocess.run(
        ["git", "-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgSign=false", *arguments],
        cwd=folder,
        env={**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"},
        umask=umask,
        check=True,
        capture_output=True,
        text=True,
    ).stdout


def digests(checkout: Path) -> dict[str, str]:
    return {
        group: GroupSource.read(checkout, group).digest("base:1", "linux/amd64", {"HANDLERS": "a b"})
        for group in GROUPS
    }


def commit_of(checkout: Path, folder: Path) -> Path:
    """A new repository with one commit of what ``checkout`` holds now."""
    folder.mkdir()
    for name in TRACKED:
        source = checkout / name
        (shutil.copytree if source.is_dir() else shutil.copy2)(source, folder / name)
    git(folder, "init", "--quiet")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "One")
    return folder


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return commit_of(PROJECT, tmp_path_factory.mktemp("git") / "repository")


@pytest.mark.parametrize(
    "configuration",
    [
        (),
        ("core.autocrlf=true",),
        ("core.autocrlf=input",),
        ("core.autocrlf=false", "core.eol=crlf"),
        ("core.symlinks=false", "core.fileMode=false", "core.ignoreCase=true"),
        ("core.precomposeUnicode=true",),
    ],
    ids=lambda configuration: " ".join(configuration) or "git's defaults",
)
@pytest.mark.parametrize("umask", [0o022, 0o077, 0o002], ids=oct)
def test_a_clone_in_another_path_has_the_digests_of_the_checkout_it_came_from(
    repository: Path, tmp_path: Path, configuration: tuple[str, ...], umask: int
) -> None:
    clone = tmp_path / "another path" / "clone"
    options = [option for setting in configuration for option in ("--config", setting)]
    git(tmp_path, "clone", "--quiet", *options, str(repository), str(clone), umask=umask)
    assert digests(clone) == digests(repository)


def test_a_work_tree_has_the_digests_of_the_checkout_it_came_from(repository: Path, tmp_path: Path) -> None:
    git(repository, "worktree", "add", "--quiet", "--detach", str(tmp_path / "tree"), umask=0o077)
    assert digests(tmp_path / "tree") == digests(repository)


def test_an_archive_has_the_digests_of_the_checkout_it_came_from(repository: Path, tmp_path: Path) -> None:
    archive = tmp_path / "source.zip"
    git(repository, "-c", "core.autocrlf=true", "archive", "--output", str(archive), "HEAD")
    shutil.unpack_archive(archive, tmp_path / "unpacked")
    assert digests(tmp_path / "unpacked") == digests(repository)


def test_the_attributes_of_the_project_are_what_keeps_windows_line_endings_out(
    repository: Path, tmp_path: Path
) -> None:
    bare = tmp_path / "without attributes"
    git(tmp_path, "clone", "--quiet", str(repository), str(bare))
    git(bare, "rm", "--quiet", ".gitattributes")
    git(bare, "commit", "--quiet", "--message", "Two")
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "--quiet", "--config", "core.autocrlf=true", str(bare), str(clone))
    assert all(digests(clone)[group] != digest for group, digest in digests(repository).items())


def test_every_file_that_git_keeps_for_a_group_reaches_its_image(repository: Path) -> None:
    for group in GROUPS:
        rooms = read_group(repository, group).rooms
        kept = git(repository, "ls-files", "-z", "aurora/__init__.py", "functions/__init__.py", *rooms)
        in_context = {
            name for name in GroupSource.read(repository, group).files if name.startswith(("aurora/", "functions/"))
        }
        assert in_context == set(filter(None, kept.split("\0")))
