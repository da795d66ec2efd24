"""Bearer tokens: a text, or a function that returns the present one, for tokens that expire."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from budget_monitor_client.errors import UnavailableError

Token = str | Callable[[], str]
Authorise = Callable[[str, str, dict[str, str], bytes], dict[str, str]]
"""Returns the headers of a request with those that authorise it: method, URL, headers, body."""


def from_file(path: str | os.PathLike[str]) -> Callable[[], str]:
    """Return a function that reads the token from a file, which another process renews."""
    return lambda: Path(path).read_text(encoding="utf-8")


def bearer(token: Token) -> Authorise:
    """Send the token, or what the function returns for each request.

    Raises ValueError for a text that is no token; a request raises UnavailableError if the
    function fails or returns none. Messages never repeat it.
    """
    first = _word(token) if isinstance(token, str) else None

    def authorise(method: str, url: str, headers: dict[str, str], body: bytes) -> dict[str, str]:
        del method, url, body
        present = first if first is not None else _fetched(token)
        return {**headers, "authorization": f"Bearer {present}"}

    return authorise


def _fetched(token: Token) -> str:
    try:
        return _word(token() if callable(token) else token)
    except Exception as error:
        raise UnavailableError(f"no token could be had: {type(error).__name__}") from error


def _word(found: object) -> str:
    text = found.strip() if isinstance(found, str) else ""
    if not text or not text.isascii() or not text.isprintable() or " " in text:
        raise ValueError(f"the token must be one word of text ({type(found).__name__} was given)")
    return text
