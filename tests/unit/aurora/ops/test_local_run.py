"""How a local platform is configured for a command, and how serving ends."""

from __future__ import annotations

import signal
from collections.abc import Generator
from typing import Any, Self

import pytest

from aurora.errors import InvalidInput
from aurora.ops import local_run
from aurora.system import LocalRun, System


class Interrupted:
    """A platform that Ctrl-C meets while it starts, or while it waits."""

    site = email = password = "known"

    def __init__(self, *, starting: bool) -> None:
        self._starting = starting
        self.asked: dict[str, Any] = {}

    def __call__(self, **asked: Any) -> Self:
        self.asked = asked
        return self

    def __enter__(self) -> Self:
        if self._starting:
            raise KeyboardInterrupt
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing was started."""

    def wait(self) -> None:
        raise KeyboardInterrupt


@pytest.fixture
def signals() -> Generator[None]:
    """Puts back what serving does to the test's own process."""
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.usefixtures("signals")
def test_ctrl_c_ends_a_running_platform_well(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(local_run, "LocalPlatform", Interrupted(starting=False))
    assert local_run.serve(None, None, as_json=False) == 0
    assert capsys.readouterr().err == "Ended.\n"


@pytest.mark.usefixtures("signals")
def test_a_platform_that_was_interrupted_before_it_was_ready_is_no_success(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local_run, "LocalPlatform", Interrupted(starting=True))
    with pytest.raises(KeyboardInterrupt):
        local_run.serve(None, None, as_json=False)


@pytest.mark.usefixtures("signals")
def test_a_closed_terminal_ends_it_as_ctrl_c_does_unless_that_is_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local_run, "LocalPlatform", Interrupted(starting=False))
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    local_run.serve(None, None, as_json=False)
    assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    local_run.serve(None, None, as_json=False)
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGHUP)


@pytest.mark.usefixtures("signals")
def test_containers_are_built_on_the_base_that_was_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    platform = Interrupted(starting=False)
    monkeypatch.setattr(local_run, "LocalPlatform", platform)
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    assert local_run.serve(None, None, as_json=False, containers=True, base_image="base:1") == 0
    assert platform.asked["containers"]
    assert platform.asked["stack_config"] == {"aurora:baseImage": "base:1"}
    assert "take effect as soon as their image is built" in capsys.readouterr().out


@pytest.mark.usefixtures("signals")
def test_what_systems_make_of_the_environment_is_config_under_the_project_s_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    platform = Interrupted(starting=False)
    monkeypatch.setattr(local_run, "LocalPlatform", platform)
    monkeypatch.setattr(local_run, "service", lambda: "tales")
    systems = [
        System("one", local=LocalRun("hooks:of_one")),
        System("two"),
        System("three", local=LocalRun(next_step="x")),
    ]
    monkeypatch.setattr(local_run, "systems", lambda: systems)
    asked: list[bool] = []
    monkeypatch.setattr(
        local_run, "load", lambda path: lambda environ, containers: asked.append(containers) or {"from": path}
    )
    local_run.serve(None, None, as_json=False, containers=True)
    assert platform.asked["stack_config"] == {"tales:from": "hooks:of_one"}
    assert asked == [True]


@pytest.mark.usefixtures("signals")
def test_how_to_go_on_is_what_systems_say(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(local_run, "LocalPlatform", Interrupted(starting=False))
    monkeypatch.setattr(local_run, "systems", lambda: [System("tales", local=LocalRun(next_step="tell a tale"))])
    local_run.serve(None, None, as_json=False)
    assert "  Next: tell a tale\n  Edits to functions take effect at once" in capsys.readouterr().out


def test_a_base_image_without_containers_is_a_sentence() -> None:
    with pytest.raises(InvalidInput, match="needs --containers"):
        local_run.serve(None, None, as_json=False, base_image="base:1")
