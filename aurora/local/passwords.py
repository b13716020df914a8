"""Passwords for users whom nobody mails one. Knows no users."""

from __future__ import annotations

import secrets
import string


def new_password() -> str:
    """Twenty characters that satisfy usual rules: letters of both cases, a digit and a sign."""
    letters = string.ascii_letters + string.digits
    return "".join(secrets.choice(letters) for _ in range(16)) + "-aA1"
