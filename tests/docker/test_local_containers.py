"""The local platform with its functions as containers: the real program, real builds, pushes and Lambda containers."""

from __future__ import annotations

import json
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest

from aurora.image import docker
from aurora.local.aws import AwsClients
from aurora.local.containers import Attendant
from aurora.local.credentials import Credentials
from aurora.local.emulator import find_python
from aurora.local.errors import LocalError
from aurora.local.platform import LocalPlatform
from aurora.testing.calls import invoke
from tests.docker.conftest import arguments_of_groups
from tests.local.real import SHORT_LESSONS
from tests.support import base_image
from tests.support.clone import PROJECT, clone_into
from tests.support.processes import started_by
from tests.support.somebody import Somebody, wait_until

OUTLINE = (PROJECT / "examples" / "git-for-small-teams.yaml").read_bytes()
FUNCTION = "aurora-local-images-gen"
MODULE = "functions/slides/images_gen.py"
# The function as it is, for every call but this test's own.
ANSWERING = """
import time

_before = handler


def handler(event, context):
    if event == {"who": "test"}:
        return {"answer": "%s"}
    if event == {"who": "slow test"}:
        time.sleep(8)
        return {"answer": "late"}
    if "echo" in event:
        return event
    return _before(event, context)
"""


# Run in a container, ends what takes events there to Lambda's interface emulator, and prints how many there were.
END_RELAYS = """
import os, pathlib, signal
relays = [
    int(path.parent.name)
    for path in pathlib.Path("/proc").glob("[0-9]*/cmdline")
    if b"interface.sendall" in path.read_bytes() and path.parent.name != str(os.getpid())
]
for relay in relays:
    os.kill(relay, signal.SIGKILL)
print(len(relays))
"""


def ask_docker(*arguments: str) -> str:
    """What the Docker client prints."""
    return subprocess.run([docker.client(), *arguments], capture_output=True, text=True, check=True).stdout


def containers_of(project: Path) -> list[dict[str, Any]]:
    """The containers of a project's sessions, in whatever state, as `docker inspect` shows them."""
    listed = ask_docker("ps", "--all", "--filter", "label=aurora.local.session", "--format", "{{.ID}}").split()
    shown: list[dict[str, Any]] = []
    for container in listed:
        # Of another test's it may be gone by now.
        asked = subprocess.run([docker.client(), "inspect", container], capture_output=True, text=True, check=False)
        shown += json.loads(asked.stdout)
    return [each for each in shown if each["Config"]["Labels"]["aurora.local.session"].startswith(f"{project}/")]


def images_of(port: int) -> list[str]:
    """The images that Docker has under a registry's name."""
    listed = ask_docker("images", "--digests", "--format", "{{.Repository}}").split()
    return [name for name in listed if name.startswith(f"127.0.0.1:{port}/")]


