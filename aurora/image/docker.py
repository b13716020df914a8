"""The Docker client: checks, builds and pushes. Only this module runs it.

Errors say in a sentence what is wrong and what to do.
"""

from __future__ import annotations

import base64
import functools
import json
import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from aurora.image import supervise

_SECONDS_TO_ANSWER = 30.0
_LAST_LINES = 12
_MAX_INSTRUCTION_LENGTH = 100
_AGAIN = "then run the same command again."

# Clients of these major versions build with BuildKit by themselves; later ones need the plugin buildx.
_MAJOR_VERSIONS_WITH_BUILDKIT = range(19, 23)
_FIRST_WITH_CONCURRENT_BUILDS = 23

# One image, never an index with attestations beside it, which Lambda refuses.
_BUILD_ENVIRONMENT = {"DOCKER_BUILDKIT": "1", "BUILDX_NO_DEFAULT_ATTESTATIONS": "1", "DOCKER_CLI_HINTS": "false"}


class DockerError(Exception):
    """Docker failed; the message says why and what to do."""


@dataclass(frozen=True)
class Build:
    """An image to build from the Dockerfile in ``context``.

    ``reference`` is ``host/repository:tag``, ``platform`` as Docker names it (``linux/amd64``), ``arguments`` are the
    Dockerfile's build arguments.
    """

    context: Path
    reference: str
    platform: str
    arguments: Mapping[str, str]


def client() -> str:
    """The path of the first Docker client on PATH that can build with BuildKit.

    Raises:
        DockerError: there is none.
    """
    found = [
        path
        for folder in os.environ.get("PATH", os.defpath).split(os.pathsep)
        if folder and (path := shutil.which("docker", path=folder))
    ]
    if not found:
        raise DockerError(
            "Docker is needed, but there is no `docker` on PATH: install it "
            f"(https://docs.docker.com/engine/install/), {_AGAIN}"
        )
    for path in found:
        if _can_build(path):
            return path
    version = _answer(found[0], "--version") or "it does not run"
    raise DockerError(
        f"{found[0]} ({version}) cannot build images with BuildKit: install Docker's plugin buildx "
        f"(https://docs.docker.com/go/buildx/), {_AGAIN}"
    )


def check() -> None:
    """Checks that images can be built here: there is a client, a daemon and BuildKit.

    Raises:
        DockerError: one of them is missing.
    """
    try:
        answer = _ask(client(), "version", "--format", "{{.Server.Os}}")
    except subprocess.TimeoutExpired:
        raise DockerError(
            f"Docker's daemon does not answer within {_SECONDS_TO_ANSWER:g} s: restart it, {_AGAIN}"
        ) from None
    if answer.returncode:
        raise DockerError(
            _explain_daemon(answer.stderr) or _with_last_lines("Docker does not work here", answer.stderr)
        )
    if answer.stdout.strip() == "windows":
        raise DockerError(
            f"Docker runs Windows containers here: choose `Switch to Linux containers` in Docker Desktop, {_AGAIN}"
        )


def free_bytes() -> int | None:
    """Free disk space where Docker keeps images, in bytes; None if unknown, as for a daemon on another machine."""
    try:
        info = json.loads(_answer(client(), "info", "--format", "{{json .}}"))
        # The folders of Docker Desktop and of other machines may have the same paths as this machine's.
        if info.get("Name") != socket.gethostname():
            return None
        return shutil.disk_usage(info["DockerRootDir"]).free
    except (DockerError, OSError, ValueError, KeyError):
        return None


def build(build: Build) -> None:
    """Builds an image and leaves it in Docker under its reference.

    Raises:
        DockerError: Docker is not usable, the base cannot be pulled, an instruction fails, the disk is full.
    """
    certificates = _certificates()
    docker = client()
    with _build_lock(docker) as lock:
        ended = _run(
            [
                *(docker, "build", "--progress", "plain", "--platform", build.platform, "--tag", build.reference),
                *(
                    part
                    for name in sorted(build.arguments)
                    for part in ("--build-arg", f"{name}={build.arguments[name]}")
                ),
                *(("--secret", f'id=certificates,"src={certificates}"') if certificates else ()),
                str(build.context),
            ],
            # A default builder of the user's may not load the image into Docker.
            {name: value for name, value in os.environ.items() if name != "BUILDX_BUILDER"} | _BUILD_ENVIRONMENT,
            lock=lock,
        )
    if ended.code:
        raise DockerError(_explain_build(ended.said, build))


