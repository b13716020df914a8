"""The site on the real local platform: what an author does from signing in to the book, and what goes wrong.

One platform serves all tests of this module; each signs in as a user of its own, so none sees another's courses.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Locator, Page, Response, expect

from aurora.local.platform import LocalPlatform
from tests.browser.conftest import sign_in, tab_to
from tests.support.fake_openai import FakeOpenAI
from tests.support.somebody import wait_until

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "Correct-horse-9"
TITLE = "Sistemas de IA: una introducción"
OUTLINE = f"""\
course:
  title: {TITLE}
  language: es
modules:
  - title: Fundamentos
    lessons:
      - title: Primeros pasos
        duration_minutes: 20
      - title: Segundas ideas
        duration_minutes: 20
  - title: Práctica
    lessons:
      - title: A la tercera va la vencida
        duration_minutes: 20
    lab_activities:
      - Manos a la obra
"""
LESSONS = ("Primeros pasos", "Segundas ideas", "A la tercera va la vencida")
CORRECTED = OUTLINE.replace(TITLE, f"'{TITLE}'")


@pytest.fixture(scope="module")
def model() -> Iterator[FakeOpenAI]:
    """The endpoint of the platform's second text model."""
    with FakeOpenAI() as running:
        yield running


@pytest.fixture(scope="module")
def news() -> list[str]:
    """What the person at the platform's terminal reads."""
    return []


@pytest.fixture(scope="module")
def platform(model: FakeOpenAI, news: list[str]) -> Iterator[LocalPlatform]:
    """The real program on the embedded AWS: short lessons, which take long enough to be seen being written."""
    config = {
        "aurora:minWords": "60",
        "aurora:maxWords": "120",
        # Long enough for a page on a busy machine to see lessons being written.
        "aurora:sampleSecondsPerLesson": "3",
        "aurora:models": json.dumps({"openai": {"provider": "openai", "id": "fake-1", "baseUrl": model.url}}),
    }
    with LocalPlatform(project=ROOT, stack_config=config, announce=False, watch=False, progress=news.append) as running:
        yield running


@pytest.fixture
def page(page: Page, platform: LocalPlatform) -> Iterator[Page]:
    """The page; the test fails as well if a file of the site is missing, but for its configuration."""
    missing: list[str] = []

    def note(response: Response) -> None:
        if response.status >= 400 and response.url.startswith(platform.site):
            missing.append(urlsplit(response.url).path)

    page.on("response", note)
    yield page
    assert set(missing) <= {"/config.js"}


def new_user(platform: LocalPlatform, email: str, *, temporary: bool = False) -> str:
    """Invites somebody; the password is PASSWORD, at first only if `temporary`. Returns the address."""
    cognito = platform.client("cognito-idp")
    known = [{"Name": "email", "Value": email}, {"Name": "email_verified", "Value": "true"}]
    cognito.admin_create_user(
        UserPoolId=platform.user_pool_id,
        Username=email,
        UserAttributes=known,
        TemporaryPassword=PASSWORD,
        MessageAction="SUPPRESS",
    )
    if not temporary:
        cognito.admin_set_user_password(
            UserPoolId=platform.user_pool_id, Username=email, Password=PASSWORD, Permanent=True
        )
    return email


def open_as(page: Page, platform: LocalPlatform, email: str, view: str = "") -> None:
    """Opens a view and signs in."""
    page.goto(f"{platform.site}/#/{view}")
    sign_in(page, email, PASSWORD)


def give_outline(page: Page, text: str, text_model: str = "sample") -> None:
    page.get_by_role("textbox", name="Outline in YAML").fill(text)
    page.get_by_label("Text model").select_option(text_model)
    page.get_by_role("button", name="Generate the course").click()


def unit(page: Page, title: str) -> Locator:
    return page.locator(".unit").filter(has_text=title)


def test_the_local_author_signs_in_after_a_wrong_password(page: Page, platform: LocalPlatform) -> None:
    page.goto(platform.site)
    expect(page.locator("#environment")).to_have_text("Environment: local")
    sign_in(page, platform.email, "wrong")
    expect(page.get_by_text("The e-mail address or the password is not right.")).to_be_visible()
    sign_in(page, platform.email, platform.password)
    expect(page.get_by_role("heading", name="Your courses")).to_be_focused()
    expect(page).to_have_title("Your courses · Aurora local")


