"""Nobody but the person who runs a local platform reaches its embedded AWS: no other user of the machine, no web page,
and no program that lacks the session's secret. The platform serves on loopback, where everybody may connect."""

from __future__ import annotations

import base64
import datetime
import hashlib
import http.client
import json
import os
import shutil
import socket
import stat
import subprocess
import sys
from collections.abc import Generator
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx
import pytest

from aurora.local.credentials import Credentials
from aurora.local.platform import LocalPlatform
from aurora.local.scripts.worker import TOKEN_HEADER
from aurora.testing.calls import invoke, sign_in
from tests.support.embedded_aws import signed
from tests.support.processes import started_by
from tests.support.somebody import wait_until

LIST_FUNCTIONS = "/2015-03-31/functions/"
REFUSED = (400, 403)  # services of JSON answer 400
STRANGER = Path(__file__).with_name("stranger.py")


@pytest.fixture(scope="module")
def http_client() -> Generator[httpx.Client]:
    with httpx.Client(trust_env=False) as client:
        yield client


def ask(platform: LocalPlatform, http: httpx.Client, key: Credentials, path: str = LIST_FUNCTIONS) -> httpx.Response:
    """A request to Lambda, unless another path is named, that is signed with a key."""
    url = platform.endpoint + path
    return http.get(url, headers=signed(key, "GET", url, service="lambda"))


def test_the_sessions_own_key_is_answered(platform: LocalPlatform, http_client: httpx.Client) -> None:
    answer = ask(platform, http_client, platform.credentials)
    assert answer.status_code == 200
    assert "probe-echo" in answer.text


@pytest.mark.parametrize("key_id", ["own", "test", "000000000000", "999999999999", "AKIAIOSFODNN7EXAMPLE"])
def test_a_key_id_opens_nothing_without_its_secret(
    platform: LocalPlatform, http_client: httpx.Client, key_id: str
) -> None:
    known = platform.credentials.access_key_id if key_id == "own" else key_id
    answer = ask(platform, http_client, Credentials(known, "test"))
    assert answer.status_code == 403
    assert "probe-echo" not in answer.text


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "AWS4-HMAC-SHA256 Credential=/20261127/us-east-1/lambda/aws4_request"},
        {"Authorization": "AWS4-HMAC-SHA256 Credential=test/20261127/us-east-1/lambda/aws4_request, "
                          "SignedHeaders=host, Signature=00"},
        {"Authorization": "AWS test:c2lnbmF0dXJl"},
        {"Authorization": "Bearer test"},
        {"Authorization": "Basic dGVzdDp0ZXN0"},
        {"X-Amz-Target": "AWSCognitoIdentityProviderService.InitiateAuth"},
    ],
    ids=["unsigned", "without key", "without signature", "version 2", "bearer", "basic", "as if signing in"],
)  # fmt: skip
def test_what_is_not_signed_is_refused(
    platform: LocalPlatform, http_client: httpx.Client, headers: dict[str, str]
) -> None:
    assert http_client.get(platform.endpoint + LIST_FUNCTIONS, headers=headers).status_code in REFUSED


NOT_VERIFIED = "Credential=a/20260101/us-east-1/{service}/aws4_request, SignedHeaders=host, Signature=00"


@pytest.mark.parametrize("scheme", ["Bearer", "Basic", "AWS4-HMAC-SHA256", "AWS4-ECDSA-P256-SHA256", "x"])
@pytest.mark.parametrize(
    "path", ["/", "/_aws/execute-api/x", "/_aws/execute-api/", "/_aws/execute-api//x", "/x/.well-known/jwks.json",
             "/{pool}/.well-known/jwks.json", "/_ministack/health", "/v2/x/blobs/y"]
)  # fmt: skip
@pytest.mark.parametrize("method", ["GET", "POST", "HEAD"])
def test_what_looks_like_something_unsigned_reaches_no_service(
    platform: LocalPlatform, http_client: httpx.Client, scheme: str, path: str, method: str
) -> None:
    """MiniStack takes the service and the caller from an Authorization of any scheme, and asks for no signature."""
    url = platform.endpoint + path.format(pool=platform.user_pool_id)
    user = f"evil-{method}-{scheme}-{path.count('/')}"
    form = {"Action": "CreateUser", "UserName": user, "Version": "2010-05-08"}
    authorization = f"{scheme} {NOT_VERIFIED.format(service='iam')}"
    answers = [
        http_client.request(method, url, params=form, headers={"Authorization": authorization}),
        http_client.request(method, url, data=form, headers={"Authorization": authorization}),
        http_client.request(method, url, params=form, data=form),
        http_client.request(
            method,
            url,
            content=b"{}",
            headers={
                "Authorization": f"{scheme} {NOT_VERIFIED.format(service='dynamodb')}",
                "X-Amz-Target": "DynamoDB_20120810.ListTables",
            },
        ),
    ]
    assert [answer.status_code for answer in answers if answer.status_code < 400] == []
    users = platform.client("iam").list_users()["Users"]
    assert not any(each["UserName"].startswith("evil") for each in users)


