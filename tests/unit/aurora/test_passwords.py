"""Passwords come from the environment, a pipe or a prompt, and from nowhere that other users can see."""

from __future__ import annotations

import io
import subprocess
import sys

import pytest

from aurora.errors import InvalidInput
from aurora.passwords import read_new_password
from tests.support.clone import PROJECT


def test_the_environment_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AURORA_NEW_PASSWORD", "of-the-environment-1A")
    monkeypatch.setattr("sys.stdin", io.StringIO("piped-1A\n"))
    assert read_new_password() == "of-the-environment-1A"


def test_a_line_may_be_piped_in(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.delenv("AURORA_NEW_PASSWORD", raising=False)
    monkeypatch.setattr("sys.stdin", io.StringIO("piped-1A\nmore\n"))
    assert read_new_password() == "piped-1A"
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("piped", ["", "\n"])
def test_none_at_all_is_said_with_what_to_do(piped: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AURORA_NEW_PASSWORD", raising=False)
    monkeypatch.setattr("sys.stdin", io.StringIO(piped))
    with pytest.raises(InvalidInput, match="set AURORA_NEW_PASSWORD, pipe it in, or type it in a terminal"):
        read_new_password()


def test_a_password_is_no_argument() -> None:
    command = [
        sys.executable,
        "-m",
        "aurora",
        "user",
        "add",
        "a@example.com",
        "-s",
        "local",
        "--password",
        "Secret-Long-1",
    ]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    assert done.returncode == 2
    assert "unexpected extra argument" in done.stderr
