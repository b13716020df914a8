"""The local site's server, without a platform behind it."""

from __future__ import annotations

import http.client
import socket
import struct
import threading
from types import SimpleNamespace
from typing import Any, cast

import pytest

from aurora.local.site import SiteServer


def test_a_browser_that_goes_away_is_no_news_at_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    others = set(threading.enumerate())  # other tests' servers may never end theirs
    server = SiteServer()
    server.serve(cast("Any", SimpleNamespace(site=SimpleNamespace(headers={}))))
    port = int(server.origin.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port)) as browser:
        browser.sendall(b"GET / HTTP/1.1\r\nHost: elsewhere.example\r\n\r\n")
        assert browser.recv(100).startswith(b"HTTP/1.1 421 ")
        serving = [thread for thread in set(threading.enumerate()) - others if "process_request_thread" in thread.name]
        browser.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # close with a reset
    for thread in serving:
        thread.join()
    server.close()
    assert capsys.readouterr().err == ""


def test_localhost_is_sent_on_to_the_origin_that_the_api_allows() -> None:
    server = SiteServer()
    server.serve(cast("Any", SimpleNamespace(site=SimpleNamespace(headers={}))))
    port = int(server.origin.rpartition(":")[2])
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request("GET", "/a/b%20c?d=e", headers={"Host": f"localhost:{port}"})
    answer = connection.getresponse()
    assert (answer.status, answer.headers["Location"]) == (307, f"{server.origin}/a/b%20c?d=e")
    connection.close()
    server.close()
