"""Signing in to a platform, and staying signed in."""

from __future__ import annotations

from collections.abc import Callable, Generator

import httpx
import pytest

from aurora.errors import PlatformLost, SignInFailed
from client.session import Session
from tests.support.fake_api import EMAIL, PASSWORD, FakePlatform


@pytest.fixture
def http() -> Generator[httpx.Client]:
    with httpx.Client() as client:
        yield client


def session(http: httpx.Client, url: str, chosen: str = "", now: Callable[[], float] = lambda: 0.0) -> Session:
    return Session(http, url, "client", choose_password=lambda: chosen, now=now)


def test_the_right_password_gives_a_token_that_the_platform_accepts(http: httpx.Client, platform: FakePlatform) -> None:
    signed_in = session(http, platform.url)
    signed_in.sign_in(EMAIL, PASSWORD)
    assert signed_in.token() in platform.valid_tokens


def test_a_wrong_password_is_a_sentence(http: httpx.Client, platform: FakePlatform) -> None:
    with pytest.raises(SignInFailed, match="the e-mail address or the password is wrong"):
        session(http, platform.url).sign_in(EMAIL, "guess")


def test_the_first_sign_in_asks_for_a_password_of_ones_own(http: httpx.Client, platform: FakePlatform) -> None:
    platform.must_choose_password = True
    signed_in = session(http, platform.url, chosen="Long-Enough-1")
    signed_in.sign_in(EMAIL, PASSWORD)
    assert platform.sign_ins == ["USER_PASSWORD_AUTH", "RespondToAuthChallenge"]
    assert signed_in.token() in platform.valid_tokens


def test_a_chosen_password_that_breaks_the_rules_is_a_sentence(http: httpx.Client, platform: FakePlatform) -> None:
    platform.must_choose_password = True
    with pytest.raises(SignInFailed, match="does not meet the platform's rules"):
        session(http, platform.url, chosen="short").sign_in(EMAIL, PASSWORD)


def test_a_token_is_kept_until_a_minute_before_it_ends(http: httpx.Client, platform: FakePlatform) -> None:
    time = [0.0]
    signed_in = session(http, platform.url, now=lambda: time[0])
    signed_in.sign_in(EMAIL, PASSWORD)
    first = signed_in.token()
    time[0] = platform.token_seconds - 61.0
    assert signed_in.token() == first
    time[0] = platform.token_seconds - 59.0
    assert signed_in.token() != first
    assert platform.sign_ins == ["USER_PASSWORD_AUTH", "REFRESH_TOKEN_AUTH"]


def test_a_step_that_only_the_site_offers_is_named(http: httpx.Client, platform: FakePlatform) -> None:
    platform.sign_in = lambda operation, body: (200, {"ChallengeName": "SOFTWARE_TOKEN_MFA"})
    with pytest.raises(SignInFailed, match="SOFTWARE_TOKEN_MFA"):
        session(http, platform.url).sign_in(EMAIL, PASSWORD)


def test_a_platform_that_is_not_there_is_a_sentence(http: httpx.Client) -> None:
    with pytest.raises(PlatformLost, match="does not answer"):
        session(http, "http://127.0.0.1:9/").sign_in(EMAIL, PASSWORD)
