"""How each operation is sent.

Generated from the OpenAPI document by `make reference`.
"""

from __future__ import annotations

from budget_monitor_client.route import Route

ROUTES: dict[str, Route] = {
    "check": Route("checking", method="POST", path="/tenants/{tenant_id}/checks"),
    "reserve": Route(
        "checking",
        method="POST",
        path="/tenants/{tenant_id}/reservations",
        is_keyed=True,
        own_id="reservation_id",
    ),
    "list_reservations": Route("reporting", method="GET", path="/tenants/{tenant_id}/reservations"),
    "get_reservation": Route(
        "checking", method="GET", path="/tenants/{tenant_id}/reservations/{reservation_id}"
    ),
    "extend": Route(
        "checking",
        method="POST",
        path="/tenants/{tenant_id}/reservations/{reservation_id}/extend",
        is_keyed=True,
    ),
    "release": Route(
        "checking",
        method="POST",
        path="/tenants/{tenant_id}/reservations/{reservation_id}/release",
        is_keyed=True,
    ),
    "settle": Route(
        "tracking",
        method="POST",
        path="/tenants/{tenant_id}/reservations/{reservation_id}/settle",
        is_keyed=True,
        own_id="entry_id",
    ),
    "draw": Route(
        "tracking",
        method="POST",
        path="/tenants/{tenant_id}/reservations/{reservation_id}/draws",
        is_keyed=True,
        own_id="draw_id",
    ),
    "record_cost": Route(
        "tracking",
        method="POST",
        path="/tenants/{tenant_id}/costs",
        is_keyed=True,
        own_id="entry_id",
    ),
    "ledger": Route("reporting", method="GET", path="/tenants/{tenant_id}/costs"),
    "record_costs": Route(
        "tracking", method="POST", path="/tenants/{tenant_id}/costs/batch", is_keyed=True
    ),
    "adjust": Route(
        "tracking",
        method="POST",
        path="/tenants/{tenant_id}/costs/{entry_id}/adjustments",
        is_keyed=True,
        own_id="adjustment_id",
    ),
    "confirm_cost": Route(
        "tracking",
        method="POST",
        path="/tenants/{tenant_id}/costs/{entry_id}/confirm",
        is_keyed=True,
    ),
    "reject_cost": Route(
        "tracking",
        method="POST",
        path="/tenants/{tenant_id}/costs/{entry_id}/reject",
        is_keyed=True,
    ),
    "quote": Route(
        "reporting", method="POST", path="/tenants/{tenant_id}/prices/quote", own_id="entry_id"
    ),
    "price_models": Route("reporting", method="GET", path="/prices/models"),
    "match_prices": Route("reporting", method="POST", path="/tenants/{tenant_id}/prices/match"),
    "tenant_usage": Route("reporting", method="GET", path="/tenants/{tenant_id}/usage"),
    "system_usage": Route("reporting", method="GET", path="/system/usage"),
    "agent_costs": Route("reporting", method="GET", path="/tenants/{tenant_id}/usage/agents"),
    "model_costs": Route("reporting", method="GET", path="/tenants/{tenant_id}/usage/models"),
    "daily_costs": Route("reporting", method="GET", path="/tenants/{tenant_id}/usage/days"),
    "user_costs": Route("reporting", method="GET", path="/tenants/{tenant_id}/usage/users"),
    "tag_costs": Route("reporting", method="GET", path="/tenants/{tenant_id}/usage/tags"),
    "workflow_costs": Route("reporting", method="GET", path="/tenants/{tenant_id}/usage/workflows"),
    "provider_costs": Route("reporting", method="GET", path="/tenants/{tenant_id}/usage/providers"),
    "system_agent_costs": Route("reporting", method="GET", path="/system/usage/agents"),
    "system_model_costs": Route("reporting", method="GET", path="/system/usage/models"),
    "system_daily_costs": Route("reporting", method="GET", path="/system/usage/days"),
    "system_user_costs": Route("reporting", method="GET", path="/system/usage/users"),
    "system_tag_costs": Route("reporting", method="GET", path="/system/usage/tags"),
    "system_workflow_costs": Route("reporting", method="GET", path="/system/usage/workflows"),
    "system_provider_costs": Route("reporting", method="GET", path="/system/usage/providers"),
    "list_executions": Route("reporting", method="GET", path="/tenants/{tenant_id}/executions"),
    "list_workflows": Route("reporting", method="GET", path="/tenants/{tenant_id}/workflows"),
    "execution": Route(
        "reporting", method="GET", path="/tenants/{tenant_id}/executions/{agent_execution_id}"
    ),
    "workflow": Route(
        "reporting", method="GET", path="/tenants/{tenant_id}/workflows/{workflow_execution_id}"
    ),
    "alerts": Route("reporting", method="GET", path="/tenants/{tenant_id}/alerts"),
    "system_alerts": Route("reporting", method="GET", path="/system/alerts"),
    "shadow_report": Route("reporting", method="GET", path="/tenants/{tenant_id}/shadow-report"),
    "statements": Route("reporting", method="GET", path="/tenants/{tenant_id}/statements"),
    "system_statements": Route("reporting", method="GET", path="/system/statements"),
    "system_shadow_report": Route("reporting", method="GET", path="/system/shadow-report"),
    "list_tenants": Route("reporting", method="GET", path="/tenants"),
    "forecast": Route("reporting", method="GET", path="/tenants/{tenant_id}/forecast"),
    "openapi": Route("reporting", method="GET", path="/openapi.json"),
    "headroom": Route("reporting", method="GET", path="/tenants/{tenant_id}/headroom"),
    "list_budgets": Route("budgeting", method="GET", path="/tenants/{tenant_id}/budgets"),
    "get_budget": Route("budgeting", method="GET", path="/tenants/{tenant_id}/budgets/{budget_id}"),
    "set_budget": Route(
        "budgeting",
        method="PUT",
        path="/tenants/{tenant_id}/budgets/{budget_id}",
        is_keyed=True,
        nullable=("limit_usd", "limit_tokens", "limit_calls", "downgrade"),
    ),
    "delete_budget": Route(
        "budgeting", method="DELETE", path="/tenants/{tenant_id}/budgets/{budget_id}", is_keyed=True
    ),
    "update_budget": Route(
        "budgeting",
        method="PATCH",
        path="/tenants/{tenant_id}/budgets/{budget_id}",
        is_keyed=True,
        nullable=("limit_usd", "limit_tokens", "limit_calls", "downgrade", "rollover_usd"),
    ),
    "raise_limit": Route(
        "budgeting",
        method="POST",
        path="/tenants/{tenant_id}/budgets/{budget_id}/raises",
        is_keyed=True,
        own_id="raise_id",
    ),
    "budget_history": Route(
        "budgeting", method="GET", path="/tenants/{tenant_id}/budgets/{budget_id}/history"
    ),
    "tenant_history": Route("budgeting", method="GET", path="/tenants/{tenant_id}/history"),
    "list_system_budgets": Route("budgeting", method="GET", path="/system/budgets"),
    "get_system_budget": Route("budgeting", method="GET", path="/system/budgets/{budget_id}"),
    "set_system_budget": Route(
        "budgeting",
        method="PUT",
        path="/system/budgets/{budget_id}",
        is_keyed=True,
        nullable=("limit_usd", "limit_tokens", "limit_calls", "downgrade"),
    ),
    "delete_system_budget": Route(
        "budgeting", method="DELETE", path="/system/budgets/{budget_id}", is_keyed=True
    ),
    "update_system_budget": Route(
        "budgeting",
        method="PATCH",
        path="/system/budgets/{budget_id}",
        is_keyed=True,
        nullable=("limit_usd", "limit_tokens", "limit_calls", "downgrade", "rollover_usd"),
    ),
    "raise_system_limit": Route(
        "budgeting",
        method="POST",
        path="/system/budgets/{budget_id}/raises",
        is_keyed=True,
        own_id="raise_id",
    ),
    "system_budget_history": Route(
        "budgeting", method="GET", path="/system/budgets/{budget_id}/history"
    ),
    "system_history": Route("budgeting", method="GET", path="/system/history"),
    "budget_names": Route(
        "budgeting", method="GET", path="/tenants/{tenant_id}/budgets/{budget_id}/names"
    ),
    "add_grant": Route(
        "budgeting",
        method="POST",
        path="/tenants/{tenant_id}/budgets/{budget_id}/grants",
        is_keyed=True,
        own_id="grant_id",
    ),
    "delete_raise": Route(
        "budgeting",
        method="DELETE",
        path="/tenants/{tenant_id}/budgets/{budget_id}/raises/{raise_id}",
        is_keyed=True,
    ),
    "delete_system_raise": Route(
        "budgeting",
        method="DELETE",
        path="/system/budgets/{budget_id}/raises/{raise_id}",
        is_keyed=True,
    ),
    "set_price": Route(
        "budgeting", method="PUT", path="/tenants/{tenant_id}/prices", is_keyed=True
    ),
    "delete_price": Route(
        "budgeting", method="DELETE", path="/tenants/{tenant_id}/prices", is_keyed=True
    ),
    "list_prices": Route("budgeting", method="GET", path="/tenants/{tenant_id}/prices"),
    "price_history": Route("budgeting", method="GET", path="/tenants/{tenant_id}/prices/history"),
    "set_system_price": Route("budgeting", method="PUT", path="/system/prices", is_keyed=True),
    "delete_system_price": Route(
        "budgeting", method="DELETE", path="/system/prices", is_keyed=True
    ),
    "list_system_prices": Route("budgeting", method="GET", path="/system/prices"),
    "system_price_history": Route("budgeting", method="GET", path="/system/prices/history"),
    "get_price": Route("budgeting", method="GET", path="/prices"),
    "set_alias": Route(
        "budgeting", method="PUT", path="/tenants/{tenant_id}/prices/aliases", is_keyed=True
    ),
    "delete_alias": Route(
        "budgeting", method="DELETE", path="/tenants/{tenant_id}/prices/aliases", is_keyed=True
    ),
    "list_aliases": Route("budgeting", method="GET", path="/tenants/{tenant_id}/prices/aliases"),
    "set_price_list": Route("budgeting", method="PUT", path="/system/prices/list", is_keyed=True),
    "list_price_lists": Route("budgeting", method="GET", path="/system/prices/list"),
    "pause": Route(
        "budgeting",
        method="POST",
        path="/tenants/{tenant_id}/workflows/{workflow_execution_id}/pause",
        is_keyed=True,
    ),
    "resume": Route(
        "budgeting",
        method="POST",
        path="/tenants/{tenant_id}/workflows/{workflow_execution_id}/resume",
        is_keyed=True,
    ),
    "workflow_history": Route(
        "budgeting",
        method="GET",
        path="/tenants/{tenant_id}/workflows/{workflow_execution_id}/history",
    ),
    "request_raise": Route(
        "budgeting",
        method="POST",
        path="/tenants/{tenant_id}/requests",
        is_keyed=True,
        own_id="request_id",
    ),
    "list_requests": Route("budgeting", method="GET", path="/tenants/{tenant_id}/requests"),
    "get_request": Route(
        "budgeting", method="GET", path="/tenants/{tenant_id}/requests/{request_id}"
    ),
    "approve": Route(
        "budgeting",
        method="POST",
        path="/tenants/{tenant_id}/requests/{request_id}/approve",
        is_keyed=True,
    ),
    "deny": Route(
        "budgeting",
        method="POST",
        path="/tenants/{tenant_id}/requests/{request_id}/deny",
        is_keyed=True,
    ),
    "get_authority": Route("budgeting", method="GET", path="/tenants/{tenant_id}/authority"),
    "set_authority": Route(
        "budgeting", method="PUT", path="/tenants/{tenant_id}/authority", is_keyed=True
    ),
    "get_system_authority": Route("budgeting", method="GET", path="/system/authority"),
    "set_system_authority": Route(
        "budgeting", method="PUT", path="/system/authority", is_keyed=True
    ),
    "get_tenant": Route("budgeting", method="GET", path="/tenants/{tenant_id}"),
    "set_tenant": Route(
        "budgeting",
        method="PUT",
        path="/tenants/{tenant_id}",
        is_keyed=True,
        nullable=("owner", "owners", "fallback_price", "most_per_entry_usd", "trust"),
    ),
    "delete_tenant": Route(
        "budgeting", method="DELETE", path="/tenants/{tenant_id}", is_keyed=True
    ),
    "suspend": Route(
        "budgeting", method="POST", path="/tenants/{tenant_id}/suspend", is_keyed=True
    ),
    "reinstate": Route(
        "budgeting", method="POST", path="/tenants/{tenant_id}/reinstate", is_keyed=True
    ),
    "dashboard_link": Route("dashboard", method="POST", path="/tenants/{tenant_id}/dashboard-link"),
    "system_dashboard_link": Route("dashboard", method="POST", path="/system/dashboard-link"),
    "reprice": Route("tracking", is_keyed=True),
    "reconcile": Route("tracking"),
    "await_resume": Route("budgeting"),
    "wake": Route("budgeting"),
    "send_alert": Route("alerting", is_keyed=True),
    "send_due": Route("alerting"),
    "notice": Route("alerting"),
    "forward": Route("forwarding"),
    "close_month": Route("resetting"),
    "close_fiscal_months": Route("resetting"),
    "forecast_all": Route("resetting"),
    "export_month": Route("resetting"),
    "watch_prices": Route("resetting"),
    "expire": Route("expiring"),
    "release_stopped": Route("expiring"),
}
