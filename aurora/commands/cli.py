"""The command line: what can be typed, its help, and how an error becomes a sentence and an exit code.

Commands import what they use when they run, so that help is quick. No command's work is done here.
"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from aurora.commands.parameters import NamedStack, Stack, folder, non_empty
from aurora.console import say
from aurora.errors import COMPLETE, INTERRUPTED, CommandError
from aurora.project import load, systems

if TYPE_CHECKING:  # imports pydantic
    from aurora.system import Command

_EXIT_CODES = """\b
Exit codes:
  0    done
  1    the platform, the network or this machine cannot do it; the message says what to do
  2    the command line, or the file that it names, is wrong; nothing was started, nothing overwritten
  3    not all of it, or not yet: the command's own help says what that means
  130  interrupted
"""


class _Commands(TyperGroup):
    """The engine's commands, and those that the systems of the project declare, which are imported when they run.

    What goes wrong is shown as sentences on stderr; what a command returns is its exit code.
    """

    def list_commands(self, ctx: Any) -> list[str]:
        """The engine's first."""
        return [*super().list_commands(ctx), *_declared()]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """An engine's command, or what of a system's command is shown in the list."""
        if (found := super().get_command(ctx, cmd_name)) is not None:
            return found
        declared = _declared().get(cmd_name)
        return TyperCommand(cmd_name, help=declared.help) if declared else None

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The command to run."""
        name, command, rest = super().resolve_command(ctx, args)
        if name in self.commands or name is None:
            return name, command, rest
        return name, get_command(load(_declared()[name].path)), rest

    def invoke(self, ctx: Any) -> Any:
        """Runs a command and ends with its exit code."""
        from aurora.local.errors import LocalError

        try:
            code = super().invoke(ctx)
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


def _declared() -> dict[str, Command]:
    """The commands of the project's systems, by name; none where there is no project."""
    try:
        return {command.name: command for system in systems() for command in system.commands}
    except CommandError:
        return {}


