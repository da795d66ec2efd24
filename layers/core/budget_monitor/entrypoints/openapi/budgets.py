"""Budgets in requests and answers."""

from budget_monitor.domain.rules.budgets import ACTIONS, ENFORCEMENTS, PERIODS, SCOPES
from budget_monitor.domain.rules.limits import KINDS, MAX_COUNT
from budget_monitor.domain.rules.wind_down import MAX_RESERVE, MAX_RUNGS, WHOLE
from budget_monitor.entrypoints.budgeting.budgets import MAX_THRESHOLD, MAX_THRESHOLDS
from budget_monitor.entrypoints.door.render import USAGE
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
    PERCENT,
    SIGNED,
    SUM,
    TEXT,
    TIME,
    USD,
    Schema,
    list_of,
    nullable,
    ref,
    shape,
    words,
)

_RAISE = shape(
    {
        "raise_id": TEXT,
        "amount_usd": USD,
        "by": TEXT,
        "reason": TEXT,
        "at": TIME,
        "period": nullable(TEXT),
        "until": nullable(TIME),
    },
    SIGNED,
)
BUDGET: dict[str, Schema] = {
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
    "rollover_usd": nullable(USD),
    "carried_usd": nullable(USD),
    "source": TEXT,
    "counting_since": nullable(TIME),
    "warnings": list_of(TEXT),
    "version": COUNT,
    "replayed": FLAG,
    "hidden": {**FLAG, "description": "True: the platform keeps the amounts to itself."},
}

_GRANT = shape(
    {
        "grant_id": TEXT,
        "amount_usd": USD,
        "left_usd": USD,
        "by": TEXT,
        "reason": TEXT,
        "at": TIME,
        "expires_at": nullable(TIME),
        "priority": COUNT,
    },
    SIGNED,
)
_USAGE = {"used_percent": PERCENT, "resets_at": TIME}
LEFT: dict[str, Schema] = {
    **BUDGET,
    **{name: nullable(_USAGE.get(name, USD)) for name in USAGE},
    "grants": list_of(ref("Grant")),
}
"""A budget with what is spent, held and left of it."""
LEFT_COUNTED: dict[str, Schema] = {
    f"{name}_{unit}": nullable(schema)
    for name, schema in (("spent", SUM), ("held", COUNT), ("available", SUM))
    for unit in ("tokens", "calls")
}
"""The same in tokens and calls, if it limits them."""

SCHEMAS: dict[str, Schema] = {
    "Budget": shape(BUDGET, SIGNED),
    "BudgetLeft": shape(LEFT, {**LEFT_COUNTED, "name": TEXT}),
    "Grant": _GRANT,
}

_NO_LIMIT = "Null: no limit."
LIMITS = (
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
_ROLLOVER = read(
    "optional_amount",
    "rollover_usd",
    "What a period leaves over is added to the limit of the next one, at most so much.",
)
_PLAIN = (
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
)
SETTINGS = (*LIMITS, *_PLAIN, *_WIND_DOWN, _ROLLOVER)
"""The fields of a whole budget."""
CHANGES = (*LIMITS, *_PLAIN, *_WIND_DOWN, or_null(_ROLLOVER, "Null: nothing is added."))
"""The same, in a change of a budget: null takes a rollover back."""
