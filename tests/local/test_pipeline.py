"""A course from its outline to its book: the real program, its functions and its workflow on the embedded AWS."""

from __future__ import annotations

import base64
import io
import json
import re
from collections.abc import Generator, Iterable
from html.parser import HTMLParser
from typing import Any

import httpx
import pypdfium2
import pytest
from PIL import Image

from benchmarks.outlines import LARGEST, outline
from tests.local.real import real_platform
from tests.support.platform import COURSES
from tests.support.somebody import Run, Somebody, executions, histories_of_children, history

MAX_CONCURRENCY = 3
OUTLINE = b"""\
# The file is kept as it is, this remark included.
course: {title: A garden in a year, language: en}
modules:
  - title: Soil
    number: 1
    lessons:
      - {title: 'Clay, sand & loam', number: 1, duration_minutes: 5, topics: [Grain sizes, The jar test]}
      - {title: Compost, number: 2, duration_minutes: 5}
      - {title: Mulch, number: 3, duration_minutes: 5}
      - {title: "Ca\xc3\xb1as y ra\xc3\xadces", number: 4, duration_minutes: 5}
  - title: Sowing
    number: 2
    lessons:
      - {title: Seed packets, number: 1, duration_minutes: 5}
  - title: Harvest
    number: 3
    lessons:
      - {title: The first tomato, number: 1, duration_minutes: 5}
      - {title: Storing, number: 2, duration_minutes: 5}
"""
LESSONS = {
    "01-01": "lessons/module-01-lesson-01-clay-sand-loam.md",
    "01-02": "lessons/module-01-lesson-02-compost.md",
    "01-03": "lessons/module-01-lesson-03-mulch.md",
    "01-04": "lessons/module-01-lesson-04-canas-y-raices.md",
    "02-01": "lessons/module-02-lesson-01-seed-packets.md",
    "03-01": "lessons/module-03-lesson-01-the-first-tomato.md",
    "03-02": "lessons/module-03-lesson-02-storing.md",
}
TITLES = [
    "Clay, sand & loam",
    "Compost",
    "Mulch",
    "Cañas y raíces",
    "Seed packets",
    "The first tomato",
    "Storing",
]
BOOKS = {f"book/book.{format_}" for format_ in ("md", "json", "html", "pdf", "docx")}

# What Step Functions accepts (https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html).
PAYLOAD_BYTES = 262_144
HISTORY_EVENTS = 25_000


@pytest.fixture(scope="module")
def author() -> Generator[Somebody]:
    settings = {
        "aurora:maxConcurrency": str(MAX_CONCURRENCY),
        "aurora:imagesPerCall": "5",
        "aurora:sampleSecondsPerLesson": "0.2",
    }
    with real_platform(settings) as author:
        yield author


@pytest.fixture(scope="module")
def made(author: Somebody) -> Run:
    """A course made once; tests that only look at it share it."""
    return author.course(OUTLINE)


@pytest.fixture(scope="module")
def everything(author: Somebody) -> Run:
    """A course with labs and slides too, one batch of each branch at a time."""
    return author.course(OUTLINE, content="both", slides=True, modules=(1, 2), max_concurrency=1)


def test_every_lesson_is_written_and_the_course_is_complete(made: Run) -> None:
    assert (made.view["status"], made.outcome, made.view["percent"]) == ("SUCCEEDED", "complete", 100)
    assert made.states == dict.fromkeys(LESSONS, "written")
    assert all(lesson["words"] > 50 for lesson in made.view["units"])
    assert "error" not in made.view


