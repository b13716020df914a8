"""Which account a deployment reaches: the stack's own settings decide, whatever the environment says."""

from __future__ import annotations

from dataclasses import replace

from aurora.local.emulator import ACCOUNT_ID
from tests.engine.engine import Engine

STRANGER = "999999999999"


def test_the_profile_and_region_of_the_stack_win_over_the_environment_everywhere(engine: Engine) -> None:
    engine.add_profile("team", ACCOUNT_ID)
    engine.add_profile("stranger", STRANGER)
    engine.seed("staging")
    engine.must("pulumi", "stack", "init", "dev")
    engine.configure("dev", {"aws:profile": "team"})
    theirs = {
        "AWS_ACCESS_KEY_ID": STRANGER,
        "AWS_SECRET_ACCESS_KEY": "theirs",
        "AWS_PROFILE": "stranger",
        "AWS_REGION": "us-west-2",
        "AWS_DEFAULT_REGION": "us-west-2",
    }
    replace(engine, environment={**engine.environment, **theirs}).up("dev")
    assert len(engine.live("dev")) == 15
    assert "aurora-dev-slides" in engine.inventory()["repositories"]
    for account, region in ((STRANGER, "eu-west-1"), (STRANGER, "us-west-2")):
        assert not any(engine.inventory(account, region).values())
    elsewhere = engine.inventory(ACCOUNT_ID, "us-west-2")
    regional = ("repositories", "functions", "log groups", "tables", "APIs", "state machines")
    assert not any(elsewhere[each] for each in regional)


def test_a_wrong_account_is_refused_before_the_first_write(engine: Engine) -> None:
    engine.seed("dev")
    before = engine.inventory()
    engine.must("pulumi", "stack", "init", "staging")
    stranger = replace(engine, environment={**engine.environment, "AWS_ACCESS_KEY_ID": STRANGER})
    told = stranger.refused("pulumi", "up", "--yes", "--skip-preview", "-s", "staging")
    assert f"AWS refuses to deploy this stack: AWS account ID not allowed: {STRANGER}" in told
    assert engine.inventory() == before
    assert not any(engine.inventory(STRANGER).values())
