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
TEXT = """<h2>Objetivos</h2><ul><li>Separar <code>instrucciones</code> y <em>datos</em></li></ul>
<p>Véase la <a href="https://example.com/">norma</a>.</p><figure><img src="{services}/bucket/figure.svg" alt="Esquema"
width="420" height="220"><figcaption>Figura 1: El gateway</figcaption></figure><table><thead><tr><th>Tipo</th><th>Canal
</th><th>Ejemplo</th></tr></thead><tbody><tr><td>Indirecta</td><td>Un documento recuperado</td><td>Texto oculto en un
PDF</td></tr></tbody></table><pre><code>return "".join(character for character in document if character.isprintable())
</code></pre><blockquote><p>Limite lo que puede hacer.</p></blockquote><ol><li>Uno<ul><li>Dos</li></ul></li></ol>"""


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
    page.get_by_text("More choices").click()
    page.get_by_label("Budget").fill("much")
    page.get_by_role("button", name="Generate the course").click()
    page.get_by_text("Give an amount").wait_for()
    yield "more choices"
    page.get_by_label("Budget").fill("")
    platform.problems = [dict(problem) for problem in PROBLEMS]
    page.get_by_role("button", name="Generate the course").click()
    page.get_by_role("button", name="Line 40").click()
    yield "outline with problems"


def _courses(page: Page, platform: FakePlatform) -> Iterator[str]:
    everything = {"content": "both", "slides": True, "budget": 5}
    ready = platform.add_course(AUTHOR, request=everything)
    long = "Desarrollo de agentes con un título bastante largo que ocupa varias líneas en un teléfono"
    running = platform.add_course(AUTHOR, "RUNNING", None, title=long, request=everything)
    stopped = platform.add_course(AUTHOR, "FAILED", "failed", title="Short one", language="en")
    page.goto(f"{platform.site}/#/")
    page.get_by_role("link", name="Short one").wait_for()
    yield "courses"
    page.goto(f"{platform.site}/#/courses/{ready.id}")
    page.get_by_text("The book, the lab book and the slides are ready").wait_for()
    page.get_by_text("Single lessons").click()
    page.get_by_role("button", name="Tipos de licencias").click()
    page.get_by_role("button", name="Write this lesson again").click()
    yield "course ready"
    platform.markup["01-02"] = TEXT.replace("{services}", platform.services)
    page.goto(f"{platform.site}/#/courses/{ready.id}/units/01-02")
    page.get_by_role("heading", name="Objetivos").wait_for()
    yield "reading"
    page.goto(f"{platform.site}/#/courses/{ready.id}/outline")
    page.get_by_role("heading", name="A corrected outline").wait_for()
    yield "corrected outline"
    run = platform.run_of(running)
    platform.set_unit(run, "01-01", "written", words=1240, cost=4.2, inputTokens=2300, outputTokens=5100, retries=2)
    platform.set_unit(run, "01-02", "writing")
    platform.set_unit(run, "lab-01-01", "cancelled")
    platform.set_unit(run, "02-01", "waiting", reason="throttled, will be retried")
    page.goto(f"{platform.site}/#/courses/{running.id}")
    page.get_by_text("throttled").wait_for()
    page.get_by_role("button", name="Tipos de licencias").click()
    page.get_by_role("button", name="Cancel", exact=True).click()
    yield "course running"
    platform.unreachable = True
    page.get_by_text("The connection is interrupted").wait_for()
    yield "connection interrupted"
    platform.set_unit(run, "01-02", "failed", reason="The model refused to write about this topic.")
    platform.set_unit(run, "02-01", "skipped", words=2310)
    platform.end(run.id, "SUCCEEDED", "incomplete")
    platform.unreachable = False
    page.get_by_text("could not be written").wait_for()
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