def test_a_course_lies_in_the_bucket_under_its_documented_keys_and_nowhere_else(author: Somebody, made: Run) -> None:
    names = set(author.objects(made.course_id))
    outlines = {name for name in names if re.fullmatch(r"outline/[0-9a-f]{32}\.yaml", name)}
    images = {name for name in names if re.fullmatch(r"images/\d{2}-\d{2}-\d{4}\.png", name)}
    prompts = {f"prompts/module-{id_[:2]}-lesson-{id_[3:]}.json" for id_ in LESSONS}
    assert len(outlines) == 1
    assert {name.removeprefix("images/")[:5] for name in images} == set(LESSONS)
    expected = outlines | images | prompts | set(LESSONS.values()) | BOOKS
    expected |= {"validation/report.json", "download/course.zip"}
    assert names == expected
    assert re.fullmatch(r"[0-9a-f]{32}", made.course_id)
    everything = author.platform.client("s3").list_objects_v2(Bucket=author.platform.buckets["content"])["Contents"]
    assert all(item["Key"].startswith(f"users/{author.owner}/courses/") for item in everything)


def test_the_uploaded_outline_stays_as_it_was(author: Somebody, made: Run) -> None:
    (name,) = (name for name in author.objects(made.course_id) if name.startswith("outline/"))
    assert author.stored(made.course_id, name)["Body"] == OUTLINE
    key = f"users/{author.owner}/courses/{made.course_id}/{name}"
    versions = author.platform.client("s3").list_object_versions(Bucket=author.platform.buckets["content"], Prefix=key)
    assert len(versions["Versions"]) == 1


def test_a_lesson_says_who_wrote_it_and_for_which_word_target(author: Somebody, made: Run) -> None:
    metadata = author.stored(made.course_id, LESSONS["01-01"])["Metadata"]
    assert metadata["execution"] == made.execution_id
    assert metadata["model"] == "sample"
    assert metadata["target"] == "150"
    assert int(metadata["words"]) == made.view["units"][0]["words"]


def test_the_markdown_book_holds_every_lesson_in_order(author: Somebody, made: Run) -> None:
    book = author.text(made.course_id, "book/book.md")
    headings = [line.lstrip("# ") for line in book.splitlines() if line.startswith("#")]
    places = [next(place for place, text in enumerate(headings) if text.endswith(title)) for title in TITLES]
    assert places == sorted(places)
    for name in LESSONS.values():
        longest = max(author.text(made.course_id, name).splitlines(), key=len)
        assert longest in book


def test_the_json_book_holds_every_lesson_and_nothing_is_missing(author: Somebody, made: Run) -> None:
    book = json.loads(author.text(made.course_id, "book/book.json"))
    lessons = [lesson for module in book["modules"] for lesson in module["lessons"]]
    assert [lesson["id"] for lesson in lessons] == list(LESSONS)
    assert [lesson["title"] for lesson in lessons] == TITLES
    assert all(lesson["title"] in lesson["markdown"] for lesson in lessons)


