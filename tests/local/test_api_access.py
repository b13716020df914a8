"""Who may do what through the API of the real program, and that at most one execution of a course runs."""

from __future__ import annotations

import base64
import json
import threading
import time
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from aurora.local.platform import LocalPlatform
from client.api import ApiRefusal, Started
from functions.courses.records import CourseRecord, CourseRecords
from functions.outline.limits import MAX_OUTLINE_BYTES
from functions.progress.records import iso_now
from tests.local.real import real_platform
from tests.support.courses import run_options
from tests.support.embedded_aws import signed
from tests.support.outlines import BROKEN
from tests.support.somebody import FILE, PASSWORD, Run, Somebody, executions

OUTLINE = b"""\
title: One small thing
modules:
  - title: Alone
    lessons:
      - {title: The only lesson, duration_minutes: 1}
"""
SOME_COURSE = "0123456789abcdef" * 2
ROUTES = [
    ("GET", "/courses"),
    ("POST", "/courses"),
    ("GET", f"/courses/{SOME_COURSE}"),
    ("POST", f"/courses/{SOME_COURSE}/executions"),
    ("GET", f"/courses/{SOME_COURSE}/units/01-01"),
    ("GET", f"/executions/{SOME_COURSE}-1"),
    ("POST", f"/executions/{SOME_COURSE}-1/cancel"),
]
route = pytest.mark.parametrize(("method", "path"), ROUTES, ids=[f"{method} {path}" for method, path in ROUTES])


@pytest.fixture(scope="module")
def author() -> Generator[Somebody]:
    # Slow enough that whoever starts a course a second time finds it running.
    with real_platform({"aurora:sampleSecondsPerLesson": "1"}) as author:
        yield author


@pytest.fixture(scope="module")
def stranger(author: Somebody) -> Somebody:
    return Somebody(author.platform, author.http, "stranger@example.com")


@pytest.fixture(scope="module")
def course(author: Somebody) -> Run:
    """A course of the author's that is complete."""
    return author.course(OUTLINE)


@pytest.fixture(scope="module")
def tokens(author: Somebody) -> dict[str, str]:
    """Tokens that must not open anything, by what is wrong with them."""
    header, payload, signature = author.token.split(".")
    elsewhere = token_of_another_pool(author.platform)
    claims = json.loads(base64.urlsafe_b64decode(payload + "=="))
    unsigned = {"alg": "none", "kid": json.loads(base64.urlsafe_b64decode(header + "=="))["kid"]}
    return {
        "no token": "",
        "garbage": "Bearer nothing.of.this",
        "no token at all": "Bearer",
        "signed by another user pool": f"Bearer {elsewhere}",
        "signed with another pool's key": f"Bearer {header}.{payload}.{elsewhere.split('.')[2]}",
        "somebody else's claims": f"Bearer {header}.{encoded(claims | {'sub': SOME_COURSE})}.{signature}",
        "unsigned": f"Bearer {encoded(unsigned)}.{payload}.",
        "expired": f"Bearer {expired_token(author)}",
        "of another client": f"Bearer {token_of_another_client(author)}",
    }


@route
@pytest.mark.parametrize(
    "fault",
    [
        "no token",
        "garbage",
        "no token at all",
        "signed by another user pool",
        "signed with another pool's key",
        "somebody else's claims",
        "unsigned",
        "expired",
        "of another client",
    ],
)
def test_without_a_valid_token_of_this_platform_no_route_answers(
    author: Somebody, tokens: dict[str, str], method: str, path: str, fault: str
) -> None:
    headers = {"Authorization": tokens[fault]} if tokens[fault] else {}
    answer = author.http.request(method, author.platform.api + path, headers=headers)
    assert (answer.status_code, answer.json()) == (401, {"message": "Unauthorized"})


def test_a_session_whose_token_has_ended_goes_on_with_a_new_one(author: Somebody) -> None:
    with tokens_that_have_ended(author):
        late = Somebody(author.platform, author.http)
    assert late.owner == author.owner
    assert late.get("/courses").keys() == {"courses"}