def test_the_key_that_is_verified_is_the_one_that_counts(platform: LocalPlatform, http_client: httpx.Client) -> None:
    """A function that names the root user's key beside its own stays in its role."""
    key, secret, token = role_credentials(platform)
    url = platform.endpoint + LIST_FUNCTIONS
    headers = signed(Credentials(key, secret), "GET", url, service="lambda", X_Amz_Security_Token=token)
    assert http_client.get(url, headers=headers).status_code == 403
    for known in ("test", platform.credentials.access_key_id):
        both = headers["Authorization"].replace(
            "Credential=", f"Credential={known}/20260101/us-east-1/lambda/aws4_request, Credential=", 1
        )
        assert http_client.get(url, headers={**headers, "Authorization": both}).status_code == 403


def test_a_signature_covers_the_body(platform: LocalPlatform, http_client: httpx.Client) -> None:
    url, target = f"{platform.endpoint}/", "DynamoDB_20120810.ListTables"
    headers = signed(
        platform.credentials, "POST", url, b"{}", service="dynamodb", X_Amz_Target=target, **{"Content_Type": "a/b"}
    )
    assert http_client.post(url, content=b"{}", headers=headers).status_code == 200
    assert http_client.post(url, content=b'{"Limit": 1}', headers=headers).status_code in REFUSED
    assert http_client.post(f"{url}?a=b", content=b"{}", headers=headers).status_code in REFUSED


@pytest.mark.parametrize("path", ["/_ministack/reset", "/_ministack/config", "/_ministack/ready", "/_aws/ses/messages"])
def test_the_emulators_own_administration_is_the_sessions_alone(
    platform: LocalPlatform, http_client: httpx.Client, path: str
) -> None:
    for method in ("GET", "POST"):
        assert http_client.request(method, platform.endpoint + path).status_code == 403
    role = Credentials(*role_credentials(platform)[:2])
    assert ask(platform, http_client, role, path).status_code == 403
    assert "probe-echo" in ask(platform, http_client, platform.credentials).text  # nothing was reset


def test_health_keys_and_sign_in_are_for_everybody(platform: LocalPlatform, http_client: httpx.Client) -> None:
    for path in ("/_ministack/health", f"/{platform.user_pool_id}/.well-known/jwks.json"):
        assert http_client.get(platform.endpoint + path).status_code == 200
    headers = {
        "X-Amz-Target": "AWSCognitoIdentityProviderService.InitiateAuth",
        "Content-Type": "application/x-amz-json-1.1",
    }
    parameters = {"USERNAME": platform.email, "PASSWORD": "a wrong one"}
    body = {"ClientId": platform.client_id, "AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": parameters}
    answer = http_client.post(platform.endpoint, json=body, headers=headers)
    assert (answer.status_code, answer.json()["__type"]) == (400, "NotAuthorizedException")
    headers["X-Amz-Target"] = "AWSCognitoIdentityProviderService.AdminCreateUser"
    assert http_client.post(platform.endpoint, json=body, headers=headers).status_code in REFUSED


@pytest.mark.parametrize(
    "host", ["rebound.example", "rebound.example:{port}", "127.0.0.1", "localhost:1", "[::1]:{port}"]
)
def test_a_name_that_somebody_elses_dns_points_here_is_refused(platform: LocalPlatform, host: str) -> None:
    address = urlsplit(platform.endpoint)
    for path in ("/_ministack/health", LIST_FUNCTIONS):
        connection = http.client.HTTPConnection(str(address.hostname), address.port)
        connection.request("GET", path, headers={"Host": host.format(port=address.port)})
        assert connection.getresponse().status == 421
        connection.close()


