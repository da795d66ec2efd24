"""Sign in by an OpenID Connect provider: authorization code with PKCE."""

import hmac
from datetime import timedelta
from urllib.parse import quote

from budget_monitor.domain.errors import ForbiddenError, NotFoundError
from budget_monitor.domain.signed_links import sign, verify
from budget_monitor.entrypoints.dashboard import html
from budget_monitor.entrypoints.dashboard.claims import OpenId
from budget_monitor.entrypoints.dashboard.services import Context
from budget_monitor.entrypoints.door.fields import Fields
from budget_monitor.entrypoints.door.operations import Answer
from budget_monitor.entrypoints.door.request_log import logger

STATE, STATE_COOKIE = "dashboard-openid", "budget_monitor_openid"
WITHIN = timedelta(minutes=10)
START, CALLBACK = "/dashboard/openid-start", "/dashboard/openid-callback"


def start(context: Context, fields: Fields) -> Answer:
    """Send the browser to the provider, with a state that only this browser has."""
    fields.finish()
    openid, access = _required(context), context.services.access
    made = {name: context.ids.new() for name in ("state", "nonce")}
    made["verifier"] = context.ids.new() + context.ids.new()
    token = sign(made, access.keys.current, context.clock.now() + WITHIN, STATE)
    cookie = f"{STATE_COOKIE}={token}; Max-Age={WITHIN // timedelta(seconds=1)}"
    where = openid.provider.sign_in_url(
        _callback(context), made["state"], made["nonce"], made["verifier"]
    )
    return html.redirect(where, f"{cookie}; HttpOnly; Secure; SameSite=Lax")


def callback(context: Context, fields: Fields) -> Answer:
    """Sign in the person whom the provider sent back."""
    openid, access, now = _required(context), context.services.access, context.clock.now()
    state, code = fields.opaque("state"), fields.opaque("code")
    token = context.services.visit.cookies.get(STATE_COOKIE, "")
    made = verify(token, access.keys.keys, now, STATE)
    if not state or not code or not hmac.compare_digest(_bytes(state), _bytes(made["state"])):
        raise ForbiddenError("the sign-in was not started in this browser; try again")
    claims = openid.provider.claims(code, _callback(context), made["nonce"], made["verifier"])
    session = openid.session(claims, now)
    logger.info("signed in", extra={"by": session.by, "tenant_id": session.tenant_id})
    place = "" if session.of_system else f"/tenants/{quote(session.tenant_id)}"
    return html.redirect(f"../dashboard{place}", session.cookie(access.keys.current, now))


def _required(context: Context) -> OpenId:
    found = context.services.access.openid
    if found is None:
        raise NotFoundError("no sign-in provider is set up")
    return found


def _callback(context: Context) -> str:
    address = context.services.access.address or context.services.visit.address
    return f"{address}{CALLBACK}"


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
