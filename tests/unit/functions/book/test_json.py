from __future__ import annotations

import json

from functions.book.json import write_json
from functions.book.model import assemble
from tests.unit.functions.book.examples import outline, png


def test_a_book_tells_its_lessons_images_and_what_is_missing() -> None:
    text = "# A\n\nOne two.\n\n[VISUAL: 01-01-0001 - Map]\n\n[VISUAL: 01-01-0002 - Plan]\n"
    book = assemble(outline(modules=1), {"01-01": text}, {"01-01-0001": png()}, {"01-02": "No quota."})
    told = json.loads(write_json(book))
    first, second = told["modules"][0]["lessons"]
    assert (told["course"]["title"], told["course"]["language"]) == ("A course", "en")
    assert (first["id"], first["markdown"], first["words"]) == ("01-01", text, book.words)
    assert [image["file"] for image in first["images"]] == ["images/01-01-0001.png", None]
    assert (second["markdown"], second["reason"]) == (None, "No quota.")
    assert told["missing"] == [{"id": "01-02", "title": "Another lesson", "reason": "No quota."}]
    assert told["imagesMissing"] == 1
