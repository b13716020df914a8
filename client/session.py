"""Signs a user in by Cognito's own JSON interface, which needs no AWS credentials, and keeps the token valid."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Final

import httpx

from aurora.errors import PlatformLost, SignInFailed

_MARGIN_SECONDS: Final = 60
_SECONDS: Final = 30

# Cognito's exception names, and what they mean to the person who signs in.
_REFUSALS: Final = {
    "NotAuthorizedException": "the e-mail address or the password is wrong, or the invitation has expired",
    "UserNotFoundException": "the e-mail address or the password is wrong, or the invitation has expired",
    "PasswordResetRequiredException": "an administrator asked for a new password: set one on the site first",
    "UserNotConfirmedException": "this user has not confirmed the e-mail address yet",
    "InvalidPasswordException": "the new password does not meet the platform's rules",
    "TooManyRequestsException": "too many attempts: wait a minute",
    "LimitExceededException": "too many attempts: wait a few minutes",
}


class Session:
    """A signed-in user of one platform.

    ``endpoint`` is the URL of Cognito, ``choose_password`` is asked for a new password where the user still has the
    one of the invitation; it may raise SignInFailed.
    """

    def __init__(
        self,
        http: httpx.Client,
        endpoint: str,
        client_id: str,
        *,
        choose_password: Callable[[], str],
        now: Callable[[], float] = time.time,
    ) -> None:
        self._http = http
        self._endpoint = endpoint
        self._client_id = client_id
        self._choose_password = choose_password
        self._now = now
        self._access = ""
        self._refresh = ""
        self._expires = 0.0

    def sign_in(self, email: str, password: str) -> None:
        """Signs in with an e-mail address and a password.

        Raises:
            SignInFailed: Cognito refused, or asks for a step that a command line cannot do.
            PlatformLost: Cognito does not answer.
        """
        answer = self._call(
            "InitiateAuth",
            AuthFlow="USER_PASSWORD_AUTH",
            ClientId=self._client_id,
            AuthParameters={"USERNAME": email, "PASSWORD": password},
        )
        if answer.get("ChallengeName") == "NEW_PASSWORD_REQUIRED":
            # Where an address signs in, it is but another name of the user: a challenge wants the user's own.
            user = answer.get("ChallengeParameters", {}).get("USER_ID_FOR_SRP", email)
            answer = self._call(
                "RespondToAuthChallenge",
                ChallengeName="NEW_PASSWORD_REQUIRED",
                ClientId=self._client_id,
                Session=answer.get("Session"),
                ChallengeResponses={"USERNAME": user, "NEW_PASSWORD": self._choose_password()},
            )
        if "ChallengeName" in answer:
            raise SignInFailed(f"Signing in needs a step that only the site offers: {answer['ChallengeName']}")
        self._keep(answer["AuthenticationResult"])

    def token(self) -> str:
        """An access token that is valid for a minute at least; a long run outlives several.

        Raises:
            SignInFailed: the session was ended elsewhere.
        """
        if self._now() > self._expires - _MARGIN_SECONDS:
            self.refresh()
        return self._access

    def refresh(self) -> None:
        """Exchanges the refresh token for a new access token.

        Raises:
            SignInFailed: the session was ended elsewhere.
        """
        answer = self._call(
            "InitiateAuth",
            AuthFlow="REFRESH_TOKEN_AUTH",
            ClientId=self._client_id,
            AuthParameters={"REFRESH_TOKEN": self._refresh},
        )
        self._keep(answer["AuthenticationResult"])

    def _keep(self, result: dict[str, Any]) -> None:
        self._access = result["AccessToken"]
        self._refresh = result.get("RefreshToken", self._refresh)
        self._expires = self._now() + float(result["ExpiresIn"])

    def _call(self, operation: str, **body: Any) -> dict[str, Any]:
        headers = {
            "X-Amz-Target": f"AWSCognitoIdentityProviderService.{operation}",
            "Content-Type": "application/x-amz-json-1.1",
        }
        try:
            response = self._http.post(self._endpoint, json=body, headers=headers, timeout=_SECONDS)
            answer = response.json()
        except (httpx.HTTPError, ValueError) as error:
            raise PlatformLost(f"The platform's sign-in ({self._endpoint}) does not answer: {error}") from error
        if response.is_error:
            name = str(answer.get("__type", "")).rpartition("#")[2]
            reason = _REFUSALS.get(name) or answer.get("message") or name or f"HTTP {response.status_code}"
            raise SignInFailed(f"Signing in failed: {reason}.")
        return answer
