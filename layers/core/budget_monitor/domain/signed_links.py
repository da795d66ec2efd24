"""Signed tokens for links: what a link allows, for how long, and for which purpose."""

import base64
import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping
from datetime import datetime

from budget_monitor.domain.errors import ForbiddenError

MAX_TOKEN = 2048
"""Characters of the longest token that is read. Longer ones are refused unread."""

_FIELDS = {"expires", "payload", "purpose"}


def sign(payload: Mapping[str, str], key: bytes, expires_at: datetime, purpose: str) -> str:
    """Return a token for this payload: URL-safe characters, and a point before the signature.

    The payload is signed and not encrypted: anyone who has the link can read it. A token of one
    purpose is refused for any other. It expires at the full second after `expires_at`.
    """
    expires = -(-int(expires_at.timestamp() * 1000) // 1000)
    body = {"expires": expires, "payload": dict(payload), "purpose": purpose}
    text = json.dumps(body, sort_keys=True, separators=(",", ":"))
    signed = _encoded(text.encode())
    return f"{signed}.{_encoded(_signature(signed, key))}"


def verify(token: str, keys: Iterable[bytes], now: datetime, purpose: str) -> Mapping[str, str]:
    """Return the payload of a token that one of the keys signed for this purpose.

    Two keys are in use for a while after a rotation. Raises ForbiddenError if the token was not
    signed by these keys, is for another purpose, or has expired. The signature is checked in
    constant time, and nothing of the token is parsed before.
    """
    signed, _, signature = token[:MAX_TOKEN].partition(".")
    given = _decoded(signature)
    known = [hmac.compare_digest(given, _signature(signed, key)) for key in keys]
    if len(token) > MAX_TOKEN or not any(known):
        raise ForbiddenError("this link is not valid")
    body = json.loads(_decoded(signed))
    if body.keys() != _FIELDS or body["purpose"] != purpose:
        raise ForbiddenError("this link is not valid here")
    if now.timestamp() >= body["expires"]:
        raise ForbiddenError("this link has expired; ask for a new one")
    return {str(name): str(value) for name, value in body["payload"].items()}


def _signature(signed: str, key: bytes) -> bytes:
    return hmac.new(key, signed.encode("utf-8", "surrogatepass"), hashlib.sha256).digest()


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _decoded(text: str) -> bytes:
    """The bytes of this text; empty if it is not what `_encoded` returns for any."""
    try:
        data = base64.urlsafe_b64decode(f"{text}==")  # more padding than is needed is ignored
    except ValueError:
        return b""
    return data if _encoded(data) == text else b""
