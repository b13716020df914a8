from __future__ import annotations

from functions.book.model import assemble
from functions.text.labels import ENGLISH, GERMAN, labels_for
from tests.unit.functions.book.examples import book_of, outline, png


def test_a_lesson_without_text_is_missing_with_its_reason() -> None:
    book = assemble(outline(modules=1), {"01-01": "# A\n\ntext"}, reasons={"01-02": "The model declined."})
    assert [(lesson.id, lesson.reason) for lesson in book.missing] == [("01-02", "The model declined.")]


def test_a_book_has_the_modules_asked_for_and_those_begun_before() -> None:
    book = assemble(outline(modules=4), {"03-01": "# A\n\ntext"}, requested=[1])
    assert [module.number for module in book.modules] == [1, 3]
    assert book.omitted == ((2, "Module title 2"), (4, "Module title 4"))


def test_without_a_choice_of_modules_a_book_has_all() -> None:
    assert [module.number for module in assemble(outline(modules=3), {}).modules] == [1, 2, 3]


def test_a_file_that_is_no_whole_png_counts_as_no_image() -> None:
    text = "".join(f"[VISUAL: 01-01-000{number} - Figure]\n\n" for number in range(1, 6))
    damaged = bytearray(png())
    damaged[45] ^= 1
    files = {
        "01-01-0001": png(),
        "01-01-0002": png()[:-9],
        "01-01-0003": b"\xff\xd8\xff JPEG",
        "01-01-0004": bytes(damaged),
        "01-01-0005": b"",
    }
    book = book_of(text, images=files)
    assert set(book.images) == {"01-01-0001"}
    assert book.visuals_without_image == 4


def test_an_image_knows_its_size_in_pixels() -> None:
    image = book_of("", images={"01-01-0001": png(30, 20)}).images["01-01-0001"]
    assert (image.width, image.height) == (30, 20)


def test_titles_become_one_line_that_can_be_encoded() -> None:
    book = assemble(outline(title="A\ntitle \ud800 with\x00 controls"), {})
    assert book.title == "A title with controls"


def test_a_language_is_known_by_its_tag_and_by_its_name() -> None:
    languages = {said: assemble(outline(language=said), {}).language for said in ("es-MX", "Español", "PT_br", "??")}
    assert languages == {"es-MX": "es", "Español": "es", "PT_br": "pt", "??": "en"}


def test_a_language_without_labels_is_answered_in_english() -> None:
    assert labels_for("fi") is ENGLISH
    assert labels_for("de") is GERMAN


def test_a_duration_reads_in_hours_and_minutes() -> None:
    assert assemble(outline(), {}).duration == "1 h 30 min"
