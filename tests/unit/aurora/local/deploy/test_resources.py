"""The resource table refuses what it does not know, before anything is created."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from aurora.image.source import read_group
from aurora.local.aws import LocalAws, LocalFunction
from aurora.local.credentials import Credentials
from aurora.local.deploy import invokes, resources
from aurora.local.deploy.resources.delivery import declared_headers
from aurora.local.deploy.resources.functions import source_digest, update_code
from aurora.local.deploy.resources.shapes import pascal, picked
from aurora.local.errors import ProgramError


def unreachable() -> str:
    raise AssertionError("nothing may be asked of the embedded AWS here")


@pytest.fixture
def aws(tmp_path: Path) -> LocalAws:
    return LocalAws(
        endpoint_when_ready=unreachable,
        credentials=Credentials.random(),
        region="eu-west-1",
        project=tmp_path,
        bytecode=tmp_path,
        site_origin="http://127.0.0.1:8000",
    )


def test_an_unknown_type_is_named_with_what_to_do(aws: LocalAws) -> None:
    with pytest.raises(
        ProgramError, match=r"does not know the resource type aws:kinesis/stream:Stream .*'all'.* add it"
    ):
        resources.create("aws:kinesis/stream:Stream", "all", {}, aws)


def test_events_of_a_bucket_that_go_elsewhere_than_to_queues_are_refused(aws: LocalAws) -> None:
    inputs = {"bucket": "files", "topics": [{"topicArn": "arn", "events": ["s3:ObjectCreated:*"]}]}
    with pytest.raises(ProgramError, match="sends the events of files to queues only, and not to topics"):
        resources.create("aws:s3/bucketNotification:BucketNotification", "files", inputs, aws)


def test_a_function_that_is_no_image_is_refused(aws: LocalAws) -> None:
    with pytest.raises(ProgramError, match="cannot run the function zip-function: it needs an image"):
        resources.create("aws:lambda/function:Function", "f", {"name": "zip-function", "runtime": "python3.13"}, aws)


def test_the_cdns_domain_is_the_local_site(aws: LocalAws) -> None:
    origin = {"domainName": "my-site-0.s3.eu-west-1.amazonaws.com"}
    inputs = {"origins": [origin], "defaultRootObject": "index.html", "defaultCacheBehavior": {}}

    _, outputs = resources.create("aws:cloudfront/distribution:Distribution", "cdn", inputs, aws)

    assert outputs["domainName"] == "127.0.0.1:8000"
    assert (aws.site.bucket, aws.site.root_object) == ("my-site-0", "index.html")


def test_declared_security_headers_are_sent_and_unknown_ones_refused() -> None:
    declared = {
        "securityHeadersConfig": {
            "frameOptions": {"frameOption": "DENY", "override": True},
            "contentTypeOptions": {"override": True},
            "strictTransportSecurity": {"accessControlMaxAgeSec": 1, "override": True},
        },
        "customHeadersConfig": {"items": [{"header": "X-Own", "value": "1", "override": True}]},
    }

    assert declared_headers(declared) == {"X-Frame-Options": "DENY", "X-Content-Type-Options": "nosniff", "X-Own": "1"}
    with pytest.raises(ProgramError, match="newest"):
        declared_headers({"securityHeadersConfig": {"newest": {}}})


def test_an_ensured_image_is_its_source_digest_whatever_the_class_is_registered_as(aws: LocalAws) -> None:
    for kind in ("pulumi-python:dynamic/aurora:EnsuredImage", "pulumi-python:dynamic:EnsuredImage"):
        assert resources.create(kind, "content", {"tag": "ab12"}, aws)[1] == {"digest": "sha256:ab12"}


def test_an_unknown_provider_function_is_named(aws: LocalAws) -> None:
    with pytest.raises(ProgramError, match="aws:ec2/getAmi:getAmi"):
        invokes.answer("aws:ec2/getAmi:getAmi", {}, aws)


def test_the_account_and_region_are_the_emulators(aws: LocalAws) -> None:
    assert invokes.answer("aws:index/getCallerIdentity:getCallerIdentity", {}, aws)["accountId"] == "000000000000"
    assert invokes.answer("aws:index/getRegion:getRegion", {}, aws)["region"] == "eu-west-1"


def test_inputs_become_the_apis_spelling() -> None:
    rules = [{"id": "a", "filter": {"prefix": ""}, "noncurrentVersionExpiration": {"noncurrentDays": 1}}]

    assert pascal(rules) == [
        {"ID": "a", "Filter": {"Prefix": ""}, "NoncurrentVersionExpiration": {"NoncurrentDays": 1}}
    ]
    assert picked({"timeout": 3, "memorySize": None}, timeout="Timeout", memorySize="MemorySize") == {"Timeout": 3}


def test_a_groups_digest_changes_with_its_own_code_and_that_of_the_rooms_that_it_imports(tmp_path: Path) -> None:
    functions = tmp_path / "functions"
    for folder in ("text", "book", "content", "slides"):
        (functions / folder / "__pycache__").mkdir(parents=True)
        (functions / folder / "module.py").write_text("1")
    (functions / "__init__.py").touch()
    (functions / "content" / "handler.py").write_text("def handler(event, context):\n    import functions.text.module")

    def digest() -> str:
        return source_digest(read_group(tmp_path, "content"))

    before = digest()
    (functions / "slides" / "module.py").write_text("2")
    (functions / "book" / "module.py").write_text("2")
    (functions / "content" / "__pycache__" / "module.pyc").write_text("2")
    assert digest() == before

    (functions / "content" / "module.py").write_text("2")
    changed = digest()
    (functions / "text" / "module.py").write_text("2")
    assert len({before, changed, digest()}) == 3


class BusyOnce:
    """Lambda's API as far as a deployment needs it, which refuses the first one."""

    def __init__(self) -> None:
        self.live = "1"
        self._asked = 0

    def update_function_code(self, **_: Any) -> dict[str, str]:
        self._asked += 1
        if self._asked == 1:
            raise ClientError({"Error": {"Code": "ResourceConflictException"}}, "UpdateFunctionCode")
        return {"Version": "2"}

    def update_alias(self, *, FunctionVersion: str, **_: Any) -> None:
        self.live = FunctionVersion


def test_a_deployment_that_failed_is_made_up_for_by_the_next(aws: LocalAws, monkeypatch: pytest.MonkeyPatch) -> None:
    api = BusyOnce()
    monkeypatch.setattr(aws, "client", lambda _: api)
    function = LocalFunction("f", "functions.content.module.handler", aliases={"live"}, versions=["1"])

    with pytest.raises(ClientError):
        update_code(function, "digest", aws)
    assert update_code(function, "digest", aws)
    assert api.live == "2"
    assert not update_code(function, "digest", aws)
