"""Statements, forecasts, and the monthly close."""

from budget_monitor.domain.rules.budgets import ACTIONS, ENFORCEMENTS, PERIODS, SCOPES
from budget_monitor.domain.units import CALLS
from budget_monitor.entrypoints.openapi import shared, tables
from budget_monitor.entrypoints.openapi.budgets import BUDGET
from budget_monitor.entrypoints.openapi.declared import Declared, Example
from budget_monitor.entrypoints.openapi.fields import read
from budget_monitor.entrypoints.openapi.schemas import (
    COUNT,
    FLAG,
    NUMBER,
    SUM,
    TEXT,
    TIME,
    USD,
    Schema,
    list_of,
    nullable,
    page_of,
    ref,
    shape,
    words,
)
from budget_monitor.entrypoints.reporting.statements import DEFAULT_STATEMENTS, MAX_STATEMENTS
from budget_monitor.usecases.tenant_jobs import MAX_TENANTS

_MONTH = read("month", "month", "Only the statements of this month.")
_LIMIT = read(
    "count", "limit", f"Statements of a page; {DEFAULT_STATEMENTS} unless given.", 1, MAX_STATEMENTS
)
TENANTS = read(
    "ids",
    "tenants",
    "Only these tenants. The function names them itself to share work.",
    MAX_TENANTS,
)
_PAGE = (_MONTH, _LIMIT, shared.CURSOR)
_TOTALS: dict[str, Schema] = {"spent_usd": USD, "tokens": SUM, "entries": COUNT}
_LINES = list_of(shape({"name": nullable(TEXT), **_TOTALS}))
_MODELS = list_of(shape({"name": nullable(TEXT), **_TOTALS}, {"spellings": list_of(TEXT)}))
_OTHERS = nullable(shape({"names": COUNT, **_TOTALS}))
_BUDGET = shape(
    {
        "budget_id": TEXT,
        "scope": words(SCOPES),
        "scope_id": nullable(TEXT),
        "period": words(PERIODS),
        "limit_usd": nullable(USD),
        "action": words(ACTIONS),
        "enforcement": words(ENFORCEMENTS),
        "source": TEXT,
        "raises": list_of(shape({"raise_id": TEXT, "amount_usd": USD})),
    },
    {name: BUDGET[name] for name in ("limit_tokens", "limit_calls")},
)


def _figures(end: str, amount: Schema) -> dict[str, Schema]:
    """The figures of a forecast in units whose fields end so."""
    guessed = (f"{name}_{end}" for name in ("estimate", "low", "high"))
    return {
        **dict.fromkeys(guessed, nullable(amount)),
        f"spent_{end}": amount,
        f"limit_{end}": nullable(amount),
        "exceeds_limit": nullable(FLAG),
        "limit_reached_on": nullable(TEXT),
    }


_COUNTED = [
    shape({"unit": words(units), **_figures(end, SUM)})
    for end, units in (("tokens", shared.TOKEN_UNITS), ("calls", (CALLS,)))
]

SCHEMAS: dict[str, Schema] = {
    "Statement": shape(
        {
            "tenant_id": nullable(TEXT),
            "scope": words(("tenant", "system")),
            "month": TEXT,
            "number": NUMBER,
            "closed_at": TIME,
            "ends_at": TIME,
            "takes_costs_until": TIME,
            "limit_usd": nullable(USD),
            "overrun_usd": nullable(USD),
            "held_usd": USD,
            "spent_usd": USD,
            "agent_cost_usd": USD,
            "workflow_cost_usd": USD,
            **shared.COUNTERS,
            "late": shape(_TOTALS),
            "budgets": list_of(_BUDGET),
        },
        {
            **dict.fromkeys(("by_agent", "by_tenant"), _LINES),
            "by_model": _MODELS,
            **dict.fromkeys(("by_agent_others", "by_model_others", "by_tenant_others"), _OTHERS),
        },
    ),
}

_CLOSED = shape(
    {
        "month": nullable(TEXT),
        **dict.fromkeys(("statements", "already_closed", "too_early"), COUNT),
        "failed": list_of(TEXT),
        "passed_on": COUNT,
    }
)

DECLARED: dict[str, Declared] = {
    "statements": Declared(
        fields=(shared.TENANT, *_PAGE, tables.FORMAT),
        answer=tables.or_table(page_of(ref("Statement"))),
        example=Example({"tenant_id": "acme", "month": "2026-10"}),
    ),
    "system_statements": Declared(
        fields=(*_PAGE, tables.FORMAT),
        answer=tables.or_table(page_of(ref("Statement"))),
        example=Example({"limit": 12}),
    ),
    "forecast": Declared(
        fields=(shared.TENANT,),
        answer=shape(
            {
                "tenant_id": TEXT,
                "month": TEXT,
                **shared.ORIGIN,
                "enough_data": FLAG,
                **_figures("usd", USD),
                "days_used": COUNT,
                "first_day": nullable(TEXT),
                "last_day": nullable(TEXT),
                "days_left": COUNT,
                "method": TEXT,
            },
            {"by_unit": list_of({"anyOf": _COUNTED})},
        ),
        example=Example({"tenant_id": "acme"}),
    ),
    "close_month": Declared(
        fields=(
            read("month", "month", "The month; the one that ended in the last days unless given."),
            TENANTS,
        ),
        answer=_CLOSED,
        example=Example({"month": "2026-10"}),
    ),
    "close_fiscal_months": Declared(
        fields=(
            read("month", "month", "The month; the last one of the calendar unless given."),
            TENANTS,
        ),
        answer=_CLOSED,
    ),
    "export_month": Declared(
        fields=(
            read("optional_tenant", "tenant_id", "The one tenant to export; all unless given."),
            read("month", "month", "The month; the last one of the calendar unless given."),
            TENANTS,
        ),
        answer=shape(
            {
                "month": TEXT,
                "tenants": COUNT,
                "entries": COUNT,
                "differing": list_of(TEXT),
                "failed": list_of(TEXT),
                "passed_on": COUNT,
            }
        ),
        example=Example({"month": "2026-10"}),
    ),
    "forecast_all": Declared(
        fields=(TENANTS,),
        answer=shape(
            {"tenants": COUNT, "alerts": COUNT, "failed": list_of(TEXT), "passed_on": COUNT}
        ),
    ),
}
