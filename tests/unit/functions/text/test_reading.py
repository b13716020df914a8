from __future__ import annotations

from functions.text.reading import lesson_tokens, visual

TAG = "[VISUAL: 01-02-0003 - A plan]"


def shape(markdown: str) -> list[str]:
    return [token.type for token in lesson_tokens(markdown) if token.nesting >= 0]


def test_the_title_is_not_part_of_the_text() -> None:
    assert shape("# Title\n\nText") == ["paragraph_open", "inline"]


def test_a_second_title_is_a_section() -> None:
    tags = [token.tag for token in lesson_tokens("# Title\n\n# Other\n\n## Section") if token.type == "heading_open"]
    assert tags == ["h2", "h2"]


def test_a_figure_divides_its_paragraph() -> None:
    assert shape(f"Before {TAG} after") == ["paragraph_open", "inline", "visual", "paragraph_open", "inline"]


def test_a_figure_alone_leaves_no_empty_paragraph() -> None:
    assert shape(TAG) == ["visual"]


def test_a_figure_tells_its_id_and_description() -> None:
    [token] = lesson_tokens(TAG)
    assert (visual(token).id, visual(token).description) == ("01-02-0003", "A plan")


def test_figures_in_headings_emphasis_and_tables_follow_them() -> None:
    assert shape(f"## Heading {TAG}") == ["heading_open", "inline", "visual"]
    assert shape(f"*so {TAG}*") == ["paragraph_open", "inline", "visual"]
    assert shape(f"| a |\n|---|\n| {TAG} |\n\nText")[-3:] == ["visual", "paragraph_open", "inline"]


def test_a_tag_in_code_is_code() -> None:
    assert "visual" not in shape(f"`{TAG}`\n\n```\n{TAG}\n```\n")


def test_items_to_tick_off_show_a_box_and_code_stays_as_it_is() -> None:
    tokens = lesson_tokens("- [ ] open\n- [x] done\n- `[ ] code`\n- [VISUAL: 01-01-0001 - a figure]\n")
    shown = [child.content for token in tokens for child in token.children or []]
    assert shown == ["☐ open", "☑ done", "[ ] code"]
