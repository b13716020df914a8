from __future__ import annotations

from functions.outline.batches import batches, lab_batches
from functions.outline.selection import labs
from tests.support.outlines import course


def test_seven_modules_of_six_lessons_are_fourteen_batches_of_three() -> None:
    planned = batches(course(*[6] * 7), None, 3)
    assert len(planned) == 14
    assert planned[1] == {
        "module_number": 1,
        "batch_index": 2,
        "total_batches": 2,
        "batch_start_idx": 3,
        "batch_end_idx": 6,
        "lessons": [4, 5, 6],
    }


def test_a_module_that_does_not_divide_evenly_ends_with_a_smaller_batch() -> None:
    assert len(batches(course(7, 6, 6, 6, 6, 6, 5), None, 3)) == 15
    last = batches(course(7), None, 3)[-1]
    assert (last["batch_start_idx"], last["batch_end_idx"], last["total_batches"]) == (6, 7, 3)


def test_only_chosen_modules_have_batches_in_the_order_of_the_outline() -> None:
    assert [batch["module_number"] for batch in batches(course(1, 1, 1), [3, 1], 3)] == [1, 3]


def test_lessons_that_alone_are_asked_for_keep_the_place_of_their_batch() -> None:
    kept = batches(course(7, 2), None, 3, {(1, 4), (1, 6), (2, 1), (3, 1)})
    assert [(batch["module_number"], batch["batch_index"], batch["lessons"]) for batch in kept] == [
        (1, 2, [4, 6]),
        (2, 1, [1]),
    ]
    assert (kept[0]["total_batches"], kept[0]["batch_start_idx"], kept[0]["batch_end_idx"]) == (3, 3, 6)
    assert batches(course(7), None, 3, set()) == []


def test_batches_of_labs_stay_within_their_module() -> None:
    runs = lab_batches(labs(course(3, 1)), 2)
    assert runs == [
        {"module_number": 1, "batch_index": 1, "labs": [1, 2]},
        {"module_number": 1, "batch_index": 2, "labs": [3]},
        {"module_number": 2, "batch_index": 1, "labs": [1]},
    ]
    assert lab_batches([], 2) == []
