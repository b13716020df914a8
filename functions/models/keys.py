"""API keys: as requests carry them, and out of every text that anybody reads. Knows no provider."""

from __future__ import annotations

from aurora.runtime.errors import ConfigurationError


def authorization(what: str, api_key: str) -> dict[str, str]:
    """The header that carries the key to `what` is asked; none where there is no key ("").

    Raises ConfigurationError for a key that no header can carry.
    """
    if not (api_key.isascii() and api_key.isprintable()):
        raise ConfigurationError(f"The API key of the {what} holds characters that no HTTP header can carry.")
    return {"Authorization": f"Bearer {api_key}"} if api_key else {}


def without_key(text: str, api_key: str) -> str:
    """`text` without the API key, which some servers repeat in their complaint about it."""
    return text.replace(api_key, "***") if api_key else text
