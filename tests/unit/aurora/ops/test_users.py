"""Inviting users to a deployed stack, in the account and region that its config says."""

from __future__ import annotations

from typing import Any

import pytest

from aurora.errors import CommandError, InvalidInput
from aurora.ops.users import add_user
from tests.support.fake_api import FakePlatform
from tests.unit.aurora.conftest import OUTPUTS
from tests.unit.aurora.ops.conftest import FakePulumi

EMAIL = "new@example.com"


class Cognito:
    """The administration of a user pool: notes what was asked, and refuses the operations in ``refusals``."""

    def __init__(self, platform: FakePlatform) -> None:
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.refusals: dict[str, str] = {}
        platform.sign_in = self._answer

    def _answer(self, operation: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        self.calls.append((operation, body))
        if operation in self.refusals:
            return 400, {"__type": self.refusals[operation], "message": "refused"}
        return 200, {"User": {"Username": "sub"}} if operation == "AdminCreateUser" else {}

    @property
    def operations(self) -> list[str]:
        return [operation for operation, _ in self.calls]


@pytest.fixture
def cognito(platform: FakePlatform, pulumi: FakePulumi) -> Cognito:
    """The user pool of the deployed stack dev."""
    config: dict[str, Any] = {
        "aws:region": "eu-west-1",
        "aws:accessKey": "test",
        "aws:secretKey": "test",
        "aws:endpoints": [{"cognitoidp": platform.url}],
    }
    pulumi.answers("stack-output", OUTPUTS)
    pulumi.config(config)
    return Cognito(platform)


def test_an_invitation_is_mailed(cognito: Cognito, capsys: pytest.CaptureFixture[str]) -> None:
    assert add_user(EMAIL, "dev", None) == 0
    (_, asked), *others = cognito.calls
    assert others == []
    assert (asked["UserPoolId"], asked["Username"]) == (OUTPUTS["userPoolId"], EMAIL)
    assert asked["DesiredDeliveryMediums"] == ["EMAIL"]
    assert "MessageAction" not in asked
    assert f"{EMAIL} is invited to dev" in capsys.readouterr().err


def test_a_given_password_is_set_for_good_and_no_mail_goes_out(
    cognito: Cognito, capsys: pytest.CaptureFixture[str]
) -> None:
    assert add_user(EMAIL, "dev", "Something-Long-1") == 0
    assert cognito.operations == ["AdminCreateUser", "AdminSetUserPassword"]
    assert cognito.calls[0][1]["MessageAction"] == "SUPPRESS"
    assert cognito.calls[1][1]["Permanent"] is True
    assert capsys.readouterr().out == "Something-Long-1\n"


def test_a_user_who_is_there_keeps_the_password(cognito: Cognito, capsys: pytest.CaptureFixture[str]) -> None:
    cognito.refusals["AdminCreateUser"] = "UsernameExistsException"
    assert add_user(EMAIL, "dev", "Something-Long-1") == 0
    assert cognito.operations == ["AdminCreateUser"]
    assert "is already a user of dev: nothing was changed" in capsys.readouterr().err


def test_a_refused_password_leaves_no_user_who_cannot_sign_in(cognito: Cognito) -> None:
    cognito.refusals["AdminSetUserPassword"] = "InvalidPasswordException"
    with pytest.raises(InvalidInput, match="was not added"):
        add_user(EMAIL, "dev", "short")
    assert cognito.operations[-1] == "AdminDeleteUser"


def test_a_user_who_cannot_be_removed_again_is_named_with_what_to_do(cognito: Cognito) -> None:
    cognito.refusals["AdminSetUserPassword"] = "InvalidPasswordException"
    cognito.refusals["AdminDeleteUser"] = "AccessDeniedException"
    with pytest.raises(CommandError, match="delete this user of the pool"):
        add_user(EMAIL, "dev", "short")


def test_an_address_that_cognito_refuses_is_a_sentence_with_its_reason_alone(cognito: Cognito) -> None:
    cognito.refusals["AdminCreateUser"] = "InvalidParameterException"
    with pytest.raises(InvalidInput) as caught:
        add_user("no body@example.com", "dev", None)
    assert str(caught.value) == "no body@example.com cannot be invited: refused"


@pytest.mark.parametrize("email", ["", "nobody"])
def test_what_is_no_address_is_sent_to_nobody(email: str, cognito: Cognito) -> None:
    with pytest.raises(InvalidInput, match="is not an e-mail address"):
        add_user(email, "dev", None)
    assert cognito.calls == []


def test_missing_rights_are_a_sentence(cognito: Cognito) -> None:
    cognito.refusals["AdminCreateUser"] = "AccessDeniedException"
    with pytest.raises(CommandError, match="could not be created"):
        add_user(EMAIL, "dev", None)


def test_credentials_that_cannot_be_used_are_explained_with_the_remedy(cognito: Cognito, pulumi: FakePulumi) -> None:
    pulumi.config({"aws:region": "eu-west-1", "aws:profile": "nobodys"})
    with pytest.raises(CommandError, match="names a profile that this machine's AWS configuration lacks") as caught:
        add_user(EMAIL, "dev", None)
    assert str(caught.value).endswith("\npulumi config set -s dev aws:profile PROFILE")
    assert cognito.calls == []
