"""A program whose parts do not fit each other deploys nothing, whatever the engine is asked for: not even a bucket."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

import pytest

from tests.engine.conftest import NewEngine
from tests.engine.engine import Engine

CATALOGUE, WORKFLOW = "infra/catalogue.py", "infra/workflows/course.py"
# A file, what stands in it, what is written there instead, and what the engine must say then.
FAULTS = [
    (
        CATALOGUE,
        "content.VisualPlannerSettings(bucket=bucket)",
        "content.BookBuilderSettings(bucket=bucket, progress_table=progress)",
        "function 'visual-planner': functions/content/visual_planner.py reads VisualPlannerSettings",
    ),
    (
        CATALOGUE,
        "images_per_call=stack.images_per_call,",
        "",
        "ImagesGenSettings.__init__() missing 1 required positional argument: 'images_per_call'",
    ),
    (
        WORKFLOW,
        '["Throttled", "ModelUnavailable"]',
        '["Throtled", "ModelUnavailable"]',
        "state PrepareCourse: its Retry waits for Throtled, which nothing raises",
    ),
    (
        WORKFLOW,
        'call("visual-planner", "DrawImages"',
        'call("visual-planner", "DrawImage"',
        'No state found named "DrawImage"',
    ),
]


@pytest.fixture(scope="module")
def stack(new_engine: NewEngine) -> Engine:
    engine = new_engine()
    engine.must("pulumi", "stack", "init", "dev")
    return engine


@contextmanager
def mistaken(stack: Engine, file: str, old: str, new: str) -> Generator[None]:
    """A mistake in the checkout, and the file as it was afterwards."""
    module = stack.checkout / file
    text = module.read_text()
    assert text.count(old) == 1
    module.write_text(text.replace(old, new))
    try:
        yield
    finally:
        module.write_text(text)


@pytest.mark.parametrize(("file", "old", "new", "sentence"), FAULTS)
def test_a_broken_contract_ends_the_preview_with_a_sentence(
    stack: Engine, file: str, old: str, new: str, sentence: str
) -> None:
    with mistaken(stack, file, old, new):
        assert sentence in " ".join(stack.refused("pulumi", "preview", "-s", "dev").split())


def test_an_update_without_a_preview_creates_nothing_either(stack: Engine) -> None:
    file, old, new, sentence = FAULTS[-1]
    with mistaken(stack, file, old, new):
        assert sentence in " ".join(stack.refused("pulumi", "up", "-s", "dev", "--yes", "--skip-preview").split())
    assert stack.aws("s3").list_buckets()["Buckets"] == []
    assert stack.aws("iam").list_roles()["Roles"] == []
    assert stack.aws("logs").describe_log_groups()["logGroups"] == []
