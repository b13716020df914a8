"""Records every AWS call of a function, one JSON line each, for tests of permissions.

It wraps the one method that makes AWS clients, so it sees every client. Presigned URLs and forms are recorded when they
are made: their users act with the function's permissions.
"""

from __future__ import annotations

import functools
import json
import os
from pathlib import Path
from typing import Any

import botocore.session

_create_client = botocore.session.Session.create_client
_NOT_RECORDED = ("Body", "input", "body", "messages", "system")  # content, which permissions ignore and may be large


def record_calls_in(file: str) -> None:
    """Makes the clients of this process append their calls to ``file``."""
    write = functools.partial(_write, Path(file))

    def create_client(self: botocore.session.Session, service_name: str, *args: Any, **kwargs: Any) -> Any:
        client = _create_client(self, service_name, *args, **kwargs)
        _listen(client, service_name, write)
        return client

    botocore.session.Session.create_client = create_client  # type: ignore[method-assign]


def _listen(client: Any, service: str, write: Any) -> None:
    def asked(params: dict[str, Any], model: Any, context: dict[str, Any], **_: Any) -> None:
        presigned = bool(context.get("is_presign_request"))
        if presigned and model.name == "CreateBucket":
            return  # botocore finds the URL of a presigned form by it; the form is recorded below
        context["recorded_params"] = dict(params)  # botocore adds to them
        write(service, model.name, params, presigned=presigned)

    def answered(http_response: Any, model: Any, context: dict[str, Any], **_: Any) -> None:
        if http_response.status_code == 404:
            write(service, model.name, context["recorded_params"], absent=True)

    client.meta.events.register("provide-client-params", asked)
    client.meta.events.register("after-call", answered)
    if service == "s3":
        make_form = client.generate_presigned_post

        def form(Bucket: str, Key: str, **kwargs: Any) -> Any:
            write(service, "PostObject", {"Bucket": Bucket, "Key": Key}, presigned=True)
            return make_form(Bucket=Bucket, Key=Key, **kwargs)

        client.generate_presigned_post = form


def _write(
    file: Path, service: str, operation: str, params: dict[str, Any], *, presigned: bool = False, absent: bool = False
) -> None:
    call = {
        "function": os.environ["AWS_LAMBDA_FUNCTION_NAME"],
        "service": service,
        "operation": operation,
        "params": {name: value for name, value in params.items() if name not in _NOT_RECORDED},
        "presigned": presigned,
        "absent": absent,
    }
    # Many workers write: one unbuffered write to a file opened for appending stays in one piece.
    with file.open("ab", buffering=0) as record:
        record.write(json.dumps(call, default=repr).encode() + b"\n")
