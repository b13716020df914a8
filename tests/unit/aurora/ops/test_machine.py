"""Checks of the machine: a script stands in for the Pulumi CLI, everything else is real."""

from __future__ import annotations

import re
from importlib import metadata
from pathlib import Path

import pytest

from aurora.ops import machine, uv
from tests.unit.aurora.ops.conftest import FakePulumi, doctor

AWS_PLUGIN = metadata.version("pulumi-aws")


def test_a_machine_that_is_ready_passes_every_check(pulumi: FakePulumi, capsys: pytest.CaptureFixture[str]) -> None:
    pulumi.answers("plugin-ls", [{"name": "aws", "kind": "resource", "version": AWS_PLUGIN}])
    table = doctor(capsys)
    assert table.code == 0
    assert list(table.rows) == ["Python", "packages", "Pulumi CLI", "plugin aws", "login"]
    assert {status for status, _ in table.rows.values()} == {"ok"}
    assert table.rows["plugin aws"] == ("ok", AWS_PLUGIN)
    assert table.rows["login"] == ("ok", "somebody at https://app.pulumi.com/somebody")
    assert table.rows["Pulumi CLI"][1].startswith("v3.200.0 (")


def test_another_python_than_the_images_is_shown_and_is_no_failure(
    pulumi: FakePulumi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "images").mkdir()
    (tmp_path / "images" / "base-image").write_text("public.ecr.aws/lambda/python:3.99.2030.01.01.01\n")
    monkeypatch.setattr(machine, "ROOT", tmp_path)
    status, detail = doctor(capsys).rows["Python"]
    assert status == "ok"
    assert re.fullmatch(r"3\.\d+\.\S+ here, 3\.99 in the images", detail)


def test_a_base_image_that_is_not_named_is_a_failure_with_the_command_that_restores_it(
    pulumi: FakePulumi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(machine, "ROOT", tmp_path)
    table = doctor(capsys)
    assert table.rows["Python"][0] == "failed"
    assert table.remedies["Python"] == "git checkout images/base-image"


def test_packages_that_are_not_those_of_the_lock_are_installed_anew(
    pulumi: FakePulumi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    project = machine.ROOT
    for name in ("pyproject.toml", "uv.lock", "images"):
        (tmp_path / name).symlink_to(project / name)
    (tmp_path / ".aurora").mkdir()
    (tmp_path / ".aurora" / "uv").symlink_to(project / ".aurora" / "uv")
    monkeypatch.setattr(machine, "ROOT", tmp_path)  # its .venv is missing altogether
    table = doctor(capsys)
    assert table.code == 1
    assert table.rows["packages"] == ("failed", ".venv does not match uv.lock")
    assert table.remedies["packages"] == "rm -r .venv, then python3 run.py --help"


def test_without_the_installer_the_packages_cannot_be_vouched_for(
    pulumi: FakePulumi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(uv, "ROOT", tmp_path)
    table = doctor(capsys)
    assert table.rows["packages"][1].startswith("uv, which installs the packages, cannot be run")
    assert table.remedies["packages"] == "python3 run.py --help"


def test_without_the_pulumi_cli_what_needs_it_is_not_checked(
    pulumi: FakePulumi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(machine.sys, "platform", "linux")
    table = doctor(capsys, "dev")
    assert table.code == 1
    assert table.rows["Pulumi CLI"] == ("failed", "it is not on PATH")
    assert table.remedies["Pulumi CLI"] == "curl -fsSL https://get.pulumi.com | sh"
    for check in ("plugin aws", "login", "stack", "credentials", "Docker"):
        assert table.rows[check] == ("not checked", "needs: Pulumi CLI")


def test_a_pulumi_cli_of_another_major_version_is_refused(
    pulumi: FakePulumi, capsys: pytest.CaptureFixture[str]
) -> None:
    pulumi.answers("version", "v2.25.0\n")
    assert doctor(capsys).rows["Pulumi CLI"][1].endswith("is v2.25.0, but version 3 is needed")


def test_a_plugin_that_is_missing_is_fetched_by_the_first_up(
    pulumi: FakePulumi, capsys: pytest.CaptureFixture[str]
) -> None:
    pulumi.answers("plugin-ls", [{"name": "aws", "kind": "resource", "version": "6.0.0"}])
    table = doctor(capsys)
    assert table.code == 0
    assert table.rows["plugin aws"] == ("ok", f"not installed yet: the first `pulumi up` installs {AWS_PLUGIN}")


def test_a_missing_plugin_that_nothing_may_fetch_is_a_failure(
    pulumi: FakePulumi, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION", "true")
    table = doctor(capsys)
    assert table.rows["plugin aws"][0] == "failed"
    assert table.remedies["plugin aws"] == f"pulumi plugin install resource aws {AWS_PLUGIN}"


def test_a_plugin_on_path_is_the_one_that_the_engine_takes(
    pulumi: FakePulumi, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    program = tmp_path / "bin" / "pulumi-resource-aws"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    assert doctor(capsys).rows["plugin aws"][1].startswith(str(program))


def test_nobody_logged_in_is_a_failure_with_the_command(pulumi: FakePulumi, capsys: pytest.CaptureFixture[str]) -> None:
    pulumi.fails("whoami", "PULUMI_ACCESS_TOKEN must be set for login during non-interactive CLI sessions")
    table = doctor(capsys, "dev")
    assert table.rows["login"] == ("failed", "not logged in to a backend, where Pulumi keeps its state")
    assert table.remedies["login"] == "pulumi login"
    assert table.rows["stack"] == ("not checked", "needs: login")


def test_a_backend_that_is_not_there_is_a_failure_in_its_own_words(
    pulumi: FakePulumi, capsys: pytest.CaptureFixture[str]
) -> None:
    pulumi.fails("whoami", 'unable to open state directory "file:///gone": no such file or directory')
    assert "file:///gone" in doctor(capsys).rows["login"][1]
