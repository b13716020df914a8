"""A stand-in for what the site talks to: the site's own server, the HTTP API, Cognito's JSON endpoint, S3 uploads.

Standard library only. It reaches states that the real platform reaches late or seldom, and a test decides when: nothing
happens by itself. It knows the wire formats; it knows nothing of outlines, models or AWS.
"""

from __future__ import annotations

import json
import re
import secrets
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from email import message_from_bytes
from email.policy import HTTP
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from functions.courses.options import OPTIONS, SETTINGS, defaults, field_name
from functions.outline.units import UNIT_KINDS, unit_of

SITE: Final = Path(__file__).parents[2] / "site"
CONTENT_TYPES: Final = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
}
RESET_CODE: Final = "246810"
LESSONS: Final = (
    ("01-01", "Tipos de licencias"),
    ("01-02", "Copilot Studio integrado en Teams"),
    ("02-01", "Diseño de un LLM Gateway"),
)
LABS: Final = (
    ("lab-01-01", "Asignar licencias a un equipo"),
    ("lab-02-01", "Publicar un gateway con límites de uso"),
)
SLIDES: Final = (("slides-01", "Licencias y entorno"), ("slides-02", "Gateways"))
FORMATS: Final = ("pdf", "docx", "html", "md", "json")
# What a request that says nothing asks for, as the API shows it: the options' own defaults.
REQUEST: Final = {
    field_name(name): OPTIONS[name].shown(value)
    for name, value in defaults({name: setting.default for name, setting, _ in SETTINGS}).items()
}
DONE: Final = {"written", "skipped", "failed", "cancelled"}
Titles = Sequence[tuple[str, str]]


@dataclass
class User:
    """An account. `status` is Cognito's: CONFIRMED, FORCE_CHANGE_PASSWORD or RESET_REQUIRED."""

    password: str
    status: str = "CONFIRMED"


@dataclass
class Run:
    """An execution as GET /executions answers it. `units` are the API's; costs are US dollars."""

    id: str
    course_id: str
    units: list[dict[str, Any]]
    request: dict[str, Any]
    status: str = "RUNNING"
    outcome: str | None = None
    steps: dict[str, str] = field(default_factory=dict[str, str])
    cancelling: bool = False
    budget: float = 0
    spent_before: float = 0
    problems: list[str] = field(default_factory=list[str])
    error: str | None = None

    @property
    def spent(self) -> float:
        """What the course has cost, this run included."""
        return self.spent_before + self._sum("cost")

    def answer(self) -> dict[str, Any]:
        done = sum(unit["state"] in DONE for unit in self.units)
        return {
            "executionId": self.id,
            "courseId": self.course_id,
            "status": self.status,
            "outcome": self.outcome,
            "content": self.request["content"],
            "steps": self.steps,
            "step": next((step for step in self.steps.values() if step != "done"), "done"),
            "percent": 100 if self.status != "RUNNING" else 100 * done // (len(self.units) + 1),
            "total": len(self.units),
            "done": done,
            "cancelling": self.cancelling,
            "cost": self._sum("cost"),
            "budget": self.budget,
            "spent": self.spent,
            "inputTokens": self._sum("inputTokens"),
            "outputTokens": self._sum("outputTokens"),
            "retries": self._sum("retries"),
            "units": self.units,
            "problems": self.problems,
        } | ({"error": self.error} if self.error else {})

    def _sum(self, name: str) -> Any:
        return sum(unit[name] for unit in self.units)


@dataclass
class Course:
    """A course as GET /courses answers it; `files` are names, the titles are those of its outline, by unit's id."""

    id: str
    owner: str
    title: str = "Seguridad en Sistemas de IA"
    language: str = "es"
    created_at: str = "2026-03-04T10:15:00+00:00"
    run: str = ""
    files: list[str] = field(default_factory=list[str])
    lessons: Titles = LESSONS
    labs: Titles = LABS
    slides: Titles = SLIDES