def test_a_stranger_cannot_tell_anothers_course_from_one_that_does_not_exist(
    author: Somebody, stranger: Somebody, course: Run
) -> None:
    assert author.get(f"/courses/{course.course_id}")["courseId"] == course.course_id
    assert author.get(f"/executions/{course.execution_id}")["outcome"] == "complete"

    def refusals(course_id: str) -> list[tuple[int, str, str]]:
        asked = [
            stranger.ask("GET", f"/courses/{course_id}"),
            stranger.ask("GET", f"/executions/{course_id}-1"),
            stranger.ask("POST", f"/executions/{course_id}-1/cancel", {}),
            stranger.ask("POST", "/courses", {"courseId": course_id}),
            stranger.ask("POST", f"/courses/{course_id}/executions", {"uploadId": None}),
            stranger.ask("POST", f"/courses/{course_id}/executions", {"uploadId": SOME_COURSE}),
        ]
        return [(answer.status_code, answer.headers["content-type"], answer.text) for answer in asked]

    assert author.get(f"/courses/{course.course_id}/units/01-01")["html"]
    assert stranger.ask("GET", f"/courses/{course.course_id}/units/01-01").status_code == 404
    others, absent = refusals(course.course_id), refusals(SOME_COURSE)
    assert others == absent
    assert [status for status, _, _ in others] == [404] * 6
    assert {kind for _, kind, _ in others} == {"application/problem+json"}


def test_a_strangers_start_with_anothers_upload_starts_nothing(author: Somebody, stranger: Somebody) -> None:
    upload = author.upload(OUTLINE)
    before = executions(author.platform)
    refused = stranger.ask("POST", f"/courses/{upload.course_id}/executions", {"uploadId": upload.upload_id})
    assert refused.status_code == 404
    assert executions(author.platform) == before


def test_everybody_lists_only_their_own_courses(author: Somebody, stranger: Somebody, course: Run) -> None:
    own = stranger.course(OUTLINE)
    assert [listed["courseId"] for listed in stranger.get("/courses")["courses"]] == [own.course_id]
    authors = [listed["courseId"] for listed in author.get("/courses")["courses"]]
    assert course.course_id in authors
    assert own.course_id not in authors
    assert stranger.owner != author.owner


@route
def test_a_browser_may_call_from_the_sites_origin_and_from_no_other(author: Somebody, method: str, path: str) -> None:
    def allowed(origin: str) -> dict[str, str]:
        headers = {
            "Origin": origin,
            "Access-Control-Request-Method": method,
            "Access-Control-Request-Headers": "authorization,content-type",
        }
        answer = author.http.options(author.platform.api + path, headers=headers)
        return {name: value for name, value in answer.headers.items() if name.startswith("access-control-")}

    site = author.platform.site
    granted = allowed(site)
    assert granted["access-control-allow-origin"] == site
    assert method in granted["access-control-allow-methods"]
    assert {"authorization", "content-type"} <= set(granted["access-control-allow-headers"].split(","))
    for other in ("https://evil.example", f"{site}.evil.example", "null"):
        assert "access-control-allow-origin" not in allowed(other)


@pytest.mark.parametrize("size", [0, MAX_OUTLINE_BYTES + 1, 10_000_000])
def test_an_upload_is_refused_by_its_size_before_it_is_stored(author: Somebody, size: int) -> None:
    upload = author.api.upload(FILE)
    assert upload.max_bytes == MAX_OUTLINE_BYTES
    with pytest.raises(ApiRefusal):
        author.api.send(upload, FILE, b"#" * size)
    assert author.objects(upload.course_id) == {}
    with pytest.raises(ApiRefusal) as refused:
        author.api.start(upload, {})
    assert refused.value.status == 404


def test_an_upload_of_the_largest_size_is_accepted(author: Somebody) -> None:
    upload = author.api.upload(FILE)
    author.api.send(upload, FILE, OUTLINE + b"#" * (MAX_OUTLINE_BYTES - len(OUTLINE)))
    assert list(author.objects(upload.course_id)) == [f"outline/{upload.upload_id}.yaml"]


def test_a_form_uploads_to_its_own_key_only(author: Somebody, stranger: Somebody, course: Run) -> None:
    form = stranger.api.upload(FILE)
    own, others = f"users/{stranger.owner}/", f"users/{author.owner}/"
    before = author.objects(course.course_id)
    outline = next(name for name in before if name.startswith("outline/"))
    for key in (
        form.fields["key"].replace(own, others),
        f"{others}courses/{course.course_id}/{outline}",
        f"{form.fields['key']}.html",
        f"{own}${{filename}}",
    ):
        answer = stranger.http.post(form.url, data=form.fields | {"key": key}, files={"file": (FILE, OUTLINE)})
        assert answer.status_code == 403, key
    without = {name: value for name, value in form.fields.items() if name not in ("policy", "x-amz-signature")}
    assert stranger.http.post(form.url, data=without, files={"file": (FILE, OUTLINE)}).status_code >= 400
    assert author.objects(course.course_id) == before
    assert stranger.objects(form.course_id) == {}


