"""Signing in: the page talks to Cognito itself and keeps tokens in memory only."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import AUTHOR, PASSWORD, sign_in
from tests.support.site_api import RESET_CODE, FakePlatform, User

NEW_PASSWORD = "Battery-staple-7"


def test_the_right_password_leads_to_the_courses(page: Page, platform: FakePlatform) -> None:
    page.goto(platform.site)
    sign_in(page)
    expect(page.get_by_role("heading", name="Your courses")).to_be_focused()
    expect(page.get_by_text(AUTHOR)).to_be_visible()
    assert platform.operations() == ["InitiateAuth"]


def test_a_wrong_password_is_said_and_the_address_kept(page: Page, platform: FakePlatform) -> None:
    page.goto(platform.site)
    sign_in(page, password="wrong")
    expect(page.get_by_text("The e-mail address or the password is not right.")).to_be_visible()
    expect(page.get_by_label("E-mail address")).to_have_value(AUTHOR)
    expect(page.get_by_label("Password", exact=True)).to_be_focused()
    sign_in(page)
    expect(page.get_by_role("heading", name="Your courses")).to_be_visible()


def test_an_empty_field_is_named_and_nothing_is_sent(page: Page, platform: FakePlatform) -> None:
    page.goto(platform.site)
    page.get_by_label("E-mail address").fill(AUTHOR)
    page.get_by_role("button", name="Sign in").click()
    password = page.get_by_label("Password", exact=True)
    expect(password).to_be_focused()
    expect(password).to_have_accessible_description("Please fill this in.")
    assert platform.received == []


def test_a_temporary_password_has_to_be_replaced_first(page: Page, platform: FakePlatform) -> None:
    platform.users[AUTHOR] = User("Temporary-1", status="FORCE_CHANGE_PASSWORD")
    page.goto(platform.site)
    sign_in(page, password="Temporary-1")
    expect(page.get_by_role("heading", name="Choose your password")).to_be_visible()
    page.get_by_label("New password", exact=True).fill("short")
    page.get_by_role("button", name="Save and go on").click()
    expect(page.get_by_text("not strong enough. Password not long enough")).to_be_visible()
    page.get_by_label("New password", exact=True).fill(NEW_PASSWORD)
    page.get_by_role("button", name="Save and go on").click()
    expect(page.get_by_role("heading", name="Your courses")).to_be_visible()
    assert platform.users[AUTHOR] == User(NEW_PASSWORD)


def test_a_forgotten_password_is_set_anew_with_a_code(page: Page, platform: FakePlatform) -> None:
    page.goto(platform.site)
    page.get_by_label("E-mail address").fill(AUTHOR)
    page.get_by_role("button", name="Forgotten your password?").click()
    expect(page.get_by_label("E-mail address")).to_have_value(AUTHOR)
    page.get_by_role("button", name="Send the code").click()
    page.get_by_label("Code from the e-mail").fill("000000")
    page.get_by_label("New password", exact=True).fill(NEW_PASSWORD)
    page.get_by_role("button", name="Set password and sign in").click()
    expect(page.get_by_text("The code is not right.")).to_be_visible()
    page.get_by_label("Code from the e-mail").fill(RESET_CODE)
    page.get_by_role("button", name="Set password and sign in").click()
    expect(page.get_by_role("heading", name="Your courses")).to_be_visible()
    assert platform.users[AUTHOR].password == NEW_PASSWORD


def test_a_password_that_was_reset_by_somebody_else_leads_to_the_code(page: Page, platform: FakePlatform) -> None:
    platform.users[AUTHOR].status = "RESET_REQUIRED"
    page.goto(platform.site)
    sign_in(page)
    expect(page.get_by_role("heading", name="Set a new password")).to_be_visible()
    expect(page.get_by_text("You have to set a new password.")).to_be_visible()


def test_a_typed_password_can_be_shown(page: Page, platform: FakePlatform) -> None:
    page.goto(platform.site)
    password = page.get_by_label("Password", exact=True)
    password.fill(PASSWORD)
    page.get_by_role("button", name="Show password").click()
    expect(password).to_have_attribute("type", "text")
    page.get_by_role("button", name="Show password", pressed=True).click()
    expect(password).to_have_attribute("type", "password")


def test_an_unreachable_platform_is_said(page: Page, platform: FakePlatform) -> None:
    page.goto(platform.site)
    page.get_by_label("E-mail address").wait_for()
    platform.unreachable = True
    sign_in(page)
    expect(page.get_by_text("The platform cannot be reached")).to_be_visible()


def test_tokens_are_stored_nowhere(signed_in: Page) -> None:
    stored = signed_in.evaluate("[localStorage.length, sessionStorage.length, document.cookie]")
    assert stored == [0, 0, ""]
    assert signed_in.evaluate("indexedDB.databases()") == []
    signed_in.reload()
    expect(signed_in.get_by_role("heading", name="Sign in")).to_be_visible()


def test_signing_out_revokes_the_session(signed_in: Page, platform: FakePlatform) -> None:
    with signed_in.expect_response(lambda response: response.url.endswith("/sign-in")):
        signed_in.get_by_role("button", name="Sign out").click()
    expect(signed_in.get_by_text("You are signed out")).to_be_visible()
    expect(signed_in.get_by_role("button", name="Sign out")).to_have_count(0)
    assert platform.operations()[-1] == "RevokeToken"
    signed_in.goto(f"{platform.site}/#/new")
    expect(signed_in.get_by_role("heading", name="Sign in")).to_be_visible()


@pytest.mark.parametrize("readable", [True, False])
def test_a_refused_token_is_renewed_and_the_request_repeated(
    signed_in: Page, platform: FakePlatform, readable: bool
) -> None:
    platform.readable_refusals = readable
    platform.add_course(AUTHOR, title="Seen after the renewal")
    platform.expire_access_tokens()
    signed_in.evaluate("location.hash = '#/nowhere'")
    signed_in.evaluate("location.hash = '#/'")
    expect(signed_in.get_by_text("Seen after the renewal")).to_be_visible()
    assert platform.operations() == ["InitiateAuth", "InitiateAuth"]


def test_requests_whose_token_is_refused_at_the_same_time_share_one_renewal(
    signed_in: Page, platform: FakePlatform
) -> None:
    signed_in.get_by_text("No course yet").wait_for()
    platform.expire_access_tokens()
    held: list[Route] = []

    def hold_the_first_two(route: Route) -> None:
        if len(held) < 2:
            held.append(route)
        else:
            route.continue_()

    signed_in.route("**/api/courses", hold_the_first_two)
    for view in ("nowhere", "", "nowhere", ""):
        with signed_in.expect_event("framenavigated"):
            signed_in.evaluate("view => { location.hash = `#/${view}` }", view)
    signed_in.get_by_text("Loading your courses").wait_for()
    for route in held:
        with signed_in.expect_response(lambda response: response.status == 200 and "/api/" in response.url):
            route.continue_()
    assert platform.operations() == ["InitiateAuth", "InitiateAuth"]


def test_a_token_near_its_end_is_renewed_before_it_is_used(page: Page, platform: FakePlatform) -> None:
    platform.token_seconds = 30
    page.goto(platform.site)
    sign_in(page)
    page.get_by_role("heading", name="No course yet").wait_for()
    assert platform.operations() == ["InitiateAuth", "InitiateAuth"]
    used = [call.headers["authorization"] for call in platform.api_calls("GET", "/courses")]
    assert len(used) == 1


@pytest.mark.parametrize("readable", [True, False])
def test_a_session_that_cannot_be_renewed_leads_back_after_signing_in(
    signed_in: Page, platform: FakePlatform, readable: bool
) -> None:
    platform.readable_refusals = readable
    course = platform.add_course(AUTHOR)
    platform.expire_access_tokens()
    platform.renewable = False
    signed_in.goto(f"{platform.site}/#/courses/{course.id}")
    expect(signed_in.get_by_text("Your session has ended")).to_be_visible()
    expect(signed_in.get_by_label("E-mail address")).to_have_value(AUTHOR)
    signed_in.get_by_label("Password", exact=True).fill(PASSWORD)
    signed_in.get_by_role("button", name="Sign in").click()
    expect(signed_in.get_by_role("heading", name=course.title)).to_be_visible()
