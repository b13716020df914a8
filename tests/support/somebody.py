"""Somebody who uses a running platform as a client does: signs in, uploads outlines, starts courses, waits for them.

It looks behind the API only where a test asks what lies in the bucket or what the workflow did.
"""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

import httpx

from aurora.local.platform import LocalPlatform
from client.api import CoursesApi, Started, Upload
from client.session import Session

PASSWORD: Final = "a-Long-Enough-Passw0rd"
FILE: Final = "outline.yaml"
# Far more than any course of these tests takes; a test that waits this long has failed.
_PATIENCE_SECONDS: Final = 120


@dataclass(frozen=True)
class Run:
    """An execution that has ended: the API's last view of it, and every view seen before."""

    course_id: str
    execution_id: str
    view: dict[str, Any]
    seen: list[dict[str, Any]] = field(repr=False)

    @property
    def outcome(self) -> str:
        return self.view["outcome"]

    @property
    def states(self) -> dict[str, str]:
        """The state of each unit, by its id."""
        return {unit["id"]: unit["state"] for unit in self.view["units"]}

    def unit(self, id_: str) -> dict[str, Any]:
        """One unit as its author sees it."""
        return next(unit for unit in self.view["units"] if unit["id"] == id_)

    def reason(self, id_: str) -> str:
        """Why a unit failed, in the words that its author reads."""
        return self.unit(id_)["reason"]


class Somebody:
    """A user of a platform. Without an e-mail address: the local author; with one: a user made for it."""

    def __init__(self, platform: LocalPlatform, http: httpx.Client, email: str = "") -> None:
        self.platform = platform
        self.http = http
        self._session = Session(http, platform.endpoint, platform.client_id, choose_password=lambda: PASSWORD)
        if email:
            _create_user(platform, email)
        self._session.sign_in(email or platform.email, PASSWORD if email else platform.password)
        self.api = CoursesApi(http, platform.api, self._session, patience=0)

    @property
    def token(self) -> str:
        return self._session.token()

    @property
    def owner(self) -> str:
        """The `sub` under which this user's courses lie."""
        payload = self.token.split(".")[1]
        return json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))["sub"]

    def ask(self, method: str, path: str, body: object = None) -> httpx.Response:
        """A request as this user, whatever the answer."""
        headers = {"Authorization": f"Bearer {self.token}"}
        return self.http.request(method, self.platform.api + path, json=body, headers=headers, timeout=40)

    def get(self, path: str) -> dict[str, Any]:
        """The answer to a GET that must succeed."""
        return self.ask("GET", path).raise_for_status().json()

    def upload(self, outline: bytes, course_id: str | None = None) -> Upload:
        """Uploads an outline, of a new course unless told."""
        upload = self.api.upload(FILE, course_id)
        self.api.send(upload, FILE, outline)
        return upload

    def start(self, outline: bytes, course_id: str | None = None, **options: Any) -> Started:
        """Uploads an outline and starts its course, or another execution of it."""
        return self.api.start(self.upload(outline, course_id), options)

    def wait_for(self, execution_id: str) -> Run:
        """The execution once it has ended."""
        seen: list[dict[str, Any]] = []

        def ended() -> bool:
            seen.append(self.get(f"/executions/{execution_id}"))
            return seen[-1]["status"] != "RUNNING"

        wait_until(ended, lambda: f"{execution_id} still runs: {seen[-1:]}")
        return Run(seen[-1]["courseId"], execution_id, seen[-1], seen)

    def course(self, outline: bytes, course_id: str | None = None, **options: Any) -> Run:
        """Uploads an outline, starts its course and waits for the end."""
        started = self.start(outline, course_id, **options)
        assert not started.joined
        return self.wait_for(started.execution_id)

    def objects(self, course_id: str) -> dict[str, str]:
        """The names of a course's objects below its prefix, each with its present version."""
        prefix = f"users/{self.owner}/courses/{course_id}/"
        pages = self.platform.client("s3").get_paginator("list_object_versions")
        versions = [
            version
            for page in pages.paginate(Bucket=self.platform.buckets["content"], Prefix=prefix)
            for version in page.get("Versions", ())
            if version["IsLatest"]
        ]
        return {version["Key"].removeprefix(prefix): version["VersionId"] for version in versions}

    def stored(self, course_id: str, name: str) -> dict[str, Any]:
        """One object of a course: its `Body` as bytes, its `Metadata`, `ContentType`..."""
        key = f"users/{self.owner}/courses/{course_id}/{name}"
        answer = self.platform.client("s3").get_object(Bucket=self.platform.buckets["content"], Key=key)
        return {**answer, "Body": answer["Body"].read()}

    def text(self, course_id: str, name: str) -> str:
        """One text object of a course."""
        return self.stored(course_id, name)["Body"].decode()


def wait_until(happened: Callable[[], bool], otherwise: Callable[[], str]) -> None:
    """Returns once `happened` is true; fails with the text of `otherwise` if that takes far too long."""
    end = time.monotonic() + _PATIENCE_SECONDS
    while not happened():
        assert time.monotonic() < end, otherwise()
        time.sleep(0.05)


def executions(platform: LocalPlatform) -> list[str]:
    """The names of all executions that were ever started."""
    steps = platform.client("stepfunctions")
    pages = steps.get_paginator("list_executions").paginate(
        stateMachineArn=platform.exports["stateMachines"]["courses"]
    )
    return [execution["name"] for page in pages for execution in page["executions"]]


def history(platform: LocalPlatform, execution_id: str) -> list[dict[str, Any]]:
    """What happened in an execution, in order; not what happened in its child executions."""
    arn = platform.exports["stateMachines"]["courses"].replace(":stateMachine:", ":execution:") + f":{execution_id}"
    return _events(platform, arn)


def histories_of_children(platform: LocalPlatform, execution_id: str) -> list[list[dict[str, Any]]]:
    """What happened in each child execution of an execution."""
    steps = platform.client("stepfunctions")
    arn = platform.exports["stateMachines"]["courses"].replace(":stateMachine:", ":execution:") + f":{execution_id}"
    children = [
        child["executionArn"]
        for run in steps.list_map_runs(executionArn=arn)["mapRuns"]
        for page in steps.get_paginator("list_executions").paginate(mapRunArn=run["mapRunArn"])
        for child in page["executions"]
    ]
    return [_events(platform, child) for child in children]


def _events(platform: LocalPlatform, arn: str) -> list[dict[str, Any]]:
    pages = platform.client("stepfunctions").get_paginator("get_execution_history").paginate(executionArn=arn)
    return [event for page in pages for event in page["events"]]


def _create_user(platform: LocalPlatform, email: str) -> None:
    cognito = platform.client("cognito-idp")
    cognito.admin_create_user(UserPoolId=platform.user_pool_id, Username=email, MessageAction="SUPPRESS")
    cognito.admin_set_user_password(UserPoolId=platform.user_pool_id, Username=email, Password=PASSWORD, Permanent=True)