@dataclass(frozen=True)
class Received:
    """A request as it arrived: `body` is the decoded JSON, the form's fields, or None."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: Any


class Refusal(Exception):
    """An error answer: `body` is sent as JSON with `status`."""

    def __init__(self, status: int, body: dict[str, Any], content_type: str = "application/problem+json") -> None:
        super().__init__(body)
        self.status = status
        self.body = body
        self.content_type = content_type


def problem(status: int, title: str, detail: str, **more: Any) -> Refusal:
    """A problem+json answer."""
    return Refusal(status, {"type": "about:blank", "title": title, "status": status, "detail": detail, **more})


def sign_in_error(code: str, message: str) -> Refusal:
    """An answer of Cognito that refuses."""
    return Refusal(400, {"__type": code, "message": message}, "application/x-amz-json-1.1")


class FakePlatform:
    """Two servers on loopback, site and services, so that what crosses origins does so here as well. A context manager.

    A test changes `users`, `courses` and `runs`; `problems` (of the next outline); `unreachable` (the services close
    connections unanswered); `configuration` (the text of /config.js, None: absent); `renewable` (refresh tokens are
    accepted); `token_seconds` (how long an access token says it lives); `readable_refusals` (a refused token is
    answered with the headers that let the page read it, which gateways may leave out); `markup` (the HTML of a text
    by its unit's id). It reads `texts` (the objects that were uploaded, by key) and `received` (every request to
    the services).
    """

    def __init__(
        self,
        environment: str = "dev",
        stage: str = "dev",
        text_models: tuple[str, ...] = ("sample", "openai"),
        image_models: tuple[str, ...] = ("sample", "openai-images"),
    ) -> None:
        self.users: dict[str, User] = {}
        self.courses: dict[str, Course] = {}
        self.runs: dict[str, Run] = {}
        self.problems: list[dict[str, Any]] = []
        self.received: list[Received] = []
        self.texts: dict[str, str] = {}
        self.markup: dict[str, str] = {}
        self.unreachable = False
        self.renewable = True
        self.token_seconds = 3600
        self.readable_refusals = True
        self._access: dict[str, str] = {}
        self._refresh: dict[str, str] = {}
        self._challenges: dict[str, str] = {}
        self._servers = [_server(_SiteHandler, self), _server(_ServicesHandler, self)]
        self.site, self.services = (f"http://127.0.0.1:{server.server_port}" for server in self._servers)
        self.configuration: str | None = "export default " + json.dumps(
            {
                "environment": environment,
                "apiEndpoint": f"{self.services}/api",
                "stage": stage,
                "region": "eu-west-1",
                "signIn": {"endpoint": f"{self.services}/sign-in", "clientId": "client-of-the-site"},
                "courses": {
                    "models": {"text": list(text_models), "image": list(image_models)},
                    "limits": {"maxConcurrency": 8},
                },
            }
        )

    def __enter__(self) -> FakePlatform:
        for server in self._servers:
            threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        for server in self._servers:
            server.shutdown()
            server.server_close()

    # What tests do to it

    def add_course(
        self,
        owner: str,
        status: str = "SUCCEEDED",
        outcome: str | None = "complete",
        request: Mapping[str, Any] | None = None,
        **more: Any,
    ) -> Course:
        """A course with one run; of a run that ended, every unit is written and the books exist."""
        course = Course(secrets.token_hex(16), owner, **more)
        self.courses[course.id] = course
        run = self._begin(course, dict(request or {}))
        if status != "RUNNING":
            for unit in run.units:
                unit.update(state="written", words=1240)
            self.end(run.id, status, outcome)
        return course

    def run_of(self, course: Course) -> Run:
        return self.runs[course.run]

    def only_run(self) -> Run:
        """The one run that was started. Raises AssertionError if there is none or several."""
        assert len(self.runs) == 1, list(self.runs)
        return next(iter(self.runs.values()))

    def set_unit(self, run: Run, unit: str, state: str, **more: Any) -> None:
        """Changes one unit ("01-02", "lab-01-01") of a run; its branch is then writing."""
        changed = next(each for each in run.units if each["id"] == unit)
        run.steps[UNIT_KINDS[changed["kind"]].branch] = "writing"
        changed.pop("reason", None)
        changed.update(state=state, **more)

    def end(
        self, run_id: str, status: str = "SUCCEEDED", outcome: str | None = "complete", error: str | None = None
    ) -> None:
        """Ends a run; when it succeeded its course has its books and what was written."""
        run = self.runs[run_id]
        run.status, run.outcome, run.error, run.cancelling = status, outcome, error, False
        run.steps = dict.fromkeys(run.steps, "done")
        if status == "SUCCEEDED":
            written = [unit for unit in run.units if unit["state"] in {"written", "skipped"}]
            books = [book for kind, book in (("lesson", "book"), ("lab", "lab-book")) if _any(run.units, kind)]
            files = [f"{book}.{extension}" for book in books for extension in FORMATS]
            files += ["course.zip", "labs/lab-master-plan.json", *(_file_name(unit) for unit in written)]
            course = self.courses[run.course_id]
            course.files = list(dict.fromkeys([*course.files, *files]))

    def expire_access_tokens(self) -> None:
        """The API refuses every access token given so far."""
        self._access.clear()

    def operations(self) -> list[str]:
        """The Cognito operations that were called, in order."""
        return [
            request.headers["x-amz-target"].partition(".")[2]
            for request in self.received
            if "x-amz-target" in request.headers
        ]

    def api_calls(self, method: str, pattern: str) -> list[Received]:
        """The requests to the API of this method whose path matches `pattern` fully."""
        return [
            request
            for request in self.received
            if request.method == method and re.fullmatch(f"/api{pattern}", request.path)
        ]

    # Site

    def index(self) -> str:
        """index.html as a deployment would generate it."""
        policy = "; ".join(
            (
                "default-src 'none'",
                "script-src 'self'",
                "style-src 'self'",
                f"img-src 'self' {self.services}",
                f"connect-src 'self' {self.services}",
                "base-uri 'none'",
                "form-action 'none'",
            )
        )
        text = (SITE / "index.html").read_text(encoding="utf-8")
        return text.replace("{{assets}}", "/a/0123456789abcdef/").replace("{{csp}}", policy)

    # Sign-in

    def sign_in(self, operation: str, body: dict[str, Any]) -> dict[str, Any]:
        if body.get("ClientId") != "client-of-the-site":
            raise sign_in_error("ResourceNotFoundException", "User pool client does not exist.")
        if operation == "InitiateAuth":
            parameters = body["AuthParameters"]
            if body["AuthFlow"] == "REFRESH_TOKEN_AUTH":
                return self._renewed(parameters["REFRESH_TOKEN"])
            return self._signed_in(parameters["USERNAME"], parameters["PASSWORD"])
        if operation == "RespondToAuthChallenge":
            return self._first_password(body["Session"], body["ChallengeResponses"])
        if operation == "ForgotPassword":
            return {"CodeDeliveryDetails": {"DeliveryMedium": "EMAIL", "Destination": "a***@e***"}}
        if operation == "ConfirmForgotPassword":
            return self._reset(body)
        if operation == "RevokeToken":
            self._refresh.pop(body["Token"], None)
            return {}
        raise sign_in_error("UnknownOperationException", operation)

    def _signed_in(self, email: str, password: str) -> dict[str, Any]:
        user = self.users.get(email)
        if user is None or user.password != password:
            raise sign_in_error("NotAuthorizedException", "Incorrect username or password.")
        if user.status == "RESET_REQUIRED":
            raise sign_in_error("PasswordResetRequiredException", "Password reset required for the user")
        if user.status == "FORCE_CHANGE_PASSWORD":
            session = secrets.token_hex(16)
            self._challenges[session] = email
            parameters = {"USER_ID_FOR_SRP": email, "requiredAttributes": "[]"}
            return {"ChallengeName": "NEW_PASSWORD_REQUIRED", "Session": session, "ChallengeParameters": parameters}
        return self._tokens(email, refresh=secrets.token_hex(16))

    def _first_password(self, session: str, responses: dict[str, str]) -> dict[str, Any]:
        if self._challenges.get(session) != responses["USERNAME"]:
            raise sign_in_error("NotAuthorizedException", "Invalid session for the user.")
        self._accept_password(responses["USERNAME"], responses["NEW_PASSWORD"])
        del self._challenges[session]
        return self._tokens(responses["USERNAME"], refresh=secrets.token_hex(16))

    def _reset(self, body: dict[str, Any]) -> dict[str, Any]:
        if body["ConfirmationCode"] != RESET_CODE or body["Username"] not in self.users:
            raise sign_in_error("CodeMismatchException", "Invalid verification code provided, please try again.")
        self._accept_password(body["Username"], body["Password"])
        return {}

    def _accept_password(self, email: str, password: str) -> None:
        if len(password) < 12:
            reason = "Password did not conform with policy: Password not long enough"
            raise sign_in_error("InvalidPasswordException", reason)
        self.users[email] = User(password)

    def _renewed(self, token: str) -> dict[str, Any]:
        if token not in self._refresh or not self.renewable:
            raise sign_in_error("NotAuthorizedException", "Refresh Token has been revoked")
        return self._tokens(self._refresh[token])

    def _tokens(self, email: str, refresh: str | None = None) -> dict[str, Any]:
        access = secrets.token_hex(16)
        self._access[access] = email
        result = {"AccessToken": access, "IdToken": "not used", "ExpiresIn": self.token_seconds, "TokenType": "Bearer"}
        if refresh is not None:
            self._refresh[refresh] = email
            result["RefreshToken"] = refresh
        return {"AuthenticationResult": result}

    # API

    def api(self, request: Received) -> tuple[int, dict[str, Any]]:
        """Status and body of an API call. Raises Refusal."""
        owner = self._access.get(request.headers.get("authorization", "").removeprefix("Bearer "))
        if owner is None:
            raise Refusal(401, {"message": "Unauthorized"}, "application/json")
        match request.method, request.path.split("/")[2:]:
            case "GET", ["courses"]:
                own = [course for course in self.courses.values() if course.owner == owner]
                return 200, {"courses": [self._listed(course) for course in reversed(own)]}
            case "POST", ["courses"]:
                return 201, self._prepared(owner, request.body.get("courseId"))
            case "GET", ["courses", course_id]:
                course = self._own(owner, course_id)
                return 200, self._listed(course) | {"files": [self._file(name) for name in course.files]}
            case "GET", ["courses", course_id, "units", unit_id]:
                return 200, self._text(self._own(owner, course_id), unit_id)
            case "POST", ["courses", course_id, "executions"]:
                return 202, self._started(owner, course_id, request.body)
            case "POST", ["executions", run_id, "cancel"] if run_id in self.runs:
                return 202, self._cancelled(owner, self.runs[run_id])
            case "GET", ["executions", run_id] if run_id in self.runs:
                self._own(owner, self.runs[run_id].course_id)
                return 200, self.runs[run_id].answer()
            case _:
                raise problem(404, "Not found", "There is no such thing.")

    def _own(self, owner: str, course_id: str) -> Course:
        course = self.courses.get(course_id)
        if course is None or course.owner != owner:
            raise problem(404, "No such course", "There is no course of yours with this id.")
        return course

    def _listed(self, course: Course) -> dict[str, Any]:
        run = self.runs[course.run]
        return {
            "courseId": course.id,
            "title": course.title,
            "language": course.language,
            "createdAt": course.created_at,
            "modules": len({unit[:2] for unit, _ in course.lessons}),
            "lessons": len(course.lessons),
            "labs": len(course.labs),
            "executionId": course.run,
            "status": run.status,
            "outcome": run.outcome,
            "request": run.request,
            "spent": run.spent,
        }

    def _file(self, name: str) -> dict[str, Any]:
        url = f"{self.services}/bucket/{name}?signed"
        return {"name": name, "bytes": 1_482_000, "url": url, "contentType": "application/octet-stream"}

    def _text(self, course: Course, unit_id: str) -> dict[str, Any]:
        title = dict((*course.lessons, *course.labs)).get(unit_id)
        if title is None or unit_id not in self.markup:
            raise problem(404, "Not found", "Lesson or lab not found.")
        html = self.markup[unit_id]
        return {"id": unit_id, "title": title, "language": course.language, "words": 1240, "html": html}

    def _cancelled(self, owner: str, run: Run) -> dict[str, Any]:
        self._own(owner, run.course_id)
        if run.status != "RUNNING":
            raise problem(409, "It has ended already", "There is nothing to cancel.")
        run.cancelling = True
        return {"executionId": run.id, "cancelling": True}

    def _prepared(self, owner: str, course_id: str | None) -> dict[str, Any]:
        course_id = self._own(owner, course_id).id if course_id else secrets.token_hex(16)
        upload_id = secrets.token_hex(16)
        key = f"users/{owner}/courses/{course_id}/outline/{upload_id}.yaml"
        upload = {"url": f"{self.services}/bucket", "fields": {"key": key, "policy": "p", "x-amz-signature": "s"}}
        return {"courseId": course_id, "uploadId": upload_id, "upload": upload, "maxBytes": 1_000_000}

    def _started(self, owner: str, course_id: str, body: dict[str, Any]) -> dict[str, Any]:
        if body["uploadId"] is None:
            course = self._own(owner, course_id)
        elif f"users/{owner}/courses/{course_id}/outline/{body['uploadId']}.yaml" not in self.texts:
            raise problem(404, "No such upload", "Upload the outline first.")
        elif self.problems:
            found, self.problems = self.problems, []
            raise problem(422, "The outline has errors", "Correct the lines and start again.", problems=found)
        else:
            course = self.courses.setdefault(course_id, Course(course_id, owner))
        running = bool(course.run) and self.runs[course.run].status == "RUNNING"
        run = self.runs[course.run] if running else self._begin(course, body)
        return {"executionId": run.id, "courseId": course.id, "joined": running, "units": len(run.units)}

    def _begin(self, course: Course, asked: dict[str, Any]) -> Run:
        before = self.runs.get(course.run)
        attempt = int(course.run.rpartition("-")[2] or 0) + 1
        only = asked.get("only") or []
        kept = {unit["id"] for unit in before.units if unit["state"] in {"written", "skipped"}} if before else set()
        content = asked.get("content") or ("labs" if only and only[0].startswith("lab") else "theory")
        titles = [
            *(course.lessons if content in {"theory", "both"} else ()),
            *(course.labs if content in {"labs", "both"} else ()),
            *(course.slides if content == "slides" or asked.get("slides") else ()),
        ]
        units = [
            _unit(unit, title, "skipped" if unit in kept and not only else "waiting")
            for unit, title in titles
            if not only or unit in only
        ]
        request = {
            **REQUEST,
            **{name: asked[name] for name in REQUEST if asked.get(name) is not None},
            "content": content,
        }
        if model := asked.get("model"):
            request |= {f"{step}Model": asked.get(f"{step}Model") or model for step in ("lesson", "plan", "lab")}
        branches = [kind.branch for kind in UNIT_KINDS.values() if _any(units, kind.name)]
        run = Run(
            f"{course.id}-{attempt}",
            course.id,
            units,
            request,
            steps=dict.fromkeys(branches, "planning"),
            budget=request["budget"] or 0,
            spent_before=before.spent if before else 0,
        )
        self.runs[run.id] = run
        course.run = run.id
        return run


def _unit(id_: str, title: str, state: str) -> dict[str, Any]:
    """A unit of a run, as the API answers it."""
    named = unit_of(id_)
    assert named is not None
    kind, module, number = named
    spent = {"retries": 0, "cost": 0, "inputTokens": 0, "outputTokens": 0}
    return {
        "id": id_,
        "kind": kind,
        "module": module,
        "number": number,
        "title": title,
        "state": state,
    } | spent


def _any(units: Sequence[Mapping[str, Any]], kind: str) -> bool:
    return any(unit["kind"] == kind for unit in units)


def _file_name(unit: Mapping[str, Any]) -> str:
    """The name of the file that a written unit becomes."""
    kind = UNIT_KINDS[unit["kind"]]
    return kind.folder + kind.file_name(unit["module"], unit["number"], "Titulo")


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    platform: FakePlatform


def _server(handler: type[BaseHTTPRequestHandler], platform: FakePlatform) -> _Server:
    server = _Server(("127.0.0.1", 0), handler)
    server.platform = platform
    return server


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    @property
    def platform(self) -> FakePlatform:
        assert isinstance(self.server, _Server)
        return self.server.platform

    def send(self, status: int, content_type: str, body: bytes, headers: Mapping[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": content_type, **(headers or {})}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Requests are recorded by the platform, not logged."""


