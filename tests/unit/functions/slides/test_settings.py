from __future__ import annotations

from functions.slides.settings import ImagesGenSettings


def test_images_gen_reads_its_bucket_and_how_many_images_a_call_draws() -> None:
    assert ImagesGenSettings.read({"BUCKET": "b", "IMAGES_PER_CALL": "24"}) == ImagesGenSettings("b", 24)
