"""How long slides take: a module of 200 slides or more, every figure with its image, on this machine.

Run: python -m benchmarks.slides [--out FILE]. The base is python-pptx alone: as many slides of its own template, each
with a title and notes, and the same images. Prints figures; fails nothing.
"""

from __future__ import annotations

import argparse
import io
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pptx
from pptx.util import Inches

from functions.models import LessonBrief
from functions.models.sample import write_lesson
from functions.slides.deck import Deck, DeckLesson, slides_of, write_deck
from functions.slides.drawing import Picture, draw
from functions.text.visuals import visual_tags

LESSONS, WORDS_PER_LESSON, VISUALS = 12, 1_800, 6
SLIDES, AIM_SECONDS = 200, 10.0
Result = TypeVar("Result")


def main() -> None:
    """Make the slides, print the figures; with --out also keep the file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, help="file that gets the slides, such as deck.pptx")
    out: Path | None = parser.parse_args().out

    deck = _deck()
    _timed("plan (part of the whole)", lambda: slides_of(deck))
    (content, count), seconds, cpu = _timed("plan and write", lambda: write_deck(deck))
    _, _, base = _timed("python-pptx alone", lambda: _bare(deck, count))
    print(f"{count} slides, {len(deck.images)} images, {len(content) / 1e6:.1f} MB; {_load()}")
    for_aim = seconds * SLIDES / count
    print(f"{SLIDES} slides: {for_aim:.2f} s, {for_aim / AIM_SECONDS:.2f} of the {AIM_SECONDS:g} s aimed at")
    print(f"{cpu / base:.2f}x python-pptx alone (processor time)")
    if out:
        out.write_bytes(content)


def _deck() -> Deck:
    lessons = tuple(
        DeckLesson(number, f"Lección {number}: de la idea al sistema en producción", _lesson(number))
        for number in range(1, LESSONS + 1)
    )
    tags = [tag for lesson in lessons for tag in visual_tags(lesson.markdown or "")]
    images = {tag.id: draw(Picture(tag.id, "Lección", tag.description, "es")) for tag in tags}
    return Deck("Un curso de tamaño real", "es", 1, "Módulo de muestra", lessons, images=images)


def _lesson(number: int) -> str:
    brief = LessonBrief(
        course_title="Un curso de tamaño real",
        language="es",
        level="",
        module_number=1,
        module_title="Módulo de muestra",
        lesson_number=number,
        lesson_title=f"Lección {number}: de la idea al sistema en producción",
        description="",
        topics=tuple(f"Tema {topic} de la lección" for topic in range(1, 7)),
        objectives=(),
        bloom_level="",
        word_target=WORDS_PER_LESSON,
        visuals=VISUALS,
    )
    return write_lesson(brief)


def _bare(deck: Deck, count: int) -> None:
    presentation = pptx.Presentation()
    images = [*deck.images.values()]
    for number in range(count):
        slide = presentation.slides.add_slide(presentation.slide_layouts[5])
        if slide.shapes.title is not None:
            slide.shapes.title.text = f"Slide {number}"
        if number < len(images):
            slide.shapes.add_picture(io.BytesIO(images[number]), Inches(1), Inches(2), width=Inches(8))
        if frame := slide.notes_slide.notes_text_frame:
            frame.text = "What the slide says."
    presentation.save(io.BytesIO())


def _timed(name: str, work: Callable[[], Result]) -> tuple[Result, float, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    result = work()
    seconds, processor = time.perf_counter() - wall, time.process_time() - cpu
    print(f"{name:26} {seconds:6.2f} s, {processor:6.2f} s of processor time")
    return result, seconds, processor


def _load() -> str:
    """What else ran: on a busy machine the seconds say little."""
    return f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores" if hasattr(os, "getloadavg") else "load unknown"


if __name__ == "__main__":
    main()