def test_pages_of_the_site_alone_may_read_answers(platform: LocalPlatform, http_client: httpx.Client) -> None:
    site, url = platform.site, f"{platform.endpoint}/{platform.user_pool_id}/.well-known/jwks.json"
    own = http_client.get(url, headers={"Origin": site})
    assert (own.status_code, own.headers["Access-Control-Allow-Origin"]) == (200, site)
    for origin in ("http://evil.example", "null", "http://127.0.0.1:1", platform.endpoint, f"{site}.evil.example"):
        refused = http_client.get(url, headers={"Origin": origin})
        preflight = http_client.options(url, headers={"Origin": origin, "Access-Control-Request-Method": "POST"})
        for answer in (refused, preflight):
            assert answer.status_code == 403
            assert "Access-Control-Allow-Origin" not in answer.headers
    assert http_client.get(url, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert "Access-Control-Allow-Origin" not in http_client.get(url).headers


def test_a_page_of_another_origin_does_not_reach_the_api(platform: LocalPlatform, http_client: httpx.Client) -> None:
    headers = {"Authorization": f"Bearer {sign_in(platform)}", "Origin": "http://evil.example"}
    assert http_client.post(f"{platform.api}/echo", json={}, headers=headers).status_code == 403
    headers["Origin"] = platform.site
    assert http_client.post(f"{platform.api}/echo", json={}, headers=headers).status_code == 200


def test_a_websocket_is_refused(platform: LocalPlatform) -> None:
    address = urlsplit(platform.endpoint)
    upgrade = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
               "Sec-WebSocket-Key": base64.b64encode(os.urandom(16)).decode(), "Origin": platform.site}  # fmt: skip
    connection = http.client.HTTPConnection(str(address.hostname), address.port)
    connection.request("GET", "/_aws/execute-api/api/stage", headers=upgrade)
    assert connection.getresponse().status == 403
    connection.close()


def test_a_refresh_token_is_no_bearer(platform: LocalPlatform, http_client: httpx.Client) -> None:
    result = platform.client("cognito-idp").initiate_auth(
        ClientId=platform.client_id,
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": platform.email, "PASSWORD": platform.password},
    )["AuthenticationResult"]

    def status(token: str) -> int:
        return http_client.post(f"{platform.api}/echo", json={}, headers={"Authorization": token}).status_code

    assert status(result["AccessToken"]) == 200
    head, claims, _ = result["AccessToken"].split(".")
    for token in (result["RefreshToken"], f"{head}.{claims}.c2lnbmF0dXJl", f"{head}.{claims}.", "x"):
        assert status(token) == 401


def presigned_url(platform: LocalPlatform, seconds: int) -> str:
    """A URL to get an object by."""
    parameters = {"Bucket": platform.buckets["content"], "Key": "a/file.txt"}
    return platform.client("s3").generate_presigned_url("get_object", Params=parameters, ExpiresIn=seconds)


