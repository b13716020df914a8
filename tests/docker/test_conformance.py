"""The local worker and the runtime client in the images answer the same events alike.

Both run in one image, behind Lambda's own runtime interface emulator.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Generator, Mapping
from typing import Any

import pytest

from aurora.local.scripts import worker
from tests.docker.conftest import BuildGroup
from tests.docker.containers import AS_LAMBDA_DOES, Container, running
from tests.support.clone import PROJECT

HANDLERS = '''
import datetime, logging, os
from decimal import Decimal

class Throttled(Exception):
    """Raised when asked to."""

class Silent(Exception):
    """Has no message of its own."""

    def __str__(self):
        return ""

ANSWERS = {
    "decimal": lambda: {"whole": Decimal("3"), "part": Decimal("1.50"), "large": [Decimal("12345678901234567890")]},
    "tuple": lambda: ("a", ("b",)),
    "keys": lambda: {1: "one", None: "none", True: "true", 1.5: "half"},
    "floats": lambda: [0.1, 1e300, -0.0, 1e-7],
    "not a number": lambda: [float("nan"), float("inf")],
    "text": lambda: "ñ ✓ \\U0001f600 \\u2028 \\" \\\\ </script>",
    "none": lambda: None,
    "bytes": lambda: b'{"already": "json"}',
    "set": lambda: {"a"},
    "object": lambda: {"deep": [object()]},
    "date": lambda: datetime.date(2026, 1, 2),
    "odd keys": lambda: {("a", "b"): 1},
}

def circle():
    items = []
    items.append(items)
    return items

ANSWERS["circle"] = circle

def handler(event, context):
    match event:
        case {"answer": name}:
            return ANSWERS[name]()
        case {"raise": "Throttled"}:
            raise Throttled("zu schnell: ¡espera!")
        case {"raise": "Silent"}:
            raise Silent("said to nobody")
        case {"raise": "several"}:
            raise Throttled("too", "fast", 3)
        case {"raise": "from"}:
            try:
                {}["absent"]
            except KeyError as error:
                raise Throttled("later") from error
        case {"raise": "deep"}:
            return handler({"raise": "Throttled"}, context)
        case {"raise": "group"}:
            raise ExceptionGroup("several", [ValueError("one"), KeyError("two")])
        case "context":
            return [
                context.function_name, context.function_version, context.memory_limit_in_mb,
                context.client_context, context.identity.cognito_identity_id,
                0 < context.get_remaining_time_in_millis() <= 9_000,
                len(context.aws_request_id), context.invoked_function_arn.split(":")[-1],
            ]
        case "environment":
            return [os.getcwd(), os.environ["AWS_LAMBDA_FUNCTION_NAME"], os.environ.get("_HANDLER"), __name__]
    return event
'''
MODULES = {
    "works.py": HANDLERS,
    "lacking.py": "import no_such_module\n",
    "lacking_name.py": "from json import no_such_name\n",
    "failing.py": "raise ValueError('set up wrongly')\n",
}
LAMBDA = ("--env", "AWS_LAMBDA_FUNCTION_NAME=probe", "--env", "AWS_LAMBDA_FUNCTION_TIMEOUT=9")
Ask = Callable[[Any], tuple[Any, Any]]


@pytest.fixture(scope="module")
def image(build_group: BuildGroup, tmp_path_factory: pytest.TempPathFactory) -> str:
    """An image of the handlers above, with the local worker beside them."""
    project = tmp_path_factory.mktemp("project")
    (project / "functions" / "probe").mkdir(parents=True)
    (project / "functions" / "probe" / "__init__.py").touch()
    (project / "functions" / "__init__.py").touch()
    shutil.copy(worker.__file__, project / "functions" / "probe")
    for name, text in MODULES.items():
        (project / "functions" / "probe" / name).write_text(text)
    shutil.copytree(PROJECT / "images" / "slides", project / "images" / "probe")
    return build_group(project, "probe", {"HANDLERS": "functions.probe.works.handler"})


@pytest.fixture(scope="module")
def ask(image: str) -> Generator[Ask]:
    """Gives an event to both, and returns what each answered."""
    with both(image, "functions.probe.works.handler") as containers:
        yield lambda event: answers(containers, event)


class both:
    """A container that runs the image as it is, and one that runs the worker in it."""

    def __init__(self, image: str, handler: str) -> None:
        script = "/var/task/functions/probe/worker.py"
        self._image = running(image, handler, options=(*AS_LAMBDA_DOES, *LAMBDA))
        self._worker = running(
            image,
            *("python3", script, "/var/task", handler),
            options=(*AS_LAMBDA_DOES, *LAMBDA, "--entrypoint", "/usr/local/bin/aws-lambda-rie"),
        )

    def __enter__(self) -> tuple[Container, Container]:
        return self._image.__enter__(), self._worker.__enter__()

    def __exit__(self, *error: Any) -> None:
        self._image.__exit__(*error)
        self._worker.__exit__(*error)


def answers(containers: tuple[Container, Container], event: Any) -> tuple[Any, Any]:
    first, second = (_without_request(container.call(event)) for container in containers)
    return first, second


def _without_request(answer: Any) -> Any:
    if isinstance(answer, Mapping) and "requestId" in answer:
        return {**answer, "requestId": re.sub(r"[0-9a-f]", "x", answer["requestId"])}
    return answer


@pytest.mark.parametrize(
    "event",
    [{}, [], None, 0, -1.5, True, "text", {"nested": [1, 2.5, None, {"ñ": "✓"}]}, {"large": "x" * 150_000}],
    ids=lambda event: str(event)[:20],
)
def test_any_json_value_is_an_event_and_an_answer(ask: Ask, event: Any) -> None:
    assert ask(event) == (event, event)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("decimal", {"whole": 3, "part": 1.5, "large": [12345678901234567890]}),
        ("tuple", ["a", ["b"]]),
        ("keys", {"1": "true", "null": "none", "1.5": "half"}),
        ("floats", [0.1, 1e300, -0.0, 1e-7]),
        ("text", 'ñ ✓ \U0001f600 \u2028 " \\ </script>'),
        ("none", None),
        ("bytes", {"already": "json"}),
    ],
)
def test_what_a_handler_returns_becomes_the_same_json(ask: Ask, name: str, expected: Any) -> None:
    assert ask({"answer": name}) == (expected, expected)


@pytest.mark.parametrize("name", ["set", "object", "date", "odd keys", "circle"])
def test_what_is_no_json_is_the_same_marshal_error(ask: Ask, name: str) -> None:
    by_image, by_worker = ask({"answer": name})

    assert by_image["errorType"] == "Runtime.MarshalError"
    assert {**by_worker, "stackTrace": []} == {**by_image, "stackTrace": []}


@pytest.mark.parametrize(
    ("name", "kind", "message"),
    [
        ("Throttled", "Throttled", "zu schnell: ¡espera!"),
        ("Silent", "Silent", ""),
        ("several", "Throttled", "('too', 'fast', 3)"),
        ("from", "Throttled", "later"),
        ("deep", "Throttled", "zu schnell: ¡espera!"),
        ("group", "ExceptionGroup", "several (2 sub-exceptions)"),
    ],
)
def test_a_raised_error_is_told_alike_with_its_frames(ask: Ask, name: str, kind: str, message: str) -> None:
    by_image, by_worker = ask({"raise": name})

    assert by_worker == by_image
    assert (by_image["errorType"], by_image["errorMessage"]) == (kind, message)
    assert "/var/task/functions/probe/works.py" in by_image["stackTrace"][0]


@pytest.mark.parametrize("event", ["context", "environment"])
def test_a_handler_finds_itself_in_the_same_place(ask: Ask, event: str) -> None:
    by_image, by_worker = ask(event)

    assert by_worker == by_image
    assert "probe" in by_image


def test_an_error_leaves_both_usable(ask: Ask) -> None:
    ask({"raise": "Throttled"})
    ask({"answer": "set"})

    assert ask("still here") == ("still here", "still here")


@pytest.mark.parametrize(
    ("handler", "kind"),
    [
        ("functions.probe.absent.handler", "Runtime.ImportModuleError"),
        ("functions.probe.lacking.handler", "Runtime.ImportModuleError"),
        ("functions.probe.lacking_name.handler", "Runtime.ImportModuleError"),
        ("functions.probe.works.absent", "Runtime.HandlerNotFound"),
        ("handler", "Runtime.MalformedHandlerName"),
        ("functions.probe.failing.handler", "ValueError"),
    ],
)
def test_a_handler_that_cannot_be_loaded_is_the_same_error(image: str, handler: str, kind: str) -> None:
    with both(image, handler) as containers:
        by_image, by_worker = answers(containers, {})

    assert by_image["errorType"] == kind
    assert (by_worker["errorType"], by_worker["errorMessage"]) == (by_image["errorType"], by_image["errorMessage"])
