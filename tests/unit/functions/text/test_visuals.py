from __future__ import annotations

import json

import pytest

from functions.text.visuals import VisualTag, image_prompts, numbered, visual_tags


@pytest.mark.parametrize(
    ("written", "description"),
    [
        ("[VISUAL: 01-02-0001 - A field]", "A field"),
        ("[VISUAL: 07-09-0042 - A field]", "A field"),
        ("[visual: A field]", "A field"),
        ("[ VISUAL : 1 — A field ]", "A field"),
        ("[VISUAL: MM-LL-0001 - A field]", "A field"),
        ("[VISUAL: 3: A field]", "A field"),
        ("[VISUAL: 3 fields - and a barn]", "3 fields - and a barn"),
        ("[VISUAL: An array a[0] of fields]", "An array a(0) of fields"),
        ("[VISUAL: 01-02-0001]", "Soil"),
        ("[VISUAL: ]", "Soil"),
    ],
)
def test_tags_are_numbered_however_they_were_written(written: str, description: str) -> None:
    assert numbered(f"Text.\n\n{written}\n", "01-02", "Soil") == f"Text.\n\n[VISUAL: 01-02-0001 - {description}]\n"


def test_tags_are_numbered_in_the_order_of_the_text() -> None:
    text = "[VISUAL: 4 - A] and [VISUAL: 4 - B]\n[VISUAL: C]"
    assert [tag.id for tag in visual_tags(numbered(text, "11-02", ""))] == ["11-02-0001", "11-02-0002", "11-02-0003"]


def test_tags_in_code_are_code() -> None:
    text = "```\n[VISUAL: 01-02-0009 - code]\n```\nand `[VISUAL: 01-02-0008 - code]`\n[VISUAL: 01-02-0001 - A field]"
    assert numbered(text, "01-02", "Soil") == text
    assert visual_tags(text) == [VisualTag("01-02-0001", "A field", 5)]


def test_other_brackets_are_left_alone() -> None:
    text = "[VISUALS: many] [a link](http://example.com) [x] [VISUAL unfinished\n- [ ] a task"
    assert numbered(text, "01-02", "Soil") == text


def test_prompts_say_what_is_to_be_drawn_and_do_not_depend_on_the_order_of_tags() -> None:
    tags = [VisualTag("01-02-0001", "A field", 3), VisualTag("01-02-0002", "A barn", 9)]
    prompts = image_prompts("01-02", "Soil", "es", tags)
    assert {name: value for name, value in prompts.items() if name != "images"} == {
        "lesson": "01-02",
        "title": "Soil",
        "language": "es",
    }
    assert [(image["id"], image["description"]) for image in prompts["images"]] == [
        ("01-02-0001", "A field"),
        ("01-02-0002", "A barn"),
    ]
    assert all(part in prompts["images"][0]["prompt"] for part in ("Soil", "'es'", "A field"))
    assert json.dumps(prompts) == json.dumps(image_prompts("01-02", "Soil", "es", tags[::-1]))


def test_an_id_that_repeats_is_drawn_once_as_it_first_says() -> None:
    tags = [VisualTag("01-02-0001", "A field", 3), VisualTag("01-02-0001", "A barn", 9)]
    assert [image["description"] for image in image_prompts("01-02", "Soil", "es", tags)["images"]] == ["A field"]
