"""What browser tests share: a headless Chromium (without one they skip, saying so) and a page on a fake platform."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

from tests.support.parts import chromium as chromium_path
from tests.support.site_api import FakePlatform, User

AUTHOR = "author@aurora.local"
PASSWORD = "Correct-horse-9"
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PATIENCE = 60_000  # milliseconds until what should appear counts as missing; a busy machine is slow
# What Chromium reports of requests; of a refusal without CORS headers it says more.
NO_FAULTS = ("Failed to load resource:", "Access to fetch at")


@pytest.fixture(scope="module")  # no longer: playwright's event loop would be in the way of other tests
def chromium() -> Iterator[Browser]:
    """The system's Chromium, headless, with a new empty profile (playwright's launch makes one and removes it)."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), headless=True, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def platform() -> Iterator[FakePlatform]:
    """A platform with one author, who has no course."""
    with FakePlatform() as running:
        running.users[AUTHOR] = User(PASSWORD)
        yield running


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """An empty page. The test fails if a script fails in it, or if the console gets an error or a warning.

    That a request was refused or unanswered is no fault of the page: many tests are about that.
    """
    context = chromium.new_context(viewport={"width": 1280, "height": 800}, reduced_motion="reduce")
    context.set_default_timeout(PATIENCE)
    expect.set_options(timeout=PATIENCE)
    opened = context.new_page()
    faults: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not message.text.startswith(NO_FAULTS):
            faults.append(message.text)

    opened.on("pageerror", lambda error: faults.append(str(error)))
    opened.on("console", note)
    yield opened
    context.close()
    assert faults == []


@pytest.fixture
def signed_in(page: Page, platform: FakePlatform) -> Page:
    """The page with the author signed in, at the list of courses."""
    page.goto(platform.site)
    sign_in(page)
    page.get_by_role("heading", name="Your courses").wait_for()
    return page


def sign_in(page: Page, email: str = AUTHOR, password: str = PASSWORD) -> None:
    """Fills in the sign-in form and sends it."""
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Sign in").click()


def tab_to(page: Page, name: str, key: str = "Tab") -> None:
    """Presses `key` until the control whose name begins so has the focus. Raises AssertionError if none does."""
    for _ in range(40):
        page.keyboard.press(key)
        reached = page.evaluate(
            "name => (document.activeElement.ariaLabel ?? document.activeElement.textContent).startsWith(name)", name
        )
        if reached:
            return
    raise AssertionError(f"{name} cannot be reached by {key}")
