"""The whole path: the commands as they are typed, the real program on the embedded AWS, a book at the end.

Each module of commands works in a copy of the project, so that no platform of this machine is used or disturbed.
"""

from __future__ import annotations

import itertools
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.support.clone import clone_into
from tests.support.model_endpoint import ModelEndpoint, serving_model
from tests.support.processes import started_by

FORMATS = ("md", "json", "html", "pdf", "docx")
BOOK = {f"book.{extension}" for extension in FORMATS}
OUTLINE = """\
title: A short course
language: en
modules:
  - title: Beginnings
    number: 1
    lessons:
      - {title: First steps, number: 1, duration_minutes: 20, topics: [Walking, Running]}
      - {title: Second thoughts, number: 2, duration_minutes: 20}
  - title: Endings
    number: 2
    lessons:
      - {title: Third time lucky, number: 1, duration_minutes: 20}
"""
LESSONS = {
    "lessons/module-01-lesson-01-first-steps.md",
    "lessons/module-01-lesson-02-second-thoughts.md",
    "lessons/module-02-lesson-01-third-time-lucky.md",
}


class Author:
    """Somebody at a terminal in a clone, with an outline."""

    def __init__(self, folder: Path) -> None:
        self.clone = clone_into(folder / "clone")
        self.out = folder / "out"
        self.outline = folder / "outline.yaml"
        self.outline.write_text(OUTLINE)

    def command(self, *arguments: str | Path) -> list[str]:
        return [sys.executable, "-m", "aurora", *map(str, arguments)]

    def types(self, *arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.command(*arguments),
            cwd=self.clone,
            env=os.environ | environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=180,
        )

    def course(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return self.types("course", self.outline, "--out", self.out, *arguments, **environment)

    def files(self) -> set[str]:
        """What lies in the course folder, but for what it remembers."""
        found = (path.relative_to(self.out).as_posix() for path in self.out.rglob("*") if path.is_file())
        return {name for name in found if not name.startswith(".aurora/")}

    @contextmanager
    def local(
        self, *arguments: str | Path, **environment: str
    ) -> Generator[tuple[subprocess.Popen[str], dict[str, Any]]]:
        """A local platform that runs in another terminal, and the line of JSON that it printed."""
        process = subprocess.Popen(
            self.command("local", "--json", *arguments),
            cwd=self.clone,
            env=os.environ | environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            assert line, process.communicate()[1]
            yield process, json.loads(line)
        finally:
            if process.poll() is None:
                process.terminate()
            process.communicate(timeout=60)


@pytest.fixture
def author(tmp_path: Path) -> Author:
    return Author(tmp_path)


def counts(course: subprocess.CompletedProcess[str]) -> dict[str, dict[str, int]]:
    """The table that the command ends with: of each kind of unit, the columns that are whole numbers."""
    lines = course.stderr.splitlines()
    (start,) = [number for number, line in enumerate(lines) if line.strip().startswith("written")]
    names = re.split(r" {2,}", lines[start].strip())
    rows = itertools.takewhile(
        lambda cells: len(cells) == len(names) + 1, (re.split(r" {2,}", line) for line in lines[start + 1 :])
    )
    return {
        kind: {name: int(cell) for name, cell in zip(names, cells, strict=True) if cell.isdigit()}
        for kind, *cells in rows
    }


def test_a_course_without_a_running_platform_keeps_its_data_and_goes_on_with_it(author: Author) -> None:
    first = author.course("--modules", "1")
    assert first.returncode == 0, first.stderr
    assert "starting one for this command" in first.stderr
    assert counts(first) == {"lessons": {"written": 2}}
    assert first.stdout.splitlines() == [str(author.out / f"book.{extension}") for extension in FORMATS]
    assert author.files() >= BOOK | {name for name in LESSONS if "module-01" in name}
    assert (author.out / "book.pdf").read_bytes().startswith(b"%PDF")

    again = author.course()
    assert again.returncode == 0, again.stderr
    assert counts(again) == {"lessons": {"written": 1, "kept": 2}}
    assert author.files() >= BOOK | LESSONS


def test_a_running_platform_is_used_and_ends_with_what_it_started(author: Author) -> None:
    with author.local() as (process, line):
        assert line.keys() == {"site", "api", "stack", "buckets"}
        assert line["stack"] == "local"
        made = author.course()
        assert made.returncode == 0, made.stderr
        assert "starting one" not in made.stderr
        assert author.files() >= BOOK | LESSONS
        added = author.types("user", "add", "colleague@example.com", "-s", "local")
        assert added.returncode == 0, added.stderr
        assert len(added.stdout.strip()) >= 12
        same = author.types("user", "add", "colleague@example.com", "-s", "local")
        assert (same.returncode, same.stdout) == (0, "")
        assert "is already a user of local" in same.stderr
        second = author.types("local")
        assert second.returncode == 1
        assert second.stderr.splitlines()[-1].startswith("A local platform of this project already runs")
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=30) == 0
    refused = author.types("user", "add", "colleague@example.com", "-s", "local")
    assert refused.returncode == 1
    assert "No local platform is running" in refused.stderr


def test_labs_and_slides_are_made_too_one_unit_is_written_again_and_its_story_is_told(author: Author) -> None:
    with author.local():
        made = author.course("--content", "both", "--slides")
        assert made.returncode == 0, made.stderr
        assert counts(made) == {"lessons": {"written": 3}, "labs": {"written": 3}, "slide decks": {"written": 2}}
        names = {Path(line).relative_to(author.out).as_posix() for line in made.stdout.splitlines()}
        assert BOOK | {f"lab-book.{extension}" for extension in FORMATS} < names
        assert sum(name.startswith("slides/") for name in names) == 2
        assert sum(name.startswith("labs/module-") for name in author.files()) == 3

        again = author.course("--only", "01-02,lab-02-01")
        assert again.returncode == 0, again.stderr
        assert counts(again) == {"lessons": {"written": 1}, "labs": {"written": 1}}
        refused = author.course("--only", "03-01")
        assert (refused.returncode, refused.stdout) == (2, "")
        assert "03-01" in refused.stderr

        story = author.types("logs", author.out, "--execution", "2")
        assert story.returncode == 0, story.stderr
        told = [re.split(r" {2,}", line, maxsplit=3) for line in story.stdout.splitlines()]
        order = [function for function, _ in itertools.groupby(line[1] for line in told)]
        assert order[0] == "starter-api"
        assert order[-1] == "course-finisher"
        assert {line[2] for line in told} >= {"01-02", "lab-02-01"}
        assert "01-01" not in story.stdout


def test_a_cancelled_run_ends_keeps_what_is_written_and_the_same_command_writes_the_rest(author: Author) -> None:
    with (
        serving_model(ModelEndpoint(silent=True)) as model,
        author.local(OPENAI_BASE_URL=model.url, OPENAI_MODEL="any"),
    ):
        arguments = ("course", author.outline, "--out", author.out, "--model", "openai", "--max-concurrency", "1")
        following = subprocess.Popen(
            author.command(*arguments), cwd=author.clone, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        assert model.asked.wait(timeout=60)
        cancelling = subprocess.Popen(
            author.command("course", author.outline, "--out", author.out, "--cancel"),
            cwd=author.clone,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert cancelling.stderr is not None
        said = list(itertools.takewhile(lambda line: not line.startswith("Cancelling"), cancelling.stderr))
        model.silent = False  # the lesson that is being written is finished
        error = "".join(said) + cancelling.communicate(timeout=60)[1]
        assert cancelling.returncode == 0, error
        assert "What is written is kept" in error
        _, error = following.communicate(timeout=60)
        assert following.returncode == 3, error
        assert "The run was cancelled" in error

        rest = author.types(*arguments)
        assert rest.returncode == 0, rest.stderr
        assert counts(rest)["lessons"]["kept"] >= 1
        assert author.files() >= BOOK | LESSONS


def test_a_lesson_that_failed_is_named_and_the_same_command_writes_only_that_one(author: Author) -> None:
    with serving_model(ModelEndpoint(refuses="Third time lucky")) as model:
        environment = {"OPENAI_BASE_URL": model.url, "OPENAI_MODEL": "any"}
        first = author.course("--model", "openai", **environment)
        assert first.returncode == 3, first.stderr
        assert "02-01 Third time lucky: " in first.stderr
        assert "not this topic" in first.stderr
        assert author.files() >= BOOK
        assert "Third time lucky" in (author.out / "book.md").read_text()

        model.refuses = "nothing at all"
        again = author.course("--model", "openai", **environment)
        assert again.returncode == 0, again.stderr
        assert counts(again)["lessons"].items() >= {"written": 1, "kept": 2}.items()
        assert author.files() >= BOOK | LESSONS


def test_a_killed_emulator_is_one_clear_sentence(author: Author) -> None:
    with (
        serving_model(ModelEndpoint(silent=True)) as model,
        author.local(OPENAI_BASE_URL=model.url, OPENAI_MODEL="any") as (process, _),
    ):
        course = subprocess.Popen(
            author.command("course", author.outline, "--out", author.out, "--model", "openai"),
            cwd=author.clone,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert model.asked.wait(timeout=60)
        (emulator,) = started_by(process.pid, "launcher.py")
        os.kill(emulator, signal.SIGKILL)
        said, error = course.communicate(timeout=60)
        assert (course.returncode, said) == (1, ""), error
        assert "The local platform has ended, or was killed." in error
        assert "Traceback" not in error
        _, error = process.communicate(timeout=60)
        assert process.returncode == 1
        assert "Traceback" not in error


def test_an_invalid_outline_starts_nothing_and_overwrites_nothing(author: Author) -> None:
    author.outline.write_text("title: A course: the second part\nmodules: []\n")
    author.out.mkdir()
    (author.out / "book.md").write_text("an earlier book")
    refused = author.course()
    assert refused.returncode == 2
    assert refused.stderr.startswith(f"{author.outline}:1:")
    assert refused.stdout == ""
    assert (author.out / "book.md").read_text() == "an earlier book"
    assert author.files() == {"book.md"}


def test_a_port_that_is_taken_is_a_sentence(author: Author) -> None:
    with author.local() as (_, line):
        port = line["site"].rpartition(":")[2].rstrip("/")
        (author.clone / ".aurora" / "local.json").unlink()  # else the running platform itself would be the reason
        refused = author.types("local", "--port", port)
    assert refused.returncode == 1
    assert port in refused.stderr.splitlines()[-1]
    assert "Traceback" not in refused.stderr
