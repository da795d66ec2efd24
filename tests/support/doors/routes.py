"""Operations of CONTRACT.md with their functions and routes.

The table is written by hand; a test compares it with template.yaml.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

TENANT = "/tenants/{tenant_id}"
BUDGET = TENANT + "/budgets/{budget_id}"
SYSTEM_BUDGET = "/system/budgets/{budget_id}"
FLOW = TENANT + "/workflows/{id}"
HOLD = TENANT + "/reservations/{reservation_id}"
REQUESTS = TENANT + "/requests"


@dataclass(frozen=True)
class Route:
    """The route of an operation."""

    function: str
    method: str
    path: str
    id_means: str = "id"  # the direct event's field for {id} in the path

    @property
    def key(self) -> str:
        """Return API Gateway's route key: `POST /tenants/{tenant_id}/costs`."""
        return f"{self.method} {self.path}"

    @property
    def placeholders(self) -> list[str]:
        """Return the parameter names of the path, in order."""
        return re.findall(r"{(\w+)}", self.path)

    def field_of(self, placeholder: str) -> str:
        """Return the direct event's field for the path parameter."""
        return self.id_means if placeholder == "id" else placeholder


ROUTES: dict[str, Route] = {
    "check": Route("checking", "POST", TENANT + "/checks"),
    "reserve": Route("checking", "POST", TENANT + "/reservations"),
    "get_reservation": Route("checking", "GET", HOLD),
    "extend": Route("checking", "POST", HOLD + "/extend"),
    "release": Route("checking", "POST", HOLD + "/release"),
    "settle": Route("tracking", "POST", HOLD + "/settle"),
    "draw": Route("tracking", "POST", HOLD + "/draws"),
    "record_cost": Route("tracking", "POST", TENANT + "/costs"),
    "record_costs": Route("tracking", "POST", TENANT + "/costs/batch"),
    "adjust": Route("tracking", "POST", TENANT + "/costs/{entry_id}/adjustments"),
    "confirm_cost": Route("tracking", "POST", TENANT + "/costs/{entry_id}/confirm"),
    "reject_cost": Route("tracking", "POST", TENANT + "/costs/{entry_id}/reject"),
    "tenant_usage": Route("reporting", "GET", TENANT + "/usage"),
    "system_usage": Route("reporting", "GET", "/system/usage"),
    "agent_costs": Route("reporting", "GET", TENANT + "/usage/agents"),
    "model_costs": Route("reporting", "GET", TENANT + "/usage/models"),
    "daily_costs": Route("reporting", "GET", TENANT + "/usage/days"),
    "user_costs": Route("reporting", "GET", TENANT + "/usage/users"),
    "tag_costs": Route("reporting", "GET", TENANT + "/usage/tags"),
    "workflow_costs": Route("reporting", "GET", TENANT + "/usage/workflows"),
    "provider_costs": Route("reporting", "GET", TENANT + "/usage/providers"),
    "system_agent_costs": Route("reporting", "GET", "/system/usage/agents"),
    "system_model_costs": Route("reporting", "GET", "/system/usage/models"),
    "system_daily_costs": Route("reporting", "GET", "/system/usage/days"),
    "system_user_costs": Route("reporting", "GET", "/system/usage/users"),
    "system_tag_costs": Route("reporting", "GET", "/system/usage/tags"),
    "system_workflow_costs": Route("reporting", "GET", "/system/usage/workflows"),
    "system_provider_costs": Route("reporting", "GET", "/system/usage/providers"),
    "list_executions": Route("reporting", "GET", TENANT + "/executions"),
    "list_workflows": Route("reporting", "GET", TENANT + "/workflows"),
    "list_reservations": Route("reporting", "GET", TENANT + "/reservations"),
    "execution": Route("reporting", "GET", TENANT + "/executions/{id}", "agent_execution_id"),
    "workflow": Route("reporting", "GET", TENANT + "/workflows/{id}", "workflow_execution_id"),
    "ledger": Route("reporting", "GET", TENANT + "/costs"),
    "alerts": Route("reporting", "GET", TENANT + "/alerts"),
    "system_alerts": Route("reporting", "GET", "/system/alerts"),
    "shadow_report": Route("reporting", "GET", TENANT + "/shadow-report"),
    "list_tenants": Route("reporting", "GET", "/tenants"),
    "system_shadow_report": Route("reporting", "GET", "/system/shadow-report"),
    "statements": Route("reporting", "GET", TENANT + "/statements"),
    "system_statements": Route("reporting", "GET", "/system/statements"),
    "forecast": Route("reporting", "GET", TENANT + "/forecast"),
    "openapi": Route("reporting", "GET", "/openapi.json"),
    "headroom": Route("reporting", "GET", TENANT + "/headroom"),
    "dashboard_link": Route("dashboard", "POST", TENANT + "/dashboard-link"),
    "system_dashboard_link": Route("dashboard", "POST", "/system/dashboard-link"),
    "list_budgets": Route("budgeting", "GET", TENANT + "/budgets"),
    "get_budget": Route("budgeting", "GET", BUDGET),
    "set_budget": Route("budgeting", "PUT", BUDGET),
    "update_budget": Route("budgeting", "PATCH", BUDGET),
    "delete_budget": Route("budgeting", "DELETE", BUDGET),
    "raise_limit": Route("budgeting", "POST", BUDGET + "/raises"),
    "add_grant": Route("budgeting", "POST", BUDGET + "/grants"),
    "delete_raise": Route("budgeting", "DELETE", BUDGET + "/raises/{raise_id}"),
    "budget_history": Route("budgeting", "GET", BUDGET + "/history"),
    "budget_names": Route("budgeting", "GET", BUDGET + "/names"),
    "tenant_history": Route("budgeting", "GET", TENANT + "/history"),
    "list_system_budgets": Route("budgeting", "GET", "/system/budgets"),
    "get_system_budget": Route("budgeting", "GET", SYSTEM_BUDGET),
    "set_system_budget": Route("budgeting", "PUT", SYSTEM_BUDGET),
    "update_system_budget": Route("budgeting", "PATCH", SYSTEM_BUDGET),
    "delete_system_budget": Route("budgeting", "DELETE", SYSTEM_BUDGET),
    "raise_system_limit": Route("budgeting", "POST", SYSTEM_BUDGET + "/raises"),
    "delete_system_raise": Route("budgeting", "DELETE", SYSTEM_BUDGET + "/raises/{raise_id}"),
    "system_budget_history": Route("budgeting", "GET", SYSTEM_BUDGET + "/history"),
    "system_history": Route("budgeting", "GET", "/system/history"),
    "set_price": Route("budgeting", "PUT", TENANT + "/prices"),
    "delete_price": Route("budgeting", "DELETE", TENANT + "/prices"),
    "list_prices": Route("budgeting", "GET", TENANT + "/prices"),
    "price_history": Route("budgeting", "GET", TENANT + "/prices/history"),
    "set_system_price": Route("budgeting", "PUT", "/system/prices"),
    "delete_system_price": Route("budgeting", "DELETE", "/system/prices"),
    "list_system_prices": Route("budgeting", "GET", "/system/prices"),
    "system_price_history": Route("budgeting", "GET", "/system/prices/history"),
    "get_price": Route("budgeting", "GET", "/prices"),
    "set_alias": Route("budgeting", "PUT", TENANT + "/prices/aliases"),
    "delete_alias": Route("budgeting", "DELETE", TENANT + "/prices/aliases"),
    "list_aliases": Route("budgeting", "GET", TENANT + "/prices/aliases"),
    "set_price_list": Route("budgeting", "PUT", "/system/prices/list"),
    "list_price_lists": Route("budgeting", "GET", "/system/prices/list"),
    "quote": Route("reporting", "POST", TENANT + "/prices/quote"),
    "match_prices": Route("reporting", "POST", TENANT + "/prices/match"),
    "price_models": Route("reporting", "GET", "/prices/models"),
    "pause": Route("budgeting", "POST", FLOW + "/pause", "workflow_execution_id"),
    "resume": Route("budgeting", "POST", FLOW + "/resume", "workflow_execution_id"),
    "request_raise": Route("budgeting", "POST", REQUESTS),
    "list_requests": Route("budgeting", "GET", REQUESTS),
    "get_request": Route("budgeting", "GET", REQUESTS + "/{request_id}"),
    "approve": Route("budgeting", "POST", REQUESTS + "/{request_id}/approve"),
    "deny": Route("budgeting", "POST", REQUESTS + "/{request_id}/deny"),
    "workflow_history": Route("budgeting", "GET", FLOW + "/history", "workflow_execution_id"),
    "get_tenant": Route("budgeting", "GET", TENANT),
    "set_tenant": Route("budgeting", "PUT", TENANT),
    "delete_tenant": Route("budgeting", "DELETE", TENANT),
    "suspend": Route("budgeting", "POST", TENANT + "/suspend"),
    "reinstate": Route("budgeting", "POST", TENANT + "/reinstate"),
}

OF_SYSTEM_WITHOUT_TENANT = {
    *("set_price", "delete_price", "list_prices", "price_history"),
    *("set_alias", "delete_alias", "list_aliases"),
}
"""What a direct invocation that names no tenant does for the system."""

WITHOUT_ROUTE = {
    "reprice": "tracking",
    "reconcile": "tracking",
    "await_resume": "budgeting",
    "wake": "budgeting",
    "watch_prices": "resetting",
    "expire": "expiring",
    "release_stopped": "expiring",
    "close_month": "resetting",
    "close_fiscal_months": "resetting",
    "forecast_all": "resetting",
    "send_alert": "alerting",
    "send_due": "alerting",
    "notice": "alerting",
}
"""Operations that only direct invocation has, with their functions."""


def function_of(operation: str) -> str:
    """Return the function that handles the operation."""
    return WITHOUT_ROUTE.get(operation) or ROUTES[operation].function
