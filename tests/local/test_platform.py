"""A program on the embedded AWS: what its users and its functions see."""

from __future__ import annotations

import base64
import json
import os
import stat
from typing import Any

import httpx
import pytest

from aurora.local import state
from aurora.local.errors import LocalError, ProgramError
from aurora.local.platform import LocalPlatform
from aurora.testing.calls import invoke, sign_in

SECURITY_HEADERS = {"x-content-type-options": "nosniff", "x-frame-options": "SAMEORIGIN"}


def claims(token: str) -> dict[str, Any]:
    part = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def test_the_site_is_served_with_its_declared_types_caching_and_security_headers(platform: LocalPlatform) -> None:
    page = httpx.get(platform.site)
    script = httpx.get(f"{platform.site}/a/1/app.js")

    assert (page.status_code, page.text) == (200, "<!doctype html><title>probe</title>")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert page.headers["cache-control"] == "no-cache"
    assert script.headers["content-type"] == "text/javascript; charset=utf-8"
    assert script.headers["cache-control"] == "public, max-age=31536000, immutable"
    for header, value in SECURITY_HEADERS.items():
        assert page.headers[header] == script.headers[header] == value


def test_an_unchanged_page_is_not_sent_again(platform: LocalPlatform) -> None:
    etag = httpx.get(platform.site).headers["etag"]

    again = httpx.get(platform.site, headers={"If-None-Match": etag})

    assert (again.status_code, again.content) == (304, b"")


def test_a_page_that_does_not_exist_is_not_found(platform: LocalPlatform) -> None:
    assert httpx.get(f"{platform.site}/nothing.html").status_code == 404


def test_a_head_request_has_headers_and_no_body(platform: LocalPlatform) -> None:
    answer = httpx.head(platform.site)

    assert (answer.status_code, answer.content) == (200, b"")
    assert int(answer.headers["content-length"]) == len("<!doctype html><title>probe</title>")


def test_another_sites_name_for_this_address_is_refused(platform: LocalPlatform) -> None:
    assert httpx.get(platform.site, headers={"Host": "evil.example"}).status_code == 421


def test_a_signed_in_author_reaches_a_function_through_the_api(platform: LocalPlatform) -> None:
    token = sign_in(platform)

    answer = httpx.post(
        f"{platform.api}/echo", headers={"Authorization": f"Bearer {token}"}, json={"text": "hola, ¿qué tal?"}
    )

    assert answer.status_code == 200
    assert answer.json() == {"owner": claims(token)["sub"], "said": {"text": "hola, ¿qué tal?"}}


def test_the_api_refuses_whoever_is_not_signed_in_by_this_platform(platform: LocalPlatform) -> None:
    header, payload, signature = sign_in(platform).split(".")
    forged = f"{header}.{payload}.{signature[::-1]}"

    for headers in ({}, {"Authorization": "Bearer nothing"}, {"Authorization": f"Bearer {forged}"}):
        assert httpx.post(f"{platform.api}/echo", headers=headers, json={}).status_code == 401


def test_a_browser_on_the_site_may_call_the_api_and_one_elsewhere_may_not(platform: LocalPlatform) -> None:
    def preflight(origin: str) -> str | None:
        headers = {"Origin": origin, "Access-Control-Request-Method": "POST"}
        return httpx.options(f"{platform.api}/echo", headers=headers).headers.get("access-control-allow-origin")

    assert preflight(platform.site) == platform.site
    assert preflight("http://elsewhere.example") is None


def test_a_function_reaches_the_tables_of_its_platform(platform: LocalPlatform) -> None:
    assert invoke(platform, "probe-echo", {"do": "table"}).payload == "put"

    key = {"owner": {"S": "a"}, "note": {"S": "b"}}
    assert platform.client("dynamodb").get_item(TableName="probe-notes", Key=key)["Item"] == key


def test_a_function_does_not_see_the_users_own_aws_profile(platform: LocalPlatform) -> None:
    assert os.environ["AWS_PROFILE"] == "nobody-has-this-profile"
    assert invoke(platform, "probe-echo", {"do": "context"}).payload["profile"] is None


def test_a_function_logs_at_its_own_level_not_at_the_emulators(platform: LocalPlatform) -> None:
    assert invoke(platform, "probe-echo", {"do": "context"}).payload["log_level"] is None


def test_a_workflow_catches_a_functions_error_by_its_class_name(platform: LocalPlatform) -> None:
    steps = platform.client("stepfunctions")
    run = steps.start_execution(
        stateMachineArn=platform.exports["stateMachines"]["courses"], input=json.dumps({"do": "refuse"})
    )

    while (done := steps.describe_execution(executionArn=run["executionArn"]))["status"] == "RUNNING":
        pass
    assert (done["status"], json.loads(done["output"])) == ("SUCCEEDED", "caught by name")


def test_a_secret_of_the_stack_config_arrives_as_its_value(platform: LocalPlatform) -> None:
    parameter = platform.client("ssm").get_parameter(Name="/probe/key", WithDecryption=True)["Parameter"]

    assert (parameter["Type"], parameter["Value"]) == ("SecureString", "secret")


def test_a_running_platform_is_known_to_other_commands_and_its_secrets_to_nobody_else(project: Any) -> None:
    with LocalPlatform(project=project, watch=False) as running:
        file = project / ".aurora" / "local.json"
        assert state.find_running(project) == running.described() == json.loads(file.read_text())
        assert running.described()["pid"] == os.getpid()
        assert stat.S_IMODE(file.stat().st_mode) == 0o600

    assert state.find_running(project) is None
    assert not file.exists()


def test_a_taken_port_is_one_clear_sentence(platform: LocalPlatform, project: Any) -> None:
    port = int(platform.site.rpartition(":")[2])

    with pytest.raises(LocalError, match=rf"Port {port} .* choose another with --port"):
        LocalPlatform(project=project, port=port, announce=False).__enter__()


def test_a_program_that_fails_leaves_nothing_running(project: Any) -> None:
    (project / "__main__.py").write_text("raise ValueError('no such luck')\n")
    platform = LocalPlatform(project=project, announce=False)

    with pytest.raises(ProgramError, match=r"ValueError: no such luck \(at .*__main__\.py:1\)"):
        platform.__enter__()

    assert list((project / ".aurora" / "run").iterdir()) == []
    with pytest.raises(LocalError):
        platform.check()


def test_a_platform_without_its_exports_is_refused(project: Any) -> None:
    (project / "__main__.py").write_text("import pulumi\npulumi.export('site', 'x')\n")

    with pytest.raises(ProgramError, match="does not export api, buckets, clientId, userPoolId"):
        LocalPlatform(project=project, announce=False).__enter__()
