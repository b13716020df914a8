"""Giving an outline: as text, by file and by drop; what is wrong with it; starting."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import AUTHOR, PASSWORD, sign_in
from tests.support.site_api import FakePlatform, User

OUTLINE = "\n".join(["course:", "  title: Seguridad: una introducción", "modules:", *(f"  # {n}" for n in range(97))])
PROBLEM = {"line": 60, "column": 5, "message": "A colon in an unquoted title", "hint": "Put the title in quotes."}


@pytest.fixture
def outline_page(signed_in: Page) -> Page:
    signed_in.get_by_role("link", name="New course").click()
    signed_in.get_by_role("heading", name="New course").wait_for()
    return signed_in


def write(page: Page, text: str = OUTLINE) -> None:
    page.get_by_role("textbox", name="Outline in YAML").fill(text)


def start(page: Page) -> None:
    page.get_by_role("button", name="Generate the course").click()


def requests(platform: FakePlatform) -> list[dict[str, Any]]:
    return [call.body for call in platform.api_calls("POST", "/courses/[^/]+/executions")]


def test_a_pasted_outline_is_uploaded_and_its_course_started(outline_page: Page, platform: FakePlatform) -> None:
    write(outline_page)
    start(outline_page)
    expect(outline_page.get_by_role("heading", name="Seguridad en Sistemas de IA")).to_be_visible()
    ((key, text),) = platform.texts.items()
    assert text == OUTLINE
    run = platform.only_run()
    assert key.startswith(f"users/{AUTHOR}/courses/{run.course_id}/outline/")
    assert outline_page.url.endswith(f"#/courses/{run.course_id}")
    assert requests(platform) == [{"uploadId": key.rpartition("/")[2].removesuffix(".yaml")}]


def test_the_file_is_the_last_field_of_the_upload(outline_page: Page, platform: FakePlatform) -> None:
    write(outline_page)
    start(outline_page)
    outline_page.get_by_role("heading", name="Lessons").wait_for()
    (upload,) = [request for request in platform.received if request.path == "/bucket"]
    assert upload.body == ["key", "policy", "x-amz-signature", "file"]


def test_a_chosen_file_can_be_changed_before_it_is_sent(
    outline_page: Page, platform: FakePlatform, tmp_path: Path
) -> None:
    file = tmp_path / "outline.yaml"
    file.write_bytes("course:\r\n  title: Introducción\r\n".encode())
    outline_page.get_by_label("Outline file").set_input_files(file)
    expect(outline_page.get_by_text("outline.yaml is loaded")).to_be_visible()
    editor = outline_page.get_by_role("textbox", name="Outline in YAML")
    expect(editor).to_have_value("course:\n  title: Introducción\n")
    expect(outline_page.locator(".editor-numbers")).to_have_text("1\n2\n3", use_inner_text=True)
    editor.press("Control+End")
    editor.press_sequentially("# more")
    start(outline_page)
    outline_page.get_by_role("heading", name="Lessons").wait_for()
    assert list(platform.texts.values()) == ["course:\n  title: Introducción\n# more"]
    assert platform.api_calls("POST", "/courses")[0].body == {"filename": "outline.yaml"}


def test_a_file_in_utf_16_is_read(outline_page: Page, tmp_path: Path) -> None:
    file = tmp_path / "outline.yaml"
    file.write_bytes("title: Introducción".encode("utf-16"))
    outline_page.get_by_label("Outline file").set_input_files(file)
    expect(outline_page.get_by_role("textbox", name="Outline in YAML")).to_have_value("title: Introducción")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"x" * 1_000_001, "outline.yaml has 1.0 MB; up to 1 MB is accepted."),
        (b"\x89PNG\r\n\x1a\n\xff\xff", "outline.yaml cannot be read as text."),
    ],
)
def test_a_file_that_cannot_be_an_outline_is_refused_at_once(
    outline_page: Page, platform: FakePlatform, tmp_path: Path, content: bytes, said: str
) -> None:
    file = tmp_path / "outline.yaml"
    file.write_bytes(content)
    outline_page.get_by_label("Outline file").set_input_files(file)
    expect(outline_page.get_by_text(said)).to_be_visible()
    assert platform.api_calls("POST", ".*") == []


def test_a_dropped_file_is_taken(outline_page: Page) -> None:
    transfer = outline_page.evaluate_handle(
        """() => {
          const all = new DataTransfer();
          all.items.add(new File(['title: Dropped'], 'dropped.yaml'));
          return all;
        }"""
    )
    outline_page.dispatch_event(".editor-text", "drop", {"dataTransfer": transfer})
    expect(outline_page.get_by_role("textbox", name="Outline in YAML")).to_have_value("title: Dropped")


def test_a_file_dropped_beside_the_editor_does_not_replace_the_page(outline_page: Page) -> None:
    prevented = outline_page.evaluate(
        """() => {
          const all = new DataTransfer();
          all.items.add(new File(['x'], 'x.yaml'));
          const drop = new DragEvent('drop', {dataTransfer: all, bubbles: true, cancelable: true});
          document.body.dispatchEvent(drop);
          return drop.defaultPrevented;
        }"""
    )
    assert prevented


def test_problems_are_listed_and_lead_to_their_lines(outline_page: Page, platform: FakePlatform) -> None:
    platform.problems = [dict(PROBLEM)]
    write(outline_page)
    start(outline_page)
    expect(outline_page.get_by_role("heading", name="One thing in the outline needs correcting")).to_be_focused()
    expect(outline_page.get_by_text(PROBLEM["message"])).to_be_visible()
    expect(outline_page.get_by_text(PROBLEM["hint"])).to_be_visible()
    editor = outline_page.get_by_role("textbox", name="Outline in YAML")
    mark, text = outline_page.locator(".editor-mark").bounding_box(), editor.bounding_box()
    assert mark is not None
    assert text is not None
    assert text["y"] < mark["y"] < text["y"] + text["height"]
    outline_page.get_by_role("button", name="Line 60, column 5").click()
    expect(editor).to_be_focused()
    selected = editor.evaluate("area => area.value.slice(0, area.selectionStart).split('\\n')")
    assert (len(selected), len(selected[-1])) == (60, 4)
    assert platform.runs == {}


def test_a_problem_far_to_the_right_is_brought_into_view(outline_page: Page, platform: FakePlatform) -> None:
    platform.problems = [{**PROBLEM, "line": 2, "column": 220}]
    write(outline_page, f"course:\n  title: {'very ' * 40}long: too long\n")
    start(outline_page)
    outline_page.get_by_role("button", name="Line 2, column 220").click()
    editor = outline_page.get_by_role("textbox", name="Outline in YAML")
    shown = editor.evaluate(
        "area => [area.scrollLeft, area.scrollLeft + area.clientWidth].map(x => x * 220 / area.scrollWidth)"
    )
    assert shown[0] < 210 < shown[1]


def test_the_mark_stays_with_its_line_while_lines_are_added_above(outline_page: Page, platform: FakePlatform) -> None:
    platform.problems = [dict(PROBLEM)]
    write(outline_page)
    start(outline_page)
    mark = outline_page.locator(".editor-mark")
    before = mark.evaluate("mark => Number.parseFloat(mark.style.top)")
    editor = outline_page.get_by_role("textbox", name="Outline in YAML")
    editor.press("Control+Home")
    editor.press("Enter")
    height = editor.evaluate("area => Number.parseFloat(getComputedStyle(area).lineHeight)")
    assert mark.evaluate("mark => Number.parseFloat(mark.style.top)") == before + height


def test_a_corrected_outline_is_uploaded_anew(outline_page: Page, platform: FakePlatform) -> None:
    platform.problems = [dict(PROBLEM)]
    write(outline_page)
    start(outline_page)
    outline_page.get_by_text(PROBLEM["message"]).wait_for()
    write(outline_page, "course:\n  title: 'Corrected'")
    start(outline_page)
    expect(outline_page.get_by_role("heading", name="Lessons")).to_be_visible()
    assert list(platform.texts.values()) == [OUTLINE, "course:\n  title: 'Corrected'"]
    assert len(platform.runs) == 1


def test_an_empty_outline_is_not_sent(outline_page: Page, platform: FakePlatform) -> None:
    start(outline_page)
    expect(outline_page.get_by_text("There is no outline yet")).to_be_visible()
    expect(outline_page.get_by_role("textbox", name="Outline in YAML")).to_be_focused()
    assert platform.api_calls("POST", ".*") == []


def test_only_what_was_chosen_is_sent_and_what_is_wrong_is_said_at_its_field(
    outline_page: Page, platform: FakePlatform
) -> None:
    page = outline_page
    write(page)
    page.get_by_label("Modules").fill("1, 3 - 5")
    page.get_by_label("Text model").select_option("openai")
    page.get_by_role("radio", name="Book and labs").check()
    page.get_by_label("Slides too").check()
    page.get_by_role("radio", name="Labs", exact=True).check()
    expect(page.get_by_label("Slides too")).to_be_hidden()
    page.get_by_role("radio", name="Book and labs").check()
    page.get_by_text("More choices").click()
    page.get_by_label("Lab model").select_option("sample")
    page.get_by_label("Image model").select_option("openai-images")
    page.get_by_label("Language").fill("pt-BR")
    for label, wrong, said, right in (
        ("Budget", "much", "Give an amount", "$2,50"),
        ("Most words", "-1", "Give a whole number", "2000"),
        ("Batches at once", "9", "Up to 8 are allowed here.", "4"),
    ):
        control = page.get_by_label(label)
        control.fill(wrong)
        start(page)
        expect(control).to_be_focused()
        expect(control).to_have_attribute("aria-invalid", "true")
        expect(page.get_by_text(said)).to_be_visible()
        control.fill(right)
    page.get_by_label("Fewest words").fill("3000")
    start(page)
    expect(page.get_by_text("This is less than the fewest words.")).to_be_visible()
    page.get_by_label("Fewest words").fill("")
    page.get_by_text("More choices").click()
    body = '{"title":"Not possible","status":400,"detail":"maxConcurrency must be from 1 to 3 at this hour."}'
    headers = {"Access-Control-Allow-Origin": "*", "Content-Type": "application/problem+json"}
    page.route("**/executions", lambda route: route.fulfill(status=400, body=body, headers=headers))
    start(page)
    expect(page.get_by_text("Batches at once must be from 1 to 3 at this hour.")).to_be_visible()
    expect(page.get_by_label("Batches at once")).to_be_focused()
    page.unroute("**/executions")
    start(page)
    page.get_by_role("heading", name="Lessons, labs and slides").wait_for()
    (request,) = requests(platform)
    del request["uploadId"]
    assert request == {
        "content": "both",
        "slides": True,
        "modules": [1, 3, 4, 5],
        "model": "openai",
        "labModel": "sample",
        "imageModel": "openai-images",
        "language": "pt-BR",
        "budget": 2.5,
        "maxWords": 2000,
        "maxConcurrency": 4,
    }


def test_the_text_models_of_the_platform_are_offered_and_its_default_is_chosen(page: Page) -> None:
    with FakePlatform(text_models=("newest", "sample")) as platform:
        platform.users[AUTHOR] = User(PASSWORD)
        page.goto(f"{platform.site}/#/new")
        sign_in(page)
        model = page.get_by_label("Text model")
        expect(model.get_by_role("option")).to_have_text(["newest", "Sample text, to try out"])
        expect(model).to_have_value("newest")


def test_where_there_is_one_text_model_it_is_told_and_not_asked_for(page: Page) -> None:
    with FakePlatform(text_models=("sample",)) as platform:
        platform.users[AUTHOR] = User(PASSWORD)
        page.goto(f"{platform.site}/#/new")
        sign_in(page)
        expect(page.get_by_text("Text model: Sample text, to try out.")).to_be_visible()
        expect(page.get_by_label("Text model")).to_have_count(0)
        write(page)
        start(page)
        page.get_by_role("heading", name="Lessons").wait_for()
        assert list(requests(platform)[0]) == ["uploadId"]


def test_module_numbers_are_read_as_people_write_them(signed_in: Page) -> None:
    read = signed_in.evaluate(
        """async texts => {
          const { moduleNumbers } = await import("/a/0123456789abcdef/views/generation-options.js");
          return texts.map(text => moduleNumbers(text) === undefined ? "no" : moduleNumbers(text));
        }""",
        ["", " all ", "2", "3,1", "1 2;3", "2-4", "2–4, 3", "0", "4-2", "one", "1,,2", "1.5", "-3"],
    )
    assert read == [None, None, [2], [1, 3], [1, 2, 3], [2, 3, 4], [2, 3, 4], "no", "no", "no", [1, 2], "no", "no"]


def test_after_a_lost_answer_the_same_start_is_asked_for_again(outline_page: Page, platform: FakePlatform) -> None:
    write(outline_page)
    lost: list[str] = []

    def lose_first_answer(route: Any) -> None:
        if lost:
            route.continue_()
            return
        lost.append(route.request.url)
        route.fetch()  # the platform does start; only its answer is lost
        route.abort()

    outline_page.route("**/executions", lose_first_answer)
    start(outline_page)
    expect(outline_page.get_by_text("The platform cannot be reached")).to_be_visible()
    start(outline_page)
    expect(outline_page.get_by_text("This course was being generated already")).to_be_visible()
    assert len(platform.runs) == len(platform.texts) == len(platform.courses) == 1


def test_an_outline_is_still_there_after_the_session_ended(outline_page: Page, platform: FakePlatform) -> None:
    write(outline_page)
    platform.expire_access_tokens()
    platform.renewable = False
    start(outline_page)
    outline_page.get_by_text("Your session has ended").wait_for()
    platform.renewable = True
    outline_page.get_by_label("Password", exact=True).fill(PASSWORD)
    outline_page.get_by_role("button", name="Sign in").click()
    expect(outline_page.get_by_role("textbox", name="Outline in YAML")).to_have_value(OUTLINE)


def test_a_refused_upload_is_said(outline_page: Page) -> None:
    answer = "<Error><Code>AccessDenied</Code></Error>"
    allowed = {"Access-Control-Allow-Origin": "*"}
    outline_page.route("**/bucket", lambda route: route.fulfill(status=403, body=answer, headers=allowed))
    write(outline_page)
    start(outline_page)
    expect(outline_page.get_by_text("The outline could not be uploaded")).to_be_visible()
    expect(outline_page.get_by_text("AccessDenied")).to_be_visible()


def test_an_error_of_the_platform_is_told_in_its_own_words(outline_page: Page) -> None:
    body = '{"type":"about:blank","title":"Model not allowed","status":400,"detail":"This environment allows: sample."}'
    allowed = {"Access-Control-Allow-Origin": "*", "Content-Type": "application/problem+json"}
    outline_page.route("**/executions", lambda route: route.fulfill(status=400, body=body, headers=allowed))
    write(outline_page)
    start(outline_page)
    expect(outline_page.get_by_text("Model not allowed")).to_be_visible()
    expect(outline_page.get_by_text("This environment allows: sample.")).to_be_visible()


def test_a_corrected_outline_replaces_that_of_its_course(signed_in: Page, platform: FakePlatform) -> None:
    course = platform.add_course(AUTHOR)
    signed_in.goto(f"{platform.site}/#/courses/{course.id}/outline")
    write(signed_in)
    signed_in.get_by_label("Write again what exists").check()
    start(signed_in)
    expect(signed_in.get_by_role("heading", name=course.title)).to_be_visible()
    assert platform.api_calls("POST", "/courses")[0].body == {"courseId": course.id}
    assert requests(platform)[0]["force"] is True
    assert list(platform.courses) == [course.id]
