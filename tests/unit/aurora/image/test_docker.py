"""What the Docker client says comes through as a sentence with what to do.

A script stands in for the client: it prints what a real one printed. Real failures of a real Docker are in
tests/docker.
"""

from __future__ import annotations

import base64
import json
import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from aurora.image import docker

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the clients here are shell scripts")

BUILD = docker.Build(
    Path("context"),
    "111122223333.dkr.ecr.us-east-1.amazonaws.com/aurora-dev-content:5f1c",
    "linux/amd64",
    {"HANDLERS": "functions.course_api.starter_api.handler", "BASE_IMAGE": "public.ecr.aws/lambda/python:3.13"},
)
REFERENCE = BUILD.reference
REGISTRY = "111122223333.dkr.ecr.us-east-1.amazonaws.com"

Client = Callable[..., Path]


@pytest.fixture
def client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Client:
    """Puts a client onto PATH, behind those before it: a version, whether it has buildx, and what its work does."""
    folders: list[str] = []
    for variable in ("PIP_CERT", "SSL_CERT_FILE", "DOCKER_HOST", "DOCKER_CONFIG", "BUILDX_BUILDER"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))

    def add(work: str = "", version: str = "20.10.24+dfsg1", buildx: bool = False) -> Path:
        folder = tmp_path / f"client-{len(folders)}"
        folder.mkdir()
        script = folder / "docker"
        script.write_text(
            f"""#!/bin/sh
export PATH=/usr/bin:/bin
case "$*" in
  --version) echo "Docker version {version}, build 297e128" ;;
  "version --format {{{{.Server.Version}}}}") echo {version} ;;
  "buildx version") {"echo github.com/docker/buildx v0.12.1" if buildx else "exit 1"} ;;
  *) echo "$*" >> "{folder}/calls"
{work}
esac
"""
        )
        script.chmod(0o755)
        folders.append(str(folder))
        monkeypatch.setenv("PATH", os.pathsep.join(folders))
        return folder

    return add


def fails(said: str, code: int = 1) -> str:
    """What a client does that says this on stderr and fails."""
    return f"printf '%s' {shlex.quote(said)} >&2; exit {code}"


def calls(client: Path) -> list[str]:
    return (client / "calls").read_text().splitlines()


def why_not_built() -> str:
    with pytest.raises(docker.DockerError) as failed:
        docker.build(BUILD)
    return str(failed.value)


def why_not_pushed() -> str:
    with pytest.raises(docker.DockerError) as failed:
        docker.push(REFERENCE, "AWS", "hunter2")
    return str(failed.value)


def test_the_first_client_that_can_build_is_used(client: Client) -> None:
    client(version="28.2.2")
    able = client(version="20.10.24")
    client(version="28.2.2", buildx=True)

    assert docker.client() == str(able / "docker")


def test_a_later_client_needs_its_plugin(client: Client) -> None:
    client(version="28.2.2")
    with pytest.raises(docker.DockerError, match=r"28\.2\.2.*cannot build images with BuildKit: install .* buildx"):
        docker.check()

    able = client(version="29.0.1", buildx=True)
    assert docker.client() == str(able / "docker")


def test_without_a_client_docker_is_to_be_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(docker.DockerError, match="no `docker` on PATH: install it"):
        docker.check()


def test_what_another_program_of_that_name_says_is_no_client(client: Client, tmp_path: Path) -> None:
    other = client()
    (other / "docker").write_text("#!/bin/sh\necho podman version 4.3.1\n")

    with pytest.raises(docker.DockerError, match=r"podman version 4\.3\.1\) cannot build"):
        docker.client()


def test_the_build_gets_its_arguments_and_makes_one_image_without_attestations(client: Client) -> None:
    used = client('env | grep -E "^(DOCKER_BUILDKIT|BUILDX)" | sort >> "$(dirname "$0")/calls"')

    docker.build(BUILD)

    assert calls(used) == [
        f"build --progress plain --platform linux/amd64 --tag {REFERENCE} "
        "--build-arg BASE_IMAGE=public.ecr.aws/lambda/python:3.13 "
        "--build-arg HANDLERS=functions.course_api.starter_api.handler context",
        "BUILDX_NO_DEFAULT_ATTESTATIONS=1",
        "DOCKER_BUILDKIT=1",
    ]


