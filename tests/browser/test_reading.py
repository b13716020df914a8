"""Reading a lesson or lab guide in the page: how it is set, what leads on from it, and what never gets in."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.conftest import AUTHOR
from tests.support.site_api import FakePlatform

HOSTILE = """
<h1 onclick="x()">Titulo</h1><script>window.ran = 1</script><img src="x" onerror="window.ran = 2">
<p style="position:fixed" id="main" class="panel">Text<svg onload="window.ran = 3"><text>drawn</text></svg></p>
<a href="javascript:window.ran = 4">link</a> <a href="#/new">view</a>
<a href="https://example.com/a" target="_top">out</a>
<iframe src="https://example.com"></iframe><form action="https://example.com"><input name="password"></form>
<img src="data:image/png;base64,AAAA" alt="drawing">
<img src="https://example.com/i.png" alt="photo" srcset="https://x.example 2x">
<template><p>hidden</p></template><math><mtext><style><img src=x onerror=window.ran=5></style></mtext></math>
<unknown-element>kept <b>words</b></unknown-element><h4>Deep</h4><!-- comment -->
<table><tr><td colspan="2" class="right panel" onmouseover="x()">cell</td></tr></table>
"""


def test_a_lesson_is_read_in_its_language_and_leads_to_the_next(signed_in: Page, platform: FakePlatform) -> None:
    course = platform.add_course(AUTHOR, request={"content": "both"})
    figure = f"{platform.services}/bucket/figure.svg"
    platform.markup["01-01"] = "<h2>Uno</h2><p>Primera <em>lección</em>.</p>"
    platform.markup["01-02"] = f'<h2>Dos</h2><figure><img src="{figure}" alt="Esquema"></figure>'
    platform.markup["lab-02-01"] = "<h2>Paso 1</h2>"
    signed_in.goto(f"{platform.site}/#/courses/{course.id}")
    signed_in.get_by_role("button", name="Tipos de licencias").click()
    signed_in.get_by_role("link", name="Read lesson").click()
    expect(signed_in.get_by_role("heading", name="Tipos de licencias")).to_be_focused()
    expect(signed_in.get_by_role("heading", name="Tipos de licencias")).to_have_count(1)
    expect(signed_in.locator(".text")).to_have_attribute("lang", "es")
    expect(signed_in.get_by_text("Lesson 1.1")).to_be_visible()
    expect(signed_in.get_by_role("article")).to_contain_text("1,240 words")
    expect(signed_in).to_have_title(f"Tipos de licencias · {course.title} · Aurora dev")
    expect(signed_in.get_by_role("link", name="Previous")).to_have_count(0)
    signed_in.get_by_role("link", name="Next: lesson 1.2").click()
    image = signed_in.get_by_role("img", name="Esquema")
    expect(image).to_be_visible()
    image.evaluate("image => image.decode()")  # fails if the policy forbids the image
    expect(signed_in.get_by_role("link", name="Previous: lesson 1.1")).to_be_visible()
    expect(signed_in.get_by_role("link", name="Next: lesson 2.1")).to_be_visible()
    signed_in.get_by_role("link", name=course.title).click()
    expect(signed_in.get_by_text("The book and the lab book are ready")).to_be_visible()
    signed_in.goto(f"{platform.site}/#/courses/{course.id}/units/lab-02-01")
    expect(signed_in.get_by_text("Lab 2.1", exact=True)).to_be_visible()
    expect(signed_in.get_by_role("link", name="Previous: lab 1.1")).to_be_visible()
    signed_in.goto(f"{platform.site}/#/courses/{course.id}/units/09-09")
    expect(signed_in.get_by_text("There is nothing to read here yet")).to_be_visible()


def test_only_what_is_harmless_of_a_text_reaches_the_page(page: Page, platform: FakePlatform) -> None:
    # A page without the policy that would stop most of it as well.
    page.route("**/bare", lambda route: route.fulfill(body="<main></main>", content_type="text/html"))
    page.goto(f"{platform.site}/bare")
    made, ran = page.evaluate(
        """async html => {
          const { safeNodes } = await import("/a/0123456789abcdef/markup.js");
          document.querySelector("main").replaceChildren(...safeNodes(html));
          await new Promise(done => setTimeout(done));
          return [document.querySelector("main").innerHTML.replace(/\\s+/g, " ").trim(), window.ran];
        }""",
        HOSTILE,
    )
    assert ran is None
    assert made == (
        "<h2>Titulo</h2> <p>Text</p> link view "
        '<a href="https://example.com/a" target="_blank" rel="noopener noreferrer">out</a> '
        'drawing <img alt="photo" src="https://example.com/i.png" loading="lazy" decoding="async"> '
        "kept <b>words</b><h4>Deep</h4> "
        '<div class="scrolled" tabindex="0" role="region" aria-label="Table">'
        '<table><tbody><tr><td colspan="2" class="right">cell</td></tr></tbody></table></div>'
    )
