"""Explanations of AWS's errors, each with the command that fixes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from botocore import exceptions as botocore
from botocore.exceptions import BotoCoreError, ClientError

from aurora.aws_session import WrongAccount
from aurora.errors import CommandError

AWS_ERRORS: Final = (BotoCoreError, ClientError, WrongAccount)

_DENIED: Final = ("AccessDenied", "AccessDeniedException", "UnauthorizedOperation")


@dataclass(frozen=True)
class Explanation:
    """The ``problem``, as a clause, and its ``remedy``: a command or other advice."""

    problem: str
    remedy: str


@dataclass(frozen=True)
class _Rule:
    """Explains errors of these classes, and those with these codes of AWS.

    Texts may hold ``{said}``, ``{stack}``, ``{region}``, ``{whose}`` (of which profile) and ``{option}`` (--profile).
    """

    problem: str
    remedy: str
    classes: tuple[type[Exception], ...] = ()
    codes: tuple[str, ...] = ()


_CHOOSE = "pulumi config set -s {stack} aws:profile PROFILE"
_RULES: Final = (
    _Rule("{said}", _CHOOSE, (WrongAccount,)),
    _Rule(
        "aws:profile names a profile that this machine's AWS configuration lacks: {said}",
        _CHOOSE,
        (botocore.ProfileNotFound,),
    ),
    _Rule(
        "there are no credentials{whose}",
        "aws sso login{option}   (or: " + _CHOOSE + ")",
        (botocore.NoCredentialsError,),
    ),
    _Rule("the credentials are incomplete: {said}", "aws configure{option}", (botocore.PartialCredentialsError,)),
    _Rule(
        "the credentials{whose} have expired",
        "aws sso login{option}",
        (botocore.UnauthorizedSSOTokenError, botocore.SSOTokenLoadError, botocore.TokenRetrievalError),
        ("ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired"),
    ),
    _Rule(
        "the access key{whose} is not valid, or the region {region} is not enabled for its account",
        "aws configure{option}   (or: aws account enable-region --region-name {region})",
        codes=("InvalidClientTokenId", "UnrecognizedClientException", "InvalidAccessKeyId", "AuthFailure"),
    ),
    _Rule(
        "the secret access key{whose} does not match the access key, or this machine's clock is wrong",
        "aws configure{option}",
        codes=("SignatureDoesNotMatch", "InvalidSignatureException", "IncompleteSignature"),
    ),
    _Rule("the credentials{whose} do not allow it: {said}", "add this permission to their role", codes=_DENIED),
    _Rule(
        "AWS is throttling these requests: {said}",
        "run the same command again in a minute",
        codes=("Throttling", "ThrottlingException", "TooManyRequestsException", "RequestLimitExceeded"),
    ),
    _Rule(
        "the program that provides the credentials{whose} failed: {said}",
        "aws sso login{option}",
        (botocore.CredentialRetrievalError,),
    ),
    _Rule(
        "AWS cannot be reached: {said}",
        "check the network, HTTPS_PROXY and aws:endpoints",
        (botocore.ConnectionError, botocore.HTTPClientError),
    ),
)
_ANY_OTHER: Final = _Rule("AWS refuses: {said}", "python3 run.py doctor -s {stack}")


def code(error: Exception) -> str:
    """AWS's code of an error, such as ``AccessDenied``; "" if the error did not come from AWS."""
    return error.response.get("Error", {}).get("Code", "") if isinstance(error, ClientError) else ""


def said(error: Exception) -> str:
    """AWS's message of an error, without the name of the operation."""
    message = error.response.get("Error", {}).get("Message", "") if isinstance(error, ClientError) else ""
    return (message or str(error)).rstrip(". ")


def denied(error: Exception) -> bool:
    """Whether the credentials are valid but lack a permission."""
    return code(error) in _DENIED


def explain(error: Exception, stack: str, config: Mapping[str, Any]) -> Explanation:
    """Explains an AWS error of a request with the credentials of ``stack``'s ``config``."""
    profile = config.get("aws:profile")
    words = {
        "said": said(error),
        "stack": stack,
        "region": config.get("aws:region", ""),
        "whose": f" of the profile {profile}" if profile else "",
        "option": f" --profile {profile}" if profile else "",
    }
    name = code(error)
    rule = next((rule for rule in _RULES if isinstance(error, rule.classes) or name in rule.codes), _ANY_OTHER)
    return Explanation(rule.problem.format(**words), rule.remedy.format(**words))


def as_command_error(error: Exception, stack: str, config: Mapping[str, Any]) -> CommandError:
    """The same explanation as a CommandError."""
    found = explain(error, stack, config)
    return CommandError(f"AWS cannot be used with the config of the stack {stack}: {found.problem}.\n{found.remedy}")
