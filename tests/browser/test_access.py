"""Pages of somebody else's try in Chromium what they can do to a local platform's embedded AWS: nothing.

tests/local/test_access.py proves the same of single requests. Here the browser decides which requests a page can make
it send, with which headers, and what the page may read of the answers.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from aurora.local.platform import LocalPlatform
from aurora.testing.calls import sign_in
from tests.browser.conftest import ARGUMENTS, PATIENCE
from tests.local.conftest import copy_of_probe
from tests.support.parts import chromium as chromium_path

REFUSED = (400, 403)  # services of JSON answer 400
UNREADABLE = "TypeError: Failed to fetch"
FUNCTION = {
    "FunctionName": "evil",
    "Runtime": "python3.11",
    "Handler": "evil.handler",
    "Role": "arn:aws:iam::000000000000:role/probe-functions",
    "Code": {"ZipFile": "UEsFBgAAAAAAAAAAAAAAAAAAAAAAAA=="},
}
CREATE_USER = {"Action": "CreateUser", "UserName": "evil", "Version": "2010-05-08"}
CREATE_USER_QUERY = "&".join(f"{name}={value}" for name, value in CREATE_USER.items())
PRIVATE, PUBLIC, SCRIPT, IMAGE = "private.txt", "public.txt", "public.js", "public.svg"
OBJECTS = {
    PRIVATE: ("text/plain", "a private text"),
    PUBLIC: ("text/plain", "a public text"),
    SCRIPT: ("text/javascript", "window.ran = true"),
    IMAGE: ("image/svg+xml", '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'),
}

# What the attacks are made of. {bucket} stands for the name of the bucket that holds courses.
REQUESTS = {
    "create a function": ("POST", "/2015-03-31/functions", json.dumps(FUNCTION)),
    "create a user": ("POST", f"/?{CREATE_USER_QUERY}", None),
    "reset": ("POST", "/_ministack/reset", None),
    "delete an object": ("DELETE", f"/{{bucket}}/{PRIVATE}", None),
    "overwrite an object": ("PUT", f"/{{bucket}}/{PRIVATE}", "other text"),
    "list functions": ("GET", "/2015-03-31/functions/", None),
    "list objects": ("GET", "/{bucket}?list-type=2", None),
    "read an object": ("GET", f"/{{bucket}}/{PRIVATE}", None),
    "read a public object": ("GET", f"/{{bucket}}/{PUBLIC}", None),
    "read the state": ("GET", "/_ministack/health", None),
}
FETCH = """async ([url, options]) => {
    try {
        const answer = await fetch(url, options);
        return `${answer.type} ${answer.status} ${await answer.text()}`;
    } catch (error) {
        return String(error);
    }
}"""
SUBMIT = """([action, enctype, fields, file]) => {
    const form = Object.assign(document.createElement("form"), { method: "post", action, enctype });
    for (const [name, value] of Object.entries(fields)) {
        form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
    }
    if (file) {
        const chosen = new DataTransfer();
        chosen.items.add(new File([file], "evil.txt"));
        const { files } = chosen;
        form.append(Object.assign(document.createElement("input"), { type: "file", name: "file", files }));
    }
    document.body.append(form);
    form.submit();
}"""
EMBED = """([tag, src]) => new Promise((done) => {
    const element = document.createElement(tag);
    element.onload = () => done("loaded");
    element.onerror = () => done("refused");
    element.src = src;
    document.body.append(element);
})"""
CONNECT = """(url) => new Promise((done) => {
    const socket = new WebSocket(url);
    socket.onopen = () => done("open");
    socket.onerror = () => done("refused");
})"""


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalPlatform]:
    """A platform of the small program, with objects in its bucket: one is private, everybody may read the others."""
    project = copy_of_probe(tmp_path_factory.mktemp("platform"))
    with LocalPlatform(project=project, watch=False, announce=False) as running:
        s3, bucket = running.client("s3"), running.buckets["content"]
        for key, (content_type, text) in OBJECTS.items():
            s3.put_object(Bucket=bucket, Key=key, Body=text.encode(), ContentType=content_type)
        public = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject"}
        public["Resource"] = f"arn:aws:s3:::{bucket}/public.*"
        s3.delete_public_access_block(Bucket=bucket)
        s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": [public]}))
        yield running


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Chromium with somebody else's DNS, whose names lead to this machine."""
    names = "--host-resolver-rules=MAP evil.example 127.0.0.1, MAP rebound.example 127.0.0.1"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=[*ARGUMENTS, names])
        yield browser
        browser.close()


