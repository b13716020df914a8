"""A platform of another project with the real engine: up, nothing to change, and one group's edit."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engine.conftest import engine_in
from tests.engine.engine import Engine, changes
from tests.engine.hello import SERVICE, HelloEngine, make_hello


@pytest.fixture(scope="module")
def hello(tmp_path_factory: pytest.TempPathFactory, system: Path) -> Iterator[Engine]:
    """The stack dev of hello, which is up; tests look at it."""
    folder = tmp_path_factory.mktemp("hello")
    with engine_in(make_hello(folder / "checkout"), folder, system) as engine:
        hello = HelloEngine(engine.checkout, engine.environment, engine.emulator, SERVICE)
        hello.deploy("dev")
        yield hello


def test_nothing_of_this_platform_is_in_its_processes(hello: Engine) -> None:
    found = "import functions, infra, aurora; print(functions.__path__[0], infra.__path__[0], aurora.__path__[0])"
    folders = hello.must(".venv/bin/python", "-c", found).split()
    assert all(Path(folder).is_relative_to(hello.checkout) for folder in folders)


def test_all_that_it_declares_is_up_under_its_name(hello: Engine) -> None:
    held = hello.inventory()

    assert held["functions"] == [f"hello-dev-{name}" for name in ("cards", "collect", "greet", "write")]
    assert held["tables"] == ["hello-dev-cards"]
    assert held["state machines"] == ["hello-dev-delivery"]
    assert held["repositories"] == ["hello-dev-greetings", "hello-dev-post"]
    assert set(hello.live("dev")) == {"cards", "collect", "greet", "write"}


def test_a_second_preview_is_clean_and_the_policies_are_kept(hello: Engine) -> None:
    told = hello.preview("dev", "--policy-pack", "policy", "--diff", "--expect-no-changes")
    assert "aurora-contracts" in told


def test_an_edit_of_one_group_changes_its_image_and_functions_and_nothing_else(hello: Engine, tmp_path: Path) -> None:
    clone = hello.second_clone(tmp_path / "clone")
    clone.edit("functions/post/write.py", "\n# edited\n")
    clone.seed("dev")

    changed = changes(clone.preview("dev", "--diff"))

    assert {name for name in changed if "greetings" in name or "greet" in name or "cards" in name} == set()
    assert any("post" in name for name in changed)
    assert any("write" in name for name in changed)
