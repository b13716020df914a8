"""The units of a run: lessons, labs and slides side by side, opened, written again one by one, cancelled."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from functions.outline.units import UNIT_KINDS
from tests.browser.conftest import AUTHOR, tab_to
from tests.support.site_api import Course, FakePlatform

BOTH = {"content": "both", "slides": True, "budget": 5}
MODULES = 100


@pytest.fixture
def running(signed_in: Page, platform: FakePlatform) -> Course:
    """A course being generated with everything, shown."""
    course = platform.add_course(AUTHOR, "RUNNING", None, request=BOTH)
    signed_in.goto(f"{platform.site}/#/courses/{course.id}")
    signed_in.get_by_role("heading", name="Lessons, labs and slides").wait_for()
    return course


def unit(page: Page, title: str) -> Locator:
    return page.get_by_role("listitem").filter(has=page.get_by_role("button", name=title))


def test_lessons_labs_and_slides_fill_in_side_by_side_with_what_they_cost(
    signed_in: Page, platform: FakePlatform, running: Course
) -> None:
    run = platform.run_of(running)
    run.spent_before = 1.5
    platform.set_unit(run, "01-01", "written", words=1240, cost=0.42, inputTokens=2300, outputTokens=5100, retries=2)
    platform.set_unit(run, "lab-01-01", "writing")
    platform.set_unit(run, "01-02", "waiting", reason="throttled", retries=1)
    lessons = signed_in.get_by_role("list", name="Lessons of module 1")
    labs = signed_in.get_by_role("list", name="Labs of module 1")
    expect(lessons).to_contain_text("Written · 1,240 words · 2 retries · $0.42")
    expect(lessons).to_contain_text("throttled Waiting · 1 retry", use_inner_text=False)
    expect(labs).to_contain_text("Writing")
    left, right = lessons.bounding_box(), labs.bounding_box()
    assert left is not None
    assert right is not None
    assert (left["y"], left["x"] + left["width"] < right["x"]) == (right["y"], True)
    progress = signed_in.get_by_role("region", name="Progress")
    expect(progress.get_by_role("progressbar", name="Writing lessons and labs")).to_be_visible()
    expect(progress.get_by_role("listitem").filter(has_text="Slides")).to_contain_text("Waiting for the lessons")
    expect(progress).to_contain_text("This run: $0.42")
    expect(progress).to_contain_text("the course so far: $1.92")
    expect(progress).to_contain_text("2.3K tokens read, 5.1K written")
    expect(progress).to_contain_text("3 retries")
    expect(progress.get_by_role("meter", name="Budget: $1.92 of $5.00")).to_have_attribute("value", "1.92")
    run.steps.update(theory="done", labs="building")
    expect(progress.get_by_role("progressbar", name="Building the lab book")).to_be_visible()
    filters = signed_in.get_by_role("group", name="Show")
    filters.get_by_role("button", name="Waiting").click()
    expect(unit(signed_in, "Tipos de licencias")).to_be_hidden()
    expect(unit(signed_in, "Copilot Studio")).to_be_visible()
    filters.get_by_role("button", name="Waiting").click()
    expect(unit(signed_in, "Tipos de licencias")).to_be_visible()
    unit(signed_in, "Tipos de licencias").get_by_role("button").click()
    expect(unit(signed_in, "Tipos de licencias").get_by_role("link", name="Read lesson")).to_be_visible()
    expect(signed_in.get_by_role("button", name="Write this lesson")).to_have_count(0)  # not while a run goes on
    run.problems = ["Images missing in the book: 3."]
    for each in run.units:
        each.update(state="written")
    platform.end(run.id, "SUCCEEDED", "incomplete")
    expect(signed_in.get_by_text("are made, but something is missing")).to_be_visible()
    expect(signed_in.get_by_role("listitem").filter(has_text="Images missing in the book: 3.")).to_be_visible()


def test_a_single_lab_is_written_again_after_its_price_was_told(signed_in: Page, platform: FakePlatform) -> None:
    course = platform.add_course(AUTHOR, request={"content": "both", "lessonModel": "openai", "modules": [1, 2]})
    platform.run_of(course).units[-1]["cost"] = 0.25
    signed_in.goto(f"{platform.site}/#/courses/{course.id}")
    lab = unit(signed_in, "Publicar un gateway")
    lab.get_by_role("button").click()
    again = lab.get_by_role("button", name="Write this lab again")
    again.click()
    expect(lab.get_by_role("group")).to_contain_text("Last time it cost $0.25.")
    signed_in.keyboard.press("Escape")
    expect(again).to_be_focused()
    signed_in.keyboard.press("Enter")
    expect(lab.get_by_role("button", name="Write it again")).to_be_focused()
    signed_in.keyboard.press("Enter")
    expect(signed_in.get_by_text("Generating")).to_be_visible()
    (call,) = platform.api_calls("POST", f"/courses/{course.id}/executions")
    assert call.body["only"] == ["lab-02-01"]
    assert call.body["lessonModel"] == "openai"
    assert {"content", "modules", "force"}.isdisjoint(call.body)
    run = platform.run_of(course)
    platform.set_unit(run, "lab-02-01", "failed", reason="The model refused.")
    platform.end(run.id, "SUCCEEDED", "incomplete")
    expect(signed_in.get_by_text("The lab book is made, but 1 lab could not be written")).to_be_visible()
    expect(signed_in.get_by_text("Lab 2.1 Publicar un gateway con límites de uso: The model refused.")).to_be_visible()


def test_a_run_is_cancelled_once_it_was_asked_for_twice(
    signed_in: Page, platform: FakePlatform, running: Course
) -> None:
    run = platform.run_of(running)
    tab_to(signed_in, "Cancel")
    signed_in.keyboard.press("Enter")
    signed_in.keyboard.press("Escape")
    expect(signed_in.get_by_role("button", name="Cancel", exact=True)).to_be_focused()
    signed_in.keyboard.press("Enter")
    expect(signed_in.get_by_text("What is being written now is finished first;")).to_be_visible()
    assert not run.cancelling
    signed_in.get_by_role("button", name="Stop generating").click()
    expect(signed_in.get_by_text("Cancelling: units in progress are finished first.")).to_be_visible()
    expect(signed_in.get_by_role("button", name="Cancel", exact=True)).to_be_hidden()
    platform.set_unit(run, "01-01", "written", words=1240)
    for each in run.units[1:]:
        each["state"] = "cancelled"
    platform.end(run.id, "SUCCEEDED", "cancelled")
    expect(signed_in.get_by_text("You cancelled this run")).to_be_visible()
    expect(signed_in.get_by_text("2 lessons, 2 labs and 2 slide decks are not written.")).to_be_visible()
    signed_in.get_by_role("button", name="Generate what is missing").click()
    expect(signed_in.get_by_text("Generating")).to_be_visible()
    body = platform.api_calls("POST", f"/courses/{running.id}/executions")[0].body
    assert body | BOTH == body
    signed_in.get_by_role("button", name="Cancel", exact=True).click()
    ended = platform.run_of(running)
    signed_in.route("**/cancel", lambda route: (platform.end(ended.id), route.continue_()))
    signed_in.get_by_role("button", name="Stop generating").click()  # too late, and no error
    expect(signed_in.get_by_text("The book, the lab book and the slides are ready")).to_be_visible()


def test_of_a_thousand_units_only_those_that_changed_are_touched(signed_in: Page, platform: FakePlatform) -> None:
    lessons = tuple((f"{n // 6 + 1:02d}-{n % 6 + 1:02d}", f"Lesson {n}") for n in range(6 * MODULES))
    labs = tuple((f"lab-{number}", f"Lab {title}") for number, title in lessons)
    course = platform.add_course(
        AUTHOR, "RUNNING", None, lessons=lessons, labs=labs, slides=(), request={"content": "both"}
    )
    signed_in.goto(f"{platform.site}/#/courses/{course.id}")
    expect(signed_in.locator(".unit")).to_have_count(12 * MODULES)
    signed_in.evaluate(
        """() => {
          window.touched = new Set();
          const note = ({target}) => {
            const unit = (target instanceof Element ? target : target.parentElement).closest(".unit");
            if (unit) window.touched.add(unit.textContent);
          };
          const all = {subtree: true, childList: true, characterData: true, attributes: true};
          new MutationObserver(changes => changes.forEach(note)).observe(document.querySelector(".modules"), all);
        }"""
    )
    platform.set_unit(platform.run_of(course), "50-03", "written", words=1240)
    expect(signed_in.locator(".filter[data-state=written]")).to_be_visible()
    assert signed_in.evaluate("[...window.touched]") == ["50.3 Lesson 296  Written · 1,240 words"]


def test_the_page_knows_units_as_the_platform_does(signed_in: Page) -> None:
    """Kinds, ids and names of files, as `functions.outline.units` has them."""
    program = """async ({ ids, files }) => {
      const loaded = performance.getEntriesByType("resource").find(({ name }) => name.endsWith("/units.js"));
      const { KINDS, unitOf, unitsOfFiles } = await import(loaded.name);
      return [KINDS, ids.map(unitOf), unitsOfFiles(files.map((name) => ({ name })))];
    }"""
    numbers = {kind.name: (12, 0 if kind.per_module else 3) for kind in UNIT_KINDS.values()}
    ids = [kind.id(*numbers[kind.name]) for kind in UNIT_KINDS.values()]
    files = [kind.folder + kind.file_name(*numbers[kind.name], "A title") for kind in UNIT_KINDS.values()]
    kinds, named, found = signed_in.evaluate(program, {"ids": [*ids, "course"], "files": [*files, "book.pdf"]})
    assert kinds == {
        kind.name: {
            "branch": kind.branch,
            "one": kind.singular,
            "many": kind.plural,
            "heading": kind.label,
            "idPrefix": kind.id_prefix,
            "perModule": kind.per_module,
            "folder": kind.folder,
            "extension": kind.extension,
        }
        for kind in UNIT_KINDS.values()
    }
    expected = [{"kind": name, "module": module, "number": number} for name, (module, number) in numbers.items()]
    assert named == [*expected, None]
    titles = ["" if kind.per_module else "A title" for kind in UNIT_KINDS.values()]
    assert found == [
        {"id": id_, **each, "title": title} for id_, each, title in zip(ids, expected, titles, strict=True)
    ]