def test_a_presigned_url_opens_what_it_was_signed_for(platform: LocalPlatform, http_client: httpx.Client) -> None:
    platform.client("s3").put_object(Bucket=platform.buckets["content"], Key="a/file.txt", Body=b"content")
    url = presigned_url(platform, 60)
    assert http_client.get(url).text == "content"
    assert http_client.get(url, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert http_client.get(url, headers={"Origin": platform.site}).text == "content"
    split = urlsplit(url)
    query = dict(parse_qsl(split.query))
    changes: list[tuple[str, str, dict[str, str], str, dict[str, str]]] = [
        ("GET", "/probe-content-000000000000/b/file.txt", query, "another key", {}),
        ("GET", "/", query, "the list of buckets", {}),
        ("PUT", split.path, query, "another method", {}),
        ("GET", split.path, {**query, "X-Amz-Expires": "604800"}, "a later end", {}),
        ("GET", split.path, {**query, "X-Amz-Signature": "0" * 64}, "another signature", {}),
        ("GET", split.path, {**query, "versionId": "1"}, "another version", {}),
        ("GET", split.path, {k: v for k, v in query.items() if k != "X-Amz-Expires"}, "no end", {}),
        ("POST", "/_ministack/reset", query, "administration", {}),
        ("POST", "/", query, "another service", {"X-Amz-Target": "DynamoDB_20120810.ListTables"}),
    ]
    for method, path, changed, what, headers in changes:
        target = f"{platform.endpoint}{path}?{urlencode(changed)}"
        assert http_client.request(method, target, headers=headers).status_code in REFUSED, what


def test_a_presigned_url_ends(
    platform: LocalPlatform, http_client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    an_hour_ago = datetime.datetime.now(datetime.UTC) - datetime.timedelta(hours=1)
    # With the real secret, so that its age is all that is wrong with it.
    with monkeypatch.context() as patch:
        patch.setattr("botocore.auth.get_current_datetime", lambda: an_hour_ago.replace(tzinfo=None))
        stale = presigned_url(platform, seconds=60)
    answer = http_client.get(stale)
    assert (answer.status_code, "expired" in answer.text) == (403, True)


def test_a_form_is_taken_with_a_signed_policy_only(platform: LocalPlatform, http_client: httpx.Client) -> None:
    client = platform.client("s3")
    form = client.generate_presigned_post(
        platform.buckets["content"], "a/form.txt", Conditions=[["content-length-range", 1, 10]]
    )
    file = {"file": ("form.txt", b"content", "text/plain")}

    def status(fields: dict[str, str], **headers: str) -> int:
        return http_client.post(form["url"], data=fields, files=file, headers=headers).status_code

    fields = form["fields"]
    unsigned = {name: value for name, value in fields.items() if not name.lower().startswith("x-amz-")}
    forged = {**fields, "x-amz-signature": "0" * 64}
    elsewhere = {**fields, "key": "b/form.txt"}
    for refused in (unsigned, forged, elsewhere, {"key": "a/form.txt"}):
        assert status(refused) == 403
    assert status(fields, **{"X-Amz-Target": "DynamoDB_20120810.ListTables"}) in REFUSED
    assert status(fields) == 204
    assert client.get_object(Bucket=platform.buckets["content"], Key="a/form.txt")["Body"].read() == b"content"


def test_the_registry_asks_for_the_password_that_ecr_gives(platform: LocalPlatform, http_client: httpx.Client) -> None:
    url = f"{platform.endpoint}/v2/"
    refused = http_client.get(url)
    assert (refused.status_code, refused.headers["WWW-Authenticate"][:5]) == (401, "Basic")
    token = platform.client("ecr").get_authorization_token()["authorizationData"][0]["authorizationToken"]
    assert http_client.get(url, headers={"Authorization": f"Basic {token}"}).status_code == 200
    for guess in ("AWS:ministack-auth-token", "AWS:test", "AWS:", ":"):
        assert http_client.get(url, auth=tuple(guess.split(":"))).status_code == 401  # pyright: ignore[reportArgumentType]
    assert ask(platform, http_client, platform.credentials, "/v2/").status_code == 401


def role_credentials(platform: LocalPlatform) -> tuple[str, str, str]:
    """What a function acts with."""
    answer = invoke(platform, "probe-echo", {"do": "credentials"}).payload
    return answer["ACCESS_KEY_ID"], answer["SECRET_ACCESS_KEY"], answer["SESSION_TOKEN"]


def test_functions_act_in_their_role_and_do_not_have_the_sessions_secret(
    platform: LocalPlatform, http_client: httpx.Client
) -> None:
    seen = invoke(platform, "probe-echo", {"do": "environment"}).payload
    assert platform.credentials.secret_access_key not in json.dumps(seen)
    key, _, token = role_credentials(platform)
    assert key.startswith("ASIA")
    # The emulator's own are computed from the ARNs, which everybody knows.
    digest = hashlib.sha256(
        b"arn:aws:lambda:us-east-1:000000000000:function:probe-echo:arn:aws:iam::000000000000:role/probe-functions"
    ).hexdigest()
    assert key != f"ASIA{digest[:16].upper()}"
    assert token != hashlib.sha256(f"token:{digest}".encode()).hexdigest()


def test_a_stranger_cannot_reset_a_password(http_client: httpx.Client, project: Path) -> None:
    told: list[str] = []
    with LocalPlatform(project=project, watch=False, announce=False, progress=told.append) as running:

        def call(operation: str, **more: str) -> httpx.Response:
            body = {"ClientId": running.client_id, "Username": running.email, **more}
            headers = {
                "X-Amz-Target": f"AWSCognitoIdentityProviderService.{operation}",
                "Content-Type": "application/x-amz-json-1.1",
            }
            return http_client.post(running.endpoint, json=body, headers=headers)

        def confirm(code: str) -> str:
            answer = call("ConfirmForgotPassword", ConfirmationCode=code, Password="Strangers-password-1")
            return "" if answer.status_code == 200 else answer.json()["__type"]

        def code() -> str:
            """The code that the person at the terminal sees."""
            assert call("ForgotPassword").status_code == 200
            seen = len(told)
            wait_until(lambda: "the code for" in told[-1], lambda: str(told[seen:]))
            return told.pop().rpartition(" ")[2]

        assert confirm("654321") == "ExpiredCodeException"
        sent = code()
        for guess in range(5):
            assert confirm(f"x{guess}") == "CodeMismatchException"
        assert confirm(sent) == "ExpiredCodeException"
        assert sign_in(running)
        assert confirm(code()) == ""


def test_a_url_that_a_function_signs_opens_no_more_than_its_role_does(
    platform: LocalPlatform, http_client: httpx.Client
) -> None:
    platform.client("s3").put_object(Bucket=platform.buckets["content"], Key="a/file.txt", Body=b"content")
    url = str(invoke(platform, "probe-echo", {"do": "sign", "key": "a/file.txt"}).payload)
    assert urlsplit(url).netloc == urlsplit(platform.endpoint).netloc
    assert http_client.get(url).status_code == 403


def test_a_role_allows_what_its_policy_says(platform: LocalPlatform) -> None:
    assert invoke(platform, "probe-echo", {"do": "table"}).payload == "put"
    refused = invoke(platform, "probe-echo", {"do": "list tables"}).payload
    assert "AccessDeniedException" in refused["errorMessage"]


def test_a_workers_events_are_handed_to_the_worker_alone(platform: LocalPlatform) -> None:
    invoke(platform, "probe-echo", {})
    ports = listening(platform.emulator_pid) - {urlsplit(platform.endpoint).port}
    assert ports
    for port in ports:
        for headers in ({}, {TOKEN_HEADER: ""}, {TOKEN_HEADER: "0" * 64}):
            for method, path in (("GET", "invocation/next"), ("POST", "init/error"), ("POST", "invocation/1/response")):
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
                connection.request(method, f"/2018-06-01/runtime/{path}", b"{}", headers=headers)
                assert connection.getresponse().status == 403
                connection.close()
    assert invoke(platform, "probe-echo", {"still": "there"}).error == ""


def listening(pid: int) -> set[int]:
    """The TCP ports on which a process listens."""
    inodes = {os.readlink(link) for link in Path(f"/proc/{pid}/fd").iterdir() if link.is_symlink()}
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return {int(row[1].partition(":")[2], 16) for row in rows if row[3] == "0A" and f"socket:[{row[9]}]" in inodes}


needs_second_user = pytest.mark.skipif(
    os.name == "nt" or os.geteuid() != 0 or shutil.which("setpriv") is None,
    reason="only root can act as another user (setpriv)",
)


@needs_second_user
def test_another_user_of_this_machine_can_do_nothing(platform: LocalPlatform, project: Path) -> None:
    """What an attack did: create a function, which ran as the developer, and read a private file with it."""
    invoke(platform, "probe-echo", {})
    ports = sorted(listening(platform.emulator_pid))
    command = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", sys.executable, "-I", "-"]
    done = subprocess.run(
        [*command, platform.endpoint, platform.credentials.access_key_id, *map(str, ports)],
        input=STRANGER.read_text(),
        capture_output=True,
        text=True,
        cwd="/",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    outcome = json.loads(done.stdout)
    assert outcome["user"] == 65534
    assert outcome["tried"] > 20
    assert outcome["succeeded"] == []


@needs_second_user
def test_another_user_can_read_nothing_that_a_platform_writes(tmp_path: Path, project: Path) -> None:
    data = tmp_path / "data"
    with LocalPlatform(data, project=project, watch=False) as running:
        invoke(running, "probe-echo", {})
        running.client("s3").put_object(Bucket=running.buckets["content"], Key="private", Body=b"text")
        private = [data, project / ".aurora" / "run", project / ".aurora" / "local.json"]
        logs = list((project / ".aurora").rglob("emulator.log"))
        assert logs
        for path in [*private, *logs]:
            mode = stat.S_IMODE(path.stat().st_mode)
            assert mode == (0o700 if path.is_dir() else 0o600), path
        secrets = (running.credentials.secret_access_key, running.password)
        for pid in [running.emulator_pid, *started_by(running.emulator_pid, "worker.py")]:
            shown = Path(f"/proc/{pid}/cmdline").read_text()
            assert not any(secret in shown for secret in secrets)
    (kept,) = (project / ".aurora").glob("emulator.log")
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


def test_nothing_listens_beyond_this_machine(platform: LocalPlatform) -> None:
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    ports = listening(platform.emulator_pid)
    addresses = {socket.inet_ntoa(bytes.fromhex(row[1][:8])[::-1]) for row in rows
                 if row[3] == "0A" and int(row[1].partition(":")[2], 16) in ports}  # fmt: skip
    assert addresses == {"127.0.0.1"}
