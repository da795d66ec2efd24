"""Budgets, raises and their history."""

from budget_monitor.domain.errors import ConflictError, ForbiddenError, NotFoundError
from budget_monitor.domain.rules.budgets import ACTIONS, ENFORCEMENTS, PERIODS, SCOPES
from budget_monitor.domain.rules.limits import KINDS, MAX_COUNT
from budget_monitor.domain.rules.wind_down import MAX_RESERVE, MAX_RUNGS, WHOLE
from budget_monitor.entrypoints.budgeting.budget_names import DEFAULT_NAMES, MAX_NAMES
from budget_monitor.entrypoints.budgeting.budgets import MAX_THRESHOLD, MAX_THRESHOLDS
from budget_monitor.entrypoints.budgeting.history import DEFAULT_CHANGES, MAX_CHANGES
from budget_monitor.entrypoints.openapi import shared
from budget_monitor.entrypoints.openapi.declared import Declared, Example, of_system
from budget_monitor.entrypoints.openapi.fields import (
    any_of,
    inside,
    must,
    optional,
    or_as,
    or_null,
    read,
)
from budget_monitor.entrypoints.openapi.schemas import (
    COUNT,
    FLAG,
    NUMBER,
    OBJECT,
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

_BUDGET_ID = read("id", "budget_id", "The budget.")
_RAISE_ID = read("caller_id", "raise_id", "Your name for the raise; else one is made.")
HISTORY = (
    read("count", "limit", f"Changes of a page; {DEFAULT_CHANGES} unless given.", 1, MAX_CHANGES),
    shared.CURSOR,
)
WHY = {"by": "maria", "reason": "The quarter's forecast"}
_RAISE = shape(
    {
        "raise_id": TEXT,
        "amount_usd": USD,
        "by": TEXT,
        "reason": TEXT,
        "at": TIME,
        "period": nullable(TEXT),
        "until": nullable(TIME),
    }
)
_BUDGET: dict[str, Schema] = {
    "budget_id": TEXT,
    "tenant_id": nullable(TEXT),
    "scope": words(SCOPES),
    "scope_id": nullable(TEXT),
    "period": words(PERIODS),
    "limit_usd": nullable(USD),
    "base_limit_usd": nullable(USD),
    "limit_tokens": {"anyOf": [COUNT, shape({}, dict.fromkeys(KINDS, COUNT)), {"type": "null"}]},
    "limit_calls": nullable(COUNT),
    "reserve_percent": COUNT,
    "downgrade": list_of(
        shape({"model": TEXT, "provider": nullable(TEXT), "at_percent": nullable(NUMBER)})
    ),
    "raises": list_of(_RAISE),
    "action": words(ACTIONS),
    "thresholds": list_of(NUMBER),
    "enforcement": words(ENFORCEMENTS),
    "source": TEXT,
    "counting_since": nullable(TIME),
    "version": COUNT,
    "replayed": FLAG,
}

SCHEMAS: dict[str, Schema] = {
    "Budget": shape(_BUDGET),
    "Change": shape(
        {
            "version": NUMBER,
            "operation": TEXT,
            "at": TIME,
            "by": TEXT,
            "reason": TEXT,
            "principal": nullable(TEXT),
            "before": nullable(OBJECT),
            "after": nullable(OBJECT),
        },
        {"budget_id": nullable(TEXT)},
    ),
}


_NO_LIMIT = "Null: no limit."
_LIMITS = (
    or_null(
        read("optional_amount", "limit_usd", "The most USD that may be committed in a period."),
        _NO_LIMIT,
    ),
    or_null(
        or_as(
            inside(
                read("inner", "limit_tokens", "The most tokens: of all kinds, or by kind."),
                *(
                    read("count", kind, f"The most {says}.", 0, MAX_COUNT)
                    for kind, says in zip(
                        KINDS, ("tokens", "input tokens", "output tokens"), strict=True
                    )
                ),
                needs=(any_of(*KINDS),),
            ),
            *("count", 0, MAX_COUNT),
        ),
        _NO_LIMIT,
    ),
    or_null(read("count", "limit_calls", "The most calls.", 0, MAX_COUNT), _NO_LIMIT),
)
_WIND_DOWN = (
    read(
        "count",
        "reserve_percent",
        "The last percent of the limits, kept for requests with `wrap_up`.",
        0,
        MAX_RESERVE,
    ),
    or_null(
        inside(
            optional(
                read("each", "downgrade", "Models, each cheaper than the one before.", MAX_RUNGS)
            ),
            must(read("name", "model", "The model.")),
            read("name", "provider", "Its provider."),
            read(
                "count",
                "at_percent",
                "From so many percent of the limit on, only this model and those after it are "
                "granted; unless given, the model is only suggested.",
                1,
                WHOLE,
            ),
        ),
        "Null: none.",
    ),
)
_SETTINGS = (
    *_LIMITS,
    read("choice", "scope", "Whose money is limited.", SCOPES),
    read(
        "name",
        "scope_id",
        "The name of the workflow, agent, model, user, tag or provider; `*`: a budget for each.",
    ),
    read("choice", "period", "When the budget starts again.", PERIODS),
    read("choice", "action", "What happens when the next spend would pass the limit.", ACTIONS),
    read(
        "counts",
        "thresholds",
        "Percents of the limit at which an alert is sent.",
        MAX_THRESHOLDS,
        MAX_THRESHOLD,
    ),
    read(
        "choice", "enforcement", "`shadow` allows and reports what it would refuse.", ENFORCEMENTS
    ),
    *_WIND_DOWN,
)
_CHANGE = (shared.TENANT, _BUDGET_ID)
_SAID = (*shared.BY_REASON, shared.KEY)
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
_WARNING: Schema = {
    **nullable(TEXT),
    "description": "Says that the budget's name was not seen yet, with near names.",
}
_RAISED = {"raise_id": "raise-0001", **WHY}

_OF_TENANT: dict[str, Declared] = {
    "list_budgets": Declared(
        fields=(shared.TENANT,),
        answer=shape({"items": list_of(ref("Budget"))}),
        example=Example(_ACME),
    ),
    "set_budget": Declared(
        fields=(*_CHANGE, *_SETTINGS, *_SAID),
        needs=(any_of(*(one.name for one in _LIMITS)),),
        answer=shape({**_BUDGET, "warning": _WARNING}),
        errors=(ConflictError, ForbiddenError),
        example=Example({**_ADA, **_ADA_DAILY, **WHY}),
        more={
            "set_budget_for_each": Example({**_EACH_USER, **_A_DAY, **WHY}),
            "set_budget_of_tokens": Example({**_REVIEWER, **_OF_TOKENS, **WHY}),
        },
    ),
    "delete_budget": Declared(
        fields=(*_CHANGE, *_SAID),
        answer=shape({**_BUDGET, "deleted": FLAG}),
        errors=(NotFoundError, ConflictError, ForbiddenError),
        example=Example({**_ADA, **WHY}, after=("set_budget",)),
    ),
    "raise_limit": Declared(
        fields=(
            *_CHANGE,
            _RAISE_ID,
            read("amount", "amount_usd", "How much is added to the limit."),
            read("instant", "until", "When the raise ends; with the period unless given."),
            *_SAID,
        ),
        answer=shape({**_BUDGET, "raise_id": TEXT}),
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
