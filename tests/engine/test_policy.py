"""The policy pack, asked by the real engine: it starts from the project's own environment and judges the program."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.engine.conftest import NewEngine
from tests.engine.engine import ELSEWHERE, Engine

POLICIES = ("--policy-pack", "policy")


@pytest.fixture(scope="module")
def deployed(new_engine: NewEngine) -> tuple[Engine, str]:
    """A stack that went up under the policies, and what was told on the way; tests look at it alone."""
    engine = new_engine()
    engine.must("pulumi", "stack", "init", "dev")
    engine.commit()
    return engine, engine.up_by_copies("dev", *POLICIES)


@pytest.fixture
def clone(deployed: tuple[Engine, str], tmp_path: Path) -> Engine:
    """A checkout that a test may change, of the stack that is up."""
    return deployed[0].second_clone(tmp_path / "clone")


def test_the_platform_goes_up_under_its_policies_which_then_know_every_value(deployed: tuple[Engine, str]) -> None:
    _, told = deployed
    assert "aurora-contracts" in told
    assert "[mandatory]" not in told
    assert "can't run policy" not in told


def test_a_preview_of_what_is_deployed_knows_every_value(deployed: tuple[Engine, str]) -> None:
    engine, _ = deployed
    told = engine.preview("dev", *POLICIES)
    assert "aurora-contracts" in told
    assert "[advisory]" not in told


def test_what_was_deployed_a_moment_ago_is_in_use(deployed: tuple[Engine, str]) -> None:
    engine, _ = deployed
    asked = engine.run(".venv/bin/python", "-m", "aurora", "idle", "-s", "dev")
    assert (asked.returncode, asked.stdout.splitlines()[0]) == (3, "The stack dev is in use:"), asked.stdout
    assert "aurora-dev-courses-api was deployed on" in asked.stdout


def test_a_first_preview_says_what_it_cannot_know_and_fails_for_nothing_else(clone: Engine) -> None:
    """The digest of an image that is yet to be built: `pulumi up` asks again before it creates the function."""
    (clone.checkout / "Pulumi.new.yaml").write_text((clone.checkout / "Pulumi.dev.yaml").read_text())
    clone.must("pulumi", "stack", "init", "new")
    told = clone.preview("new", *POLICIES)
    assert "[mandatory]" not in told
    assert "can't run policy 'images-by-digest'" in told


def test_a_violation_fails_the_preview_and_says_what_to_do(clone: Engine) -> None:
    for path, right, wrong in (
        ("aurora/components/storage.py", "block_public_acls=True", "block_public_acls=False"),
        ("aurora/components/image.py", '"IMMUTABLE"', '"MUTABLE"'),
    ):
        source = clone.checkout / path
        assert right in source.read_text()
        source.write_text(source.read_text().replace(right, wrong))
    told = clone.refused("pulumi", "preview", "-s", "dev", *POLICIES)
    assert "[mandatory]" in told
    assert "BucketPublicAccessBlock site leaves a way to make the bucket public: set blockPublicAcls" in told
    assert "Repository slides lets a tag move to another image: set image_tag_mutability to IMMUTABLE" in told


def test_prod_keeps_to_the_policies_and_fails_its_preview_unprotected(clone: Engine) -> None:
    clone.seed(ELSEWHERE)
    clone.configure("prod", {"aurora:copyFrom": [{"stage": ELSEWHERE}]})
    clone.must("pulumi", "stack", "init", "prod")
    assert "[mandatory]" not in clone.preview("prod", *POLICIES)
    clone.configure("prod", {"aurora:protect": "false"})
    told = clone.refused("pulumi", "preview", "-s", "prod", *POLICIES)
    assert "Table table-courses is not protected" in told
