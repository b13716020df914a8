"""The platform's HTTP API for clients: its routes, its errors as exceptions, and patience while it does not answer."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote

import httpx

from aurora.errors import CommandError, PlatformLost
from client.session import Session
from functions.courses.options import field_name
from functions.courses.rules import Content

_SECONDS: Final = 40  # HTTP APIs give up after 30
_LONGEST_PAUSE: Final = 5.0
_PASSING: Final = frozenset({429, 502, 503, 504})
_CONFLICT: Final = 409


class ApiRefusal(CommandError):
    """The API refused a request, for the reason ``detail``.

    ``problems`` holds what is wrong with an outline: line, column, message, hint.
    """

    def __init__(self, status: int, detail: str, problems: Sequence[dict[str, Any]] = ()) -> None:
        super().__init__(f"The platform refused (HTTP {status}): {detail}")
        self.status = status
        self.detail = detail
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


@dataclass(frozen=True)
class Unit:
    """One lesson, lab or deck of an execution: ``kind`` is lesson, lab or slides, ``cost`` in US dollars.

    ``state`` is waiting, writing, written, skipped, failed or cancelled.
    """

    id: str
    kind: str
    title: str
    state: str
    reason: str = ""
    retries: int = 0
    cost: float = 0
    input_tokens: int = 0
    output_tokens: int = 0

    @property
    def there(self) -> bool:
        """Whether it is written, now or before."""
        return self.state in ("written", "skipped")

    @property
    def is_done(self) -> bool:
        """Whether nothing more happens to it in this execution."""
        return self.state not in ("waiting", "writing")


@dataclass(frozen=True)
class Execution:
    """How far an execution is.

    ``outcome`` is empty while it runs, then complete, incomplete, cancelled or failed. ``steps`` is the step of
    each branch (theory, labs, slides): planning, writing, validating, building, done. Money is in US
    dollars: ``cost`` of this execution, ``spent`` of all of the course's, ``budget`` 0 where there is no limit.
    """

    status: str
    outcome: str
    content: Content
    steps: Mapping[str, str]
    total: int
    done: int
    cancelling: bool
    cost: float
    spent: float
    budget: float
    units: tuple[Unit, ...]
    problems: tuple[str, ...]
    error: str

    @property
    def running(self) -> bool:
        return self.status == "RUNNING"

    def of_kind(self, kind: str) -> list[Unit]:
        """The units of one kind, in the course's order."""
        return [unit for unit in self.units if unit.kind == kind]


@dataclass(frozen=True)
class RemoteFile:
    """A file of a course: its name within the course ("lessons/..."), its size and a URL that serves it for a while."""

    name: str
    bytes: int
    url: str = field(repr=False)


@dataclass(frozen=True)
class Course:
    """A course of this user, its latest execution and its files. ``status`` is empty where it is no longer known."""

    course_id: str
    execution_id: str
    status: str
    outcome: str
    files: tuple[RemoteFile, ...]


class CoursesApi:
    """The API of one platform, for one signed-in user.

    Every request may be repeated: an upload goes to the same key, a start that was already made is joined.
    ``patience`` is how many seconds a platform may be unreachable before it counts as lost; ``lost`` returns
    whether waiting is pointless.
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
            raise ApiRefusal(response.status_code, "it did not take the outline.")

    def start(self, upload: Upload, options: Mapping[str, Any]) -> Started:
        """Starts writing a course from an upload, or joins the execution that does; ``options`` by their names.

        Raises:
            ApiRefusal: among others with the outline's problems.
        """
        path = f"/courses/{quote(upload.course_id, safe='')}/executions"
        body = {field_name(name): value for name, value in options.items()}
        answer = self._request("POST", path, {"uploadId": upload.upload_id, **body})
        return Started(answer["executionId"], answer["courseId"], bool(answer["joined"]))

    def cancel(self, execution_id: str) -> bool:
        """Asks for an execution to end, which it does after what is being written now; False if it has ended."""
        try:
            self._request("POST", f"/executions/{quote(execution_id, safe='')}/cancel", {})
        except ApiRefusal as error:
            if error.status == _CONFLICT:
                return False
            raise
        return True

    def execution(self, execution_id: str) -> Execution:
        """How far an execution is."""
        answer = self._request("GET", f"/executions/{quote(execution_id, safe='')}")
        return Execution(
            status=answer["status"],
            outcome=answer["outcome"] or "",
            content=answer.get("content") or "theory",
            steps=answer["steps"],
            total=int(answer["total"]),
            done=int(answer["done"]),
            cancelling=bool(answer.get("cancelling")),
            cost=float(answer["cost"]),
            spent=float(answer.get("spent") or 0),
            budget=float(answer.get("budget") or 0),
            units=tuple(_unit(unit) for unit in answer["units"]),
            problems=tuple(answer.get("problems") or ()),
            error=answer.get("error") or "",
        )

    def course(self, course_id: str) -> Course:
        """A course and its files.

        Raises:
            ApiRefusal: with status 404 where this user has no such course.
        """
        answer = self._request("GET", f"/courses/{quote(course_id, safe='')}")
        return Course(
            course_id=answer["courseId"],
            execution_id=answer.get("executionId") or "",
            status=answer.get("status") or "",
            outcome=answer.get("outcome") or "",
            files=tuple(RemoteFile(file["name"], int(file["bytes"]), file["url"]) for file in answer["files"]),
        )

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


def _unit(answer: Mapping[str, Any]) -> Unit:
    return Unit(
        id=answer["id"],
        kind=answer["kind"],
        title=answer["title"],
        state=answer["state"],
        reason=answer.get("reason") or "",
        retries=int(answer.get("retries") or 0),
        cost=float(answer.get("cost") or 0),
        input_tokens=int(answer.get("inputTokens") or 0),
        output_tokens=int(answer.get("outputTokens") or 0),
    )


def _refusal(response: httpx.Response) -> ApiRefusal:
    try:
        problem: dict[str, Any] = response.json()
    except ValueError:
        problem = {}
    detail = problem.get("detail") or problem.get("title") or problem.get("message") or "no reason given"
    return ApiRefusal(response.status_code, detail, problem.get("problems", ()))
