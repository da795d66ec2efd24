"""Sessions of the pages: who may see which tenant, until when. A signed cookie holds one."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from budget_monitor.domain.errors import ForbiddenError
from budget_monitor.domain.periods import parse_instant, render_instant
from budget_monitor.domain.signed_links import sign, verify

LINK, SESSION = "dashboard-link", "dashboard-session"
COOKIE = "budget_monitor_dashboard"
EVERY_TENANT = "*"
"""The tenant of a session that sees the system and all tenants. No tenant has this id."""


class Keys(Protocol):
    """The keys of signed links. Both raise UnavailableError."""

    @property
    def current(self) -> bytes:
        """The key that signs."""
        ...

    @property
    def keys(self) -> tuple[bytes, ...]:
        """The keys that are valid."""
        ...


class NotSignedInError(ForbiddenError):
    """The browser has no valid session; the page shows how to get one."""


@dataclass(frozen=True, slots=True)
class Session:
    """What a browser may see: one tenant or all of them, until when, and who allowed it."""

    tenant_id: str
    by: str
    until: datetime

    @property
    def of_system(self) -> bool:
        """True if it sees the system and all tenants."""
        return self.tenant_id == EVERY_TENANT

    def must_see(self, tenant_id: str) -> None:
        """Raise ForbiddenError if it does not see this tenant."""
        if not self.of_system and self.tenant_id != tenant_id:
            raise ForbiddenError("this sign-in is for another tenant")

    def must_see_system(self) -> None:
        """Raise ForbiddenError if it does not see the system."""
        if not self.of_system:
            raise ForbiddenError("this sign-in is for one tenant, not for the system")

    def token(self, key: bytes, purpose: str, expires_at: datetime | None = None) -> str:
        """Return it as a signed token. It expires with the session or at its own expiry."""
        payload = {"tenant_id": self.tenant_id, "by": self.by, "until": render_instant(self.until)}
        return sign(payload, key, expires_at or self.until, purpose)

    def cookie(self, key: bytes, now: datetime) -> str:
        """Return it as a Set-Cookie header.

        Without a Path the cookie is for all pages below `/dashboard`, whatever stands before.
        """
        seconds = max((self.until - now) // timedelta(seconds=1), 0)
        value = f"{COOKIE}={self.token(key, SESSION)}"
        return f"{value}; Max-Age={seconds}; HttpOnly; Secure; SameSite=Lax"


def opened(token: str, keys: Keys, now: datetime) -> Session:
    """Return the session that a link gives. Raises ForbiddenError, UnavailableError."""
    return _loaded(verify(token, keys.keys, now, LINK))


def session_of(cookies: Mapping[str, str], keys: Keys, now: datetime) -> Session:
    """Return the browser's session. Raises NotSignedInError, UnavailableError."""
    token = cookies.get(COOKIE)
    if not token:
        raise NotSignedInError("you are not signed in")
    try:
        return _loaded(verify(token, keys.keys, now, SESSION))
    except ForbiddenError as fault:
        raise NotSignedInError("your sign-in has expired") from fault


def _loaded(payload: Mapping[str, str]) -> Session:
    until = parse_instant(payload["until"], "until")
    return Session(payload["tenant_id"], payload["by"], until)
