"""Budgets, raises and their history."""

from budget_monitor.domain.errors import ConflictError, ForbiddenError, NotFoundError
from budget_monitor.entrypoints.budgeting.budget_names import DEFAULT_NAMES, MAX_NAMES
from budget_monitor.entrypoints.budgeting.history import DEFAULT_CHANGES, MAX_CHANGES
from budget_monitor.entrypoints.openapi import budgets, shared, tables
from budget_monitor.entrypoints.openapi.declared import Declared, Example, of_system
from budget_monitor.entrypoints.openapi.fields import any_of, read
from budget_monitor.entrypoints.openapi.schemas import (
    FLAG,
    NUMBER,
    OBJECT,
    SIGNER,
    TEXT,
    TIME,
    Schema,
    list_of,
    nullable,
    page_of,
    ref,
    shape,
)

_BUDGET_ID = read("id", "budget_id", "The budget.")
_RAISE_ID = read("caller_id", "raise_id", "Your name for the raise; else one is made.")
HISTORY = (
    read("count", "limit", f"Changes of a page; {DEFAULT_CHANGES} unless given.", 1, MAX_CHANGES),
    shared.CURSOR,
)
WHY = {"by": "maria", "reason": "The quarter's forecast"}
SCHEMAS: dict[str, Schema] = {
    **budgets.SCHEMAS,
    "Change": shape(
        {
            "version": NUMBER,
            "operation": TEXT,
            "at": TIME,
            "by": TEXT,
            "reason": TEXT,
            "principal": SIGNER,
            "before": nullable(OBJECT),
            "after": nullable(OBJECT),
        },
        {"budget_id": nullable(TEXT)},
    ),
}


_CHANGE = (shared.TENANT, _BUDGET_ID)
_SAID = (shared.EXPECTED_VERSION, *shared.BY_REASON, shared.KEY)
_ACME = {"tenant_id": "acme"}
_ADA = {"tenant_id": "acme", "budget_id": "ada-daily"}
_ADA_DAILY = {
    "scope": "user",
    "scope_id": "ada",
    "period": "day",
    "limit_usd": "25",
    "action": "block",
    "thresholds": [50, 90],
    "enforcement": "enforce",
}
_EACH_USER = {"tenant_id": "acme", "budget_id": "each-user"}
_A_DAY = {**_ADA_DAILY, "scope_id": "*", "limit_usd": "1"}
_REVIEWER = {"tenant_id": "acme", "budget_id": "reviewer-hourly"}
_OF_TOKENS = {
    "scope": "agent",
    "scope_id": "reviewer",
    "period": "hour",
    "limit_tokens": {"total": 2000000, "output": 200000},
    "limit_calls": 500,
    "reserve_percent": 10,
    "downgrade": [{"model": "gpt-4o"}, {"model": "gpt-4o-mini", "at_percent": 80}],
}
_PREPAID = {
    **_ACME,
    "budget_id": "prepaid",
    "scope": "tenant",
    "period": "total",
    "limit_usd": "0",
}
_WARNING: Schema = {
    **nullable(TEXT),
    "description": "Says that the budget's name was not seen yet, with near names.",
}
WARNED_OF = shape({**budgets.BUDGET, "warning": _WARNING, "principal": SIGNER})
"""A budget as it is now, and what to know of the name that it is for."""
_RAISED = {"raise_id": "raise-0001", **WHY}

_OF_TENANT: dict[str, Declared] = {
    "list_budgets": Declared(
        fields=(shared.TENANT, tables.FORMAT),
        answer=tables.or_table(shape({"items": list_of(ref("BudgetLeft"))})),
        example=Example(_ACME),
    ),
    "get_budget": Declared(
        fields=(
            *_CHANGE,
            read("name", "name", "Whose amounts: a run's id, or a name of a budget for each."),
        ),
        answer=ref("BudgetLeft"),
        errors=(NotFoundError,),
        example=Example({**_ACME, "budget_id": "tenant-month"}),
    ),
    "set_budget": Declared(
        fields=(*_CHANGE, *budgets.SETTINGS, *_SAID),
        needs=(any_of(*(one.name for one in budgets.LIMITS)),),
        answer=WARNED_OF,
        errors=(ConflictError, ForbiddenError),
        example=Example({**_ADA, **_ADA_DAILY, **WHY}),
        more={
            "set_budget_for_each": Example({**_EACH_USER, **_A_DAY, **WHY}),
            "set_prepaid": Example({**_PREPAID, "reason": "Prepaid", "by": "maria"}),
            "set_budget_of_tokens": Example({**_REVIEWER, **_OF_TOKENS, **WHY}),
        },
    ),
    "delete_budget": Declared(
        fields=(*_CHANGE, *_SAID),
        answer=shape({**budgets.BUDGET, "deleted": FLAG, "principal": SIGNER}),
        errors=(NotFoundError, ConflictError, ForbiddenError),
        example=Example({**_ADA, **WHY}, after=("set_budget",)),
    ),
    "raise_limit": Declared(
        fields=(
            *_CHANGE,
            _RAISE_ID,
            read(
                "amount",
                "amount_usd",
                "How much is added to the limit; negative: taken off it.",
                signed=True,
            ),
            read("instant", "until", "When the raise ends; with the period unless given."),
            *_SAID,
        ),
        answer=shape({**budgets.BUDGET, "raise_id": TEXT, "principal": SIGNER}),
        creates=True,
        errors=(NotFoundError, ConflictError, ForbiddenError),
        example=Example({**_ACME, "budget_id": "tenant-month", "amount_usd": "250", **_RAISED}),
    ),
    "budget_history": Declared(
        fields=(*_CHANGE, *HISTORY),
        answer=page_of(ref("Change")),
        example=Example({**_ADA, "limit": 50}, after=("set_budget",)),
    ),
    "budget_names": Declared(
        fields=(
            *_CHANGE,
            read("count", "limit", f"Names of a page; {DEFAULT_NAMES} unless given.", 1, MAX_NAMES),
            shared.CURSOR,
        ),
        answer=page_of(shape({"name": TEXT, **shared.STATUS})),
        errors=(NotFoundError, ConflictError),
        example=Example(
            {**_ACME, "budget_id": "each-user", "limit": 50},
            after=("set_budget_for_each", "record_cost"),
        ),
    ),
    "tenant_history": Declared(
        fields=(shared.TENANT, *HISTORY),
        answer=page_of(ref("Change")),
        example=Example({**_ACME, "limit": 50}, after=("set_budget",)),
    ),
}

_DAY = {"budget_id": "system-day"}
_500_A_DAY = {"scope": "system", "period": "day", "limit_usd": "500"}
_SET = ("set_system_budget",)
_OF_SYSTEM = {
    "get_system_budget": ("get_budget", Example({"budget_id": "system-month"})),
    "list_system_budgets": ("list_budgets", Example()),
    "set_system_budget": ("set_budget", Example({**_DAY, **_500_A_DAY, **WHY})),
    "delete_system_budget": ("delete_budget", Example({**_DAY, **WHY}, after=_SET)),
    "raise_system_limit": (
        "raise_limit",
        Example({"budget_id": "system-month", "amount_usd": "1000", **_RAISED}),
    ),
    "system_budget_history": ("budget_history", Example({**_DAY, "limit": 50}, after=_SET)),
    "system_history": ("tenant_history", Example({"limit": 50}, after=_SET)),
}

DECLARED: dict[str, Declared] = {
    **_OF_TENANT,
    **{name: of_system(_OF_TENANT[same], one) for name, (same, one) in _OF_SYSTEM.items()},
}
