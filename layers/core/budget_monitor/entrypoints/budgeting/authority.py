"""The operations of authority: who may approve requests for more limit, and up to how much."""

import re
from datetime import timedelta
from decimal import Decimal
from typing import Any

from budget_monitor.domain.accounting.accounts import SYSTEM
from budget_monitor.domain.approvals.authority import (
    APPROVE,
    DENY,
    Approver,
    Authority,
    Escalation,
    TimeOut,
)
from budget_monitor.domain.approvals.requests import MAX_LIFE
from budget_monitor.domain.errors import ValidationError
from budget_monitor.entrypoints.budgeting.request import Services, versioned
from budget_monitor.entrypoints.door.fields import Fields
from budget_monitor.entrypoints.door.operations import Answer, Operation, RequestContext
from budget_monitor.usecases.approvals.set_authority import AuthorityView

MAX_APPROVERS, MAX_NAMES = 50, 20
MIN_SECONDS, MAX_SECONDS = 60, MAX_LIFE // timedelta(seconds=1)
_SIGNER = re.compile(
    r"arn:[a-z*-]+:(iam|sts|\*):[^:]*:([0-9]{12}|[0-9*]*\*[0-9*]*):"
    r"(role/|user/|assumed-role/|federated-user/|root$|[^:]*\*).*"
)
"""Format of a pattern that can match an IAM caller."""
_OTHER_ARN = re.compile(r"arn:", re.IGNORECASE)

_Context = RequestContext[Services]


def set_authority(context: _Context, fields: Fields) -> Answer:
    """Set who may approve a tenant's requests, four eyes, escalation and time-out."""
    return _set(context, fields, fields.tenant(), "set_authority")


def set_system_authority(context: _Context, fields: Fields) -> Answer:
    """Set who may approve the requests of all tenants that have no rules of their own."""
    return _set(context, fields, SYSTEM, "set_system_authority")


def _set(context: _Context, fields: Fields, tenant_id: str, operation: str) -> Answer:
    authority = Authority(
        _approvers(fields),
        _positive(fields, "four_eyes_above_usd"),
        _escalation(fields),
        _time_out(fields),
    )
    made = context.services.authority.set(versioned(fields, tenant_id, operation), authority)
    return Answer({**_shown(tenant_id, made), "principal": made.principal})


def get_authority(context: _Context, fields: Fields) -> Answer:
    """Return who may approve a tenant's requests, and who set these rules."""
    tenant_id = fields.tenant()
    fields.finish()
    return Answer(_shown(tenant_id, context.services.authority.get(tenant_id)))


def get_system_authority(context: _Context, fields: Fields) -> Answer:
    """Return who may approve the requests of tenants that have no rules of their own."""
    fields.finish()
    return Answer(_shown(SYSTEM, context.services.authority.get(SYSTEM)))


def _approvers(fields: Fields) -> tuple[Approver, ...]:
    if not fields.gives("approvers"):
        return ()
    found = [_approver(one) for one in fields.each("approvers", MAX_APPROVERS)]
    fields.canonical["approvers"] = [one.dump() for one in found]
    return tuple(found)


def _approver(one: Fields) -> Approver:
    signer, by, link = one.optional_text("signer"), one.name("by"), one.truth("link")
    up_to = _positive(one, "up_to_usd")
    one.finish()
    if [signer is not None, by is not None, link is True].count(True) != 1:
        field = one.path("signer")
        raise ValidationError(f"{field}: give one of signer, by and link: true", field)
    if signer is not None and _OTHER_ARN.match(signer) and not _SIGNER.fullmatch(signer):
        field = one.path("signer")
        raise ValidationError(
            f"{field} matches no caller: callers are arn:aws:iam::<12 digits>:role/... or "
            "user/..., or a JWT subject",
            field,
        )
    return Approver(signer, by, link is True, up_to)


def _escalation(fields: Fields) -> Escalation | None:
    inner = fields.inner("escalation")
    if inner is None:
        return None
    after, to = _after(inner), inner.tags("to", MAX_NAMES)
    if not to:
        raise inner.missing("to")
    fields.canonical["escalation"] = inner.finish()
    return Escalation(after, to)


def _time_out(fields: Fields) -> TimeOut | None:
    inner = fields.inner("time_out")
    if inner is None:
        return None
    after, decision = _after(inner), inner.choice("decision", (APPROVE, DENY))
    up_to = _positive(inner, "up_to_usd")
    if decision is None:
        raise inner.missing("decision")
    if (decision == APPROVE) != (up_to is not None):
        field = inner.path("up_to_usd")
        raise ValidationError(f"{field} is required for approve, and only for it", field)
    fields.canonical["time_out"] = inner.finish()
    return TimeOut(after, decision, up_to)


def _after(inner: Fields) -> timedelta:
    seconds = inner.count("after_seconds", MIN_SECONDS, MAX_SECONDS)
    if seconds is None:
        raise inner.missing("after_seconds")
    return timedelta(seconds=seconds)


def _positive(fields: Fields, name: str) -> Decimal | None:
    amount = fields.optional_amount(name)
    if amount is not None and amount <= 0:
        field = fields.path(name)
        raise ValidationError(f"{field} must be above zero", field)
    return amount


def _shown(tenant_id: str, view: AuthorityView) -> dict[str, Any]:
    return {
        "tenant_id": None if tenant_id == SYSTEM else tenant_id,
        **view.authority.dump(),
        "source": view.source,
        "warnings": list(view.warnings),
        "version": view.version,
        "replayed": view.replayed,
    }


_TENANT, _SYSTEM = "/tenants/{tenant_id}/authority", "/system/authority"

OPERATIONS: tuple[Operation[Services], ...] = (
    Operation("get_authority", "GET", _TENANT, get_authority),
    Operation("set_authority", "PUT", _TENANT, set_authority),
    Operation("get_system_authority", "GET", _SYSTEM, get_system_authority),
    Operation("set_system_authority", "PUT", _SYSTEM, set_system_authority),
)
