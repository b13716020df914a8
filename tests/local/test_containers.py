"""What becomes of `--containers` on a machine that cannot run them: a sentence, and nothing is left running.

Docker itself is tested with in tests/docker; here a few answers of its API stand in for an engine.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from aurora.local.containers import Attendant
from aurora.local.emulator import find_python
from aurora.local.errors import LocalError
from aurora.local.platform import LocalPlatform
from tests.support.clone import PROJECT
from tests.support.processes import started_by


@contextmanager
def engine(answers: dict[str, Any], deleted: list[str] | None = None) -> Generator[str]:
    """A Docker engine that knows these answers, by the end of a request's path; its address as DOCKER_HOST has it.

    ``deleted`` gets what it is told to delete: the last part of the path.
    """

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            found = next((answer for end, answer in answers.items() if path.endswith(end)), None)
            body = json.dumps({"message": "no such thing"} if found is None else found).encode()
            self.send_response(404 if found is None else 200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_DELETE(self) -> None:
            assert deleted is not None
            deleted.append(self.path.partition("?")[0].rpartition("/")[2])
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield f"tcp://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def attendant(folder: Path) -> Attendant:
    return Attendant(python=find_python(PROJECT), session=folder, images="aurora-local-", log=folder / "log")


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


def test_without_docker_nothing_is_started(project: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    others = started_by(os.getpid(), "launcher.py")

    with pytest.raises(LocalError, match="there is no `docker` on PATH: install it"):
        LocalPlatform(project=project, announce=False, containers=True).__enter__()

    assert started_by(os.getpid(), "launcher.py") == others
    assert not (project / ".aurora" / "run").exists()


def test_an_engine_in_a_machine_of_its_own_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # 192.0.2.0/24 is nobody's address (RFC 5737).
    bridge = {"Name": "bridge", "Id": "b", "IPAM": {"Config": [{"Subnet": "192.0.2.0/24", "Gateway": "192.0.2.1"}]}}
    with engine({"/version": {"ApiVersion": "1.45"}, "/networks/bridge": bridge}) as address:
        monkeypatch.setenv("DOCKER_HOST", address)
        refused = attendant(tmp_path)
        with pytest.raises(LocalError, match=r"192\.0\.2\.1 is not an address of this one.* as Docker Desktop does"):
            refused.start()
        refused.stop()


def test_only_containers_of_sessions_whose_folder_is_gone_are_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, closed = tmp_path / "here", tmp_path / "closed"
    here.mkdir()
    # Root may look into every folder; a link to itself nobody can follow.
    closed.symlink_to("closed")
    sessions = {"of-here": here, "of-somebody": closed / "session", "of-gone": tmp_path / "gone"}
    containers = [{"Id": name, "Labels": {"aurora.local.session": str(at)}} for name, at in sessions.items()]
    bridge = {"Name": "bridge", "Id": "b", "IPAM": {"Config": [{"Subnet": "127.0.0.0/8", "Gateway": "127.0.0.1"}]}}
    answers = {
        "/version": {"ApiVersion": "1.45"},
        "/networks/bridge": bridge,
        "/containers/json": containers,
        "/images/json": [],
    }
    deleted: list[str] = []
    with engine(answers, deleted) as address:
        monkeypatch.setenv("DOCKER_HOST", address)
        starting = attendant(tmp_path)
        starting.start()
        starting.stop()
    assert deleted == ["of-gone"]


def test_an_engine_whose_socket_is_elsewhere_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/no.sock")
    refused = attendant(tmp_path)

    with pytest.raises(LocalError, match=r"cannot use Docker .* set DOCKER_HOST"):
        refused.start()
    refused.stop()


def test_an_installation_without_docker_s_package_says_so(tmp_path: Path) -> None:
    # This project's own environment has none.
    python = Path(sys.executable)
    refused = Attendant(python=python, session=tmp_path, images="aurora-local-", log=tmp_path / "log")

    with pytest.raises(LocalError, match="No module named 'docker'"):
        refused.start()
    refused.stop()
