"""The platform's HTTP API as a client sees it: the five routes, their errors as exceptions, and patience.

Knows no files of the author's machine and prints nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote

import httpx

from aurora.errors import CommandError, PlatformLost
from aurora.session import Session

_SECONDS: Final = 40  # HTTP APIs give up after 30
_LONGEST_PAUSE: Final = 5.0
_PASSING: Final = frozenset({429, 502, 503, 504})


class ApiRefusal(CommandError):
    """The API refused a request. ``problems`` holds what is wrong with an outline: line, column, message, hint."""

    def __init__(self, status: int, detail: str, problems: Sequence[dict[str, Any]] = ()) -> None:
        super().__init__(detail)
        self.status = status
        self.problems = tuple(problems)


@dataclass(frozen=True)
class Upload:
    """Where to send an outline: a presigned POST's URL and form fields, for the course and upload of these ids."""

    course_id: str
    upload_id: str
    url: str
    fields: dict[str, str]
    max_bytes: int


@dataclass(frozen=True)
class Started:
    """An execution that runs; ``joined`` if it ran before it was asked for."""

    execution_id: str
    course_id: str
    joined: bool
    lessons: int


@dataclass(frozen=True)
class LessonState:
    """One lesson of an execution; ``state`` is waiting, writing, written, skipped or failed."""

    id: str
    title: str
    state: str
    reason: str = ""


@dataclass(frozen=True)
class Execution:
    """How far an execution is. ``outcome`` is empty while it runs, then complete, incomplete or failed."""

    status: str
    outcome: str
    step: str
    total: int
    done: int
    lessons: tuple[LessonState, ...]
    error: str

    @property
    def running(self) -> bool:
        return self.status == "RUNNING"

    def in_state(self, *states: str) -> list[LessonState]:
        """The lessons in one of these states, in the course's order."""
        return [lesson for lesson in self.lessons if lesson.state in states]


@dataclass(frozen=True)
class RemoteFile:
    """A file of a course: its name within the course ("lessons/..."), its size and a URL that serves it for a while."""

    name: str
    bytes: int
    url: str = field(repr=False)


class CoursesApi:
    """The API of one platform, for one signed-in user.

    Every request may be repeated: an upload goes to the same key, a start that was already made is joined.
    ``patience`` is how many seconds a platform may be unreachable before it counts as lost; ``lost`` tells when
    waiting is pointless.
    """

    def __init__(
        self,
        http: httpx.Client,
        url: str,
        session: Session,
        *,
        patience: float,
        lost: Callable[[], bool] = lambda: False,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._http = http
        self._url = url.rstrip("/")
        self._session = session
        self._patience = patience
        self._lost = lost
        self._sleep = sleep

    def upload(self, filename: str, course_id: str | None = None) -> Upload:
        """Asks where to upload an outline; without ``course_id`` for a new course."""
        body = {"filename": filename} | ({"courseId": course_id} if course_id else {})
        answer = self._request("POST", "/courses", body)
        form = answer["upload"]
        return Upload(answer["courseId"], answer["uploadId"], form["url"], form["fields"], answer["maxBytes"])

    def send(self, upload: Upload, filename: str, content: bytes) -> None:
        """Uploads an outline's bytes.

        Raises:
            ApiRefusal: the storage refused the upload.
            PlatformLost: it does not answer.
        """
        files = {"file": (filename, content, "application/yaml")}
        response = self._patiently(lambda: self._http.post(upload.url, data=upload.fields, files=files))
        if response.is_error:
            raise ApiRefusal(response.status_code, f"The upload was refused (HTTP {response.status_code}).")

    def start(self, upload: Upload, *, modules: Sequence[int] | None, force: bool, model: str | None) -> Started:
        """Starts writing a course from an upload, or joins the execution that does.

        Raises:
            ApiRefusal: among others with the outline's problems.
        """
        body: dict[str, Any] = {"uploadId": upload.upload_id, "force": force}
        if modules is not None:
            body["modules"] = list(modules)
        if model is not None:
            body["model"] = model
        answer = self._request("POST", f"/courses/{quote(upload.course_id, safe='')}/executions", body)
        return Started(answer["executionId"], answer["courseId"], bool(answer["joined"]), int(answer["lessons"]))

    def execution(self, execution_id: str) -> Execution:
        """How far an execution is."""
        answer = self._request("GET", f"/executions/{quote(execution_id, safe='')}")
        lessons = tuple(
            LessonState(lesson["id"], lesson["title"], lesson["state"], lesson.get("reason") or "")
            for lesson in answer["lessons"]
        )
        return Execution(
            status=answer["status"],
            outcome=answer["outcome"] or "",
            step=answer["step"] or "",
            total=int(answer["total"]),
            done=int(answer["done"]),
            lessons=lessons,
            error=answer.get("error") or "",
        )

    def files(self, course_id: str) -> list[RemoteFile]:
        """The files of a course.

        Raises:
            ApiRefusal: with status 404 where this user has no such course.
        """
        answer = self._request("GET", f"/courses/{quote(course_id, safe='')}")
        return [RemoteFile(file["name"], int(file["bytes"]), file["url"]) for file in answer["files"]]

    def _request(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        response = self._patiently(lambda: self._send(method, path, body))
        if response.status_code == 401:  # the token ended before its time, as when the clock of this machine is wrong
            self._session.refresh()
            response = self._patiently(lambda: self._send(method, path, body))
        if response.is_error:
            raise _refusal(response)
        return response.json()

    def _send(self, method: str, path: str, body: dict[str, Any] | None) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self._session.token()}"}
        return self._http.request(method, self._url + path, json=body, headers=headers, timeout=_SECONDS)

    def _patiently(self, send: Callable[[], httpx.Response]) -> httpx.Response:
        """Repeats a request that met a passing fault, with growing pauses."""
        pause, waited = 0.25, 0.0
        while True:
            try:
                response = send()
                if response.status_code not in _PASSING or waited >= self._patience:
                    return response
            except (httpx.TransportError, PlatformLost) as error:
                if self._lost() or waited >= self._patience:
                    raise PlatformLost(f"The platform at {self._url} does not answer any more ({error}).") from error
            self._sleep(pause)
            waited += pause
            pause = min(pause * 2, _LONGEST_PAUSE)


def _refusal(response: httpx.Response) -> ApiRefusal:
    try:
        problem: dict[str, Any] = response.json()
    except ValueError:
        problem = {}
    detail = problem.get("detail") or problem.get("title") or problem.get("message") or "no reason given"
    return ApiRefusal(
        response.status_code,
        f"The platform refused (HTTP {response.status_code}): {detail}",
        problem.get("problems", ()),
    )