@pytest.mark.parametrize("path", BROKEN, ids=[path.stem for path in BROKEN])
def test_a_broken_outline_is_explained_line_by_line_and_starts_nothing(author: Somebody, path: Path) -> None:
    outline = path.read_bytes()
    before = executions(author.platform)
    upload = author.api.upload(FILE)
    if not outline:
        with pytest.raises(ApiRefusal):  # an empty file is refused by its size
            author.api.send(upload, FILE, outline)
        return
    author.api.send(upload, FILE, outline)
    answer = author.ask("POST", f"/courses/{upload.course_id}/executions", {"uploadId": upload.upload_id})
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    problems = answer.json()["problems"]
    lines = outline.decode("utf-8", "replace").splitlines() or [""]
    assert problems
    for problem in problems:
        assert set(problem) == {"line", "column", "message", "hint"}
        assert 1 <= problem["line"] <= len(lines) + 1
        assert problem["column"] >= 1
        assert problem["message"]
    assert "Traceback" not in answer.text
    assert executions(author.platform) == before
    assert author.stored(upload.course_id, f"outline/{upload.upload_id}.yaml")["Body"] == outline
    assert len(author.objects(upload.course_id)) == 1
    assert author.ask("GET", f"/courses/{upload.course_id}").status_code == 404


def test_an_unquoted_colon_is_told_at_its_place_with_how_to_mend_it(author: Somebody) -> None:
    upload = author.upload(b"title: Course: the second part\nmodules: []\n")
    answer = author.ask("POST", f"/courses/{upload.course_id}/executions", {"uploadId": upload.upload_id}).json()
    first = answer["problems"][0]
    assert (first["line"], first["column"]) == (1, 14)
    assert "quote" in first["hint"].lower()


def test_a_broken_outline_leaves_the_course_that_exists_as_it_was(author: Somebody, course: Run) -> None:
    before, known = author.objects(course.course_id), author.get(f"/courses/{course.course_id}")
    broken = author.upload(b"modules: 7\n", course.course_id)
    answer = author.ask("POST", f"/courses/{course.course_id}/executions", {"uploadId": broken.upload_id})
    assert answer.status_code == 422
    after = author.objects(course.course_id)
    assert after.pop(f"outline/{broken.upload_id}.yaml")
    assert after == before
    now = author.get(f"/courses/{course.course_id}")
    assert {**now, "files": ""} == {**known, "files": ""}
    assert now["executionId"] == course.execution_id


def test_two_simultaneous_starts_make_one_execution(author: Somebody) -> None:
    upload = author.upload(OUTLINE)
    ready = threading.Barrier(2)

    def start(_: int) -> Started:
        ready.wait()
        return author.api.start(upload, {})

    with ThreadPoolExecutor(2) as threads:
        started = list(threads.map(start, range(2)))
    assert sorted(one.joined for one in started) == [False, True]
    assert {one.execution_id for one in started} == {f"{upload.course_id}-1"}
    assert [name for name in executions(author.platform) if name.startswith(upload.course_id)] == [
        f"{upload.course_id}-1"
    ]
    assert author.wait_for(started[0].execution_id).outcome == "complete"


def test_a_start_joins_what_runs_and_begins_the_next_attempt_after_it(author: Somebody) -> None:
    upload = author.upload(OUTLINE)
    first = author.api.start(upload, {})
    joined = author.start(OUTLINE, upload.course_id, force=True)
    assert (first.joined, joined.joined, joined.execution_id) == (False, True, first.execution_id)
    assert author.wait_for(first.execution_id).states == {"01-01": "written"}
    second = author.course(OUTLINE, upload.course_id)
    third = author.course(OUTLINE, upload.course_id)
    names = [first.execution_id, second.execution_id, third.execution_id]
    assert names == [f"{upload.course_id}-{attempt}" for attempt in (1, 2, 3)]
    assert sorted(name for name in executions(author.platform) if name.startswith(upload.course_id)) == names
    # An earlier attempt can still be looked at.
    assert author.get(f"/executions/{first.execution_id}")["outcome"] == "complete"


