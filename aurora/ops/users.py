"""Inviting users: nobody can sign up by themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aurora.console import result, say
from aurora.errors import COMPLETE, CommandError, InvalidInput
from aurora.local.stack import stack_named
from aurora.stack.aws_errors import AWS_ERRORS, said

if TYPE_CHECKING:
    from types_boto3_cognito_idp import CognitoIdentityProviderClient
    from types_boto3_cognito_idp.type_defs import AttributeTypeTypeDef


def add_user(email: str, stack: str, password: str | None) -> int:
    """Invites ``email`` to ``stack``, or sets a permanent ``password`` and sends no mail. Returns the exit code.

    An existing user is not changed; a message says so.

    Raises:
        InvalidInput: Cognito does not accept the address or the password.
        CommandError: the stack cannot be reached, or does not allow the account.
    """
    if "@" not in email:
        raise InvalidInput(f"{email!r} is not an e-mail address, as in you@example.com.")
    deployed = stack_named(stack)
    pool = deployed.user_pool_id
    with deployed.readable_errors():
        cognito: CognitoIdentityProviderClient = deployed.client("cognito-idp")
    if deployed.local and password is None:
        from aurora.local.passwords import new_password

        password = new_password()  # an emulator sends no mail
    if not _create(cognito, pool, email, mail=password is None):
        say(f"{email} is already a user of {stack}: nothing was changed.")
        return COMPLETE
    if password is None:
        say(f"{email} is invited to {stack}. Cognito mails a password for the first sign-in, valid for 7 days;")
        say("the user chooses another one at that sign-in.")
        return COMPLETE
    _set_password(cognito, pool, email, password)
    say(f"{email} can sign in to {stack} with this password; no mail was sent:")
    result(password)
    return COMPLETE


def _create(cognito: CognitoIdentityProviderClient, pool: str, email: str, *, mail: bool) -> bool:
    """Creates the user; False if they exist already."""
    attributes: list[AttributeTypeTypeDef] = [
        {"Name": "email", "Value": email},
        {"Name": "email_verified", "Value": "true"},
    ]
    try:
        if mail:
            cognito.admin_create_user(
                UserPoolId=pool, Username=email, UserAttributes=attributes, DesiredDeliveryMediums=["EMAIL"]
            )
        else:
            cognito.admin_create_user(
                UserPoolId=pool, Username=email, UserAttributes=attributes, MessageAction="SUPPRESS"
            )
    except cognito.exceptions.UsernameExistsException:
        return False
    except cognito.exceptions.InvalidParameterException as error:
        raise InvalidInput(f"{email} cannot be invited: {said(error)}") from error
    except AWS_ERRORS as error:
        raise CommandError(f"The user could not be created: {said(error)}") from error
    return True


def _set_password(cognito: CognitoIdentityProviderClient, pool: str, email: str, password: str) -> None:
    try:
        cognito.admin_set_user_password(UserPoolId=pool, Username=email, Password=password, Permanent=True)
    except AWS_ERRORS as error:
        # Without a password the user could not sign in, and a second attempt would find them as existing.
        try:
            cognito.admin_delete_user(UserPoolId=pool, Username=email)
        except AWS_ERRORS as second:
            raise CommandError(
                f"Cognito refused the password ({said(error)}), and {email} could not be removed "
                f"({said(second)}): delete this user of the pool {pool}, then run the same command again."
            ) from second
        raise InvalidInput(f"Cognito refused the password; {email} was not added: {said(error)}") from error
