"""The page as a whole: which platform it belongs to, keyboard use, its policy, and the files it consists of."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import AUTHOR, PASSWORD, tab_to
from tests.support.site_api import SITE, FakePlatform

MARKUP_OR_CODE = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|https?://\w"
MODULES = sorted(path.relative_to(SITE).as_posix() for path in SITE.rglob("*.js"))


@pytest.mark.parametrize(
    ("configuration", "said"),
    [
        (None, "/config.js is missing or cannot be read."),
        ("export default {", "/config.js is missing or cannot be read."),
        ("export const other = 1", "environment is missing, apiEndpoint is missing"),
        (
            "export default {environment: 'dev', stage: 'dev', region: 'r', apiEndpoint: 'https://x'}",
            "signIn.endpoint is missing",
        ),
        (
            "export default {environment: 'dev', stage: 'dev', region: 'r', apiEndpoint: 'https://x', "
            "signIn: {endpoint: 'https://x', clientId: 'c'}, courses: {models: {text: [], image: []}}}",
            "courses.models.text is missing, courses.limits.maxConcurrency is missing",
        ),
        (
            "export default {environment: 'dev', stage: 'dev', region: 'r', apiEndpoint: 'api', "
            "signIn: {endpoint: 'https://x', clientId: 'c'}}",
            "apiEndpoint is not a web address",
        ),
    ],
)
def test_a_page_without_its_configuration_says_so_and_asks_nobody(
    page: Page, platform: FakePlatform, configuration: str | None, said: str
) -> None:
    platform.configuration = configuration
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(platform.site)
    expect(page.get_by_role("heading", name="This site is not configured")).to_be_visible()
    expect(page.get_by_role("main")).to_contain_text(said)
    expect(page.get_by_label("Password")).to_have_count(0)
    assert [url for url in asked if not url.startswith(platform.site)] == []


def test_nothing_but_the_platform_is_asked(signed_in: Page, platform: FakePlatform) -> None:
    course = platform.add_course(AUTHOR)
    asked: list[str] = []
    signed_in.on("request", lambda request: asked.append(request.url))
    signed_in.goto(f"{platform.site}/#/courses/{course.id}")
    signed_in.get_by_text("The book is ready").wait_for()
    assert asked
    assert [url for url in asked if not url.startswith((platform.site, platform.services))] == []


def test_the_policy_forbids_scripts_and_styles_in_the_page(page: Page, platform: FakePlatform) -> None:
    page.goto(platform.site)
    page.get_by_label("E-mail address").wait_for()
    index = (SITE / "index.html").read_text(encoding="utf-8")
    assert re.findall(r"<script(?![^>]* src=)|<style|\sstyle=|\son\w+=|javascript:", index) == []
    assert page.evaluate("document.querySelectorAll('[style]').length") == 0


def test_a_course_is_started_and_watched_by_keyboard_alone(page: Page, platform: FakePlatform) -> None:
    page.goto(platform.site)
    expect(page.get_by_label("E-mail address")).to_be_focused()
    page.keyboard.type(AUTHOR)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Your courses")).to_be_focused()
    tab_to(page, "New course")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="New course")).to_be_focused()
    tab_to(page, "Outline in YAML")
    page.keyboard.insert_text("course:\n  title: Seguridad")
    tab_to(page, "Generate the course")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Seguridad en Sistemas de IA")).to_be_focused()
    run = platform.only_run()
    platform.end(run.id, "SUCCEEDED", "incomplete")
    expect(page.get_by_role("button", name="Generate what is missing")).to_be_visible()
    tab_to(page, "Generate what is missing")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Generating")).to_be_visible()
    expect(page.get_by_role("heading", name="Seguridad en Sistemas de IA")).to_be_focused()


def test_the_skip_link_leads_to_the_content_and_keeps_the_view(signed_in: Page) -> None:
    tab_to(signed_in, "Skip to content", "Shift+Tab")
    skip = signed_in.get_by_role("link", name="Skip to content")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    signed_in.keyboard.press("Enter")
    expect(signed_in.get_by_role("main")).to_be_focused()
    expect(signed_in.get_by_role("heading", name="Your courses")).to_be_visible()


def test_what_has_the_focus_is_visibly_outlined(signed_in: Page) -> None:
    signed_in.keyboard.press("Tab")
    outline = signed_in.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"


def test_the_index_loads_every_module_at_once() -> None:
    index = (SITE / "index.html").read_text(encoding="utf-8")
    named = re.findall(r'"\{\{assets\}\}([\w/.-]+\.js)"', index)
    assert sorted(named) == MODULES
    assert index.count("{{csp}}") == 1


@pytest.mark.parametrize("module", MODULES)
def test_no_module_turns_data_into_markup_or_code(module: str) -> None:
    text = re.sub(r"^\s*//.*$", "", (SITE / module).read_text(encoding="utf-8"), flags=re.MULTILINE)
    found = re.findall(MARKUP_OR_CODE, text)
    assert found == []
