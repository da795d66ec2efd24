"""What a person may see by the claims of their token, and the identity provider."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from budget_monitor.domain.accounting.labels import ID
from budget_monitor.domain.errors import ForbiddenError
from budget_monitor.entrypoints.dashboard.session import EVERY_TENANT, Session

SESSION_LASTS = timedelta(hours=8)


class Provider(Protocol):
    """The OpenID Connect provider. Both raise UnavailableError."""

    def sign_in_url(self, redirect_uri: str, state: str, nonce: str, verifier: str) -> str:
        """Return the address where a person signs in."""
        ...

    def claims(self, code: str, redirect_uri: str, nonce: str, verifier: str) -> Mapping[str, Any]:
        """Exchange a code for verified claims. Raises ForbiddenError."""
        ...


@dataclass(frozen=True, slots=True)
class OpenId:
    """The provider, and the claims that decide what a person may see."""

    provider: Provider
    tenant_claim: str
    operators: tuple[str, str] | None
    """The claim and the value of those who see the system; None: no one does."""

    def session(self, claims: Mapping[str, Any], now: datetime) -> Session:
        """Return what the person may see. Raises ForbiddenError if it is nothing."""
        by, until = str(claims.get("email") or claims["sub"]), now + SESSION_LASTS
        if self.operators is not None and self.operators[1] in _values(claims, self.operators[0]):
            return Session(EVERY_TENANT, by, until)
        tenants = _values(claims, self.tenant_claim)
        if len(tenants) != 1 or not ID.fullmatch(tenants[0]):
            raise ForbiddenError("your account is for no tenant of these pages")
        return Session(tenants[0], by, until)


def _values(claims: Mapping[str, Any], name: str) -> list[str]:
    """The values of a claim, which may be a text or a list of texts."""
    found = claims.get(name)
    return [one for one in (found if isinstance(found, list) else [found]) if isinstance(one, str)]