def test_an_invited_user_replaces_the_temporary_password(page: Page, platform: LocalPlatform) -> None:
    email = new_user(platform, "invited@example.com", temporary=True)
    open_as(page, platform, email)
    expect(page.get_by_role("heading", name="Choose your password")).to_be_visible()
    page.get_by_label("New password", exact=True).fill("Battery-staple-7")
    page.get_by_role("button", name="Save and go on").click()
    expect(page.get_by_role("heading", name="No course yet")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    sign_in(page, email, "Battery-staple-7")
    expect(page.get_by_role("heading", name="No course yet")).to_be_visible()


def test_a_forgotten_password_is_set_anew(page: Page, platform: LocalPlatform, news: list[str]) -> None:
    email = new_user(platform, "forgetful@example.com")
    page.goto(platform.site)
    page.get_by_label("E-mail address").fill(email)
    page.get_by_role("button", name="Forgotten your password?").click()
    page.get_by_role("button", name="Send the code").click()
    expect(page.get_by_text("The local platform sends no e-mail")).to_be_visible()
    wait_until(lambda: email in news[-1], lambda: str(news))
    page.get_by_label("Code from the e-mail").fill(news[-1].rpartition(" ")[2])
    page.get_by_label("New password", exact=True).fill("Battery-staple-7")
    page.get_by_role("button", name="Set password and sign in").click()
    expect(page.get_by_role("heading", name="No course yet")).to_be_visible()


def test_an_outline_is_corrected_and_all_of_it_fills_in_until_it_can_be_read_and_downloaded(
    page: Page, platform: LocalPlatform, tmp_path: Path
) -> None:
    open_as(page, platform, new_user(platform, "author@example.com"), "new")
    give_outline(page, OUTLINE)
    expect(page.get_by_role("heading", name="One thing in the outline needs correcting")).to_be_focused()
    page.get_by_role("button", name="Line 2, column").click()
    editor = page.get_by_role("textbox", name="Outline in YAML")
    expect(editor).to_be_focused()

    page.get_by_role("radio", name="Book and labs").check()
    page.get_by_label("Slides too").check()
    give_outline(page, CORRECTED)
    expect(page.get_by_role("heading", name=TITLE)).to_be_focused()
    expect(page.locator(".unit-state").get_by_text("Writing").first).to_be_visible()
    expect(page.get_by_role("progressbar", name="Book")).to_be_visible()
    for title in LESSONS:
        expect(unit(page, title)).to_contain_text("Written")
    expect(page.get_by_text("The book, the lab book and the slides are ready")).to_be_visible()
    expect(unit(page, "Manos a la obra")).to_contain_text("Written")

    with page.expect_download() as downloaded:
        page.get_by_role("link", name="Lab book as PDF").click()
    assert downloaded.value.suggested_filename == "lab-book.pdf"
    saved = tmp_path / "lab-book.pdf"
    downloaded.value.save_as(saved)
    assert saved.read_bytes().startswith(b"%PDF")
    with page.expect_download() as downloaded:
        page.get_by_role("link", name="Download everything").click()
    assert downloaded.value.suggested_filename == "course.zip"

    unit(page, LESSONS[0]).get_by_role("button").click()
    page.get_by_role("link", name="Read lesson").click()
    expect(page.get_by_role("heading", name=LESSONS[0])).to_be_focused()
    expect(page.locator(".text")).to_have_attribute("lang", "es")
    page.locator(".text img").first.evaluate("image => image.decode()")  # the policy allows the bucket's images
    page.get_by_role("link", name="Next: lesson 1.2").click()
    expect(page.get_by_role("heading", name=LESSONS[1])).to_be_focused()
    page.get_by_role("link", name="Aurora", exact=True).click()
    expect(page.get_by_role("main").get_by_role("listitem")).to_have_count(1)
    expect(page.get_by_role("listitem").filter(has_text=TITLE)).to_contain_text("Ready")


def test_one_lesson_is_written_again_and_a_run_is_cancelled(
    page: Page, platform: LocalPlatform, model: FakeOpenAI
) -> None:
    open_as(page, platform, new_user(platform, "choosy@example.com"), "new")
    give_outline(page, CORRECTED, "openai")
    expect(page.get_by_text("The book is ready")).to_be_visible()
    paid = model.paid
    unit(page, LESSONS[1]).get_by_role("button").click()
    page.get_by_role("button", name="Write this lesson again").click()
    page.get_by_role("button", name="Write it again").click()
    expect(unit(page, LESSONS[0])).to_contain_text("Kept")
    expect(page.get_by_text("1 lesson, nothing missing.")).to_be_visible()
    assert model.paid == paid + 1

    page.locator("summary", has_text="Generate again").click()
    page.get_by_label("Text model").select_option("sample")
    page.get_by_label("Write again what exists").check()
    page.get_by_role("button", name="Generate again").click()
    expect(page.locator(".unit-state").get_by_text("Writing").first).to_be_visible()
    page.get_by_role("button", name="Cancel", exact=True).click()
    page.get_by_role("button", name="Stop generating").click()
    expect(page.get_by_text("You cancelled this run")).to_be_visible()
    expect(unit(page, LESSONS[0])).to_contain_text("Written")
    expect(unit(page, LESSONS[1])).to_contain_text("Cancelled")


def test_a_lesson_that_the_model_refuses_is_missing_with_its_reason_until_it_is_generated(
    page: Page, platform: LocalPlatform, model: FakeOpenAI
) -> None:
    model.for_lesson("Segundas ideas", "refuse")
    open_as(page, platform, new_user(platform, "persistent@example.com"), "new")
    give_outline(page, CORRECTED, "openai")
    expect(page.get_by_text("The book is made, but 1 lesson could not be written")).to_be_visible()
    expect(unit(page, "Segundas ideas")).to_contain_text("I cannot write about this.")
    expect(page.get_by_text("1.2 Segundas ideas: ")).to_be_visible()
    expect(page.get_by_role("link", name="Book as PDF")).to_be_visible()
    page.get_by_role("link", name="Your courses").click()
    expect(page.get_by_role("listitem").filter(has_text=TITLE)).to_contain_text("Incomplete")
    page.get_by_role("link", name=TITLE).click()
    paid = model.paid
    page.get_by_role("button", name="Generate what is missing").click()
    expect(page.get_by_text("The book is ready")).to_be_visible()
    expect(unit(page, "Primeros pasos")).to_contain_text("Kept")
    expect(unit(page, "Segundas ideas")).to_contain_text("Written")
    assert model.paid == paid + 1


def test_the_courses_of_another_user_are_neither_listed_nor_opened(page: Page, platform: LocalPlatform) -> None:
    open_as(page, platform, new_user(platform, "private@example.com"), "new")
    give_outline(page, CORRECTED, "openai")
    page.get_by_role("heading", name=TITLE).wait_for()
    address = page.url
    page.get_by_role("button", name="Sign out").click()
    sign_in(page, new_user(platform, "curious@example.com"), PASSWORD)
    expect(page.get_by_role("heading", name="No course yet")).to_be_visible()
    page.goto(address)
    expect(page.get_by_text("This course is not here")).to_be_visible()
    expect(page.get_by_text(TITLE)).to_have_count(0)


def test_a_course_is_made_by_keyboard_alone(page: Page, platform: LocalPlatform) -> None:
    new_user(platform, "keyboard@example.com")
    page.goto(platform.site)
    expect(page.get_by_label("E-mail address")).to_be_focused()
    page.keyboard.type("keyboard@example.com")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Your courses")).to_be_focused()
    tab_to(page, "New course")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="New course")).to_be_focused()
    tab_to(page, "Outline in YAML")
    page.keyboard.insert_text(OUTLINE)
    tab_to(page, "Generate the course")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="needs correcting")).to_be_focused()
    tab_to(page, "Line 2, column 24")
    page.keyboard.press("Enter")
    page.keyboard.press("Home")
    page.keyboard.press("Shift+End")
    page.keyboard.insert_text(f"  title: '{TITLE}'")
    tab_to(page, "Generate the course")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=TITLE)).to_be_focused()
    expect(page.get_by_text("The book is ready")).to_be_visible()
    tab_to(page, "Book as PDF")
    with page.expect_download() as downloaded:
        page.keyboard.press("Enter")
    assert downloaded.value.suggested_filename == "book.pdf"


def test_without_its_configuration_the_site_says_so(page: Page, platform: LocalPlatform) -> None:
    s3 = platform.client("s3")
    (bucket,) = [found["Name"] for found in s3.list_buckets()["Buckets"] if "-site-" in found["Name"]]
    kept = s3.get_object(Bucket=bucket, Key="config.js")
    content = kept["Body"].read()
    s3.delete_object(Bucket=bucket, Key="config.js")
    try:
        page.goto(platform.site)
        expect(page.get_by_role("heading", name="This site is not configured")).to_be_visible()
        expect(page.get_by_text("/config.js is missing or cannot be read.")).to_be_visible()
        expect(page.get_by_label("Password")).to_have_count(0)
    finally:
        s3.put_object(
            Bucket=bucket,
            Key="config.js",
            Body=content,
            ContentType=kept["ContentType"],
            CacheControl=kept["CacheControl"],
        )
    page.get_by_role("button", name="Reload").click()
    expect(page.get_by_label("E-mail address")).to_be_focused()
