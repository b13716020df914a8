from __future__ import annotations

import httpx
import pytest

from aurora.runtime.errors import NotFound, TooLarge
from aurora.runtime.objects import ObjectStore
from functions.courses.paths import CoursePaths, is_id, new_id
from functions.outline.units import LAB, LESSON, SLIDES

COURSE = "0123456789abcdef0123456789abcdef"
PATHS = CoursePaths("owner-1", COURSE)


@pytest.fixture
def store(bucket: str) -> ObjectStore:
    return ObjectStore(bucket)


def test_everything_of_a_course_lies_under_its_owner_and_id() -> None:
    keys = [
        PATHS.outline(COURSE),
        PATHS.unit(LESSON, 1, 12, "the-bowline"),
        PATHS.prompt(1, 12),
        PATHS.image("01-12-0003"),
        PATHS.book("pdf"),
        PATHS.unit(LAB, 1, 2, "a-knot"),
        PATHS.lab_plan(1),
        PATHS.lab_master_plan,
        PATHS.lab_book("docx"),
        PATHS.unit(SLIDES, 1, 0, "knots"),
        PATHS.archive,
        PATHS.report,
    ]
    assert PATHS.prefix == f"users/owner-1/courses/{COURSE}/"
    assert [key.removeprefix(PATHS.prefix) for key in keys] == [
        f"outline/{COURSE}.yaml",
        "lessons/module-01-lesson-12-the-bowline.md",
        "prompts/module-01-lesson-12.json",
        "images/01-12-0003.png",
        "book/book.pdf",
        "labguide/module-01-lab-02-a-knot.md",
        "labguide/plan-module-01.json",
        "labguide/lab-master-plan.json",
        "book/lab-book.docx",
        "slides/module-01-knots.pptx",
        "download/course.zip",
        "validation/report.json",
    ]


@pytest.mark.parametrize("course_id", ["", "..", f"{COURSE}/x", COURSE.upper(), COURSE[:-1]])
def test_an_id_that_was_never_made_here_names_no_course(course_id: str) -> None:
    with pytest.raises(NotFound, match="Course not found"):
        CoursePaths("owner-1", course_id)


@pytest.mark.parametrize("owner", ["", "a/b", "ñ", "a b"])
def test_an_owner_that_could_reach_elsewhere_names_no_course(owner: str) -> None:
    with pytest.raises(NotFound):
        CoursePaths(owner, COURSE)


def test_an_upload_id_that_could_reach_elsewhere_names_no_upload() -> None:
    with pytest.raises(NotFound, match="Upload not found"):
        PATHS.outline("../../x")


def test_fresh_ids_differ_and_have_the_form_of_ids() -> None:
    assert new_id() != new_id()
    assert is_id(new_id())


def test_an_object_is_read_back_with_its_metadata(store: ObjectStore) -> None:
    store.write(PATHS.book("md"), "# Panadería", "text/markdown; charset=utf-8", {"execution": "e-1"})
    assert store.read_text(PATHS.book("md")) == "# Panadería"
    head = store.head(PATHS.book("md"))
    assert head is not None
    assert (head.size, head.metadata) == (12, {"execution": "e-1"})


def test_an_absent_object_is_not_found(store: ObjectStore) -> None:
    assert store.head(PATHS.report) is None
    with pytest.raises(NotFound):
        store.read(PATHS.report)


def test_an_object_over_the_limit_is_refused_and_one_at_the_limit_is_read(store: ObjectStore) -> None:
    store.write(PATHS.report, b"x" * 10, "application/json")
    assert store.read(PATHS.report, max_bytes=10) == b"x" * 10
    with pytest.raises(TooLarge, match="10 bytes; at most 9"):
        store.read(PATHS.report, max_bytes=9)


def test_a_listing_holds_more_than_one_page_in_the_order_of_keys(store: ObjectStore) -> None:
    names = [f"{PATHS.images}{number:04d}.png" for number in range(1003)]
    for name in names:
        store.write(name, b"", "image/png")
    store.write(PATHS.report, b"", "application/json")
    assert [item.key for item in store.list(PATHS.images)] == names


def test_an_upload_form_takes_up_to_its_limit_and_nothing_larger(store: ObjectStore) -> None:
    form = store.upload_form(PATHS.outline(COURSE), 100, "application/yaml")

    def upload(content: bytes) -> int:
        return httpx.post(form["url"], data=form["fields"], files={"file": ("o.yaml", content)}).status_code

    assert upload(b"x" * 101) == 400
    assert store.head(PATHS.outline(COURSE)) is None
    assert upload(b"x" * 100) in (200, 204)
    assert store.read(PATHS.outline(COURSE)) == b"x" * 100


def test_a_download_url_serves_the_object_under_a_file_name(store: ObjectStore) -> None:
    store.write(PATHS.book("md"), "# Book", "text/markdown")
    answer = httpx.get(store.download_url(PATHS.book("md"), "book.md", "text/markdown; charset=utf-8"))
    assert answer.text == "# Book"
    assert answer.headers["content-disposition"] == 'attachment; filename="book.md"'
    assert answer.headers["content-type"] == "text/markdown; charset=utf-8"