def test_the_html_book_embeds_every_image_and_refers_to_nothing_outside(author: Somebody, made: Run) -> None:
    sources: list[str] = []

    class Images(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            sources.extend(value or "" for name, value in attrs if tag == "img" and name == "src")

    html = author.text(made.course_id, "book/book.html")
    Images().feed(html)
    drawn = [name for name in author.objects(made.course_id) if name.startswith("images/")]
    assert len(sources) == len(drawn)
    assert all(source.startswith("data:image/png;base64,") for source in sources)
    embedded = {base64.b64decode(source.partition(",")[2]) for source in sources}
    assert embedded == {author.stored(made.course_id, name)["Body"] for name in drawn}
    assert "X-Amz-Signature" not in html
    assert not re.search(r"""(?:src|href)=["'](?:https?:)?//""", html)


def test_the_pdf_book_can_be_read_and_shows_the_images(author: Somebody, made: Run) -> None:
    document = pypdfium2.PdfDocument(author.stored(made.course_id, "book/book.pdf")["Body"])
    try:
        text = "\n".join(page.get_textpage().get_text_bounded() for page in document)
        drawn = [name for name in author.objects(made.course_id) if name.startswith("images/")]
        shown = [thing for page in document for thing in page.get_objects(filter=[pypdfium2.raw.FPDF_PAGEOBJ_IMAGE])]
    finally:
        document.close()
    words = " ".join(text.split())
    assert all(title in words for title in TITLES)
    assert len(shown) >= len(drawn)


def test_an_image_is_a_picture(author: Somebody, made: Run) -> None:
    stored = author.stored(made.course_id, "images/01-01-0001.png")
    assert stored["ContentType"] == "image/png"
    with Image.open(io.BytesIO(stored["Body"])) as picture:
        assert min(picture.size) >= 300


def test_progress_never_goes_back(made: Run) -> None:
    steps = ["planning", "writing", "validating", "building", "done"]
    percents = [view["percent"] for view in made.seen]
    done = [view["done"] for view in made.seen]
    reached = [steps.index(view["step"]) for view in made.seen]
    assert percents == sorted(percents)
    assert done == sorted(done)
    assert reached == sorted(reached)
    assert any(0 < view["done"] < len(LESSONS) and 0 < view["percent"] < 90 for view in made.seen)
    assert [view["percent"] for view in made.seen if view["percent"] == 100] == [100]


def test_lessons_are_seen_waiting_then_writing_then_written(made: Run) -> None:
    order = ["waiting", "writing", "written"]
    for place, id_ in enumerate(LESSONS):
        states = [view["units"][place]["state"] for view in made.seen if view["units"]]
        assert [order.index(state) for state in states] == sorted(order.index(state) for state in states), id_
    assert {lesson["state"] for view in made.seen for lesson in view["units"]} == set(order)


def test_batches_hold_three_lessons_at_most_and_never_those_of_two_modules(author: Somebody, made: Run) -> None:
    answer = next(output for output in task_outputs(history(author.platform, made.execution_id)) if "batches" in output)
    cut = [(b["module_number"], b["batch_start_idx"], b["batch_end_idx"]) for b in answer["batches"]]
    assert cut == [(1, 0, 3), (1, 3, 4), (2, 0, 1), (3, 0, 2)]
    assert [(b["batch_index"], b["total_batches"]) for b in answer["batches"]] == [(1, 2), (2, 2), (1, 1), (1, 1)]


def test_as_many_batches_run_at_a_time_as_the_request_allows_and_the_stack_says_how_many_that_is(
    author: Somebody, made: Run
) -> None:
    assert most_at_once(author, made) == MAX_CONCURRENCY
    assert most_at_once(author, author.course(OUTLINE, max_concurrency=1, modules=(1, 2))) == 1


def test_lessons_and_labs_are_written_at_the_same_time(author: Somebody, everything: Run) -> None:
    assert (everything.outcome, set(everything.states.values())) == ("complete", {"written"})
    assert {unit["kind"] for unit in everything.view["units"]} == {"lesson", "lab", "slides"}
    children = histories_of_children(author.platform, everything.execution_id)
    told = [{name for answer in task_outputs(events) for name in answer} for events in children]
    spans = [(events[0]["timestamp"], events[-1]["timestamp"]) for events in children]
    lessons = [span for span, names in zip(spans, told, strict=True) if "images" in names]
    labs = [span for span, names in zip(spans, told, strict=True) if not names & {"images", "slides"}]
    assert any(lesson[0] < lab[1] and lab[0] < lesson[1] for lesson in lessons for lab in labs)


def test_images_above_the_number_of_one_call_are_drawn_by_further_calls(author: Somebody, made: Run) -> None:
    planned = 0
    drawn: list[dict[str, int]] = []
    for events in histories_of_children(author.platform, made.execution_id):
        outputs = task_outputs(events)
        place = next((place for place, output in enumerate(outputs) if set(output) == {"images"}), None)
        if place is not None:  # lessons are written, then their images planned, then drawn
            planned += outputs[place]["images"]
            drawn += outputs[place + 1 :]
    assert any(count["written"] and count["remaining"] for count in drawn)
    assert planned == sum(count["written"] for count in drawn)
    assert planned == len([name for name in author.objects(made.course_id) if name.startswith("images/")])


def test_the_files_of_a_course_are_downloaded_as_they_are_stored(author: Somebody, made: Run) -> None:
    files = {file["name"]: file for file in author.get(f"/courses/{made.course_id}")["files"]}
    places = {name: name for name in LESSONS.values()} | {name.removeprefix("book/"): name for name in BOOKS}
    places["course.zip"] = "download/course.zip"
    assert set(files) == set(places)
    for name, file in files.items():
        stored = author.stored(made.course_id, places[name])
        answer = httpx.get(file["url"], trust_env=False)
        assert (answer.status_code, answer.content) == (200, stored["Body"])
        assert answer.headers["content-type"] == file["contentType"]
        assert file["bytes"] == len(answer.content)


def test_the_report_knows_every_lesson(author: Somebody, made: Run) -> None:
    report = json.loads(author.text(made.course_id, "validation/report.json"))
    assert [lesson["id"] for lesson in report["lessons"]] == list(LESSONS)
    assert report["totals"]["missing"] == 0


def test_what_functions_log_tells_course_execution_and_unit_and_nothing_that_was_written(
    author: Somebody, made: Run, everything: Run
) -> None:
    logs = author.platform.client("logs")
    lines = [
        json.loads(line)
        for function in COURSES.functions
        for event in logs.filter_log_events(logGroupName=f"/aws/lambda/aurora-local-{function}")["events"]
        for line in event["message"].splitlines()
        if line.startswith("{")
    ]
    assert {line["execution"].rpartition("-")[0] for line in lines} == {line["course_id"] for line in lines}
    told = {line["service"] for line in lines if line["execution"] == everything.execution_id}
    assert told == set(COURSES.functions)
    own = [line for line in lines if line["execution"] == made.execution_id]
    assert {line["unit"] for line in own if line.get("State") == "written"} == set(made.states)
    assert [line["CoursesFinished"] for line in own if line.get("Outcome") == "complete"] == [1]
    assert {line["Environment"] for line in own if "_aws" in line} == {"aurora-local"}
    paragraph = max(author.text(made.course_id, LESSONS["01-01"]).split("\n"), key=len)
    assert len(paragraph) > 50
    assert paragraph not in json.dumps(own)


def test_a_second_run_generates_nothing_and_says_so_and_a_forced_one_everything(author: Somebody) -> None:
    first = author.course(OUTLINE, modules=(1, 2))
    before = author.objects(first.course_id)
    assert first.states == {id_: "written" for id_ in LESSONS if id_ < "03"}
    book = json.loads(author.text(first.course_id, "book/book.json"))
    written = [lesson["id"] for module in book["modules"] for lesson in module["lessons"]]
    assert written == [id_ for id_ in LESSONS if id_ < "03"]

    again = author.course(OUTLINE, first.course_id, modules=(2, 1))
    assert again.execution_id == f"{first.course_id}-2"
    assert again.outcome == "complete"
    assert again.states == {id_: "skipped" for id_ in LESSONS if id_ < "03"}
    assert again.view["units"][0]["words"] == first.view["units"][0]["words"]
    assert not changed(before, author.objects(first.course_id)) & set(generated(before))

    forced = author.course(OUTLINE, first.course_id, modules=(2,), force=True)
    assert forced.execution_id == f"{first.course_id}-3"
    assert forced.states == {"02-01": "written"}
    rewritten = changed(before, author.objects(first.course_id)) & set(LESSONS.values())
    assert rewritten == {LESSONS["02-01"]}


def test_a_run_resumes_with_what_is_missing(author: Somebody) -> None:
    first = author.course(OUTLINE, modules=(3,))
    before = author.objects(first.course_id)
    s3, prefix = author.platform.client("s3"), f"users/{author.owner}/courses/{first.course_id}/"
    s3.delete_object(Bucket=author.platform.buckets["content"], Key=prefix + LESSONS["03-02"])
    s3.delete_object(Bucket=author.platform.buckets["content"], Key=prefix + "images/03-01-0001.png")

    again = author.course(OUTLINE, first.course_id, modules=(3,))
    assert (again.outcome, again.states) == ("complete", {"03-01": "skipped", "03-02": "written"})
    after = author.objects(first.course_id)
    assert set(before) <= set(after)
    assert set(generated(changed(before, after))) == {LESSONS["03-02"], "images/03-01-0001.png"}


def test_more_modules_are_added_to_the_book_that_exists(author: Somebody) -> None:
    first = author.course(OUTLINE, modules=(2,))
    more = author.course(OUTLINE, first.course_id)
    assert more.states == {id_: "skipped" if id_ == "02-01" else "written" for id_ in LESSONS}
    book = json.loads(author.text(first.course_id, "book/book.json"))
    assert [lesson["id"] for module in book["modules"] for lesson in module["lessons"]] == list(LESSONS)


def test_a_module_that_the_outline_does_not_have_starts_nothing(author: Somebody) -> None:
    upload = author.upload(OUTLINE)
    refused = author.ask(
        "POST", f"/courses/{upload.course_id}/executions", {"uploadId": upload.upload_id, "modules": [2, 7]}
    )
    assert refused.status_code == 400
    assert "7" in refused.json()["detail"]
    assert f"{upload.course_id}-1" not in executions(author.platform)


def test_the_largest_course_and_one_of_a_hundred_modules_stay_far_below_the_limits_of_the_workflow() -> None:
    with real_platform() as author:
        run = author.course(outline(LARGEST))
        assert (run.outcome, run.view["total"], len(run.states)) == ("complete", 42, 42)
        assert run.view["percent"] == 100
        images = [name for name in author.objects(run.course_id) if name.startswith("images/")]
        assert len(images) == 168
        parent = history(author.platform, run.execution_id)
        children = histories_of_children(author.platform, run.execution_id)
        hundred = author.course(outline([1] * 100), content="labs")  # no lessons: their images would take long
        assert (hundred.outcome, len(hundred.states)) == ("complete", 100)
        assert len(histories_of_children(author.platform, hundred.execution_id)) == 100
        of_hundred = history(author.platform, hundred.execution_id)
        small = [author.course(outline([1]), content=content) for content in ("theory", "labs")]
        of_lesson, of_lab = (history(author.platform, one.execution_id) for one in small)
    largest = max(len(text) for events in (parent, *children) for event in events for text in payloads(event))
    assert largest < PAYLOAD_BYTES / 20, largest
    # The embedded AWS records calls, AWS also what lies between them: at most ten events for a call (state entered and
    # exited, task scheduled, started and ended, the choice after it). A child costs its parent none: the Map's own are
    # five. So the parent of a course has as many events as it has states, whatever its size.
    calls = [sum(event["type"] == "TaskScheduled" for event in events) for events in (parent, *children)]
    assert len(calls) == 1 + 15
    assert max(calls) * 10 < HISTORY_EVENTS / 100, calls
    assert (len(parent), len(of_hundred)) == (len(of_lesson), len(of_lab))
    assert max(len(parent), len(of_hundred)) < HISTORY_EVENTS / 100
    largest = max(len(text) for event in of_hundred for text in payloads(event))
    assert largest < PAYLOAD_BYTES / 4, largest


def most_at_once(author: Somebody, run: Run) -> int:
    """How many child executions of a run were under way at the same time, at most."""
    running = most = 0
    moments = [
        (moment, change)
        for events in histories_of_children(author.platform, run.execution_id)
        for moment, change in ((events[0]["timestamp"], 1), (events[-1]["timestamp"], -1))
    ]
    for _, change in sorted(moments):  # of what happens at one moment, ends first
        running += change
        most = max(most, running)
    return most


def task_outputs(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What each function answered, in the order of the answers."""
    succeeded = (event for event in events if event["type"] == "TaskSucceeded")
    return [json.loads(event["taskSucceededEventDetails"]["output"])["Payload"] for event in succeeded]


def payloads(event: dict[str, Any]) -> list[str]:
    """Every input and output that an event tells of."""
    details = (value for name, value in event.items() if name.endswith("EventDetails"))
    return [detail[name] for detail in details for name in ("input", "output", "parameters") if detail.get(name)]


def changed(before: dict[str, str], after: dict[str, str]) -> set[str]:
    """The names of objects that are new, or written anew."""
    return {name for name, version in after.items() if before.get(name) != version}


def generated(names: Iterable[str]) -> list[str]:
    """The lessons and images among the names of a course's objects: what costs."""
    return [name for name in names if name.startswith(("lessons/", "images/"))]
