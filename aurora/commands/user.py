"""`user`: who may sign in."""

from __future__ import annotations

from typing import Annotated

import typer

from aurora.commands.parameters import new_app, non_empty

app = new_app()


@app.callback(no_args_is_help=True)
def user() -> None:
    """Add users, who may sign in."""


@app.command(
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
            help="Set a permanent password instead of mailing an invitation: the one in AURORA_NEW_PASSWORD, or "
            "the one that is typed or piped in.",
        ),
    ] = False,
) -> int:
    """Invite a user: nobody can sign up by themselves.

    Cognito mails the invitation; the person chooses a password at the first sign-in. A local platform sends no mail:
    the password is printed.
    """
    from aurora.ops.users import add_user
    from aurora.passwords import read_new_password

    return add_user(email, stack, read_new_password() if password else None)