def holds_program(reference: str, path: str) -> bool:
    """Whether an image holds a program at ``path``; runs the image's shell to find out.

    Raises:
        DockerError: Docker cannot run the image.
    """
    script = f"test -x {shlex.quote(path)} && echo yes || echo no"
    shell = [client(), "run", "--rm", "--network", "none", "--entrypoint", "/bin/sh", reference, "-c", script]
    ended = _run(shell, os.environ)
    answer = ended.said.strip().rpartition("\n")[2]
    if ended.code or answer not in ("yes", "no"):
        raise DockerError(_explain_daemon(ended.said) or _with_last_lines(f"Docker cannot run {reference}", ended.said))
    return answer == "yes"


def push(reference: str, username: str, password: str) -> None:
    """Pushes an image to the registry that its reference names.

    The credentials are in a private folder while the client runs, never in the user's Docker configuration.

    Raises:
        DockerError: the registry cannot be reached, or refuses the credentials or the image.
    """
    folder = Path(tempfile.mkdtemp(prefix="aurora-push-"))
    try:
        _write_configuration(folder, reference, username, password)
        ended = _run([client(), "push", reference], {**os.environ, "DOCKER_CONFIG": str(folder)}, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if ended.code:
        raise DockerError(_explain_push(ended.said, reference))


@dataclass(frozen=True)
class _Ended:
    """The client's exit code and output."""

    code: int
    said: str


@contextmanager
def _build_lock(docker: str) -> Generator[int | None]:
    """Holds a lock for one build at a time, for daemons that concurrent builds may crash, as in Docker 20.10
    (https://github.com/moby/moby/issues/42414). Yields the lock's file descriptor; None if none is needed."""
    version = re.match(r"\d+", _answer(docker, "version", "--format", "{{.Server.Version}}"))
    if os.name == "nt" or version is None or int(version[0]) >= _FIRST_WITH_CONCURRENT_BUILDS:
        yield None
        return
    import fcntl  # which Windows lacks

    # The client's own file: every clone, user and environment on this machine shares it.
    with open(docker, "rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield lock.fileno()


def _run(
    command: list[str], environment: Mapping[str, str], folder: Path | None = None, lock: int | None = None
) -> _Ended:
    """Runs the client to its end. If this process ends first, in any way, the client ends too; then ``folder`` is
    deleted and ``lock`` released."""
    process = subprocess.Popen(
        [sys.executable, "-I", supervise.__file__, str(folder or ""), *command],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        start_new_session=True,  # Ctrl-C is this process's to handle
        pass_fds=() if lock is None else (lock,),
    )
    assert process.stdin
    assert process.stdout
    try:
        return _Ended(said=process.stdout.read(), code=process.wait())
    finally:
        process.stdin.close()  # if it still runs, it ends now
        process.wait()
        process.stdout.close()


def _ask(docker: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [docker, *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        timeout=_SECONDS_TO_ANSWER,
        check=False,
    )


def _answer(docker: str, *arguments: str) -> str:
    """The client's output for a short request; empty if it fails."""
    try:
        answer = _ask(docker, *arguments)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return answer.stdout.strip() if answer.returncode == 0 else ""


@functools.cache
def _can_build(docker: str) -> bool:
    version = re.match(r"Docker version (\d+)", _answer(docker, "--version"))
    if version is None:
        return False
    return int(version[1]) in _MAJOR_VERSIONS_WITH_BUILDKIT or bool(_answer(docker, "buildx", "version"))


def _certificates() -> str | None:
    """The file with the certificates that this machine trusts, if it names one: pip in the build needs them too.

    Raises:
        DockerError: it names a file that does not exist.
    """
    for variable in ("PIP_CERT", "SSL_CERT_FILE"):
        if path := os.environ.get(variable):
            if not os.path.isfile(path):
                raise DockerError(f"{variable} names {path}, which is not a file: correct or unset it, {_AGAIN}")
            return path
    return None


def _write_configuration(folder: Path, reference: str, username: str, password: str) -> None:
    """A configuration that reaches the same daemon as the user's own, and knows these credentials only."""
    own = Path(os.environ.get("DOCKER_CONFIG") or Path.home() / ".docker")
    configuration: dict[str, object] = {
        "auths": {_registry(reference): {"auth": base64.b64encode(f"{username}:{password}".encode()).decode()}}
    }
    try:
        context = json.loads((own / "config.json").read_text(encoding="utf-8")).get("currentContext")
    except (OSError, ValueError):
        context = None
    if context:
        configuration["currentContext"] = context
    if (own / "contexts").is_dir():
        shutil.copytree(own / "contexts", folder / "contexts")
    (folder / "config.json").write_text(json.dumps(configuration), encoding="utf-8")


def _registry(reference: str) -> str:
    return reference.partition("/")[0]


# The client's errors about its daemon, for any command.
_DAEMON_FAULTS = (
    (
        r"permission denied while trying to connect",
        "This user may not use Docker's daemon: add it to the group docker (`sudo usermod -aG docker $USER`) and log "
        "in again, {again}",
    ),
    (
        r"cannot connect to the docker daemon|error during connect|failed to connect to the docker api"
        r"|docker daemon is not running|connection to the docker daemon",
        "Docker's daemon does not answer{endpoint}: {start}, {again}",
    ),
    (
        r"buildx component is missing or broken|buildkit not supported by daemon",
        "Docker cannot build with BuildKit here: install its plugin buildx (https://docs.docker.com/go/buildx/), "
        "{again}",
    ),
    (
        r"no space left on device|disk quota exceeded",
        "The disk where Docker keeps images is full: free some space (`docker system df` shows what is used, `docker "
        "system prune` deletes what nothing uses), {again}",
    ),
)


def _explain_daemon(said: str) -> str | None:
    for pattern, sentence in _DAEMON_FAULTS:
        if re.search(pattern, said, re.IGNORECASE):
            named = re.search(r"(?:unix|tcp|ssh|npipe)://[^\s\"',;]+?(?=[.:;]?(?:\s|$))", said)
            endpoint = os.environ.get("DOCKER_HOST") or (named[0] if named else "")
            return sentence.format(
                endpoint=f" at {endpoint}" if endpoint else "", start=_how_to_start(endpoint), again=_AGAIN
            )
    return None


def _how_to_start(endpoint: str) -> str:
    if os.environ.get("DOCKER_HOST"):
        return "start it there, or correct or unset DOCKER_HOST"
    if endpoint.startswith(("tcp://", "ssh://")):
        return "start it there, or choose another with `docker context use`"
    if sys.platform == "linux":
        return "start it with `sudo systemctl start docker`"
    return "start Docker Desktop"


@dataclass(frozen=True)
class _Step:
    """The step that a build failed in: its title, what it printed, and why it failed."""

    title: str
    lines: tuple[str, ...]
    error: str

    @staticmethod
    def failed(said: str) -> _Step | None:
        """The failed step in BuildKit's plain progress, if it got that far."""
        error = re.search(r"^#(\d+) ERROR: (.*)$", said, re.MULTILINE)
        if error is None:
            return None
        number = error[1]
        title = re.search(rf"^#{number} (\[.*)$", said, re.MULTILINE)
        lines = re.findall(rf"^#{number} \d+\.\d+ (.*)$", said, re.MULTILINE)
        return _Step(title[1] if title else "", tuple(line.rstrip() for line in lines if line.strip()), error[2])


# Errors of pip inside a build.
_UNTRUSTED = r"CERTIFICATE_VERIFY_FAILED|certificate verify failed|SSLCertVerificationError"
_NO_NETWORK = (
    r"Failed to establish a new connection|NewConnectionError|name resolution|Name or service not known"
    r"|Network is unreachable|ConnectTimeoutError|Connection refused|ProxyError|Read timed out|Connection reset"
)


def _explain_build(said: str, build: Build) -> str:
    if sentence := _explain_daemon(said):
        return sentence
    step = _Step.failed(said)
    if step is None and re.search(r"unexpected EOF|transport is closing|error reading from server: EOF", said):
        return f"Docker's daemon ended during the build (its log says why): {_how_to_start('')}, {_AGAIN}"
    if step is None and (base := re.search(r'failed to parse stage name "(.*?)": (.*)', said)):
        return f'The base image "{base[1]}" is not a valid name ({base[2]}): correct it, {_AGAIN}'
    if step is None:
        return _with_last_lines(f"Docker could not build {build.reference}", said)
    if base := re.search(r"load metadata for (\S+)|\] FROM (\S+)", step.title):
        return _explain_base(build.arguments.get("BASE_IMAGE") or base[1] or base[2], build.platform, step.error)
    return _explain_step(step, build)


def _explain_step(step: _Step, build: Build) -> str:
    printed = "\n".join(step.lines)
    if "exec format error" in printed + step.error:
        return (
            f"This machine cannot run programs for {build.platform}, which the build needs: install emulation for it "
            f"(`docker run --privileged --rm tonistiigi/binfmt --install all`) or build on such a machine, {_AGAIN}"
        )
    if " pip " in step.title and re.search(_UNTRUSTED, printed):
        return (
            "The package index's certificate is not trusted in the build, as behind a company's proxy: set PIP_CERT "
            f"to the file with the company's certificates, {_AGAIN}"
        )
    if " pip " in step.title and re.search(_NO_NETWORK, printed):
        return (
            "pip cannot reach the package index from inside the build: connect this machine to the network (behind "
            f"a proxy, set `proxies` in Docker's config.json), {_AGAIN}"
        )
    instruction = re.sub(r"\s+", " ", step.title.partition("] ")[2])
    if len(instruction) > _MAX_INSTRUCTION_LENGTH:
        instruction = instruction[:_MAX_INSTRUCTION_LENGTH].rstrip() + " ..."
    code = re.search(r"exit code: (\d+)", step.error)
    why = f"with exit code {code[1]}" if code else f"({step.error})"
    shown = "".join(f"\n    {line}" for line in step.lines[-_LAST_LINES:])
    return (
        f"Building {build.reference} failed {why} at `{instruction}`{':' if shown else '.'}{shown}\n"
        f"Correct it, {_AGAIN}"
    )


def _explain_base(base: str, platform: str, error: str) -> str:
    if re.search(r"x509|certificate", error):
        return _untrusted_registry(_registry(base))
    if re.search(r"no such host|dial tcp|i/o timeout|connection refused|TLS handshake timeout|EOF", error):
        advice = "its registry does not answer; check the name and the network"
    elif re.search(r"no match for platform|no matching manifest", error):
        advice = f"it is not made for {platform}: name one that is"
    elif re.search(r"401|403|unauthorized|denied|authorization|forbidden", error, re.IGNORECASE):
        advice = f"check its name, and `docker login {_registry(base)}` if it is private"
    else:
        advice = "check its name and tag"
    return f"The base image {base} cannot be pulled ({error}): {advice}, {_AGAIN}"


def _untrusted_registry(registry: str) -> str:
    return (
        f"Docker's daemon does not trust the certificate of {registry}, as behind a company's proxy: put the company's "
        f"certificate into /etc/docker/certs.d/{registry}/ca.crt (Docker Desktop: into the system's trusted ones and "
        f"restart it), {_AGAIN}"
    )


# Answers of registries to a push, and the messages for them.
_PUSH_FAULTS = (
    (
        r"cannot be overwritten|immutable|already exists in the",
        "{registry} already has another image with the tag of {reference}, and tags there do not change: run the same "
        "command again, which then uses that image.",
    ),
    (
        r"token has expired|expired",
        "The login at {registry} has expired: renew your AWS credentials (`aws sso login`), {again}",
    ),
    (
        r"name unknown|repository .*does not exist|repository .*not found",
        "The repository of {reference} does not exist at {registry}: `pulumi up` of the whole stack creates it.",
    ),
    (
        r"not authorized to perform: (\S+)",
        "{registry} refused {reference}: the AWS credentials lack {match}. Get this permission, {again}",
    ),
    (
        r"no basic auth credentials|authentication required|unauthorized|denied|forbidden|401|403",
        "{registry} refused the push of {reference} ({last}): check that the credentials are of its account and may "
        "push images to this repository, {again}",
    ),
    (
        r"server gave HTTP response to HTTPS client",
        "{registry} is a registry without TLS, which Docker accepts on this machine only: add it to "
        "`insecure-registries` in the daemon's configuration, {again}",
    ),
    (
        r"no such host|dial tcp|i/o timeout|connection refused|TLS handshake timeout|network is unreachable|\bEOF\b",
        "Docker's daemon cannot reach {registry} ({last}): check the network, {again}",
    ),
)


def _explain_push(said: str, reference: str) -> str:
    if sentence := _explain_daemon(said):
        return sentence
    registry = _registry(reference)
    if re.search(r"x509|certificate", said):
        return _untrusted_registry(registry)
    for pattern, sentence in _PUSH_FAULTS:
        if match := re.search(pattern, said, re.IGNORECASE):
            return sentence.format(
                registry=registry,
                reference=reference,
                match=match[match.lastindex or 0],
                last=_lines(said)[-1],
                again=_AGAIN,
            )
    return _with_last_lines(f"Docker could not push {reference}", said)


def _lines(said: str) -> list[str]:
    return [line.rstrip() for line in said.splitlines() if line.strip()]


def _with_last_lines(what: str, said: str) -> str:
    last = _lines(said)[-_LAST_LINES:]
    return f"{what}:" + "".join(f"\n    {line}" for line in last) if last else f"{what}, without a reason."
