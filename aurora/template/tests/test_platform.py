"""The whole platform: what is declared in each stage, and that it serves."""

import httpx
import pytest

from aurora.local.platform import LocalPlatform
from aurora.testing.declared import declare, stages


@pytest.mark.parametrize("stage", stages())
def test_a_stage_can_be_deployed(stage: str) -> None:
    """Every contract holds: settings, environments, grants, routes, workflows, what images would lack."""
    assert declare(stage).exports["environment"] == stage


def test_the_page_is_served(platform: LocalPlatform) -> None:
    assert "app.js" in httpx.get(platform.site).text


def test_the_api_greets_somebody_who_is_not_signed_in(platform: LocalPlatform) -> None:
    assert httpx.get(f"{platform.api}/greeting?name=Ada").json() == {"greeting": "Hello, Ada!"}
