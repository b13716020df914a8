"""One course: watching it being generated, what came of it, its files, generating again."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from functions.courses.options import OPTIONS, field_name
from functions.courses.rules import Number
from tests.browser.conftest import AUTHOR, sign_in
from tests.support.site_api import REQUEST, Course, FakePlatform

# What an earlier request was made with, which the page asks for again.
NUMBERS = {
    field_name(name): REQUEST[field_name(name)] for name, option in OPTIONS.items() if isinstance(option, Number)
}


@pytest.fixture
def running(signed_in: Page, platform: FakePlatform) -> Course:
    """A course being generated, shown."""
    course = platform.add_course(AUTHOR, "RUNNING", None)
    signed_in.goto(f"{platform.site}/#/courses/{course.id}")
    signed_in.get_by_role("heading", name="Lessons").wait_for()
    return course


def lesson(page: Page, title: str) -> Locator:
    return page.get_by_role("region", name="Lessons", exact=True).get_by_role("listitem").filter(has_text=title)


def test_lessons_fill_in_until_the_book_is_ready(signed_in: Page, platform: FakePlatform, running: Course) -> None:
    run = platform.run_of(running)
    expect(lesson(signed_in, "Tipos de licencias")).to_contain_text("Waiting")
    platform.set_unit(run, "01-01", "writing")
    expect(lesson(signed_in, "Tipos de licencias")).to_contain_text("Writing")
    platform.set_unit(run, "01-01", "written", words=1240)
    expect(lesson(signed_in, "Tipos de licencias")).to_contain_text("Written · 1,240 words")
    progress = signed_in.get_by_role("progressbar", name="Writing lessons")
    expect(progress).to_have_attribute("value", "25")
    expect(signed_in.get_by_text("1 of 3 lessons · 25 %")).to_be_visible()
    expect(signed_in).to_have_title(f"25 % · {running.title} · Aurora dev")
    expect(signed_in.locator("#announcer")).to_have_text("Writing lessons: 25 percent.")
    run.steps["theory"] = "building"
    expect(signed_in.get_by_text("Building the book", exact=True)).to_be_visible()
    for each in run.units:
        each.update(state="written", words=1240)
    platform.end(run.id)
    expect(signed_in.get_by_text("The book is ready")).to_be_visible()
    expect(progress).to_be_hidden()
    expect(signed_in.get_by_role("link", name="Book as PDF")).to_be_visible()
    expect(signed_in).to_have_title(f"Ready · {running.title} · Aurora dev")
    expect(signed_in.locator("[aria-live=polite]", has_text="The book is ready")).to_be_visible()


def test_books_and_lessons_can_be_downloaded_without_leaving_the_page(signed_in: Page, platform: FakePlatform) -> None:
    course = platform.add_course(AUTHOR, request={"content": "both", "slides": True})
    signed_in.goto(f"{platform.site}/#/courses/{course.id}")
    for link, file in (
        ("^Book as PDF", "book.pdf"),
        ("^Lab book as Word", "lab-book.docx"),
        ("^Download everything", "course.zip"),
    ):
        with signed_in.context.expect_event("request", lambda request: "/bucket/" in request.url) as followed:
            signed_in.get_by_role("link", name=re.compile(link)).click()
        assert followed.value.url == f"{platform.services}/bucket/{file}?signed"
    for folder, file in (
        ("Single lessons (3)", "module-01-lesson-02-titulo.md"),
        ("Single labs (2)", "module-02-lab-01-titulo.md"),
        ("Slides by module (2)", "module-01-titulo.pptx"),
    ):
        signed_in.get_by_text(folder).click()
        expect(signed_in.get_by_role("link", name=file)).to_be_visible()
    expect(signed_in.get_by_role("heading", name=course.title)).to_be_visible()


def test_links_that_have_grown_old_are_renewed_before_they_are_followed(page: Page, platform: FakePlatform) -> None:
    course = platform.add_course(AUTHOR)
    page.clock.install()
    page.goto(f"{platform.site}/#/courses/{course.id}")
    sign_in(page)
    page.get_by_text("The book is ready").wait_for()
    asked = len(platform.api_calls("GET", f"/courses/{course.id}"))
    page.clock.fast_forward("20:00")
    with page.context.expect_event("request", lambda request: "/bucket/book.pdf" in request.url):
        page.get_by_role("link", name="Book as PDF").click()
    assert len(platform.api_calls("GET", f"/courses/{course.id}")) == asked + 1


def test_a_failed_lesson_says_why_and_only_what_is_missing_is_generated(
    signed_in: Page, platform: FakePlatform, running: Course
) -> None:
    first = platform.run_of(running)
    platform.set_unit(first, "01-01", "written", words=1240)
    platform.set_unit(first, "01-02", "failed", reason="The model refused this topic.")
    platform.set_unit(first, "02-01", "written", words=1240)
    platform.end(first.id, "SUCCEEDED", "incomplete")
    expect(signed_in.get_by_text("The book is made, but 1 lesson could not be written")).to_be_visible()
    expect(lesson(signed_in, "Copilot Studio")).to_contain_text("The model refused this topic.")
    expect(lesson(signed_in, "Copilot Studio")).to_contain_text("Failed")
    missing = signed_in.get_by_text("1.2 Copilot Studio integrado en Teams: The model refused this topic.")
    expect(missing).to_be_visible()
    signed_in.get_by_role("button", name="Generate what is missing").click()
    expect(lesson(signed_in, "Tipos de licencias")).to_contain_text("Kept")
    (call,) = platform.api_calls("POST", f"/courses/{running.id}/executions")
    models = {f"{step}Model": "sample" for step in ("lesson", "lab", "plan", "image")}
    assert call.body == {"uploadId": None, **NUMBERS, **models}
    second = platform.run_of(running)
    assert second.id != first.id
    platform.set_unit(second, "01-02", "written", words=1500)
    platform.end(second.id)
    expect(signed_in.get_by_text("The book is ready")).to_be_visible()


def test_of_many_missing_lessons_the_first_are_named(signed_in: Page, platform: FakePlatform, running: Course) -> None:
    run = platform.run_of(running)
    run.units.extend({**run.units[0], "id": f"03-{n:02d}", "module": 3, "number": n} for n in range(1, 6))
    for each in run.units:
        each.update(state="failed", reason="The model is gone.")
    platform.end(run.id, "SUCCEEDED", "incomplete")
    named = signed_in.locator(".notice").get_by_role("listitem")
    expect(named).to_have_count(6)
    expect(named.last).to_have_text("and 3 more lessons")


def test_a_run_that_stopped_says_why_and_can_be_started_again(
    signed_in: Page, platform: FakePlatform, running: Course
) -> None:
    platform.end(running.run, "FAILED", "failed", error="The model's daily quota is used up.")
    expect(signed_in.get_by_text("The model's daily quota is used up.")).to_be_visible()
    signed_in.get_by_role("button", name="Generate what is missing").click()
    expect(signed_in.get_by_text("Generating")).to_be_visible()
    assert len(platform.runs) == 2


def test_a_course_can_be_generated_again_with_other_choices_than_those_of_before(
    signed_in: Page, platform: FakePlatform
) -> None:
    course = platform.add_course(AUTHOR, request={"modules": [1, 2], "force": True, "lessonModel": "openai"})
    signed_in.goto(f"{platform.site}/#/courses/{course.id}")
    signed_in.locator("summary", has_text="Generate again").click()
    expect(signed_in.get_by_label("Modules")).to_have_value("1, 2")
    expect(signed_in.get_by_label("Text model")).to_have_value("openai")
    expect(signed_in.get_by_label("Write again what exists")).not_to_be_checked()
    signed_in.get_by_label("Modules").fill("2")
    signed_in.get_by_role("radio", name="Slides").check()
    signed_in.get_by_label("Write again what exists").check()
    signed_in.get_by_role("button", name="Generate again").click()
    expect(signed_in.get_by_text("Generating")).to_be_visible()
    (call,) = platform.api_calls("POST", f"/courses/{course.id}/executions")
    models = {"model": "openai", "labModel": "sample", "planModel": "sample"}
    chosen = {"content": "slides", "modules": [2], "force": True}
    assert call.body == {"uploadId": None, **NUMBERS, **chosen, **models}


def test_what_is_missing_is_generated_by_another_model_if_its_own_is_gone(
    signed_in: Page, platform: FakePlatform, running: Course
) -> None:
    run = platform.run_of(running)
    run.request.update(modules=[1], lessonModel="retired")
    platform.end(run.id, "FAILED", "failed")
    signed_in.get_by_role("button", name="Generate what is missing").click()
    expect(signed_in.get_by_text("Generating")).to_be_visible()
    (call,) = platform.api_calls("POST", f"/courses/{running.id}/executions")
    assert call.body["modules"] == [1]
    assert "lessonModel" not in call.body


def test_joining_a_run_is_said(signed_in: Page, platform: FakePlatform) -> None:
    course = platform.add_course(AUTHOR)
    signed_in.goto(f"{platform.site}/#/courses/{course.id}")
    signed_in.locator("summary", has_text="Generate again").click()
    other = platform.run_of(course)
    other.status = "RUNNING"  # a colleague's tab has started it meanwhile
    signed_in.get_by_role("button", name="Generate again").click()
    expect(signed_in.get_by_text("This course was being generated already")).to_be_visible()
    assert len(platform.runs) == 1


def test_a_lost_connection_is_said_and_watching_goes_on_by_itself(
    signed_in: Page, platform: FakePlatform, running: Course
) -> None:
    platform.unreachable = True
    expect(signed_in.get_by_text("The connection is interrupted")).to_be_visible()
    expect(lesson(signed_in, "Tipos de licencias")).to_be_visible()
    platform.set_unit(platform.run_of(running), "01-01", "written", words=1240)
    platform.unreachable = False
    signed_in.evaluate("window.dispatchEvent(new Event('online'))")
    expect(lesson(signed_in, "Tipos de licencias")).to_contain_text("Written")
    expect(signed_in.get_by_text("The connection is interrupted")).to_be_hidden()


def test_a_token_that_ends_while_watching_is_renewed_unseen(
    signed_in: Page, platform: FakePlatform, running: Course
) -> None:
    platform.expire_access_tokens()
    platform.set_unit(platform.run_of(running), "01-01", "written", words=1240)
    expect(lesson(signed_in, "Tipos de licencias")).to_contain_text("Written")
    assert platform.operations() == ["InitiateAuth", "InitiateAuth"]


def test_a_hidden_tab_asks_seldom_and_at_once_when_it_is_shown_again(page: Page, platform: FakePlatform) -> None:
    course = platform.add_course(AUTHOR, "RUNNING", None)
    page.clock.install()
    page.goto(f"{platform.site}/#/courses/{course.id}")
    sign_in(page)
    page.get_by_role("heading", name="Lessons").wait_for()
    page.evaluate("Object.defineProperty(document, 'hidden', {get: () => window.pretendHidden, configurable: true})")
    page.evaluate("window.pretendHidden = true")
    path = f"/executions/{course.run}"
    with page.expect_response(f"**{path}"):
        page.clock.run_for(2_000)
    page.evaluate("new Promise(done => queueMicrotask(done))")
    before = len(platform.api_calls("GET", path))
    page.clock.run_for(10_000)
    page.evaluate("window.pretendHidden = false")
    with page.expect_response(f"**{path}"):
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    assert len(platform.api_calls("GET", path)) == before + 1


def test_progress_that_is_no_longer_kept_leaves_the_files(signed_in: Page, platform: FakePlatform) -> None:
    course = platform.add_course(AUTHOR)
    kept = platform.runs[course.run]
    signed_in.route(
        "**/executions/*",
        lambda route: route.fulfill(
            status=404,
            body='{"title":"No such execution","detail":"It is too old.","status":404}',
            headers={"Access-Control-Allow-Origin": "*", "Content-Type": "application/problem+json"},
        ),
    )
    signed_in.goto(f"{platform.site}/#/courses/{kept.course_id}")
    expect(signed_in.get_by_text("The progress of this run is no longer kept")).to_be_visible()
    expect(signed_in.get_by_role("link", name="Book as PDF")).to_be_visible()


def test_somebody_elses_course_is_not_there(signed_in: Page, platform: FakePlatform) -> None:
    course = platform.add_course("somebody@else.example", title="Private")
    signed_in.goto(f"{platform.site}/#/courses/{course.id}")
    expect(signed_in.get_by_text("This course is not here")).to_be_visible()
    expect(signed_in.get_by_text("Private")).to_have_count(0)


def test_what_a_course_says_is_text_and_in_its_language(signed_in: Page, platform: FakePlatform) -> None:
    course = platform.add_course(AUTHOR, title="<img src=x onerror=alert(1)> Título")
    signed_in.goto(f"{platform.site}/#/courses/{course.id}")
    heading = signed_in.get_by_role("heading", level=1)
    expect(heading).to_have_text("<img src=x onerror=alert(1)> Título")
    expect(heading).to_have_attribute("lang", "es")
