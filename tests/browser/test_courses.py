"""The list of courses: one's own, newest first, kept up to date while one is generated."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.conftest import AUTHOR, sign_in
from tests.support.site_api import FakePlatform


def test_only_ones_own_courses_are_listed_newest_first(page: Page, platform: FakePlatform) -> None:
    platform.add_course(AUTHOR, title="Older")
    platform.add_course("somebody@else.example", title="Private")
    platform.add_course(AUTHOR, "SUCCEEDED", "incomplete", title="Newer", language="en")
    page.goto(platform.site)
    sign_in(page)
    items = page.get_by_role("main").get_by_role("listitem")
    expect(items).to_have_count(2)
    expect(items.nth(0)).to_contain_text("Newer")
    expect(items.nth(0)).to_contain_text("English")
    expect(items.nth(0)).to_contain_text("Incomplete")
    expect(items.nth(1)).to_contain_text("Older")
    expect(items.nth(1)).to_contain_text("Ready")


def test_a_new_author_is_told_how_to_begin(signed_in: Page) -> None:
    expect(signed_in.get_by_role("heading", name="No course yet")).to_be_visible()
    signed_in.get_by_role("link", name="Start with an outline").click()
    expect(signed_in.get_by_role("heading", name="New course")).to_be_focused()


def test_a_course_opens_from_the_list_and_leads_back(page: Page, platform: FakePlatform) -> None:
    course = platform.add_course(AUTHOR)
    page.goto(platform.site)
    sign_in(page)
    page.get_by_role("link", name=course.title).click()
    expect(page.get_by_role("heading", name=course.title)).to_be_focused()
    page.get_by_role("link", name="Your courses").click()
    expect(page.get_by_role("heading", name="Your courses")).to_be_focused()


def test_an_address_of_a_course_survives_signing_in(page: Page, platform: FakePlatform) -> None:
    course = platform.add_course(AUTHOR)
    page.goto(f"{platform.site}/#/courses/{course.id}")
    sign_in(page)
    expect(page.get_by_role("heading", name=course.title)).to_be_visible()


def test_a_course_that_gets_ready_changes_in_the_list(page: Page, platform: FakePlatform) -> None:
    course = platform.add_course(AUTHOR, "RUNNING", None)
    page.clock.install()
    page.goto(platform.site)
    sign_in(page)
    expect(page.get_by_text("Generating")).to_be_visible()
    platform.end(course.run)
    page.clock.run_for(5_000)
    expect(page.get_by_text("Ready", exact=True)).to_be_visible()


def test_a_list_that_cannot_be_loaded_is_said_and_tried_again(page: Page, platform: FakePlatform) -> None:
    page.route("**/api/courses", lambda route: route.abort())
    page.goto(platform.site)
    sign_in(page)
    expect(page.get_by_text("The platform cannot be reached")).to_be_visible()
    page.unroute_all()
    page.evaluate("window.dispatchEvent(new Event('online'))")
    expect(page.get_by_role("heading", name="No course yet")).to_be_visible()