@pytest.mark.parametrize(("version", "buildx", "side_by_side"), [("20.10.24", False, False), ("26.1.5", True, True)])
def test_builds_run_one_at_a_time_where_two_would_crash_the_daemon(
    client: Client, version: str, buildx: bool, side_by_side: bool
) -> None:
    used = client('here=$(dirname "$0"); echo begin >> $here/log; sleep 1; echo end >> $here/log', version, buildx)

    with ThreadPoolExecutor() as pool:
        list(pool.map(docker.build, (BUILD, BUILD)))

    lines = (used / "log").read_text().split()
    assert lines == (["begin", "begin", "end", "end"] if side_by_side else ["begin", "end", "begin", "end"])


def test_a_daemon_that_ends_during_a_build_is_told(client: Client) -> None:
    client(fails("#1 [internal] load build definition from Dockerfile\n#1 DONE 0.0s\nunexpected EOF"))

    assert why_not_built().startswith("Docker's daemon ended during the build (its log says why): start ")


def test_somebodys_own_default_builder_does_not_keep_the_image(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    used = client('env | grep BUILDX_BUILDER >> "$(dirname "$0")/calls"; true')
    monkeypatch.setenv("BUILDX_BUILDER", "own")

    docker.build(BUILD)

    assert len(calls(used)) == 1


def test_certificates_of_the_machine_reach_the_build_as_a_secret(
    client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    used = client()
    bundle = tmp_path / "our, own.pem"
    bundle.touch()
    monkeypatch.setenv("SSL_CERT_FILE", "/elsewhere")
    monkeypatch.setenv("PIP_CERT", str(bundle))

    docker.build(BUILD)

    assert f'--secret id=certificates,"src={bundle}"' in calls(used)[0]
    assert "PIP_CERT" not in calls(used)[0]


def test_certificates_that_are_not_there_are_named(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    client()
    monkeypatch.setenv("PIP_CERT", "/no/such.pem")

    assert why_not_built().startswith("PIP_CERT names /no/such.pem, which is not a file: correct or unset it")


DAEMON = {
    # docker 20.10.24 and 28.2.2
    "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?": (
        "Docker's daemon does not answer at unix:///var/run/docker.sock: start "
    ),
    # docker 29
    "failed to connect to the docker API at unix:///var/run/docker.sock; check if the path is correct and if the "
    "daemon is running: dial unix /var/run/docker.sock: connect: no such file or directory": (
        "Docker's daemon does not answer at unix:///var/run/docker.sock: start "
    ),
    # Docker Desktop on Windows
    "error during connect: this error may indicate that the docker daemon is not running: Get "
    '"http://%2F%2F.%2Fpipe%2Fdocker_engine/v1.24/version": open //./pipe/docker_engine: The system cannot find the '
    "file specified.": "Docker's daemon does not answer: start ",
    # docker 20.10.24
    "permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock: Get "
    '"http://%2Fvar%2Frun%2Fdocker.sock/v1.24/version": dial unix /var/run/docker.sock: connect: permission denied': (
        "This user may not use Docker's daemon: add it to the group docker"
    ),
    # docker 28.2.2 without buildx
    "ERROR: BuildKit is enabled but the buildx component is missing or broken.\n       Install the buildx component to "
    "build images with BuildKit:\n       https://docs.docker.com/go/buildx/": (
        "Docker cannot build with BuildKit here: install its plugin buildx"
    ),
}


@pytest.mark.parametrize(("said", "sentence"), DAEMON.items())
def test_a_daemon_that_cannot_be_used_is_told_alike_by_checks_builds_and_pushes(
    client: Client, said: str, sentence: str
) -> None:
    client(fails(said))

    with pytest.raises(docker.DockerError) as failed:
        docker.check()

    told = str(failed.value)
    assert told.startswith(sentence)
    assert told.endswith("then run the same command again.")
    assert why_not_built() == why_not_pushed() == told


def test_a_daemon_named_by_a_variable_is_not_started_here(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    client(fails("Cannot connect to the Docker daemon at tcp://10.0.0.9:2375. Is the docker daemon running?"))
    monkeypatch.setenv("DOCKER_HOST", "tcp://10.0.0.9:2375")

    assert "at tcp://10.0.0.9:2375: start it there, or correct or unset DOCKER_HOST, then" in why_not_built()


def test_a_daemon_that_hangs_is_not_waited_for(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    client("exec sleep 60")
    monkeypatch.setattr(docker, "_SECONDS_TO_ANSWER", 3.0)

    with pytest.raises(docker.DockerError, match=r"^Docker's daemon does not answer within 3 s: restart it, then run"):
        docker.check()


def test_windows_containers_are_refused(client: Client) -> None:
    client("echo windows")

    with pytest.raises(docker.DockerError, match="Switch to Linux containers"):
        docker.check()


def progress(title: str, lines: str, error: str) -> str:
    """What BuildKit prints, shortened to the step that failed."""
    return f"""#1 [internal] load build definition from Dockerfile
#1 sha256:e041eb4fc4447a09d0ffc6cc8e4aeb5b50da9399c55fffdb21cb6ea32f00291b
#1 transferring dockerfile: 70B 0.0s done
#1 DONE 0.0s

#2 [internal] load metadata for public.ecr.aws/lambda/python:3.13
#2 DONE 0.0s

#10 {title}
#10 sha256:d412aeb457b2629bdca90cc8b30f90ee63043ce715f6d1b07a7a9bcc09a367c7
{lines}
#10 ERROR: {error}
------
 > {title}:
------
{error}
"""


PIP = "[dependencies 5/5] RUN --mount=type=cache,target=/var/cache/pip     python3 -m pip install --requirement r.txt"
EXECUTOR = "executor failed running [/bin/sh -c python3 -m pip install]: exit code: 1"


def test_a_failing_instruction_is_shown_with_the_last_it_said(client: Client) -> None:
    lines = "\n".join(f"#10 0.3{number} line {number}" for number in range(40))
    client(fails(progress("[code 3/4] RUN for handler in ${HANDLERS}; do     python3 -c x; done", lines, EXECUTOR)))

    told = why_not_built().splitlines()

    assert told[0] == (
        f"Building {REFERENCE} failed with exit code 1 at `RUN for handler in ${{HANDLERS}}; do python3 -c x; done`:"
    )
    assert told[1:-1] == [f"    line {number}" for number in range(28, 40)]
    assert told[-1] == "Correct it, then run the same command again."


def test_a_later_buildkit_is_understood_as_well(client: Client) -> None:
    error = 'process "/bin/sh -c python3 -m compileall functions" did not complete successfully: exit code: 2'
    client(fails(progress("[code 4/4] RUN python3 -m compileall functions", "#10 0.421 no such thing", error)))

    assert "failed with exit code 2 at `RUN python3 -m compileall functions`:\n    no such thing\n" in why_not_built()


UNTRUSTED = """#10 1.204 WARNING: Retrying (Retry(total=4, connect=None, read=None, redirect=None, status=None)) after \
connection broken by 'SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify \
failed: unable to get local issuer certificate (_ssl.c:992)'))': /simple/boto3/
#10 9.411 ERROR: No matching distribution found for boto3==1.44.5"""
OFFLINE = """#10 1.204 WARNING: Retrying (Retry(total=0, connect=None, read=None, redirect=None, status=None)) after \
connection broken by 'NewConnectionError('<pip._vendor.urllib3.connection.HTTPSConnection object at 0x7f>: Failed to \
establish a new connection: [Errno -3] Temporary failure in name resolution')': /simple/boto3/
#10 9.411 ERROR: No matching distribution found for boto3==1.44.5"""


@pytest.mark.parametrize(
    ("title", "lines", "error", "sentence"),
    [
        (PIP, UNTRUSTED, EXECUTOR, "index's certificate is not trusted in the build.*set PIP_CERT to the file"),
        (PIP, OFFLINE, EXECUTOR, "pip cannot reach the package index from inside the build: connect this machine"),
        (
            PIP,
            "#10 1.2 ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device",
            EXECUTOR,
            "The disk where Docker keeps images is full: free some space",
        ),
        (
            "[code 1/4] RUN printf x > y",
            "#10 0.2 exec /bin/sh: exec format error",
            "executor failed running [/bin/sh -c printf x > y]: exit code: 1",
            "cannot run programs for linux/amd64.*install emulation",
        ),
        (
            "exporting to image",
            "#10 exporting layers",
            "failed to copy files: write /var/lib/docker/overlay2/x/merged/y: no space left on device",
            "The disk where Docker keeps images is full: free some space",
        ),
        (
            "[internal] load metadata for public.ecr.aws/lambda/python:3.13",
            "",
            'failed to do request: Head "https://public.ecr.aws/v2/lambda/python/manifests/3.13": x509: certificate '
            "signed by unknown authority",
            "daemon does not trust the certificate of public.ecr.aws.*/etc/docker/certs.d/public.ecr.aws/ca.crt",
        ),
        (
            "[internal] load metadata for public.ecr.aws/lambda/python:3.13",
            "",
            "public.ecr.aws/lambda/python:3.13: not found",
            "The base image public.ecr.aws/lambda/python:3.13 cannot be pulled.*not found.: check its name and tag",
        ),
        (
            "[internal] load metadata for public.ecr.aws/lambda/python:3.13",
            "",
            "pull access denied, repository does not exist or may require authorization: server message: "
            "insufficient_scope: authorization failed",
            "check its name, and `docker login public.ecr.aws` if it is private",
        ),
        (
            "[internal] load metadata for public.ecr.aws/lambda/python:3.13",
            "",
            "no match for platform in manifest sha256:1: not found",
            "it is not made for linux/amd64: name one that is",
        ),
    ],
)
def test_why_a_build_failed_is_one_sentence(client: Client, title: str, lines: str, error: str, sentence: str) -> None:
    client(fails(progress(title, lines, error)))

    told = why_not_built()

    assert pytest.RaisesExc(docker.DockerError, match=sentence).matches(docker.DockerError(told)), told
    assert len(told.splitlines()) == 1


def test_what_is_no_name_of_an_image_is_told_without_the_builder_s_progress(client: Client) -> None:
    said = 'failed to create LLB definition: failed to parse stage name "BAD REF": invalid reference format: lowercase'
    client(fails(f"#1 [internal] load build definition from Dockerfile\n{said}"))
    assert why_not_built().startswith('The base image "BAD REF" is not a valid name (invalid reference format')


def test_what_is_not_foreseen_comes_through_as_docker_said_it(client: Client) -> None:
    said = "failed to solve with frontend dockerfile.v0: dockerfile parse error line 2: unknown instruction: RUNN"
    client(fails(said))

    assert why_not_built() == f"Docker could not build {REFERENCE}:\n    {said}"
    assert why_not_pushed() == f"Docker could not push {REFERENCE}:\n    {said}"


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ("denied: Your authorization token has expired. Reauthenticate and try again.", "The login at .* has expired"),
        (
            "tag invalid: The image tag '5f1c' already exists in the 'aurora-dev-content' repository and cannot be "
            "overwritten because the repository is immutable.",
            "already has another image with the tag .* run the same command again, which then uses that image",
        ),
        (
            "name unknown: The repository with name 'aurora-dev-content' does not exist in the registry with id '1'",
            "The repository of .* does not exist at .* `pulumi up` of the whole stack creates it",
        ),
        (
            "denied: User: arn:aws:sts::1:assumed-role/ci/x is not authorized to perform: ecr:InitiateLayerUpload on "
            "resource: arn:aws:ecr:us-east-1:1:repository/aurora-dev-content because no identity-based policy allows "
            "the ecr:InitiateLayerUpload action",
            r"the AWS credentials lack ecr:InitiateLayerUpload\. Get this permission",
        ),
        ("no basic auth credentials", r"refused the push of .* \(no basic auth credentials\): check that"),
        ("unauthorized: authentication required", "check that the credentials are of its account"),
        (
            f'Get "https://{REGISTRY}/v2/": dial tcp: lookup {REGISTRY}: no such host',
            "Docker's daemon cannot reach .*no such host.: check the network",
        ),
        (
            f'Get "https://{REGISTRY}/v2/": x509: certificate signed by unknown authority',
            "daemon does not trust the certificate of",
        ),
        (
            f'Get "https://{REGISTRY}/v2/": http: server gave HTTP response to HTTPS client',
            "is a registry without TLS",
        ),
        ("write /var/lib/docker/tmp/x: no space left on device", "The disk where Docker keeps images is full"),
    ],
)
def test_why_a_push_was_refused_is_one_sentence(client: Client, said: str, sentence: str) -> None:
    client(fails(f"The push refers to repository [{REFERENCE.partition(':')[0]}]\n1a2b: Preparing\n{said}\n"))

    told = why_not_pushed()

    assert pytest.RaisesExc(docker.DockerError, match=sentence).matches(docker.DockerError(told)), told
    assert len(told.splitlines()) == 1
    assert "hunter2" not in told


def test_a_push_has_its_credentials_in_a_private_folder_that_goes_with_it(
    client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    own = tmp_path / "home" / ".docker"
    (own / "contexts" / "meta").mkdir(parents=True)
    (own / "config.json").write_text('{"currentContext": "colima", "auths": {"else.where": {"auth": "secret"}}}')
    used = client(f'cp -r "$DOCKER_CONFIG" {tmp_path}/seen; stat -c %a "$DOCKER_CONFIG" > {tmp_path}/mode')

    docker.push(REFERENCE, "AWS", "hunter2")

    assert calls(used) == [f"push {REFERENCE}"]
    assert json.loads((tmp_path / "seen" / "config.json").read_text()) == {
        "auths": {REGISTRY: {"auth": base64.b64encode(b"AWS:hunter2").decode()}},
        "currentContext": "colima",
    }
    assert (tmp_path / "seen" / "contexts" / "meta").is_dir()
    assert (tmp_path / "mode").read_text() == "700\n"
    assert list(temporary.iterdir()) == []


@pytest.mark.parametrize("sent", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_the_client_ends_with_the_process_that_runs_it(client: Client, tmp_path: Path, sent: signal.Signals) -> None:
    used = client(f'echo $$ > "{tmp_path}/pid.part"; mv "{tmp_path}/pid.part" "{tmp_path}/pid"; exec sleep 60')
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    pusher = subprocess.Popen(
        [sys.executable, "-c", f"from aurora.image import docker; docker.push({REFERENCE!r}, 'AWS', 'hunter2')"],
        env={**os.environ, "TMPDIR": str(temporary)},
        cwd=Path(docker.__file__).parents[2],
        stderr=subprocess.DEVNULL,
    )
    until((tmp_path / "pid").exists)
    assert list(temporary.iterdir())

    pusher.send_signal(sent)
    pusher.wait(20)

    pid = int((tmp_path / "pid").read_text())
    until(lambda: not Path(f"/proc/{pid}").exists() if sys.platform == "linux" else ended(pid))
    until(lambda: not list(temporary.iterdir()))
    assert calls(used) == [f"push {REFERENCE}"]


def ended(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def until(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_free_space_is_told_of_this_machines_docker_only(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("socket.gethostname", lambda: "here")
    client('echo \'{"Name": "here", "DockerRootDir": "/"}\'')
    free = docker.free_bytes()
    assert free is not None
    assert free > 0

    monkeypatch.setattr("socket.gethostname", lambda: "elsewhere")
    assert docker.free_bytes() is None


def test_free_space_cannot_be_told_of_a_daemon_that_does_not_answer(client: Client) -> None:
    client('echo \'{"ServerErrors": ["Cannot connect to the Docker daemon"]}\'')

    assert docker.free_bytes() is None
