"""The command line: what can be typed, its help, and how an error becomes a sentence and an exit code.

Commands import what they use when they run, so that help is quick. No command's work is done here.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from aurora.console import say
from aurora.errors import INTERRUPTED, CommandError, InvalidInput

_EXIT_CODES = """\b
Exit codes:
  0    done
  1    the platform, the network or this machine cannot do it; the message says what to do
  2    the outline or the command line is wrong; nothing was started, nothing overwritten
  3    the book is made, but lessons are missing in it; the same command writes only those
  130  interrupted
"""

app = typer.Typer(
    help="Courses from outlines: one platform, on this machine or deployed to AWS.",
    epilog=_EXIT_CODES,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
user = typer.Typer(help="Who may sign in.", no_args_is_help=True, rich_markup_mode=None)
app.add_typer(user, name="user")


class Model(StrEnum):
    """The text models that can be asked for."""

    SAMPLE = "sample"
    OPENAI = "openai"


def _in_sentences(command: Callable[..., int]) -> Callable[..., None]:
    """Runs a command, shows what went wrong as sentences on stderr and ends with its exit code."""

    @functools.wraps(command)
    def run(*args: object, **options: object) -> None:
        from aurora.local.errors import LocalError

        try:
            code = command(*args, **options)
        except CommandError as error:
            say(str(error))
            code = error.exit_code
        except LocalError as error:
            say(str(error))
            code = CommandError.exit_code
        except KeyboardInterrupt:
            say("Interrupted.")
            code = INTERRUPTED
        raise typer.Exit(code)

    return run


def _given(text: str) -> str:
    """Refuses the empty value that an unset shell variable leaves: as a folder it would be where one stands."""
    if not text:
        raise typer.BadParameter("it is empty; is a variable unset?")
    return text


def _folder(text: str) -> Path:
    return Path(_given(text))


Stack = Annotated[
    str | None,
    typer.Option("--stack", "-s", metavar="STACK", help="A deployed stack, as in dev.", parser=_given),
]


@app.command(
    epilog="""\b
Examples:
  python3 run.py local
  python3 run.py local --data ~/courses --port 8080
  OPENAI_BASE_URL=http://127.0.0.1:11434/v1 OPENAI_MODEL=llama3.1 python3 run.py local
"""
)
@_in_sentences
def local(
    data: Annotated[
        Path | None, typer.Option(metavar="DIR", parser=_folder, help="Keep courses and users here between runs.")
    ] = None,
    port: Annotated[
        int | None, typer.Option(min=1, max=65535, metavar="N", help="The site's port; a free one otherwise.")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="When ready, print one line of JSON: site, api, stack, bucket.")
    ] = False,
) -> int:
    """Run the whole platform on this machine until Ctrl-C.

    The very program that deploys to AWS runs in an embedded AWS on loopback: no account, no Docker, and no network
    once installed. Edits to functions take effect at once. Texts are sample texts unless OPENAI_BASE_URL,
    OPENAI_MODEL and, where needed, OPENAI_API_KEY name a model.
    """
    from aurora.locally import serve

    return serve(data, port, as_json)


@app.command(
    epilog="""\b
Examples:
  python3 run.py course outline.yaml --out course
  python3 run.py course outline.yaml --out course --modules 1,3 --model openai
  AURORA_EMAIL=me@example.com python3 run.py course outline.yaml --out course -s dev
\b
Exit code 2: the outline is wrong, each fault at its file:line:column; nothing was started.
Exit code 3: lessons are missing in the book; the same command writes only those.
"""
)
@_in_sentences
def course(
    outline: Annotated[Path, typer.Argument(metavar="OUTLINE.yaml", help="The course's outline.", show_default=False)],
    out: Annotated[
        Path,
        typer.Option(metavar="DIR", parser=_folder, help="Where the book and the lessons go.", show_default=False),
    ],
    modules: Annotated[str | None, typer.Option(metavar="1,3", help="Only these modules.")] = None,
    model: Annotated[Model | None, typer.Option(help="What writes the text; the platform decides otherwise.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Write lessons again that are there already.")] = False,
    stack: Stack = None,
) -> int:
    """Turn an outline into a book: Markdown, JSON, HTML and PDF, and a file for each lesson.

    Uses the local platform that runs here, else starts one whose data it keeps in DIR/.aurora. With -s STACK it
    signs in to a deployed one: AURORA_EMAIL and AURORA_PASSWORD, or it asks. The same command again writes only what
    is missing.
    """
    from aurora.course import CourseRequest, make_course

    return make_course(
        CourseRequest(outline, out, _module_numbers(modules), model.value if model else None, force, stack)
    )


@user.command(
    epilog="""\b
Examples:
  python3 run.py user add me@example.com -s dev
  python3 run.py user add colleague@example.com -s local --password 'Something-Long-1'
"""
)
@_in_sentences
def add(
    email: Annotated[str, typer.Argument(metavar="EMAIL", help="Their e-mail address.", show_default=False)],
    stack: Annotated[
        str,
        typer.Option(
            "--stack", "-s", metavar="STACK", parser=_given, help="The stack, as in dev; or local.", show_default=False
        ),
    ],
    password: Annotated[
        str | None, typer.Option(help="Set this password for good instead of mailing an invitation.")
    ] = None,
) -> int:
    """Invite a user: nobody can sign up by themselves.

    Cognito mails the invitation; the person chooses a password at the first sign-in. A local platform sends no mail:
    the password is printed.
    """
    from aurora.users import add_user

    return add_user(email, stack, password)


@app.command(
    "test",
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []},
    epilog="""\b
Examples:
  python3 run.py test
  python3 run.py test tests/unit -k outline
""",
)
@_in_sentences
def suite(
    arguments: Annotated[list[str] | None, typer.Argument(metavar="[PYTEST ARGUMENTS]", show_default=False)] = None,
) -> int:
    """Run the project's tests; parts that need Docker, the Pulumi CLI or Chromium say so where they are absent."""
    from aurora.testing import run_tests

    return run_tests(arguments or [])


def _module_numbers(text: str | None) -> tuple[int, ...] | None:
    if text is None:
        return None
    if not re.fullmatch(r"\s*\d{1,3}\s*(,\s*\d{1,3}\s*)*", text):
        raise InvalidInput(f"--modules takes module numbers with commas between them, as in 1,3; not {text!r}.")
    return tuple(sorted({int(number) for number in text.split(",")}))