class _Pages(BaseHTTPRequestHandler):
    """Answers every path with an empty page; /sandboxed with one whose origin is ``null``."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        if self.path == "/sandboxed":
            self.send_header("Content-Security-Policy", "sandbox allow-scripts allow-forms")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>page</title><body>")

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing."""


@pytest.fixture(scope="module")
def foreign_port() -> Iterator[int]:
    """The port of a server that has nothing to do with the platform."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Pages) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield server.server_port
        server.shutdown()


@pytest.fixture
def foreign(chromium: Browser) -> Iterator[Page]:
    """An empty page. What its console says is the attacker's business."""
    context = chromium.new_context()
    context.set_default_timeout(PATIENCE)
    yield context.new_page()
    context.close()


@pytest.fixture(
    params=["127.0.0.1:{port}/", "evil.example:{port}/", "127.0.0.1:{port}/sandboxed"],
    ids=["another port", "another name", "no origin"],
)
def attacker(foreign: Page, foreign_port: int, request: pytest.FixtureRequest) -> Page:
    """A page of somebody else's: of another port of this machine, of another name, of no origin."""
    foreign.goto(f"http://{request.param.format(port=foreign_port)}")
    return foreign


def contents(platform: LocalPlatform) -> dict[str, Any]:
    """What is there; ClientError if what must be there is not."""
    s3, tables = platform.client("s3"), platform.client("dynamodb").list_tables()["TableNames"]
    keys = [each["Key"] for each in s3.list_objects_v2(Bucket=platform.buckets["content"])["Contents"]]
    return {
        "functions": {each["FunctionName"] for each in platform.client("lambda").list_functions()["Functions"]},
        "users": {each["UserName"] for each in platform.client("iam").list_users()["Users"]},
        "tables": set(tables),
        "objects": {
            key: s3.get_object(Bucket=platform.buckets["content"], Key=key)["Body"].read().decode() for key in keys
        },
    }


@pytest.fixture(scope="module")
def as_it_was(platform: LocalPlatform) -> dict[str, Any]:
    """What is there before the first attack."""
    return contents(platform)


def fetched(page: Page, url: str, **options: Any) -> str:
    """What the page learns of the answer: its type, status and text, or an error."""
    return page.evaluate(FETCH, [url, options])


# The second is preflighted, the first is sent at once; neither is asked about in the mode no-cors.
@pytest.mark.parametrize("headers", [{}, {"Content-Type": "application/json"}], ids=["simple", "preflighted"])
def test_a_fetch_reads_and_changes_nothing(
    attacker: Page, platform: LocalPlatform, as_it_was: dict[str, Any], headers: dict[str, str]
) -> None:
    read: dict[str, str] = {}
    blind: dict[str, str] = {}
    for attack, (method, path, body) in REQUESTS.items():
        url = platform.endpoint + path.format(bucket=platform.buckets["content"])
        read[attack] = fetched(attacker, url, method=method, body=body, headers=headers)
        if method in ("GET", "POST"):  # a browser sends no other without asking
            blind[attack] = fetched(attacker, url, method=method, body=body, headers=headers, mode="no-cors")
    assert read == dict.fromkeys(read, UNREADABLE)
    assert blind == dict.fromkeys(blind, "opaque 0 ")
    assert contents(platform) == as_it_was


def test_a_page_whose_name_was_rebound_to_the_emulator_reads_and_changes_nothing(
    foreign: Page, platform: LocalPlatform, as_it_was: dict[str, Any]
) -> None:
    origin = f"http://rebound.example:{urlsplit(platform.endpoint).port}"
    opened = foreign.goto(origin)
    assert opened is not None
    assert opened.status == 421
    assert foreign.evaluate("origin") == origin  # so it may read its answers
    for attack, (method, path, body) in REQUESTS.items():
        answer = fetched(foreign, origin + path.format(bucket=platform.buckets["content"]), method=method, body=body)
        assert answer.startswith("basic 421 "), attack
        assert "This server does not have that name." in answer, attack
    target = {"X-Amz-Target": "DynamoDB_20120810.ListTables"}
    assert fetched(foreign, origin, method="POST", body="{}", headers=target).startswith("basic 421 ")
    assert contents(platform) == as_it_was


@pytest.mark.parametrize(
    ("enctype", "path", "fields", "file"),
    [
        ("application/x-www-form-urlencoded", "/", CREATE_USER, ""),
        ("application/x-www-form-urlencoded", "/_ministack/reset", {}, ""),
        # A field of this name and value is sent as a JSON object: name=value.
        ("text/plain", "/2015-03-31/functions", {json.dumps(FUNCTION)[:-1] + ', "Description": "': '"}'}, ""),
        ("multipart/form-data", "/{bucket}", {"key": PRIVATE}, "other text"),
    ],
    ids=["create a user", "reset", "create a function", "overwrite an object"],
)
def test_a_form_changes_nothing(
    attacker: Page,
    platform: LocalPlatform,
    as_it_was: dict[str, Any],
    enctype: str,
    path: str,
    fields: dict[str, str],
    file: str,
) -> None:
    url = platform.endpoint + path.format(bucket=platform.buckets["content"])
    with attacker.expect_response(url) as response:
        attacker.evaluate(SUBMIT, [url, enctype, fields, file])
    assert response.value.status in REFUSED
    assert contents(platform) == as_it_was


