"""The API's client: what it sends, what it makes of answers, how patient it is."""

from __future__ import annotations

from collections.abc import Callable, Generator

import httpx
import pytest

from aurora.errors import PlatformLost
from client.api import ApiRefusal, CoursesApi
from client.session import Session
from tests.support.fake_api import EMAIL, PASSWORD, FakePlatform, look


class Client:
    """An API client that notes its pauses instead of sleeping."""

    def __init__(self, http: httpx.Client, platform: FakePlatform, lost: Callable[[], bool] = lambda: False) -> None:
        session = Session(http, platform.url, "client", choose_password=str)
        session.sign_in(EMAIL, PASSWORD)
        self.pauses: list[float] = []
        self.api = CoursesApi(http, platform.url, session, patience=10, lost=lost, sleep=self.pauses.append)


@pytest.fixture
def http() -> Generator[httpx.Client]:
    with httpx.Client() as client:
        yield client


def test_an_outline_is_uploaded_byte_for_byte_and_started(http: httpx.Client, platform: FakePlatform) -> None:
    api = Client(http, platform).api
    content = "título: ñ\r\n".encode()
    upload = api.upload("outline.yaml")
    api.send(upload, "outline.yaml", content)
    options = {"modules": [1, 3], "force": True, "lab_model": "sample", "words_per_minute": 60, "budget": 2.5}
    started = api.start(upload, options)
    assert platform.courses == {started.course_id: content}
    assert platform.starts[0] == {
        "uploadId": upload.upload_id,
        "modules": [1, 3],
        "force": True,
        "labModel": "sample",
        "wordsPerMinute": 60,
        "budget": 2.5,
        "courseId": started.course_id,
    }


def test_what_was_not_asked_for_is_left_to_the_platform(http: httpx.Client, platform: FakePlatform) -> None:
    api = Client(http, platform).api
    upload = api.upload("outline.yaml")
    api.send(upload, "outline.yaml", b"-")
    api.start(upload, {})
    assert platform.starts[0].keys() == {"uploadId", "courseId"}


def test_a_look_shows_the_state_of_each_unit_and_why(http: httpx.Client, platform: FakePlatform) -> None:
    platform.looks = [look(["written", "failed"], ["skipped"])]
    execution = Client(http, platform).api.execution("course1-1")
    assert not execution.running
    assert (execution.outcome, execution.content) == ("incomplete", "both")
    assert [(unit.id, unit.there, unit.reason) for unit in execution.units] == [
        ("01-01", True, ""),
        ("01-02", False, "refused"),
        ("lab-01-01", True, ""),
    ]


def test_cancelling_says_whether_there_was_something_to_cancel(http: httpx.Client, platform: FakePlatform) -> None:
    api = Client(http, platform).api
    platform.looks = [look(["writing", "waiting"])]
    assert api.cancel("course1-1")
    platform.looks = [look(["written", "written"])]
    assert not api.cancel("course1-1")
    assert platform.cancels == ["course1-1"]


@pytest.mark.parametrize("fault", [0, 429, 503])
def test_a_passing_fault_is_waited_out(http: httpx.Client, platform: FakePlatform, fault: int) -> None:
    client = Client(http, platform)
    platform.faults = [fault, fault]
    assert client.api.execution("course1-1").outcome == "complete"
    assert client.pauses == [0.25, 0.5]


def test_a_platform_that_stays_away_is_given_up_in_one_sentence(http: httpx.Client, platform: FakePlatform) -> None:
    client = Client(http, platform)
    platform.faults = [0] * 50
    with pytest.raises(PlatformLost, match="does not answer any more"):
        client.api.execution("course1-1")
    assert sum(client.pauses) >= 10


def test_a_platform_whose_process_is_gone_is_not_waited_for(http: httpx.Client, platform: FakePlatform) -> None:
    client = Client(http, platform, lost=lambda: True)
    platform.faults = [0]
    with pytest.raises(PlatformLost):
        client.api.execution("course1-1")
    assert client.pauses == []


def test_a_token_that_ended_early_is_renewed_once(http: httpx.Client, platform: FakePlatform) -> None:
    client = Client(http, platform)
    platform.valid_tokens.clear()
    assert client.api.execution("course1-1").outcome == "complete"
    assert platform.sign_ins[-1] == "REFRESH_TOKEN_AUTH"


def test_a_refusal_carries_its_reason_and_status(http: httpx.Client, platform: FakePlatform) -> None:
    with pytest.raises(ApiRefusal, match="Course not found") as refused:
        Client(http, platform).api.course("somebody-elses")
    assert refused.value.status == 404


def test_an_error_page_of_something_in_between_is_a_sentence_too(http: httpx.Client, platform: FakePlatform) -> None:
    client = Client(http, platform)
    platform.faults = [403]
    with pytest.raises(ApiRefusal, match=r"HTTP 403\): fault"):
        client.api.course("course1")
