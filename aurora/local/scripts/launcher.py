"""Runs MiniStack in its own environment, ends it with its parent process, and saves the data of ``--data``.

`aurora.local.emulator` starts it with the emulator's Python: standard library and ministack only.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import os
import signal
import sys
import threading
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

# Services whose state is kept between sessions. MiniStack itself saves S3's objects; the program declares the rest.
KEPT_SERVICES = ("cognito", "dynamodb")
SECONDS_BETWEEN_SAVES = 0.3
SESSION_LABEL = "aurora.local.session"  # the attendant removes containers with it
SITE_ORIGIN_VARIABLE = "AURORA_SITE_ORIGIN"
MAIL_VARIABLE = "AURORA_MAIL"  # the number of a file descriptor

# Requests of the kept services name their operation in this header, e.g. ``DynamoDB_20120810.PutItem``.
_TARGET_HEADER = b"x-amz-target"
_KEPT_TARGETS = (b"DynamoDB_", b"AWSCognitoIdentityProviderService.")
_READS = (b"Get", b"BatchGet", b"Query", b"Scan", b"Describe", b"List")

Asgi = Callable[[dict[str, Any], Any, Any], Awaitable[None]]


class Keeper:
    """Saves tables and users shortly after a request may have changed them."""

    def __init__(self, app_module: Any, persistence: Any) -> None:
        self._app = app_module
        self._persistence = persistence
        self._changed = threading.Event()
        self._saving = threading.Lock()

    def watch(self, inner: Asgi) -> Asgi:
        """Wraps the application to notice requests that may have changed a kept service."""

        async def watched(scope: dict[str, Any], receive: Any, send: Any) -> None:
            await inner(scope, receive, send)
            if scope["type"] == "http" and _may_change_what_is_kept(scope["headers"]):
                self._changed.set()

        return watched

    def save_forever(self) -> None:
        """Saves after changes, at most every `SECONDS_BETWEEN_SAVES`; never returns."""
        while True:
            self._changed.wait()
            self._changed.clear()
            self.save()
            time.sleep(SECONDS_BETWEEN_SAVES)

    def save(self) -> None:
        """Writes each kept service's state to its file, replacing the file in one step."""
        with self._saving:
            try:
                # A private name of MiniStack, whose version is pinned; a test restarts on kept data.
                self._persistence.save_all(self._app._build_persistence_save_dict())
            except RuntimeError:
                # A table changed during the copy: save again.
                self._changed.set()


def _may_change_what_is_kept(headers: list[tuple[bytes, bytes]]) -> bool:
    for name, value in headers:
        if name.lower() == _TARGET_HEADER and value.startswith(_KEPT_TARGETS):
            return not value.split(b".", 1)[-1].startswith(_READS)
    return False


def end_with_parent(before_exit: Callable[[], None]) -> None:
    """Ends this process when its standard input closes: when the parent ends, even by kill -9."""

    def wait() -> None:
        # A raw read: a buffered one would hold a lock that the interpreter's exit waits for.
        while os.read(0, 4096):
            continue
        before_exit()
        # The launcher leads a process group: this also ends the function workers.
        os.killpg(os.getpid(), signal.SIGKILL)

    threading.Thread(target=wait, name="end-with-parent", daemon=True).start()


def run_containers(address: str, session: str) -> None:
    """Makes MiniStack run functions as containers that reach it at ``address``, with a label of ``session``."""
    # MiniStack binds one address. These are private names of its pinned version; tests run containers.
    server: Any = importlib.import_module("hypercorn.asyncio")
    reaper: Any = importlib.import_module("ministack.core.container_reaper")
    functions: Any = importlib.import_module("ministack.services.lambda_svc")
    serve, own_labels = server.serve, reaper.own_labels

    async def serve_there_too(app: Any, config: Any) -> None:
        config.bind.append(f"{address}:{os.environ['GATEWAY_PORT']}")
        await serve(app, config)

    def labels(service: str, **extra: Any) -> dict[str, str]:
        return {**own_labels(service, **extra), SESSION_LABEL: session}

    def keep_running(_account: str, _function: str) -> None:
        """New code runs in new containers; the old ones finish their calls and end after some idle time."""

    server.serve = serve_there_too
    reaper.own_labels = labels
    functions._pool_kill_function = keep_running


