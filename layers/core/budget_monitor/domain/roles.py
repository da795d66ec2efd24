"""Which operations each role may ask for.

IAM enforces the roles: `policies/` has a document for each. Aliases of functions enforce the role
of agents in direct invocations. For callers with a token the door enforces them by this table. A
test requires every operation to be classified here.
"""

AGENT, READER, OWNER, AUDITOR, OPERATOR = "agent", "reader", "owner", "auditor", "operator"
ROLES = (AGENT, READER, OWNER, AUDITOR, OPERATOR)

OPEN = frozenset({"openapi", "get_price", "price_models"})
"""Operations that show no tenant's data."""

_SPENDING = frozenset(
    {
        *("check", "reserve", "get_reservation", "extend", "release"),
        *("settle", "draw", "record_cost", "record_costs", "headroom", "quote"),
        *("request_raise", "get_request"),
    }
)
_TENANT_READS = frozenset(
    {
        *("tenant_usage", "agent_costs", "model_costs", "daily_costs", "execution", "workflow"),
        *("user_costs", "tag_costs", "workflow_costs", "provider_costs"),
        *("list_executions", "list_workflows", "list_reservations"),
        *("list_requests", "get_request", "get_authority"),
        *("ledger", "alerts", "shadow_report", "statements", "forecast", "headroom"),
        *("list_budgets", "get_budget", "budget_history", "budget_names", "get_tenant"),
        *("tenant_history", "workflow_history", "get_reservation"),
        *("list_prices", "price_history", "list_aliases"),
    }
)
_TENANT_QUESTIONS = frozenset({"quote", "match_prices"})
"""Operations that change nothing, although they are sent with POST."""

_OWNERS_DECISIONS = frozenset(
    {"set_budget", "update_budget", "delete_budget", "delete_raise", "pause", "resume"}
)
"""The rule that an owner cannot loosen the tenant's own budgets applies to each of them."""

_SYSTEM_READS = frozenset(
    {
        *("system_usage", "system_alerts", "system_shadow_report", "system_statements"),
        *("system_agent_costs", "system_model_costs", "system_daily_costs"),
        *("system_user_costs", "system_tag_costs", "system_workflow_costs"),
        "system_provider_costs",
        *("list_tenants", "list_system_budgets", "get_system_budget", "system_budget_history"),
        "get_system_authority",
        *("system_history", "list_system_prices", "system_price_history", "list_price_lists"),
    }
)
_OPERATORS_DECISIONS = frozenset(
    {
        *("adjust", "confirm_cost", "reject_cost", "reprice", "reconcile", "approve", "deny"),
        *("raise_limit", "add_grant", "set_price", "delete_price", "set_alias", "delete_alias"),
        *("set_authority", "set_system_authority"),
        *("dashboard_link", "system_dashboard_link"),
        *("set_tenant", "delete_tenant", "suspend", "reinstate", "send_alert"),
        *("set_system_budget", "update_system_budget", "delete_system_budget"),
        *("raise_system_limit", "delete_system_raise"),
        *("set_system_price", "delete_system_price", "set_price_list"),
    }
)
_JOBS = frozenset(
    {
        *("expire", "release_stopped", "wake", "await_resume", "send_due", "notice", "forward"),
        *("close_month", "close_fiscal_months", "forecast_all", "watch_prices", "export_month"),
    }
)
"""Schedules, streams and state machines invoke them; operators may, by hand."""

_READER = OPEN | _TENANT_READS | _TENANT_QUESTIONS

OPERATORS_FIELDS = {"record_costs": frozenset({"backfill"})}
"""Fields that only operators may send, with operations that others may ask for.

IAM does not look into a body. So they are refused over HTTP and at agents' aliases: operators send
them by direct invocation of the function.
"""

OPERATIONS_OF = {
    AGENT: OPEN | _SPENDING,
    READER: _READER,
    OWNER: _READER | _OWNERS_DECISIONS,
    AUDITOR: OPEN | _TENANT_READS | _SYSTEM_READS,
    OPERATOR: _READER
    | _SPENDING
    | _OWNERS_DECISIONS
    | _SYSTEM_READS
    | _OPERATORS_DECISIONS
    | _JOBS,
}
"""The operations of each role. All but the auditor's and the operator's are for one tenant."""

BOUND_TO_A_TENANT = frozenset({AGENT, READER, OWNER})

ROLE_OF_SCOPE = {
    "agent": AGENT,
    "reader": READER,
    "owner": OWNER,
    "auditor": AUDITOR,
    "admin": OPERATOR,
}
"""The role that each scope of a token gives."""
