"""Which base the images get: the emulator's registry holds real ones; one that hands out tokens stands beside it."""

from __future__ import annotations

import hashlib
import json
import socket
import uuid
from base64 import b64encode
from collections.abc import Generator
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from aurora.errors import CommandError
from aurora.image.registry import Registry
from aurora.local.emulator import Emulator
from aurora.ops import base_image
from aurora.ops.base_image import Base, update
from tests.support.embedded_aws import client
from tests.support.images import INDEX_TYPE, push_image, push_index


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """images/base-image of a project of its own."""
    monkeypatch.setattr(base_image, "ROOT", tmp_path)
    path = tmp_path / "images" / "base-image"
    path.parent.mkdir()
    return path


@pytest.fixture
def repository(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> Generator[str]:
    """A repository of the embedded AWS, read with the login that its registry asks everybody for."""
    login = ("AWS", emulator.credentials.secret_access_key)
    token = b64encode(":".join(login).encode()).decode()
    monkeypatch.setattr(base_image, "Registry", partial(Registry, token=token))
    ecr = client(emulator, "ecr")
    name = f"python-{uuid.uuid4().hex[:8]}"
    ecr.create_repository(repositoryName=name)
    yield name
    ecr.delete_repository(repositoryName=name, force=True)


def test_the_newest_dated_tag_of_the_same_python_is_written_with_its_digest(
    emulator: Emulator, repository: str, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    host = f"127.0.0.1:{emulator.port}"
    for tag in ("3.13", "3.13.2026.06.05.14", "3.14.2027.01.01.01", "3.13.2026.12.01.09-x86_64"):
        push_image(emulator, repository, tag, content=tag.encode())
    newest = push_image(emulator, repository, "3.13.2026.11.30.08", content=b"newest")
    file.write_text(f"{host}/{repository}:3.13.2026.06.05.14\n")
    assert update() == 0
    assert file.read_text() == f"{host}/{repository}:3.13.2026.11.30.08@{newest}\n"
    assert capsys.readouterr().out == file.read_text()

    assert update() == 0
    assert "already" in capsys.readouterr().err
    assert file.read_text() == f"{host}/{repository}:3.13.2026.11.30.08@{newest}\n"


def test_a_base_for_several_platforms_is_pinned_as_a_whole(emulator: Emulator, repository: str, file: Path) -> None:
    digest = push_index(emulator, repository, "3.13.2026.06.05.14")
    file.write_text(f"127.0.0.1:{emulator.port}/{repository}:3.13")
    update()
    assert file.read_text().strip().endswith(f":3.13.2026.06.05.14@{digest}")


def test_a_registry_without_such_a_tag_leaves_the_file_alone(emulator: Emulator, repository: str, file: Path) -> None:
    push_image(emulator, repository, "3.13")
    file.write_text(f"127.0.0.1:{emulator.port}/{repository}:3.13\n")
    with pytest.raises(CommandError, match=r"has no dated tag of Python 3\.13\."):
        update()
    assert file.read_text().endswith(":3.13\n")


class Guarded:
    """A registry that, as public ones do, lets everybody read who fetched a token first; its tags come in pages."""

    def __init__(self) -> None:
        self.manifest = json.dumps({"schemaVersion": 2, "mediaType": INDEX_TYPE, "manifests": []}).encode()
        self.headers = {"Content-Type": INDEX_TYPE}
        self.realm = "/token/"
        owner = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                status, headers, body = owner.answer(self.path, self.headers.get("Authorization", ""))
                self.send_response(status)
                for name, value in {**headers, "Content-Length": str(len(body))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: Any) -> None:
                """Nothing: tests read what the command prints."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.host = f"127.0.0.1:{self.server.server_port}"

    def answer(self, path: str, authorization: str) -> tuple[int, dict[str, str], bytes]:
        url = urlsplit(path)
        if url.path == "/token/":
            asked = parse_qs(url.query)
            assert (asked["service"], asked["scope"]) == (["a registry"], ["repository:lambda/python:pull"])
            return 200, {}, b'{"token": "for-everybody"}'
        if authorization != "Bearer for-everybody":
            realm = f'Bearer realm="http://{self.host}{self.realm}",service="a registry"' if self.realm else "Basic"
            return 401, {"WWW-Authenticate": realm}, b""
        if url.path.endswith("/tags/list"):
            if "last" not in url.query:
                return 200, {"Link": '</v2/lambda/python/tags/list?last=a>; rel="next"'}, b'{"tags": ["3.13"]}'
            return 200, {}, b'{"tags": ["3.13.2026.06.05.14"]}'
        return 200, self.headers, self.manifest


@pytest.fixture
def guarded() -> Generator[Guarded]:
    registry = Guarded()
    thread = Thread(target=registry.server.serve_forever, daemon=True)
    thread.start()
    yield registry
    registry.server.shutdown()
    registry.server.server_close()
    thread.join()


def test_a_token_for_everybody_is_fetched_and_every_page_of_tags_read(guarded: Guarded, file: Path) -> None:
    file.write_text(f"{guarded.host}/lambda/python:3.13.2025.01.01.01")
    update()
    digest = hashlib.sha256(guarded.manifest).hexdigest()
    assert file.read_text() == f"{guarded.host}/lambda/python:3.13.2026.06.05.14@sha256:{digest}\n"


@pytest.mark.parametrize(
    "headers",
    [{"Content-Type": "text/html"}, {"Content-Type": INDEX_TYPE, "Docker-Content-Digest": f"sha256:{'0' * 64}"}],
)
def test_what_is_no_manifest_of_the_registry_gives_no_digest(
    headers: dict[str, str], guarded: Guarded, file: Path
) -> None:
    guarded.headers = headers
    file.write_text(f"{guarded.host}/lambda/python:3.13")
    with pytest.raises(CommandError, match="is not the manifest of an image"):
        update()
    assert file.read_text() == f"{guarded.host}/lambda/python:3.13"


def test_a_registry_for_its_own_users_is_a_sentence(guarded: Guarded, file: Path) -> None:
    guarded.realm = ""
    file.write_text(f"{guarded.host}/lambda/python:3.13")
    with pytest.raises(CommandError, match="needs credentials"):
        update()


def test_a_registry_that_is_not_there_is_a_sentence(file: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        host = f"127.0.0.1:{gone.getsockname()[1]}"
    file.write_text(f"{host}/lambda/python:3.13")
    with pytest.raises(CommandError, match=rf"the registry {host} does not answer \(.*look at the network"):
        update()


def test_a_file_that_is_not_there_is_a_sentence(file: Path) -> None:
    with pytest.raises(CommandError, match=r"base-image cannot be read: No such file.*git checkout images/base-image"):
        update()


@pytest.mark.parametrize("reference", ["debian:bookworm", "public.ecr.aws/lambda/python", "public.ecr.aws/a/b:latest"])
def test_a_base_whose_tag_names_no_python_is_an_error(reference: str, file: Path) -> None:
    file.write_text(reference)
    with pytest.raises(CommandError, match="does not begin with a version of Python"):
        update()


@pytest.mark.parametrize(
    "reference",
    [
        "public.ecr.aws/lambda/python:3.13.2026.06.05.14",
        f"public.ecr.aws/lambda/python:3.13.2026.06.05.14@sha256:{'a' * 64}",
    ],
)
def test_a_reference_is_taken_apart(reference: str) -> None:
    assert Base.of(reference) == Base("public.ecr.aws", "lambda/python", "3.13", "3.13.2026.06.05.14")