def honour_concurrency_paths() -> None:
    """Makes a Map's MaxConcurrencyPath limit its iterations; MiniStack reads MaxConcurrency only."""
    # Private names of MiniStack's pinned version; a test counts concurrent iterations.
    workflows: Any = importlib.import_module("ministack.services.stepfunctions")
    run_items = workflows._run_map_items

    def run(state: dict[str, Any], raw_input: Any, execution: Any, context: Any) -> Any:
        path = state.get("MaxConcurrencyPath")
        if path is not None:
            found = workflows._apply_input_path(state, raw_input, context)
            state = {**state, "MaxConcurrency": workflows._resolve_path_or_ctx(path, found, context)}
        return run_items(state, raw_input, execution, context)

    workflows._run_map_items = run


def answer_own_clients_only(app_module: Any, container_address: str) -> None:
    """Puts authentication in front of the application, and secrets in place of MiniStack's public values."""
    hardening, authentication, worker = map(_beside_this_file, ("hardening", "authentication", "worker"))
    secret, port = os.environ["AWS_SECRET_ACCESS_KEY"], os.environ["GATEWAY_PORT"]
    derived = hardening.DerivedSecrets(secret)
    hardening.lend_roles(derived)
    hardening.protect_runtime_apis(derived, worker.TOKEN_VARIABLE, worker.TOKEN_HEADER)
    hardening.protect_registry(secret)
    hardening.refuse_refresh_tokens()
    hardening.send_reset_codes(_mail)
    hardening.count_loopback_as_encrypted(app_module)
    if container_address:
        hardening.call_functions_by_exec()
    names = ("127.0.0.1", "localhost", *([container_address] if container_address else []))
    app_module.app = authentication.Authentication(
        app_module.app,
        hosts=[f"{name}:{port}" for name in names],
        site_origin=os.environ.pop(SITE_ORIGIN_VARIABLE, ""),
        registry_user=hardening.REGISTRY_USER,
        secret=secret,
        app_module=app_module,
        containers=bool(container_address),
    )


def _mail(recipient: str, code: str) -> None:
    """Passes a code to the parent process, which shows it: there is no mail, and the log must not hold it."""
    os.write(int(os.environ[MAIL_VARIABLE]), f"{json.dumps([recipient, code])}\n".encode())


def _beside_this_file(name: str) -> Any:
    """A module of this folder, which is not on the import path: its other modules are for the project's Python."""
    specification = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    assert specification is not None
    assert specification.loader is not None
    module = sys.modules[name] = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def main() -> None:
    """Serves until the parent ends; the environment holds MiniStack's settings.

    With two arguments, this machine's address for containers and the session's name, functions run as containers.
    """
    container_address = sys.argv[1] if sys.argv[1:] else ""
    if container_address:
        run_containers(*sys.argv[1:])
    else:
        sys.modules["docker"] = None  # type: ignore[assignment]  # keeps MiniStack from using Docker
    app_module: Any = importlib.import_module("ministack.app")
    honour_concurrency_paths()
    persistence: Any = importlib.import_module("ministack.core.persistence")
    before_exit: Callable[[], None] = _nothing
    if persistence.PERSIST_STATE:
        kept = {key: module for key, module in app_module._state_map.items() if key in KEPT_SERVICES}
        if len(kept) != len(KEPT_SERVICES):
            sys.exit(f"this version of MiniStack does not keep {' and '.join(KEPT_SERVICES)}")
        app_module._state_map = kept
        keeper = Keeper(app_module, persistence)
        app_module.app = keeper.watch(app_module.app)
        threading.Thread(target=keeper.save_forever, name="keep", daemon=True).start()
        before_exit = keeper.save
    answer_own_clients_only(app_module, container_address)
    end_with_parent(before_exit)
    sys.argv = ["ministack"]
    app_module.main()


def _nothing() -> None:
    """Without kept data, there is nothing to save."""


if __name__ == "__main__":
    main()
