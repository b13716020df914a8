"""Updates of a stack that is up: one group alone, an image that somebody deleted, an environment that was ended."""

from __future__ import annotations

import json
from typing import Any

from tests.engine.engine import Engine


def outside_of(group: str, engine: Engine) -> dict[str, Any]:
    """What Pulumi recorded of every real resource but a group's, by URN; components show what their children do."""
    resources = json.loads(engine.must("pulumi", "stack", "export", "-s", "dev"))["deployment"]["resources"]
    found = {
        each["urn"]: [each.get("id"), each.get("inputs"), each.get("outputs")]
        for each in resources
        if each["custom"] and not each["urn"].rpartition("::")[2].startswith(group)
    }
    assert len(found) > 50
    return found


def test_one_group_alone_is_brought_up_by_the_documented_glob(engine: Engine) -> None:
    engine.deploy("dev")
    before, recorded = engine.live("dev"), outside_of("slides", engine)
    engine.edit("functions/slides/lettering.py", "# smaller\n")
    engine.edit("functions/text/markup.py", "# and this stays behind\n")
    engine.up_by_copies("dev", "--target", "**::slides**")
    after = engine.live("dev")
    assert outside_of("slides", engine) == recorded
    assert {function for function in after if after[function] != before[function]} == {"images-gen", "ppt-generator"}
    (now,) = [
        each["imageDigest"]
        for each in engine.aws("ecr").describe_images(repositoryName="aurora-dev-slides")["imageDetails"]
        if each["imageTags"] == [engine.source_digests()["slides"]]
    ]
    assert after["images-gen"].endswith(f"@{now}")


def test_without_docker_an_update_that_has_to_build_fails_and_takes_the_image_once_a_colleague_has_pushed_it(
    engine: Engine,
) -> None:
    engine.deploy("dev")
    before = engine.live("dev")
    engine.edit("functions/slides/lettering.py", "# smaller\n")
    told = engine.refused("pulumi", "up", "--yes", "--skip-preview", "-s", "dev")
    assert "Docker is needed, but there is no `docker` on PATH" in told
    assert engine.live("dev") == before

    slides = engine.source_digests()["slides"]
    pushed = engine.seed("dev", {"slides": slides})
    assert "slides: present, because aurora-dev-slides holds the image of this source" in engine.up("dev")
    after = engine.live("dev")
    assert {function for function in after if after[function] != before[function]} == {"images-gen", "ppt-generator"}
    assert after["images-gen"].endswith(f"@{pushed['slides']}")
    engine.preview("dev", "--expect-no-changes")


def test_an_image_that_was_deleted_by_hand_is_repaired_by_a_refreshing_up(engine: Engine) -> None:
    digests = engine.seed("staging")
    engine.must("pulumi", "stack", "init", "dev")
    engine.up("dev")
    before = engine.live("dev")
    ecr, tag = engine.aws("ecr"), engine.source_digests()["slides"]
    ecr.batch_delete_image(repositoryName="aurora-dev-slides", imageIds=[{"imageTag": tag}])
    engine.up("dev", "--refresh")
    (image,) = ecr.describe_images(repositoryName="aurora-dev-slides")["imageDetails"]
    assert (image["imageDigest"], image["imageTags"]) == (digests["slides"], [tag])
    assert engine.live("dev") == before
    engine.preview("dev", "--refresh", "--expect-no-changes")


def test_a_destroyed_stack_leaves_nothing_and_comes_back_without_a_build(engine: Engine) -> None:
    nothing = engine.inventory()
    digests = engine.seed("staging")
    others = engine.inventory()
    engine.must("pulumi", "stack", "init", "dev")
    engine.up("dev")
    # What a stack in use holds beside what Pulumi put there.
    s3, ecr = engine.aws("s3"), engine.aws("ecr")
    s3.put_object(Bucket="aurora-dev-content-000000000000", Key="users/somebody/outline.yaml", Body=b"course: {}")
    manifest = ecr.batch_get_image(
        repositoryName="aurora-dev-slides", imageIds=[{"imageTag": engine.source_digests()["slides"]}]
    )["images"][0]["imageManifest"]
    ecr.put_image(repositoryName="aurora-dev-slides", imageTag="f" * 64, imageManifest=manifest)

    engine.must("pulumi", "destroy", "--yes", "--skip-preview", "-s", "dev")
    assert engine.inventory() == others
    assert not any(nothing.values())

    told = engine.up("dev")
    assert "slides: copied (" in told
    assert engine.live("dev")["images-gen"].endswith(f"/aurora-dev-slides@{digests['slides']}")


def test_a_name_that_somebody_else_took_fails_the_update_and_the_next_one_recovers(engine: Engine) -> None:
    engine.seed("staging")
    engine.aws("logs").create_log_group(logGroupName="/aws/lambda/aurora-dev-content-gen")
    engine.must("pulumi", "stack", "init", "dev")
    told = engine.refused("pulumi", "up", "--yes", "--skip-preview", "-s", "dev")
    assert "ResourceAlreadyExistsException" in told
    engine.aws("logs").delete_log_group(logGroupName="/aws/lambda/aurora-dev-content-gen")
    engine.up("dev")
    assert len(engine.live("dev")) == 15
