from __future__ import annotations

import pytest

from functions.text.tidy import tidy_lesson


def tidy(answer: str) -> str:
    return tidy_lesson(answer, "Soil", "01-02")


def test_a_lesson_that_is_as_it_should_be_stays_so() -> None:
    lesson = "# Soil\n\nText.\n\n## Clay\n\n[VISUAL: 01-02-0001 - A field]\n\nMore.\n"
    assert tidy(lesson) == lesson


@pytest.mark.parametrize("title", ["# Another title", "# Soil #", "Another title\n=====", "   # Soil"])
def test_the_title_is_the_outlines(title: str) -> None:
    assert tidy(f"{title}\n\nText.\n\n## Clay\n") == "# Soil\n\nText.\n\n## Clay\n"


def test_a_lesson_without_a_title_gets_it() -> None:
    assert tidy("Text.\n\n## Clay") == "# Soil\n\nText.\n\n## Clay\n"


def test_sections_written_as_titles_move_down_a_level() -> None:
    assert tidy("# Soil\n\n# Clay\n\n## Wet\n\n###### Deep\n") == "# Soil\n\n## Clay\n\n### Wet\n\n###### Deep\n"


def test_a_title_that_is_not_the_first_heading_is_a_section() -> None:
    assert tidy("## Before\n\n# Clay\n") == "# Soil\n\n### Before\n\n## Clay\n"


@pytest.mark.parametrize("opening", ["```markdown\n# Soil", "~~~md\n# Soil", "```\n# Soil"])
def test_a_fence_around_the_whole_answer_is_taken_off(opening: str) -> None:
    answer = f"{opening}\n\nText.\n\n```python\nx = 1\n```\n\nEnd.\n{opening[:3]}"
    assert tidy(answer) == "# Soil\n\nText.\n\n```python\nx = 1\n```\n\nEnd.\n"


def test_a_code_block_at_the_beginning_and_one_at_the_end_enclose_nothing() -> None:
    answer = "```python\nx = 1\n```\n\nText.\n\n```python\ny = 2\n```"
    assert tidy(answer) == f"# Soil\n\n{answer}\n"


def test_code_blocks_are_not_touched() -> None:
    code = "```bash\n# Not a title\n====\n[VISUAL: 9 - not a tag]\n## Module\n```"
    nested = "1. Do this:\n\n      ~~~\n      # Not a title either\n      ~~~"
    assert tidy(f"# Soil\n\n# Part\n\n{code}\n\n{nested}\n") == f"# Soil\n\n## Part\n\n{code}\n\n{nested}\n"


def test_line_ends_and_control_characters_are_made_plain() -> None:
    assert tidy("# Soil\r\n\r\nA\x00b\x0bc\tstays\r\n") == "# Soil\n\nAbc\tstays\n"
