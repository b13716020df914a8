"""Passwords for local users, who get no mail."""

from __future__ import annotations

import secrets
import string


def new_password() -> str:
    """Twenty random characters that satisfy usual rules: upper and lower case, a digit and a symbol."""
    letters = string.ascii_letters + string.digits
    return "".join(secrets.choice(letters) for _ in range(16)) + "-aA1"
