"""Pulumi's own builder of images, for stacks that choose it: `aurora:imageBuilder: pulumi-docker`."""

from __future__ import annotations

import shutil

import pytest

from tests.engine.engine import GROUPS, Engine, changes


@pytest.fixture
def engine(engine_with_docker: Engine) -> Engine:
    if shutil.which("pulumi-resource-docker", path=engine_with_docker.environment["PATH"]) is None:
        pytest.skip("needs Pulumi's plugin pulumi-resource-docker")
    return engine_with_docker


def test_pulumis_own_builder_builds_pushes_and_is_clean_at_the_second_preview(engine: Engine) -> None:
    engine.configure("dev", {"aurora:imageBuilder": "pulumi-docker"})
    engine.must("pulumi", "stack", "init", "dev")
    shown = engine.up("dev") + engine.must("pulumi", "stack", "export", "-s", "dev")
    assert engine.emulator.credentials.secret_access_key not in shown  # the registry's password
    live = engine.live("dev")
    for group, tag in engine.source_digests().items():
        (image,) = engine.aws("ecr").describe_images(repositoryName=f"aurora-dev-{group}")["imageDetails"]
        assert image["imageTags"] == [tag]
        assert live[GROUPS[group][0]].endswith(f"/aurora-dev-{group}@{image['imageDigest']}")
    engine.preview("dev", "--diff", "--expect-no-changes")

    engine.edit("functions/slides/lettering.py", "# smaller\n")
    assert changes(engine.preview("dev", "--diff")) == {
        "docker:index/image:Image slides": "update",
        "aws:lambda/function:Function slides-images-gen": "update",
        "aws:lambda/alias:Alias slides-images-gen": "update",
        "aws:lambda/function:Function slides-ppt-generator": "update",
        "aws:lambda/alias:Alias slides-ppt-generator": "update",
    }