def listens(address: str, port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((address, port)) == 0


def port_of(url: str) -> int:
    return int(url.rpartition(":")[2])


class Said:
    """Collects what a platform says, and waits for what it is expected to say."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._news = threading.Condition()

    def __call__(self, text: str) -> None:
        with self._news:
            self.lines.append(text)
            self._news.notify_all()

    def wait_for(self, pattern: str) -> str:
        """The first line that matches, which is then forgotten."""

        def matching() -> str | None:
            return next((line for line in self.lines if re.search(pattern, line, re.DOTALL)), None)

        with self._news:
            assert self._news.wait_for(matching, timeout=300), (pattern, self.lines)
            found = matching()
            assert found is not None
            self.lines.remove(found)
        return found


@pytest.fixture(scope="module")
def said() -> Said:
    return Said()


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return clone_into(tmp_path_factory.mktemp("containers") / "clone").resolve()


@pytest.fixture(scope="module")
def platform(project: Path, said: Said) -> Generator[LocalPlatform]:
    """The platform of a clone; edits of its functions are deployed. When it has ended, nothing of it is left."""
    config = SHORT_LESSONS | {"aurora:baseImage": base_image.ensure()}
    platform = LocalPlatform(project=project, announce=False, progress=said, stack_config=config, containers=True)
    with ExitStack() as opened:
        with pytest.MonkeyPatch.context() as patch:
            # Somebody's own AWS configuration is not asked, and a proxy does not know this machine.
            patch.setenv("AWS_PROFILE", "nobody-has-this-profile")
            patch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
            patch.setenv("http_proxy", "http://127.0.0.1:9")
            opened.enter_context(platform)
        port = port_of(platform.endpoint)
        yield platform
    assert containers_of(project) == []
    assert images_of(port) == []
    assert not listens("127.0.0.1", port)


@pytest.fixture(scope="module")
def author(platform: LocalPlatform) -> Generator[Somebody]:
    with httpx.Client(trust_env=False) as http:
        yield Somebody(platform, http)


def test_an_outline_becomes_a_book_in_containers_of_the_images_that_the_program_names(
    author: Somebody, platform: LocalPlatform, project: Path
) -> None:
    run = author.course(OUTLINE, content="both", slides=True)

    assert run.outcome == "complete", run.view
    formats = ("pdf", "docx", "html", "md", "json")
    books = {f"book/{book}.{format_}" for book in ("book", "lab-book") for format_ in formats}
    assert books <= set(author.objects(run.course_id))
    ran = {(environment(each)["AWS_LAMBDA_FUNCTION_NAME"], each["Config"]["Image"]) for each in containers_of(project)}
    images = platform.exports["images"]
    expected = {
        (f"aurora-local-{handler.split('.')[2].replace('_', '-')}", images[group])
        for group, arguments in arguments_of_groups().items()
        for handler in arguments["HANDLERS"].split()
    }
    # That group may have been edited by another test.
    edited = {(name, image) for name, image in expected if image == images["slides"]}
    assert expected - edited <= ran
    assert (FUNCTION, live_image(platform)) in ran
    for each in containers_of(project):
        repository, _, digest = each["Config"]["Image"].partition("@")
        assert re.fullmatch(r"sha256:[0-9a-f]{64}", digest)
        described = platform.client("ecr").describe_images(repositoryName=repository.partition("/")[2])["imageDetails"]
        assert digest in [image["imageDigest"] for image in described]
        assert each["HostConfig"]["ReadonlyRootfs"]  # as in Lambda, but for /tmp


def test_what_functions_sign_is_reached_from_this_machine_and_allowed_by_the_page(
    author: Somebody, platform: LocalPlatform
) -> None:
    run = author.course(OUTLINE, modules=(1,))
    (pdf,) = (file for file in author.get(f"/courses/{run.course_id}")["files"] if file["name"] == "book.pdf")

    answer = httpx.get(pdf["url"], trust_env=False)

    assert (answer.status_code, answer.content[:4]) == (200, b"%PDF")
    signed = httpx.URL(pdf["url"])
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', httpx.get(platform.site).text)
    assert policy
    assert f"http://{signed.host}:{signed.port}" in policy[1].replace(";", " ").split()


def test_functions_are_called_through_the_embedded_aws_alone(platform: LocalPlatform, project: Path) -> None:
    assert invoke(platform, FUNCTION, {"no": "event of a workflow"}).error == "Unhandled"

    running = [each["NetworkSettings"] for each in containers_of(project) if each["State"]["Running"]]
    assert running
    for network in running:
        assert not any(network["Ports"].values())
        address = network["Networks"]["bridge"]["IPAddress"]
        for port in (8080, 9001):  # the interface emulator's, and its Runtime API's
            with pytest.raises(ConnectionRefusedError):
                socket.create_connection((address, port), timeout=5)


def test_a_container_whose_relay_has_ended_is_still_called(platform: LocalPlatform, project: Path) -> None:
    event = {"no": "event of a workflow"}
    expected = invoke(platform, FUNCTION, event).payload["errorType"]
    before = containers_of_function(project)
    ended = [ask_docker("exec", container, "python3", "-c", END_RELAYS) for container in before]
    assert any(int(count) for count in ended)

    assert invoke(platform, FUNCTION, event).payload["errorType"] == expected
    assert containers_of_function(project) <= before


def test_what_a_function_logs_is_in_its_log_group(platform: LocalPlatform) -> None:
    answer = invoke(platform, "aurora-local-batch-expander", {"no": "event of a workflow"})

    assert answer.error == "Unhandled"
    logs, group = platform.client("logs"), "/aws/lambda/aurora-local-batch-expander"
    streams = logs.describe_log_streams(logGroupName=group)["logStreams"]
    lines = [
        event["message"]
        for stream in streams
        for event in logs.get_log_events(logGroupName=group, logStreamName=stream["logStreamName"])["events"]
    ]
    assert any(answer.payload["errorType"] in line for line in lines), lines


def test_a_saved_edit_is_answered_by_a_new_image_and_one_that_cannot_be_built_changes_nothing(
    platform: LocalPlatform, project: Path, said: Said
) -> None:
    before, untouched = live_image(platform), live_version(platform, "aurora-local-book-builder")
    original = (project / MODULE).read_text()

    save(project, original + ANSWERING % "first")
    said.wait_for("^deployed slides$")
    assert invoke(platform, FUNCTION, {"who": "test"}).payload == {"answer": "first"}
    large = {"echo": ["ü" * 1000] * 900}
    assert invoke(platform, FUNCTION, large).payload == large
    assert said.wait_for("^slides: built and pushed, because ")
    edited = live_image(platform)
    assert edited != before

    save(project, original + "\nfrom json import no_such_name\n")
    failed = said.wait_for("^error: slides is not deployed; its functions stay as they are:\n")
    assert "cannot import name 'no_such_name'" in failed
    assert live_image(platform) == edited
    assert invoke(platform, FUNCTION, {"who": "test"}).payload == {"answer": "first"}

    # What has been built before is not built again. A call under way is left to finish.
    with ThreadPoolExecutor(1) as elsewhere:
        slow = elsewhere.submit(invoke, platform, FUNCTION, {"who": "slow test"})
        time.sleep(1)
        save(project, original)
        said.wait_for("^deployed slides$")
        assert not slow.done()
        assert slow.result().payload == {"answer": "late"}
    assert said.wait_for("^slides: present, because ")
    assert live_image(platform) == before
    assert live_version(platform, "aurora-local-book-builder") == untouched


def test_a_platform_that_is_killed_leaves_no_container_no_image_and_no_port(tmp_path: Path) -> None:
    clone = clone_into(tmp_path / "clone").resolve()
    command = [sys.executable, "-m", "aurora", "local", "--containers", "--base-image", base_image.ensure(), "--json"]
    process = subprocess.Popen(command, cwd=clone, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        ready = process.stdout.readline()
        assert ready, process.communicate()[1]
        known = json.loads((clone / ".aurora" / "local.json").read_text())
        call(known)
        (container,) = containers_of(clone)
        port = port_of(known["endpoint"])
        reached_at = environment(container)["AWS_ENDPOINT_URL"]
        assert images_of(port)
        assert listens(httpx.URL(reached_at).host, port)
    finally:
        process.send_signal(signal.SIGKILL)
        process.communicate()

    wait_until(lambda: not containers_of(clone), lambda: f"{containers_of(clone)} still there")
    wait_until(lambda: not images_of(port), lambda: f"{images_of(port)} still there")
    assert not listens("127.0.0.1", port)
    assert not listens(httpx.URL(reached_at).host, port)


def test_an_image_that_cannot_be_built_ends_the_start_with_the_reason(tmp_path: Path) -> None:
    clone = clone_into(tmp_path / "clone").resolve()
    with (clone / "aurora" / "runtime" / "errors.py").open("a") as errors:
        errors.write("\nfrom json import no_such_name\n")
    config = {"aurora:baseImage": base_image.ensure()}
    platform = LocalPlatform(project=clone, announce=False, watch=False, stack_config=config, containers=True)

    with pytest.raises(LocalError, match="cannot import name 'no_such_name' from 'json'"):
        platform.__enter__()

    assert list((clone / ".aurora" / "run").iterdir()) == []
    assert containers_of(clone) == []


def test_a_base_whose_containers_would_answer_nobody_is_refused(tmp_path: Path) -> None:
    clone = clone_into(tmp_path / "clone").resolve()
    (clone / "aurora" / "image" / "Dockerfile").write_text(
        "ARG BASE_IMAGE\nFROM ${BASE_IMAGE}\nRUN rm /usr/local/bin/aws-lambda-rie\n"
    )
    config = {"aurora:baseImage": base_image.ensure()}
    platform = LocalPlatform(project=clone, announce=False, watch=False, stack_config=config, containers=True)

    with pytest.raises(LocalError, match=r"has no /usr/local/bin/aws-lambda-rie.*--base-image"):
        platform.__enter__()

    assert containers_of(clone) == []


def test_a_platform_that_is_ended_while_it_builds_ends_at_once_and_the_build_with_it(tmp_path: Path) -> None:
    clone = clone_into(tmp_path / "clone").resolve()
    (clone / "aurora" / "image" / "Dockerfile").write_text("ARG BASE_IMAGE\nFROM ${BASE_IMAGE}\nRUN sleep 300\n")
    command = [sys.executable, "-m", "aurora", "local", "--containers", "--base-image", base_image.ensure()]
    process = subprocess.Popen(command, cwd=clone, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    try:
        wait_until(lambda: bool(started_by(process.pid, "--build-arg")), lambda: "no build was started")
        started = started_by(process.pid, "")
    finally:
        process.send_signal(signal.SIGTERM)
        _, told = process.communicate(timeout=60)

    assert process.returncode == 130, told
    assert "Traceback" not in told
    wait_until(lambda: not any(runs(pid) for pid in started), lambda: f"one of {started} still runs")
    assert list((clone / ".aurora" / "run").iterdir()) == []


def test_what_a_session_left_that_was_killed_with_its_attendant_is_removed_by_the_next(tmp_path: Path) -> None:
    going_on, killed = tmp_path / "going-on", tmp_path / "killed"
    going_on.mkdir()
    for session in (going_on, killed):
        ask_docker(
            *("run", "--detach", "--label", f"aurora.local.session={session}"),
            *(base_image.ensure(), "python3", "-c", "import time; time.sleep(600)"),
        )
    attendant = Attendant(
        python=find_python(PROJECT), session=tmp_path / "next", images="aurora-local-", log=tmp_path / "log"
    )
    try:
        attendant.start()

        (left,) = containers_of(tmp_path)
        assert left["Config"]["Labels"]["aurora.local.session"] == str(going_on)
        assert left["State"]["Running"]
    finally:
        attendant.stop()
        going_on.rmdir()
        for each in containers_of(tmp_path):
            ask_docker("rm", "--force", each["Id"])


def runs(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


def environment(container: dict[str, Any]) -> dict[str, str]:
    """The variables that a container was given."""
    return dict(variable.split("=", 1) for variable in container["Config"]["Env"])


def containers_of_function(project: Path) -> set[str]:
    """The identities of the containers of the edited function."""
    return {
        each["Id"]
        for each in containers_of(project)
        if environment(each)["AWS_LAMBDA_FUNCTION_NAME"] == FUNCTION and each["State"]["Running"]
    }


def live_image(platform: LocalPlatform) -> str:
    """The image that calls of the edited function reach."""
    return platform.client("lambda").get_function(FunctionName=FUNCTION, Qualifier="live")["Code"]["ImageUri"]


def live_version(platform: LocalPlatform, function: str) -> str:
    return platform.client("lambda").get_alias(FunctionName=function, Name="live")["FunctionVersion"]


def save(project: Path, text: str) -> None:
    """As most editors do, in one step: a file that is half written would be a build of its own."""
    (project / "saved").write_text(text)
    (project / "saved").replace(project / MODULE)


def call(known: dict[str, Any]) -> None:
    """Any call of a function, so that its container runs."""
    credentials = Credentials(known["access_key_id"], known["secret_access_key"])
    AwsClients(lambda: known["endpoint"], known["region"], credentials).client("lambda").invoke(
        FunctionName=FUNCTION, Qualifier="live", Payload=b"{}"
    )
