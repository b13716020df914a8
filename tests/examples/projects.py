"""Projects of one's own: made from a wheel in a folder outside this one, and run with an environment of their own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from aurora.ops import engine, locks
from aurora.ops.new_project import write_project
from tests.support.clone import PROJECT, clone_into

HELLO = PROJECT / "examples" / "hello"
# What leads to package indexes from here, and where packages are cached; nothing else of this machine is passed on.
_NETWORK = ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "PIP_CERT", "PIP_FIND_LINKS", "PIP_INDEX_URL", "SSL_CERT_FILE")
_UV = PROJECT / ".aurora" / "uv" / "bin" / "uv"
# Of the interpreter that this environment was made with: a project's run.py is started by the machine's Python.
_PYTHON = str(Path(sys.executable).resolve())


@dataclass(frozen=True)
class Project:
    """A project of one's own."""

    folder: Path
    environment: Mapping[str, str]

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """``python3 run.py ARGUMENTS``, with its output in one text."""
        return subprocess.run(
            [_PYTHON, "run.py", *arguments],
            cwd=self.folder,
            env=dict(self.environment),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )

    def must(self, *arguments: str) -> str:
        """The output of a command that has to succeed."""
        done = self.run(*arguments)
        assert done.returncode == 0, f"run.py {' '.join(arguments)}: exit code {done.returncode}\n{done.stdout}"
        return done.stdout

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """``python3 run.py ARGUMENTS`` beside the test, its output to be read."""
        return subprocess.Popen(
            [_PYTHON, "run.py", *arguments],
            cwd=self.folder,
            env=dict(self.environment),
            stdout=subprocess.PIPE,
            text=True,
        )


def environment_of(home: Path) -> dict[str, str]:
    """An environment with nothing in it but a home of its own, the system's programs and the way to packages."""
    home.mkdir(exist_ok=True)
    cache = subprocess.run([_UV, "cache", "dir"], capture_output=True, text=True, check=True).stdout.strip()
    return {
        "HOME": str(home),
        "PATH": os.defpath,
        "UV_CACHE_DIR": cache,
        **{name: os.environ[name] for name in _NETWORK if name in os.environ},
    }


def clone_of_engine(folder: Path) -> Path:
    """A clone of this project that can be deleted, with the installer."""
    clone_into(folder)
    for name in ("LICENSE", "pyproject.toml", "run.py", "uv-requirements.txt", "uv.lock"):
        shutil.copy(PROJECT / name, folder)
    (folder / ".aurora").mkdir(exist_ok=True)
    (folder / ".aurora" / "uv").symlink_to(PROJECT / ".aurora" / "uv")
    return folder


def make_by_command(clone: Path, folder: Path, service: str, home: Path) -> str:
    """``python3 run.py new`` in a clone; returns its output."""
    # As run.py starts it: the clone's own run.py would install what the clone's .venv, which is ours, has already.
    done = subprocess.run(
        [sys.executable, "-P", "-m", "aurora", "new", str(folder), "--name", service],
        cwd=clone,
        env={**environment_of(home), "AURORA_PROJECT": str(clone), "PYTHONPATH": str(clone)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode and any(sign in done.stdout for sign in ("dns error", "error sending request", "tunnel error")):
        pytest.skip("needs a package index that answers")
    assert done.returncode == 0, done.stdout
    return done.stdout


def write_hello(folder: Path, wheel: Path) -> None:
    """examples/hello as its README says to make it: a copy as `new` makes it, the files, one line."""
    folder.mkdir()
    write_project(folder, "hello", engine.Engine(wheel=wheel))
    add_hello(folder)
    locks.lock(("greetings", "post"), folder)


def add_hello(folder: Path) -> None:
    """What examples/hello adds to a new project, but for locking."""
    shutil.copytree(HELLO, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
    pyproject = folder / "pyproject.toml"
    line = 'greetings = ["aurora-engine"]\n'
    text = pyproject.read_text(encoding="utf-8")
    assert line in text
    pyproject.write_text(text.replace(line, line + 'post = ["aurora-engine"]\n'), encoding="utf-8")


def newer_engine(folder: Path) -> Path:
    """The wheel of an engine whose files differ from this one's."""
    source = folder / "newer"
    shutil.copytree(PROJECT / "aurora", source / "aurora", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("LICENSE", "pyproject.toml"):
        shutil.copy(PROJECT / name, source)
    for name in ("runtime/env.py", "template/run.py", "local/ministack-requirements.txt"):
        with (source / "aurora" / name).open("a") as file:
            file.write("\n# of a newer engine\n")
    return engine.build(folder, source)
