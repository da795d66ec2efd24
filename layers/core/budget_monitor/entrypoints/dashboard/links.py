"""The operations that make links to pages: of one tenant, or of the whole system."""

from datetime import datetime, timedelta

from budget_monitor.domain.periods import render_instant
from budget_monitor.entrypoints.dashboard.services import Context, Services
from budget_monitor.entrypoints.dashboard.session import EVERY_TENANT, LINK, Session
from budget_monitor.entrypoints.door.fields import Fields
from budget_monitor.entrypoints.door.operations import Answer, Operation
from budget_monitor.entrypoints.door.request_log import logger

MAX_MINUTES, DEFAULT_MINUTES = 7 * 24 * 60, 60
MAX_SYSTEM_MINUTES = 12 * 60
OPEN_WITHIN = timedelta(minutes=2)
"""A link to the system's pages must be opened within this time; the session then lasts longer."""
SIGN_IN = "/dashboard/sign-in"


def dashboard_link(context: Context, fields: Fields) -> Answer:
    """Make a read-only link to a tenant's pages, which the platform may hand to the tenant."""
    tenant_id = fields.tenant()
    return _link(context, fields, tenant_id, MAX_MINUTES)


def system_dashboard_link(context: Context, fields: Fields) -> Answer:
    """Make a read-only link to the pages of the system and of all tenants."""
    return _link(context, fields, EVERY_TENANT, MAX_SYSTEM_MINUTES, OPEN_WITHIN)


def _link(
    context: Context, fields: Fields, tenant_id: str, most: int, within: timedelta | None = None
) -> Answer:
    by, reason = fields.text("by"), fields.text("reason")
    minutes = fields.count("valid_minutes", 1, most) or DEFAULT_MINUTES
    fields.finish()
    now = context.clock.now()
    session = Session(tenant_id, by, now + timedelta(minutes=minutes))
    open_until = min(session.until, now + within) if within else session.until
    token = session.token(context.services.access.keys.current, LINK, open_until)
    _log(session, reason, fields.principal)
    path = f"{SIGN_IN}?token={token}"
    address = context.services.access.address or context.services.visit.address
    return Answer(
        {
            "tenant_id": None if session.of_system else tenant_id,
            "path": path,
            "url": f"{address}{path}" if address else None,
            "open_until": _time(open_until),
            "expires_at": _time(session.until),
        },
        status=201,
        headers={"cache-control": "no-store"},
    )


def _log(session: Session, reason: str, principal: str | None) -> None:
    """Write who made the link and why. The link itself is not in the log."""
    said = {"by": session.by, "reason": reason, "principal": principal}
    until = render_instant(session.until)
    facts = {**said, "tenant_id": session.tenant_id, "until": until}
    logger.info("a link to the pages was made", extra=facts)


def _time(moment: datetime) -> str:
    return render_instant(moment)


OPERATIONS: tuple[Operation[Services], ...] = (
    Operation(
        "dashboard_link",
        "POST",
        "/tenants/{tenant_id}/dashboard-link",
        dashboard_link,
        repeatable=True,
    ),
    Operation(
        "system_dashboard_link",
        "POST",
        "/system/dashboard-link",
        system_dashboard_link,
        repeatable=True,
    ),
)
