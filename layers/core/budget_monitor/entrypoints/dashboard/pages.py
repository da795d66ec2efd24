"""The pages by their paths. Browsers open them; they are no operations of the API."""

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from budget_monitor.domain import signed_links
from budget_monitor.domain.accounting.accounts import EXECUTION, WORKFLOW
from budget_monitor.domain.errors import BudgetMonitorError, UnavailableError
from budget_monitor.entrypoints.dashboard import html, links, openid
from budget_monitor.entrypoints.dashboard.run_page import run_view
from budget_monitor.entrypoints.dashboard.services import Context, Services, signed_in
from budget_monitor.entrypoints.dashboard.session import NotSignedInError, Session, opened
from budget_monitor.entrypoints.dashboard.system_page import system_view
from budget_monitor.entrypoints.dashboard.tenant_page import tenant_view
from budget_monitor.entrypoints.door import http
from budget_monitor.entrypoints.door.fields import Fields
from budget_monitor.entrypoints.door.operations import Answer, Operation
from budget_monitor.entrypoints.door.request_log import logger

_HOME = "dashboard"
_Page = Callable[[Context, Fields], Answer]


def system_page(context: Context, fields: Fields) -> Answer:
    """The page of the system. A session of one tenant is redirected to its page."""
    fields.finish()
    session = signed_in(context)
    if not session.of_system:
        return html.redirect(f"{_HOME}/tenants/{quote(session.tenant_id)}")
    return _page("system.html", session, "", system_view(context))


def tenant_page(context: Context, fields: Fields) -> Answer:
    """The page of a tenant."""
    tenant_id = fields.tenant()
    fields.finish()
    session = signed_in(context)
    session.must_see(tenant_id)
    return _page("tenant.html", session, "../../", tenant_view(context, tenant_id))


def execution_page(context: Context, fields: Fields) -> Answer:
    """The page of an agent execution."""
    return _run(context, fields, EXECUTION, "agent_execution_id")


def workflow_page(context: Context, fields: Fields) -> Answer:
    """The page of a workflow execution."""
    return _run(context, fields, WORKFLOW, "workflow_execution_id")


def _run(context: Context, fields: Fields, scope: str, alias: str) -> Answer:
    tenant_id, name = fields.tenant(), fields.id_in_path(alias)
    fields.finish()
    session = signed_in(context)
    session.must_see(tenant_id)
    return _page("run.html", session, "../../../../", run_view(context, tenant_id, scope, name))


def sign_in(context: Context, fields: Fields) -> Answer:
    """Exchange the token of a link for a cookie, and redirect to the page without the token."""
    token = fields.token("token", signed_links.MAX_TOKEN)
    fields.finish()
    access, now = context.services.access, context.clock.now()
    session = opened(token, access.keys, now)
    place = "" if session.of_system else f"/tenants/{quote(session.tenant_id)}"
    return html.redirect(f"../{_HOME}{place}", session.cookie(access.keys.current, now))


def _shown(run: _Page, up: str) -> _Page:
    """Return the page's function, with errors as pages. `up`: the path before `dashboard`."""

    @functools.wraps(run)
    def page(context: Context, fields: Fields) -> Answer:
        try:
            return run(context, fields)
        except UnavailableError as error:
            context.metrics.count("Unavailable", 1)
            logger.exception("a page cannot be shown now")
            return _error_page(context, error, up)
        except BudgetMonitorError as error:
            return _error_page(context, error, up)

    return page


def _page(template: str, session: Session, up: str, view: Mapping[str, Any]) -> Answer:
    return html.page(template, {"home": f"{up}{_HOME}", "session": session, **view})


_TENANT = "/dashboard/tenants/{tenant_id}"

_PATHS: tuple[tuple[str, str, _Page], ...] = (
    ("dashboard", "/dashboard", system_page),
    ("dashboard_sign_in", links.SIGN_IN, sign_in),
    ("dashboard_openid_start", openid.START, openid.start),
    ("dashboard_openid_callback", openid.CALLBACK, openid.callback),
    ("dashboard_tenant", _TENANT, tenant_page),
    ("dashboard_execution", f"{_TENANT}/executions/{{id}}", execution_page),
    ("dashboard_workflow", f"{_TENANT}/workflows/{{id}}", workflow_page),
)

PAGES: tuple[Operation[Services], ...] = tuple(
    Operation(name, "GET", path, _shown(run, "../" * (path.count("/") - 1)))
    for name, path, run in _PATHS
)


def operations_of(event: object) -> Sequence[Operation[Services]]:
    """What this event may ask for: pages over HTTP only."""
    return (*PAGES, *links.OPERATIONS) if http.is_http(event) else links.OPERATIONS


def _error_page(context: Context, error: BudgetMonitorError, up: str) -> Answer:
    """Return a page that explains the error and what to do."""
    signs_in = isinstance(error, NotSignedInError)
    shown = {
        "title": HTTPStatus(error.status).phrase,
        "message": error.message,
        "signs_in": signs_in,
        "start": f"{up}{openid.START[1:]}" if context.services.access.openid else None,
        "zone": "UTC",
    }
    answer = html.page("error.html", shown, error.status)
    # The log of the request names the code as the outcome, as it does for every refusal.
    return replace(
        answer,
        body={"allowed": False, "reason_code": error.code},
        headers={**answer.headers, **error.headers},
    )
