from __future__ import annotations

from functions.slides.settings import ImagesGenSettings, PptGeneratorSettings


def test_images_gen_reads_its_models_and_how_much_a_call_may_ask_for() -> None:
    variables = {
        "BUCKET": "b",
        "PROGRESS_TABLE": "p",
        "MODELS": "{}",
        "IMAGES_PER_CALL": "24",
        "IMAGE_SECONDS": "60",
    }
    assert ImagesGenSettings.read(variables) == ImagesGenSettings("b", "p", "{}", 24, 60.0)


def test_ppt_generator_reads_where_lessons_lie_and_where_progress_is_told() -> None:
    assert PptGeneratorSettings.read({"BUCKET": "b", "PROGRESS_TABLE": "p"}) == PptGeneratorSettings("b", "p")