@pytest.mark.parametrize(("age", "joined", "attempt"), [(300, False, 5), (0, True, 4)])
def test_the_marker_of_a_start_that_died_is_joined_while_fresh_and_taken_over_once_stale(
    author: Somebody, age: int, joined: bool, attempt: int
) -> None:
    upload = author.upload(OUTLINE)
    marker = CourseRecord(
        owner=author.owner,
        course_id=upload.course_id,
        title="One small thing",
        language="en",
        created_at=iso_now(),
        outline_key=upload.fields["key"],
        modules=1,
        lessons=1,
        labs=1,
        attempt=4,
        execution=f"{upload.course_id}-4",
        started_at=time.time() - age,
        request=run_options(),
        units=1,
    )
    assert CourseRecords("aurora-local-courses", author.platform.client("dynamodb")).claim(marker, 0)
    started = author.api.start(upload, {})
    assert (started.joined, started.execution_id) == (joined, f"{upload.course_id}-{attempt}")
    shown = author.get(f"/executions/{started.execution_id}")
    assert shown["status"] == "RUNNING"
    if not joined:
        assert author.wait_for(started.execution_id).outcome == "complete"


def test_a_request_that_says_what_nobody_reads_is_refused(author: Somebody) -> None:
    upload = author.upload(OUTLINE)
    path = f"/courses/{upload.course_id}/executions"
    for body in (
        {"uploadId": upload.upload_id, "module": [1]},
        {"uploadId": upload.upload_id, "model": "openai"},
        {"uploadId": upload.upload_id, "modules": []},
        ["uploadId"],
    ):
        answer = author.ask("POST", path, body)
        assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json"), body
    assert f"{upload.course_id}-1" not in executions(author.platform)


def encoded(claims: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()


def token_of(platform: LocalPlatform, client_id: str, email: str, password: str) -> str:
    answer = platform.client("cognito-idp").initiate_auth(
        ClientId=client_id,
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": email, "PASSWORD": password},
    )
    return answer["AuthenticationResult"]["AccessToken"]


def token_of_another_pool(platform: LocalPlatform) -> str:
    """A token of the local author's e-mail address, by a user pool that is not the platform's."""
    cognito = platform.client("cognito-idp")
    pool = cognito.create_user_pool(PoolName="elsewhere", UsernameAttributes=["email"])["UserPool"]["Id"]
    cognito.admin_create_user(UserPoolId=pool, Username=platform.email, MessageAction="SUPPRESS")
    cognito.admin_set_user_password(UserPoolId=pool, Username=platform.email, Password=PASSWORD, Permanent=True)
    return token_of(platform, client_of(platform, pool), platform.email, PASSWORD)


def token_of_another_client(author: Somebody) -> str:
    """A token of the platform's own user pool, given to a client that the API does not know."""
    platform = author.platform
    return token_of(platform, client_of(platform, platform.user_pool_id), platform.email, platform.password)


def client_of(platform: LocalPlatform, pool: str) -> str:
    answer = platform.client("cognito-idp").create_user_pool_client(
        UserPoolId=pool, ClientName="another", ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"]
    )
    return answer["UserPoolClient"]["ClientId"]


def expired_token(author: Somebody) -> str:
    """A token of the author's by the right pool, for the right client, that had ended when it was signed."""
    platform = author.platform
    with tokens_that_have_ended(author):
        return token_of(platform, platform.client_id, platform.email, platform.password)


@contextmanager
def tokens_that_have_ended(author: Somebody) -> Generator[None]:
    """For as long as it lasts, the site's client gets access tokens that have ended already."""
    platform = author.platform

    def call(operation: str, **more: object) -> dict[str, Any]:
        # Not by boto3: it knows that AWS has no such validity.
        body = {"UserPoolId": platform.user_pool_id, "ClientId": platform.client_id, **more}
        content, url = json.dumps(body, default=str).encode(), f"{platform.endpoint}/"
        target = f"AWSCognitoIdentityProviderService.{operation}"
        headers = signed(platform.credentials, "POST", url, content, service="cognito-idp", X_Amz_Target=target)
        return author.http.post(url, content=content, headers=headers).raise_for_status().json()

    settings = call("DescribeUserPoolClient")["UserPoolClient"]
    call("UpdateUserPoolClient", **{**settings, "AccessTokenValidity": -1})
    try:
        yield
    finally:
        call("UpdateUserPoolClient", **settings)
