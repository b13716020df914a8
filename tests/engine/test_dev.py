"""A stack that is up: what is in it, and what which edit would change."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from tests.engine.conftest import NewEngine
from tests.engine.engine import GROUPS, MODELS, Engine, changes

NOTHING_CHANGES = ("--diff", "--expect-no-changes")


@pytest.fixture(scope="module")
def dev(new_engine: NewEngine) -> Engine:
    """A stack that is up; tests look at it, and edit clones of its checkout."""
    engine = new_engine()
    engine.configure("dev", {"aurora:models": MODELS})
    engine.must("pulumi", "stack", "init", "dev")
    engine.must(
        "pulumi", "config", "set", "-s", "dev", "--secret", "aurora:openaiApiKey", stdin="sk-nobody-may-see-this\n"
    )
    engine.commit()
    told = engine.up_by_copies("dev")
    (engine.checkout / "told.txt").write_text(told)
    return engine


def test_a_second_preview_is_clean(dev: Engine) -> None:
    dev.preview("dev", *NOTHING_CHANGES)


def test_a_second_clone_elsewhere_and_under_another_umask_previews_clean(dev: Engine, tmp_path: Path) -> None:
    clone = dev.second_clone(tmp_path / "some where" / "else", umask=0o077)
    assert (clone.checkout / "aurora" / "runtime" / "errors.py").stat().st_mode & 0o777 == 0o600
    clone.preview("dev", *NOTHING_CHANGES)


def test_functions_run_the_images_by_digest_and_callers_reach_them_by_their_alias(dev: Engine) -> None:
    live = dev.live("dev")
    of_group = {function: group for group, functions in GROUPS.items() for function in functions}
    assert set(live) == set(of_group)
    for function, image in live.items():
        group = of_group[function]
        repository, _, digest = image.partition("@")
        assert repository.endswith(f"/aurora-dev-{group}")
        (found,) = dev.aws("ecr").describe_images(repositoryName=f"aurora-dev-{group}")["imageDetails"]
        assert found["imageDigest"] == digest
        assert found["imageTags"] == [dev.source_digests()[group]]


def test_each_image_is_told_in_one_line_with_its_reason_and_times(dev: Engine) -> None:
    told = (dev.checkout / "told.txt").read_text()
    assert "slides: copied (" in told
    assert "because aurora-dev-slides holds no image of source" in told
    assert "aurora-elsewhere-slides does (look " in told


def test_no_secret_shows_in_what_is_told_or_kept(dev: Engine) -> None:
    outputs = dev.must("pulumi", "stack", "output", "-s", "dev", "--json")
    exported = dev.must("pulumi", "stack", "export", "-s", "dev")
    told = (dev.checkout / "told.txt").read_text()
    for text in (outputs, exported, told):
        assert "sk-nobody" not in text
        assert "ministack-auth-token" not in text
    stored = dev.aws("ssm").get_parameter(Name="/aurora/dev/openai-api-key", WithDecryption=True)
    assert stored["Parameter"]["Value"] == "sk-nobody-may-see-this"


def test_an_edit_of_one_group_changes_its_image_and_functions_and_nothing_else(dev: Engine, tmp_path: Path) -> None:
    clone = dev.second_clone(tmp_path / "clone")
    clone.edit("functions/slides/lettering.py", "# smaller\n")
    told = clone.preview("dev", "--diff")
    assert changes(told) == {
        "pulumi-python:dynamic/aurora:EnsuredImage slides": "update",
        "aws:lambda/function:Function slides-images-gen": "update",
        "aws:lambda/alias:Alias slides-images-gen": "update",
        "aws:lambda/function:Function slides-ppt-generator": "update",
        "aws:lambda/alias:Alias slides-ppt-generator": "update",
    }
    assert re.findall(r"^ +~ (functions/\S+)", told, re.MULTILINE) == ["functions/slides/lettering.py"]


def test_an_edit_of_the_shared_code_changes_every_image(dev: Engine, tmp_path: Path) -> None:
    clone = dev.second_clone(tmp_path / "clone")
    clone.edit("aurora/runtime/errors.py", "# one more\n")
    changed = [each.split() for each in changes(clone.preview("dev", "--diff"))]
    kinds = Counter(kind.rpartition(":")[2] for kind, _ in changed)
    functions = sum(map(len, GROUPS.values()))
    assert kinds == {"EnsuredImage": len(GROUPS), "Function": functions, "Alias": functions}


def test_an_edit_of_documents_tests_or_the_site_changes_no_image(dev: Engine, tmp_path: Path) -> None:
    clone = dev.second_clone(tmp_path / "clone")
    for folder in ("docs", "tests"):
        (clone.checkout / folder).mkdir()
        (clone.checkout / folder / "new.py").write_text("print('hello')\n")
    compiled = clone.checkout / "functions" / "slides" / "__pycache__"
    compiled.mkdir()
    (compiled / "old.pyc").write_bytes(b"old")
    clone.edit("site/app.js", "// quicker\n")
    kinds = {each.split()[0] for each in changes(clone.preview("dev", "--diff"))}
    assert kinds == {"aws:s3/bucketObjectv2:BucketObjectv2"}