@pytest.mark.parametrize(
    ("tag", "path"),
    [
        ("script", f"/{{bucket}}/{SCRIPT}"),
        ("img", f"/{{bucket}}/{IMAGE}"),
        ("img", f"/?{CREATE_USER_QUERY}"),
    ],
    ids=["run a public script", "show a public image", "create a user"],
)
def test_an_element_loads_and_changes_nothing(
    attacker: Page, platform: LocalPlatform, as_it_was: dict[str, Any], tag: str, path: str
) -> None:
    url = platform.endpoint + path.format(bucket=platform.buckets["content"])
    with attacker.expect_request(url):
        assert attacker.evaluate(EMBED, [tag, url]) == "refused"
    assert attacker.evaluate("window.ran") is None
    assert contents(platform) == as_it_was


@pytest.mark.parametrize("key", [PRIVATE, PUBLIC])
def test_a_frame_and_a_tab_show_the_refusal(attacker: Page, platform: LocalPlatform, key: str) -> None:
    url = f"{platform.endpoint}/{platform.buckets['content']}/{key}"
    attacker.evaluate(EMBED, ["iframe", url])
    (frame,) = attacker.main_frame.child_frames
    shown = [frame.content()]
    with attacker.expect_navigation(url=url):
        attacker.evaluate("url => { location.href = url; }", url)
    shown.append(attacker.content())
    attacker.goto(url)  # as if somebody had typed it
    shown.append(attacker.content())
    for text in shown:
        assert "AccessDenied" in text
        assert OBJECTS[key][1] not in text


@pytest.fixture(scope="module")
def socket_url(platform: LocalPlatform) -> str:
    """The address of a WebSocket API, which would open if the guard let a socket through."""
    gateway = platform.client("apigatewayv2")
    api = gateway.create_api(Name="sockets", ProtocolType="WEBSOCKET", RouteSelectionExpression="$request.body.action")[
        "ApiId"
    ]
    gateway.create_stage(ApiId=api, StageName="live")
    return f"ws://{urlsplit(platform.endpoint).netloc}/_aws/execute-api/{api}/live"


def test_a_websocket_does_not_open(attacker: Page, socket_url: str) -> None:
    assert attacker.evaluate(CONNECT, socket_url) == "refused"


def test_a_websocket_of_the_sites_own_page_does_not_open(
    foreign: Page, platform: LocalPlatform, socket_url: str
) -> None:
    foreign.goto(platform.site)
    assert foreign.evaluate(CONNECT, socket_url) == "refused"


def call_of_the_api(platform: LocalPlatform) -> dict[str, Any]:
    """What the author's page fetches with, and is preflighted for."""
    headers = {"Authorization": f"Bearer {sign_in(platform)}", "Content-Type": "application/json"}
    return {"method": "POST", "headers": headers, "body": "{}"}


def test_the_sites_own_page_calls_the_api(page: Page, platform: LocalPlatform) -> None:
    page.goto(platform.site)
    assert fetched(page, f"{platform.api}/echo", **call_of_the_api(platform)).startswith("cors 200 ")


def test_a_token_is_of_no_use_to_another_page(attacker: Page, platform: LocalPlatform) -> None:
    assert fetched(attacker, f"{platform.api}/echo", **call_of_the_api(platform)) == UNREADABLE


def test_the_site_opened_as_localhost_goes_to_the_origin_that_the_api_allows(
    page: Page, platform: LocalPlatform
) -> None:
    page.goto(f"{platform.site.replace('127.0.0.1', 'localhost')}/?a=b%20c#/new")
    assert page.url == f"{platform.site}/?a=b%20c#/new"
    assert page.title() == "probe"
    assert fetched(page, f"{platform.api}/echo", **call_of_the_api(platform)).startswith("cors 200 ")


def test_the_site_is_no_page_of_a_name_that_was_rebound_to_it(foreign: Page, platform: LocalPlatform) -> None:
    opened = foreign.goto(f"http://rebound.example:{urlsplit(platform.site).port}/")
    assert opened is not None
    assert (opened.status, opened.text()) == (421, "Unknown host.\n")
