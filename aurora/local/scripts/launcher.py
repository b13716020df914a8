"""Runs MiniStack inside its own environment, so that it ends with its parent and keeps what ``--data`` promises.

Started by `aurora.local.emulator` with the emulator's Python: standard library and ministack only. It must not know
what is deployed.
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

# What survives a session beside S3's objects (which MiniStack writes as they come): infrastructure is declared anew.
KEPT_SERVICES = ("cognito", "dynamodb")
SECONDS_BETWEEN_SAVES = 0.3
SESSION_LABEL = "aurora.local.session"  # the attendant's, which removes what carries it
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
        """The same application, noting every answered request that may have changed a kept service."""

        async def watched(scope: dict[str, Any], receive: Any, send: Any) -> None:
            await inner(scope, receive, send)
            if scope["type"] == "http" and _may_change_what_is_kept(scope["headers"]):
                self._changed.set()

        return watched

    def save_forever(self) -> None:
        """Saves at most every `SECONDS_BETWEEN_SAVES`; never returns."""
        while True:
            self._changed.wait()
            self._changed.clear()
            self.save()
            time.sleep(SECONDS_BETWEEN_SAVES)

    def save(self) -> None:
        """Writes each kept service's state to its file, replacing the file in one step."""
        with self._saving:
            try:
                # MiniStack's name for it has an underscore; its version is pinned, and a test restarts on kept data.
                self._persistence.save_all(self._app._build_persistence_save_dict())
            except RuntimeError:
                # A table grew while it was being copied: the request that did it is saved with the next round.
                self._changed.set()


def _may_change_what_is_kept(headers: list[tuple[bytes, bytes]]) -> bool:
    for name, value in headers:
        if name.lower() == _TARGET_HEADER and value.startswith(_KEPT_TARGETS):
            return not value.split(b".", 1)[-1].startswith(_READS)
    return False


def end_with_parent(last_words: Callable[[], None]) -> None:
    """Ends this process when its standard input closes, which happens however the parent ends, kill -9 included."""

    def wait() -> None:
        # A raw read: the buffered one would hold a lock that the interpreter's own exit waits for.
        while os.read(0, 4096):
            continue
        last_words()
        # The launcher leads a process group of its own: this ends the function workers as well.
        os.killpg(os.getpid(), signal.SIGKILL)

    threading.Thread(target=wait, name="end-with-parent", daemon=True).start()


def run_containers(address: str, session: str) -> None:
    """Lets MiniStack run functions as containers that reach it at ``address`` and are known to be of ``session``."""
    # MiniStack binds one address. Its names are internal here too: its version is pinned, and tests run containers.
    server: Any = importlib.import_module("hypercorn.asyncio")
    reaper: Any = importlib.import_module("ministack.core.container_reaper")
    functions: Any = importlib.import_module("ministack.services.lambda_svc")
    serve, own_labels = server.serve, reaper.own_labels

    async def serve_there_too(app: Any, config: Any) -> None:
        config.bind.append(f"{address}:{os.environ['GATEWAY_PORT']}")
        await serve(app, config)

    def labels(service: str, **extra: Any) -> dict[str, str]:
        return {**own_labels(service, **extra), SESSION_LABEL: session}

    def leave_at_work(_account: str, _function: str) -> None:
        """New code runs in new containers; the old ones finish their calls and end when they have idled long enough."""

    server.serve = serve_there_too
    reaper.own_labels = labels
    functions._pool_kill_function = leave_at_work


def honour_concurrency_paths() -> None:
    """Lets a Map run as many iterations at a time as its MaxConcurrencyPath says; MiniStack reads MaxConcurrency."""
    # Internal names once more: MiniStack's version is pinned, and a test counts what runs at the same time.
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
    """Puts authentication in front of the application, and secrets in place of what MiniStack makes guessable."""
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
    """Hands a code to the process that started this one: there is no mail, and the log is no place for it."""
    os.write(int(os.environ[MAIL_VARIABLE]), f"{json.dumps([recipient, code])}\n".encode())


def _beside_this_file(name: str) -> Any:
    """A module of this folder, which is on no path: its other modules are for the project's Python."""
    specification = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    assert specification is not None
    assert specification.loader is not None
    module = sys.modules[name] = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def main() -> None:
    """Serves until the parent ends; the environment holds MiniStack's settings.

    Two arguments, the address of this machine for containers and the session's name, let functions be containers.
    """
    container_address = sys.argv[1] if sys.argv[1:] else ""
    if container_address:
        run_containers(*sys.argv[1:])
    else:
        sys.modules["docker"] = None  # type: ignore[assignment]  # not needed, so neither imported nor asked
    app_module: Any = importlib.import_module("ministack.app")
    honour_concurrency_paths()
    persistence: Any = importlib.import_module("ministack.core.persistence")
    last_words: Callable[[], None] = _nothing
    if persistence.PERSIST_STATE:
        kept = {key: module for key, module in app_module._state_map.items() if key in KEPT_SERVICES}
        if len(kept) != len(KEPT_SERVICES):
            sys.exit(f"this version of MiniStack does not keep {' and '.join(KEPT_SERVICES)}")
        app_module._state_map = kept
        keeper = Keeper(app_module, persistence)
        app_module.app = keeper.watch(app_module.app)
        threading.Thread(target=keeper.save_forever, name="keep", daemon=True).start()
        last_words = keeper.save
    answer_own_clients_only(app_module, container_address)
    end_with_parent(last_words)
    sys.argv = ["ministack"]
    app_module.main()


def _nothing() -> None:
    """Without kept data there is nothing to do before the end."""


if __name__ == "__main__":
    main()
