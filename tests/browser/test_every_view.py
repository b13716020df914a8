"""What all views have in common: accessible, in both colour schemes and on every size of screen."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from tests.browser.tour import tour
from tests.support.site_api import FakePlatform

AUDIT = (Path(__file__).parent / "audit.js").read_text(encoding="utf-8")
SCREENS = {"phone": ViewportSize(width=320, height=640), "desktop": ViewportSize(width=1280, height=800)}
ALL_VIEWS = 21


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("screen", SCREENS)
def test_every_view_is_accessible_and_fits_its_screen(
    page: Page, platform: FakePlatform, screen: str, scheme: str
) -> None:
    """Set AURORA_SCREENSHOTS to a folder to get a picture of every view."""
    pictures = os.environ.get("AURORA_SCREENSHOTS")
    page.set_viewport_size(SCREENS[screen])
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
    seen: list[str] = []
    faults: list[str] = []
    for view in tour(page, platform):
        seen.append(view)
        faults += [f"{view}: {fault}" for fault in page.evaluate(AUDIT)]
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            faults.append(f"{view}: scrolls sideways")
        if pictures:
            page.screenshot(path=Path(pictures) / f"{view.replace(' ', '-')}-{screen}-{scheme}.png", full_page=True)
    assert faults == []
    assert len(set(seen)) == ALL_VIEWS


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("stage", ["local", "dev", "staging", "prod", "dev-sandbox"])
def test_the_environment_is_named_legibly(page: Page, stage: str, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    with FakePlatform(environment=stage, stage=stage) as platform:
        page.goto(platform.site)
        expect(page.locator("#environment")).to_have_text(f"Environment: {stage}")
        expect(page).to_have_title(f"Sign in · Aurora {stage}")
        assert page.evaluate(AUDIT) == []


def test_each_stage_has_a_colour_of_its_own(page: Page) -> None:
    colours: set[str] = set()
    stages = ("local", "dev", "staging", "prod", "dev-sandbox")
    for stage in stages:
        with FakePlatform(environment=stage, stage=stage) as platform:
            page.goto(platform.site)
            page.get_by_label("E-mail address").wait_for()
            colours.add(page.locator("#environment").evaluate("badge => getComputedStyle(badge).backgroundColor"))
    assert len(colours) == len(stages)


def test_the_audit_finds_what_is_wrong(page: Page) -> None:
    page.set_content(
        "<h1>One</h1><h3 id=a>Three</h3><p id=a style='color:#aaa;background:#fff'>pale</p><input><button></button>"
        "<label for=nowhere>Label</label><img src=x>"
    )
    faults = "\n".join(page.evaluate(AUDIT))
    for expected in (
        "no language",
        "does not name the product",
        "exactly one main",
        "level is skipped",
        "the id a is used twice",
        "refers to nothing: nowhere",
        "has no name",
        "small target",
        "no alternative text",
        "contrast of 2.32",
    ):
        assert expected in faults
