"""Identify the caller of a request, and check whether it may use the operation.

IAM decides who may call a route or invoke a function before anything of this runs. A token of
another issuer says less: API Gateway proves that it is valid, and what its holder may do is
decided here, by the table of roles.
"""

from collections.abc import Mapping
from dataclasses import field, replace
from typing import Any

from budget_monitor.domain.accounting.labels import ID
from budget_monitor.domain.errors import ForbiddenError, NotFoundError
from budget_monitor.domain.roles import (
    BOUND_TO_A_TENANT,
    OPEN,
    OPERATIONS_OF,
    OPERATOR,
    OWNER,
    ROLE_OF_SCOPE,
)
from budget_monitor.domain.values import dataclass
from budget_monitor.entrypoints.door.parsers import printable

JWT, ALIAS = "jwt:", "alias:"
"""Prefixes of signers that are not ARNs: the subject of a token, the alias of a function."""
CATCH_ALL = "$default"
"""The route of requests that no other route matches."""
_TENANT = "{tenant_id}"
_SUBJECT_LENGTH = 256
_SCOPE_CLAIMS = ("scope", "scp")


@dataclass(frozen=True, slots=True)
class Token:
    """A valid token: its claims, and its scopes as API Gateway lists them."""

    claims: Mapping[str, Any] = field(default_factory=dict)
    scopes: object = None

    @property
    def words(self) -> frozenset[str]:
        """All scopes: those that API Gateway lists, and those of the claims."""
        said = (self.scopes, *(self.claims.get(name) for name in _SCOPE_CLAIMS))
        return frozenset(word for one in said for word in _words(one))


@dataclass(frozen=True, slots=True)
class Caller:
    """Who sends a request."""

    principal: str | None = None
    """The signer: an IAM ARN, `jwt:` and a subject, or `alias:` and an alias; None: unproven."""
    token: Token | None = None
    """None: IAM authorised the caller."""
    is_owner: bool = False
    """True if the token gives the role of a tenant's owner, and not that of an administrator."""


UNPROVEN = Caller()


@dataclass(frozen=True, slots=True)
class Access:
    """How tokens are read: the claim with the tenant, and the prefix of scopes."""

    tenant_claim: str = "tenant_id"
    scope_prefix: str = ""

    def admitted(self, caller: Caller, path: str, operation: str, tenant_id: str | None) -> Caller:
        """Return the caller with what the token's roles say. IAM decided about all others.

        `tenant_id`: the tenant in the request's path. Raises NotFoundError for another tenant than
        the token's, and ForbiddenError for an operation that none of its roles has.
        """
        if caller.token is None or path == CATCH_ALL:
            return caller
        tenant, roles = self._tenant_of(caller.token), self._roles_of(caller.token)
        if tenant is not None and _TENANT in path and tenant_id != tenant:
            raise NotFoundError("no such tenant")
        if not caller.principal:
            raise ForbiddenError("the token names no subject (claim sub)")
        able = {role for role in roles if operation in OPERATIONS_OF[role]}
        if not able:
            held = ", ".join(sorted(roles)) or "none"
            raise ForbiddenError(f"{operation} needs another role than the token's: {held}")
        if operation not in OPEN:
            self._bound(tenant, able, operation, in_path=_TENANT in path)
        return replace(caller, is_owner=OWNER in roles and OPERATOR not in roles)

    def _bound(self, tenant: str | None, able: set[str], operation: str, *, in_path: bool) -> None:
        """Refuse a tenant or an operation outside of the token's tenant."""
        if tenant is not None and not in_path:
            raise ForbiddenError(f"{operation} is for all tenants, and the token for {tenant} only")
        if tenant is None and able <= BOUND_TO_A_TENANT:
            raise ForbiddenError(f"the token names no tenant (claim {self.tenant_claim})")

    def _tenant_of(self, token: Token) -> str | None:
        """The tenant that the token is for; None if it names none."""
        said = token.claims.get(self.tenant_claim)
        if said is None:
            return None
        if not isinstance(said, str) or not ID.fullmatch(said):
            raise ForbiddenError(f"the token's claim {self.tenant_claim} is not the id of a tenant")
        return said

    def _roles_of(self, token: Token) -> frozenset[str]:
        known = {f"{self.scope_prefix}{scope}": role for scope, role in ROLE_OF_SCOPE.items()}
        return frozenset(role for scope, role in known.items() if scope in token.words)


USUAL = Access()


def caller_of(event: Mapping[str, Any]) -> Caller:
    """The caller of an event of the HTTP API: who signed it by IAM, or whose token came with it."""
    found = event["requestContext"].get("authorizer")
    authorizer = found if isinstance(found, dict) else {}
    if "jwt" not in authorizer:
        return Caller(_text(authorizer.get("iam"), "userArn"))
    jwt = authorizer["jwt"] if isinstance(authorizer["jwt"], dict) else {}
    claims = jwt.get("claims")
    subject = _text(claims, "sub")
    return Caller(
        f"{JWT}{printable(subject, _SUBJECT_LENGTH)}" if subject else None,
        Token(claims if isinstance(claims, dict) else {}, jwt.get("scopes")),
    )


def invoker_of(alias: str) -> Caller:
    """The caller of a direct invocation: Lambda only reports the alias that was invoked.

    IAM decides who may invoke an alias. A version and the function itself prove nothing.
    """
    known = bool(alias) and not alias.isdigit() and alias != "$LATEST"
    return Caller(f"{ALIAS}{alias}") if known else UNPROVEN


def _text(found: object, name: str) -> str | None:
    value = found.get(name) if isinstance(found, dict) else None
    return value if isinstance(value, str) and value else None


def _words(said: object) -> list[str]:
    """The words of a list or text. API Gateway writes a claim that is a list as `[one two]`."""
    if isinstance(said, str):
        return said.removeprefix("[").removesuffix("]").split()
    return [one for one in said if isinstance(one, str)] if isinstance(said, list) else []