class _SiteHandler(_Handler):
    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        if path == "/":
            self.send(200, "text/html; charset=utf-8", self.platform.index().encode())
        elif path == "/config.js" and self.platform.configuration is not None:
            self.send(200, CONTENT_TYPES[".js"], self.platform.configuration.encode())
        elif path.startswith("/a/") and (file := SITE / path.split("/", 3)[3]).is_file():
            self.send(200, CONTENT_TYPES[file.suffix], file.read_bytes())
        else:
            self.send(404, "text/plain", b"Not found")


class _ServicesHandler(_Handler):
    def do_OPTIONS(self) -> None:
        self.send(204, "text/plain", b"", self._cors())

    def do_GET(self) -> None:
        self._answer(b"")

    def do_POST(self) -> None:
        self._answer(self.rfile.read(int(self.headers["Content-Length"])))

    def _cors(self) -> dict[str, str]:
        return {
            "Access-Control-Allow-Origin": self.platform.site,
            "Access-Control-Allow-Methods": "GET, POST",
            "Access-Control-Allow-Headers": "authorization, content-type, x-amz-target",
        }

    def _answer(self, body: bytes) -> None:
        if self.platform.unreachable:
            self.close_connection = True
            return
        path = urlsplit(self.path).path
        headers = {name.lower(): value for name, value in self.headers.items()}
        try:
            if path.startswith("/bucket"):
                self._bucket(path, headers, body)
                return
            request = Received(self.command, path, headers, json.loads(body) if body else None)
            self.platform.received.append(request)
            if path == "/sign-in":
                operation = headers["x-amz-target"].partition(".")[2]
                status, answer = 200, self.platform.sign_in(operation, request.body)
            else:
                status, answer = self.platform.api(request)
            self.send(status, "application/json", json.dumps(answer).encode(), self._cors())
        except Refusal as refusal:
            headers = self._cors() if refusal.status != 401 or self.platform.readable_refusals else {}
            self.send(refusal.status, refusal.content_type, json.dumps(refusal.body).encode(), headers)

    def _bucket(self, path: str, headers: Mapping[str, str], body: bytes) -> None:
        if self.command == "GET":
            name = path.rpartition("/")[2]
            if name.endswith(".svg"):
                self.send(200, CONTENT_TYPES[".svg"], (SITE / "icon.svg").read_bytes())
                return
            disposition = {"Content-Disposition": f'attachment; filename="{name}"'}
            self.send(200, "application/octet-stream", f"content of {name}".encode(), disposition | self._cors())
            return
        form = message_from_bytes(
            b"Content-Type: " + headers["content-type"].encode() + b"\r\n\r\n" + body, policy=HTTP
        )
        fields = {
            str(part.get_param("name", header="content-disposition")): bytes(part.get_payload(decode=True)).decode()
            for part in form.walk()
            if not part.is_multipart()
        }
        self.platform.texts[fields["key"]] = fields["file"]
        self.platform.received.append(Received("POST", path, headers, list(fields)))
        self.send(204, "text/plain", b"", self._cors())