app = typer.Typer(
    cls=_Commands,
    help="A platform of container-image Lambdas: on this machine, or deployed to AWS.",
    epilog=_EXIT_CODES,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
user = typer.Typer(help="Who may sign in.", no_args_is_help=True, rich_markup_mode=None)
app.add_typer(user, name="user")
stacks = typer.Typer(help="Environments of one's own.", no_args_is_help=True, rich_markup_mode=None)
app.add_typer(stacks, name="stack")
base = typer.Typer(help="What the images are built on.", no_args_is_help=True, rich_markup_mode=None)
app.add_typer(base, name="base")


class Level(StrEnum):
    """How grave a line of a log is."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@app.command(
    epilog="""\b
Examples:
  python3 run.py local
  python3 run.py local --data ~/courses --port 8080
  python3 run.py local --containers
  OPENAI_BASE_URL=http://127.0.0.1:11434/v1 OPENAI_MODEL=llama3.1 python3 run.py local
"""
)
def local(
    data: Annotated[
        Path | None, typer.Option(metavar="DIR", parser=folder, help="Keep courses and users here between runs.")
    ] = None,
    port: Annotated[
        int | None, typer.Option(min=1, max=65535, metavar="N", help="The site's port; a free one otherwise.")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="When ready, print one line of JSON: site, api, stack, buckets.")
    ] = False,
    containers: Annotated[
        bool, typer.Option("--containers", help="Run functions as their images, which Docker builds.")
    ] = False,
    base_image: Annotated[
        str | None,
        typer.Option(
            metavar="REF", parser=non_empty, help="With --containers: build on this, not on images/base-image."
        ),
    ] = None,
) -> int:
    """Run the whole platform on this machine until Ctrl-C.

    The very program that deploys to AWS runs in an embedded AWS on loopback: no account, no Docker, and no network
    once installed. Edits to functions take effect at once. Texts and images are samples; OPENAI_BASE_URL with
    OPENAI_MODEL, OPENAI_IMAGE_MODEL or both (and OPENAI_API_KEY where needed) offers the models openai and
    openai-images beside them; AWS_BEARER_TOKEN_BEDROCK and AWS_REGION with BEDROCK_MODEL_ID, BEDROCK_IMAGE_MODEL_ID
    or both offers bedrock and bedrock-images.
    """
    from aurora.commands.local import serve

    return serve(data, port, as_json, containers, base_image)


@app.command(
    epilog="""\b
Examples:
  python3 run.py logs my-course
  python3 run.py logs my-course -s dev --follow
  python3 run.py logs 0123456789abcdef0123456789abcdef -s dev --execution 2 --level warning
  python3 run.py logs my-course -s dev --json
"""
)
def logs(
    course: Annotated[
        str,
        typer.Argument(
            metavar="COURSE",
            help="A folder that `course --out` made, or the id of a course or execution.",
            show_default=False,
        ),
    ],
    stack: Stack = None,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on with new lines until Ctrl-C.")] = False,
    execution: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Only the course's Nth run, 1 the first.")
    ] = None,
    level: Annotated[Level, typer.Option(help="Only what is as grave as this, or graver.")] = Level.DEBUG,
    as_json: Annotated[bool, typer.Option("--json", help="The lines as the functions wrote them.")] = False,
) -> int:
    """Tell one course's story in order: what every function logged of it.

    Reads the functions' logs in CloudWatch Logs with the stack's own AWS credentials, or those of the local platform
    that runs here, and merges them by time. A line shows when, which function, which lesson or lab, and what.
    """
    from aurora.commands.logs import LogRequest, tell

    return tell(LogRequest(non_empty(course), stack, follow, execution, level.value.upper(), as_json))


@user.command(
    epilog="""\b
Examples:
  python3 run.py user add me@example.com -s dev
  python3 run.py user add colleague@example.com -s dev --password
"""
)
def add(
    email: Annotated[str, typer.Argument(metavar="EMAIL", help="Their e-mail address.", show_default=False)],
    stack: Annotated[
        str,
        typer.Option(
            "--stack",
            "-s",
            metavar="STACK",
            parser=non_empty,
            help="The stack, as in dev; or local.",
            show_default=False,
        ),
    ],
    password: Annotated[
        bool,
        typer.Option(
            "--password",
            help="Set a password for good instead of mailing an invitation: the one in AURORA_NEW_PASSWORD, or the one "
            "that is typed or piped in.",
        ),
    ] = False,
) -> int:
    """Invite a user: nobody can sign up by themselves.

    Cognito mails the invitation; the person chooses a password at the first sign-in. A local platform sends no mail:
    the password is printed.
    """
    from aurora.commands.users import add_user
    from aurora.passwords import read_new_password

    return add_user(email, stack, read_new_password() if password else None)


@app.command(
    epilog="""\b
Examples:
  python3 run.py doctor
  python3 run.py doctor -s dev
  python3 run.py doctor -s dev --bedrock eu.amazon.nova-lite-v1:0
\b
Exit code 1: a check failed; the line below it says what to type.
"""
)
def doctor(
    stack: Stack = None,
    bedrock: Annotated[
        str | None,
        typer.Option(
            "--bedrock",
            metavar="MODEL_ID",
            parser=non_empty,
            help="Call this Bedrock model once, for one token, as the stack.",
        ),
    ] = None,
) -> int:
    """Check this machine and a stack, before anything is changed.

    Python, packages, the Pulumi CLI, its plugins and its backend; with -s STACK also the stack's settings and names,
    credentials, region and account, where its images will come from, Docker if one must be built, and limits that
    would bite. It changes nothing.
    """
    from aurora.ops.doctor import examine

    return examine(stack, bedrock)


@app.command(
    epilog="""\b
Examples:
  python3 run.py why
  python3 run.py why -s dev
"""
)
def why(stack: Stack = None) -> int:
    """Say what `pulumi up` would do with each group's image, and why.

    For each group: unchanged, or the files that changed since the last deployment; and whether the image is there,
    will be copied and from where, or must be built. Without -s STACK it is the stack that is selected. It changes
    nothing.
    """
    from aurora.ops.why import why as explain

    return explain(stack)


@app.command(
    epilog="""\b
Examples:
  python3 run.py prune -s dev
  python3 run.py prune -s prod --keep 20
  python3 run.py prune -s dev --yes
"""
)
def prune(
    stack: NamedStack,
    keep: Annotated[
        int, typer.Option(min=1, metavar="N", help="How many images of a group and versions of a function stay.")
    ] = 5,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Delete without asking.")] = False,
) -> int:
    """Delete images that nothing can run any more, and the versions of functions that only kept them alive.

    Of each function the newest N published versions stay, and every version that an alias refers to. Of each group
    the newest N images stay, the one that was deployed last, the one of this checkout, and every image that a version
    that stays runs. Everything else is listed, and deleted when you say so; without a terminal it takes --yes.
    """
    from aurora.ops.prune import prune as delete_old

    return delete_old(stack, keep, yes)


@stacks.command(
    "new",
    epilog="""\b
Examples:
  python3 run.py stack new dev-sandbox --from dev
""",
)
def new_stack(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The new stack, as in dev-sandbox.", show_default=False)],
    source: Annotated[
        str,
        typer.Option("--from", metavar="STACK", parser=non_empty, help="The stack to begin with.", show_default=False),
    ],
) -> int:
    """Make an environment of your own from another stack's settings.

    It is a stack and its Pulumi.NAME.yaml, nothing in AWS yet: `pulumi up -s NAME` deploys it. Its images are copied
    from the other stack rather than built. It is not protected and rings no alarm; secrets are encrypted anew, but
    those of a protected stack are not taken over.
    """
    from aurora.ops.new_stack import make_stack

    return make_stack(name, source)


@app.command(
    epilog="""\b
Examples:
  python3 run.py idle -s dev
  python3 run.py idle -s dev --hours 48 --days 30
  python3 run.py idle -s dev --export courses
\b
Exit code 0: it is idle, and `pulumi destroy` would disturb nobody.
Exit code 3: it is in use; each reason is told.
Exit code 1: it cannot be told, and counts as in use.
"""
)
def idle(
    stack: NamedStack,
    hours: Annotated[
        int, typer.Option(min=1, max=720, metavar="N", help="Nothing may have run, or been deployed, for so long.")
    ] = 12,
    days: Annotated[
        int, typer.Option(min=0, max=3650, metavar="N", help="A course that was worked on since then keeps it alive.")
    ] = 7,
    export: Annotated[
        Path | None,
        typer.Option(metavar="DIR", parser=folder, help="Put courses that alone keep it alive here: then they do not."),
    ] = None,
) -> int:
    """Say whether nobody uses a stack, so that it may be ended.

    It is idle if no function was invoked or deployed for N hours, no execution runs, and no author began or went on
    with a course for N days. Requests without a valid sign-in do not count: they reach no function. It ends nothing.
    """
    from datetime import timedelta

    from aurora.ops.idle import Limits, tell_whether_idle

    return tell_whether_idle(stack, Limits(timedelta(hours=hours), timedelta(days=days)), export)


@base.command(
    "update",
    epilog="""\b
Examples:
  python3 run.py base update
""",
)
def update_base() -> int:
    """Take the newest base image of the same Python.

    Asks the registry that images/base-image names for the newest dated tag, and writes it there with its digest.
    Every group's image changes with it: commit the file, then deploy. Docker is not needed.
    """
    from aurora.ops.base_image import update

    return update()


@app.command(
    "test",
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []},
    epilog="""\b
Examples:
  python3 run.py test
  python3 run.py test tests/unit -k outline
""",
)
def suite(
    arguments: Annotated[list[str] | None, typer.Argument(metavar="[PYTEST ARGUMENTS]", show_default=False)] = None,
) -> int:
    """Run the project's tests; parts that need Docker, the Pulumi CLI or Chromium say so where they are absent."""
    from aurora.commands.tests import run_tests

    return run_tests(arguments or [])


@app.command(
    epilog="""\b
Examples:
  python3 run.py new ../tales --name tales
"""
)
def new(
    directory: Annotated[
        Path, typer.Argument(metavar="DIR", parser=folder, help="A folder that is new or empty.", show_default=False)
    ],
    name: Annotated[
        str,
        typer.Option(metavar="SERVICE", parser=non_empty, help="What names in AWS begin with.", show_default=False),
    ],
) -> int:
    """Make a platform of one's own: a project that depends on the engine, and on nothing else here.

    It has one system with one function, a page, tests and its Pulumi files, and passes its own tests at once.
    """
    from aurora.ops.new_project import make_project

    return make_project(directory, name)


@app.command(
    epilog="""\b
Examples:
  python3 run.py update --engine ../engine/dist/aurora_engine-0.3.0+g4f1c2aa-py3-none-any.whl
  python3 run.py update --engine git+https://example.com/platform/engine@v0.3.0
"""
)
def update(
    engine: Annotated[
        str,
        typer.Option(metavar="WHEEL|GIT", parser=non_empty, help="The engine to depend on.", show_default=False),
    ],
) -> int:
    """Take another engine: its package, run.py, and all that is locked.

    What cannot be locked changes nothing. Go back by `git checkout .`, as with any edit.
    """
    from aurora.ops.engine import Engine
    from aurora.ops.update_engine import update_project

    return update_project(Engine.parse(engine))


@app.command(
    epilog="""\b
Examples:
  python3 run.py lock
  python3 run.py lock --check
"""
)
def lock(
    check: Annotated[bool, typer.Option("--check", help="Change nothing; fail where something is stale.")] = False,
) -> int:
    """Lock what pyproject.toml asks for: uv.lock, and the requirements of each group's image."""
    from aurora.ops import locks

    groups = [group for system in systems() for group in system.groups]
    (locks.check if check else locks.lock)(groups)
    return COMPLETE


@app.command(
    epilog="""\b
Examples:
  python3 run.py wheel --out dist
"""
)
def wheel(
    out: Annotated[Path, typer.Option(metavar="DIR", parser=folder, help="Where it goes.")] = Path("dist"),
) -> int:
    """Build the engine as a package, from its own checkout: what `update` of other projects takes."""
    from aurora.console import result
    from aurora.ops.engine import build

    result(str(build(out.resolve())))
    return COMPLETE
