"""Environments side by side: dev, staging and prod, of which the latter two only copy what dev tested."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.engine.conftest import NewEngine
from tests.engine.engine import Engine

STAGES = ("dev", "staging", "prod")


@pytest.fixture(scope="module")
def told() -> dict[str, str]:
    """What the engine said while it brought each stage up."""
    return {}


@pytest.fixture(scope="module")
def platforms(new_engine: NewEngine, told: dict[str, str]) -> Engine:
    """Three stacks that are up, without any Docker; tests look at them, and edit clones of their checkout."""
    engine = new_engine()
    told["dev"] = engine.deploy("dev")
    for stage in ("staging", "prod"):
        engine.must("pulumi", "stack", "init", stage)
        told[stage] = engine.up(stage)
    engine.commit()
    return engine


def test_staging_and_prod_run_bit_for_bit_what_dev_runs(platforms: Engine, told: dict[str, str]) -> None:
    digests = {
        stage: {function: image.partition("@")[2] for function, image in platforms.live(stage).items()}
        for stage in STAGES
    }
    assert len(digests["dev"]) == 15
    assert digests["dev"] == digests["staging"] == digests["prod"]
    assert "aurora-dev-slides does (look" in told["staging"]
    assert "aurora-staging-slides does (look" in told["prod"]


def test_a_stack_that_may_not_build_and_finds_no_source_fails_its_preview(platforms: Engine, tmp_path: Path) -> None:
    clone = platforms.second_clone(tmp_path / "clone")
    clone.edit("functions/slides/lettering.py", "# never tested\n")
    told = clone.refused("pulumi", "preview", "-s", "prod")
    assert clone.source_digests()["slides"][:12] in told
    assert "this stack does not build (aurora:buildImages is false)" in told
    assert "deploy the same source to staging" in told


def test_of_a_protected_stack_nothing_at_all_is_destroyed(platforms: Engine) -> None:
    before = platforms.inventory()
    # Without a preview, Pulumi deletes whatever is not protected itself before it meets what is.
    assert "protect" in platforms.refused("pulumi", "destroy", "--yes", "--skip-preview", "-s", "prod")
    assert platforms.inventory() == before
    platforms.preview("prod", "--expect-no-changes")


def test_environments_name_nothing_of_each_other(platforms: Engine) -> None:
    for stage in STAGES:
        others = "|".join(other for other in STAGES if other != stage)
        text = json.dumps(written(platforms, stage))
        assert f"aurora-{stage}-content-gen" in text
        assert re.findall(rf"(?:aurora-|/aurora/)(?:{others})\b.{{0,30}}", text) == []


def written(engine: Engine, stage: str) -> list[object]:
    """The policies, variables, workflows and pages of a stage, as AWS has them."""
    mine = f"aurora-{stage}-"
    iam, functions, s3, ecr = (engine.aws(service) for service in ("iam", "lambda", "s3", "ecr"))
    found: list[object] = []
    for role in iam.list_roles()["Roles"]:
        if role["RoleName"].startswith(mine):
            found.append(role["AssumeRolePolicyDocument"])
            for policy in iam.list_role_policies(RoleName=role["RoleName"])["PolicyNames"]:
                found.append(iam.get_role_policy(RoleName=role["RoleName"], PolicyName=policy)["PolicyDocument"])
    for name in (f"{mine}{function}" for function in engine.live(stage)):
        described = functions.get_function(FunctionName=name, Qualifier="live")
        found += [described["Configuration"], described["Code"]]
        found.append(functions.get_function(FunctionName=name)["Configuration"].get("Environment"))
    for bucket in (each["Name"] for each in s3.list_buckets()["Buckets"] if each["Name"].startswith(mine)):
        found.append(s3.get_bucket_policy(Bucket=bucket)["Policy"])
        for each in s3.list_objects_v2(Bucket=bucket).get("Contents", []):
            found.append(s3.get_object(Bucket=bucket, Key=each["Key"])["Body"].read().decode())
    for group in engine.source_digests(stage):
        found.append(ecr.get_repository_policy(repositoryName=f"{mine}{group}")["policyText"])
    machines = engine.aws("stepfunctions")
    for machine in machines.list_state_machines()["stateMachines"]:
        if machine["name"].startswith(mine):
            found.append(machines.describe_state_machine(stateMachineArn=machine["stateMachineArn"])["definition"])
    return json.loads(json.dumps(found, default=str))
