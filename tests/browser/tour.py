"""Walks through every view of the site on a fake platform, for tests of what all views have in common."""

from __future__ import annotations

from collections.abc import Iterator

from playwright.sync_api import Page

from tests.browser.conftest import AUTHOR, sign_in
from tests.support.site_api import FakePlatform, User

OUTLINE = "\n".join(["course:", "  title: Seguridad: una introducción", "modules:", *(f"  # {n}" for n in range(60))])
PROBLEMS = (
    {"line": 2, "column": 10, "message": "A colon in an unquoted title", "hint": "Put the title in quotes."},
    {"line": 40, "column": 3, "message": "A module without lessons", "hint": "Every module needs a list of lessons."},
)


def tour(page: Page, platform: FakePlatform) -> Iterator[str]:
    """Yields the name of each view while it is shown."""
    yield from _sign_in_steps(page, platform)
    yield "no course"
    yield from _outline(page, platform)
    yield from _courses(page, platform)
    platform.configuration = None
    page.goto(f"{platform.site}/?again")
    page.get_by_role("heading", name="not configured").wait_for()
    yield "not configured"


def _sign_in_steps(page: Page, platform: FakePlatform) -> Iterator[str]:
    platform.users["new@aurora.local"] = User("Temporary-1", status="FORCE_CHANGE_PASSWORD")
    page.goto(platform.site)
    page.get_by_label("E-mail address").wait_for()
    yield "sign in"
    sign_in(page, "new@aurora.local", "wrong")
    page.get_by_text("is not right").wait_for()
    yield "wrong password"
    sign_in(page, "new@aurora.local", "Temporary-1")
    page.get_by_role("heading", name="Choose your password").wait_for()
    yield "first password"
    page.get_by_role("button", name="Start again").click()
    page.get_by_role("button", name="Forgotten").click()
    yield "forgotten password"
    page.get_by_role("button", name="Send the code").click()
    page.get_by_label("Code from the e-mail").wait_for()
    yield "new password"
    page.get_by_role("button", name="Back to sign-in").click()
    sign_in(page)
    page.get_by_role("heading", name="No course yet").wait_for()


def _outline(page: Page, platform: FakePlatform) -> Iterator[str]:
    page.get_by_role("link", name="New course").click()
    page.get_by_role("heading", name="New course").wait_for()
    yield "new course"
    page.get_by_role("textbox", name="Outline in YAML").fill(OUTLINE)
    page.get_by_label("Modules").fill("none")
    page.get_by_role("button", name="Generate the course").click()
    page.get_by_text("Give module numbers").wait_for()
    yield "wrong option"
    page.get_by_label("Modules").fill("")
    platform.problems = [dict(problem) for problem in PROBLEMS]
    page.get_by_role("button", name="Generate the course").click()
    page.get_by_role("button", name="Line 40").click()
    yield "outline with problems"


def _courses(page: Page, platform: FakePlatform) -> Iterator[str]:
    ready = platform.add_course(AUTHOR)
    long = "Desarrollo de agentes con un título bastante largo que ocupa varias líneas en un teléfono"
    running = platform.add_course(AUTHOR, "RUNNING", None, title=long)
    stopped = platform.add_course(AUTHOR, "FAILED", "failed", title="Short one", language="en")
    page.goto(f"{platform.site}/#/")
    page.get_by_role("link", name="Short one").wait_for()
    yield "courses"
    page.goto(f"{platform.site}/#/courses/{ready.id}")
    page.get_by_text("The book is ready").wait_for()
    page.get_by_text("Single lessons").click()
    yield "course ready"
    page.goto(f"{platform.site}/#/courses/{ready.id}/outline")
    page.get_by_role("heading", name="A corrected outline").wait_for()
    yield "corrected outline"
    run = platform.run_of(running)
    platform.set_lesson(run, "01-01", "written", words=1240)
    platform.set_lesson(run, "01-02", "writing")
    platform.set_lesson(run, "02-01", "waiting", reason="throttled, will be retried")
    page.goto(f"{platform.site}/#/courses/{running.id}")
    page.get_by_text("throttled").wait_for()
    yield "course running"
    platform.unreachable = True
    page.get_by_text("The connection is interrupted").wait_for()
    yield "connection interrupted"
    platform.set_lesson(run, "01-02", "failed", reason="The model refused to write about this topic.")
    platform.set_lesson(run, "02-01", "skipped", words=2310)
    platform.end(run.id, "SUCCEEDED", "incomplete")
    platform.unreachable = False
    page.get_by_text("1 lesson could not be written").wait_for()
    page.locator("summary", has_text="Generate again").click()
    yield "course incomplete"
    page.goto(f"{platform.site}/#/courses/{stopped.id}")
    page.get_by_text("Stopped by an error").first.wait_for()
    yield "course stopped"
    page.goto(f"{platform.site}/#/courses/absent")
    page.get_by_text("This course is not here").wait_for()
    yield "absent course"
    page.goto(f"{platform.site}/#/nowhere")
    page.get_by_role("heading", name="There is nothing here").wait_for()
    yield "lost"
