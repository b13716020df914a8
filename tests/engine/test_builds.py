"""Updates that build: real builds, pushed to the embedded registry. A build that fails or is killed is made up for."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from dataclasses import replace

import pytest

from tests.engine.engine import GROUPS, Engine
from tests.support.processes import started_by

# What a client is called that is at work on a build.
BUILDING = "--progress"


@pytest.fixture
def engine(engine_with_docker: Engine) -> Engine:
    return engine_with_docker


def tags(engine: Engine) -> set[str]:
    """The tags of the group that these tests edit."""
    images = engine.aws("ecr").describe_images(repositoryName="aurora-dev-slides")["imageDetails"]
    return {tag for image in images for tag in image["imageTags"]}


def test_a_first_up_builds_what_is_nowhere_and_then_a_preview_is_clean_without_docker(
    engine: Engine,
) -> None:
    engine.must("pulumi", "stack", "init", "dev")
    told = engine.must("pulumi", "up", "--yes", "-s", "dev")
    for group in GROUPS:
        assert f"{group}: built and pushed, because aurora-dev-{group} holds no image of source" in told
    live = engine.live("dev")
    assert set(live) == {function for functions in GROUPS.values() for function in functions}
    for group, tag in engine.source_digests().items():
        (image,) = engine.aws("ecr").describe_images(repositoryName=f"aurora-dev-{group}")["imageDetails"]
        assert image["imageTags"] == [tag]
        assert live[GROUPS[group][0]].endswith(f"/aurora-dev-{group}@{image['imageDigest']}")
    path = engine.environment["PATH"].partition(os.pathsep)[2]
    assert shutil.which("docker", path=path) is None
    replace(engine, environment={**engine.environment, "PATH": path}).preview("dev", "--expect-no-changes")


def test_a_failing_build_leaves_the_functions_as_they_were_and_the_next_up_recovers(engine: Engine) -> None:
    engine.deploy("dev")
    before, kept = engine.live("dev"), tags(engine)
    engine.edit("functions/slides/images_gen.py", "from json import nothing_of_that_name\n")
    failed = engine.run("pulumi", "up", "--yes", "--skip-preview", "-s", "dev")
    assert failed.returncode != 0
    assert "Building 127.0.0.1:" in failed.stdout
    assert "cannot import name 'nothing_of_that_name'" in failed.stdout
    assert "Correct it, then run the same command again." in failed.stdout
    assert "infra/" not in failed.stdout  # the traceback is that of the group's code, not one of ours
    assert engine.live("dev") == before
    assert tags(engine) == kept

    engine.must("git", "checkout", "--", "functions")
    engine.edit("functions/slides/images_gen.py", "# right again, and not as before\n")
    assert "slides: built and pushed" in engine.up("dev")
    after = engine.live("dev")
    assert {function for function in after if after[function] != before[function]} == {"images-gen", "ppt-generator"}


def test_a_run_that_was_killed_while_it_built_leaves_no_tag_and_the_next_up_recovers(engine: Engine) -> None:
    engine.deploy("dev")
    before, kept = engine.live("dev"), tags(engine)
    engine.edit("functions/slides/images_gen.py", "# the build of this is killed\n")
    kill_while_it_builds(engine)
    assert engine.live("dev") == before
    assert tags(engine) == kept

    # The CLI's own lock outlives a kill; it says so, and how to go on.
    assert "pulumi cancel" in engine.refused("pulumi", "up", "--yes", "--skip-preview", "-s", "dev")
    engine.must("pulumi", "cancel", "--yes", "-s", "dev")
    assert "slides: built and pushed" in engine.up("dev")
    assert tags(engine) == {*kept, engine.source_digests()["slides"]}
    engine.preview("dev", "--expect-no-changes")


def kill_while_it_builds(engine: Engine) -> None:
    """Kills an update and everything that it started, as a machine that goes down does."""
    update = subprocess.Popen(
        ("pulumi", "up", "--yes", "--skip-preview", "-s", "dev"),
        cwd=engine.checkout,
        env=dict(engine.environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 120
    while not started_by(update.pid, BUILDING):
        assert update.poll() is None, "the update ended before it built"
        assert time.monotonic() < deadline, "no build began"
        time.sleep(0.02)
    for process in (update.pid, *started_by(update.pid, "")):
        os.kill(process, signal.SIGKILL)
    update.wait()
