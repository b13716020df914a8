"""Cards on the whole platform, on this machine: from the order to the written card."""

import time

import httpx

from aurora.local.platform import LocalPlatform

SECONDS = 60


def test_a_card_that_is_ordered_is_written(api: httpx.Client) -> None:
    assert api.get("/cards/Ada").status_code == 404

    assert api.post("/cards", json={"recipient": "Ada"}).status_code == 202

    deadline = time.monotonic() + SECONDS
    while (card := api.get("/cards/Ada")).status_code == 404:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert card.json() == {"recipient": "Ada", "text": "Hello, Ada!"}


def test_cards_are_for_those_who_are_signed_in(platform: LocalPlatform) -> None:
    assert httpx.get(f"{platform.api}/cards/Ada").status_code == 401
