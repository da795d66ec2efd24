"""Fields and answers that several operations share."""

from budget_monitor.domain.accounting.labels import MAX_TAGS
from budget_monitor.domain.costs.ledger import (
    ADJUSTMENT,
    CONFIRMED,
    COST,
    FLAGS,
    REJECTED,
)
from budget_monitor.domain.holds.reservations import ON_EXPIRY
from budget_monitor.domain.prices.sheets import (
    FALLBACK,
    LIST,
    PROVIDER_SOURCE,
    SYSTEM_SOURCE,
    TENANT_SOURCE,
)
from budget_monitor.domain.rules.budgets import ACTIONS, ENFORCEMENTS, SCOPES
from budget_monitor.domain.units import CALLS, COUNTED, UNITS, suffix
from budget_monitor.domain.units import USD as USD_UNIT
from budget_monitor.entrypoints.openapi.fields import any_of, must, read
from budget_monitor.entrypoints.openapi.schemas import (
    COUNT,
    DAY,
    DECIMAL,
    FLAG,
    NUMBER,
    OBJECT,
    PERCENT,
    SIGNER,
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

TENANT = read("tenant", "tenant_id", "The tenant.")
KEY = read(
    "idempotency_key",
    "idempotency_key",
    "Names the whole request, so that a retry changes nothing. The header `Idempotency-Key` and "
    "the field `idempotency_key` mean the same.",
)
BY = read("text", "by", "Who decides this.")
REASON = read("text", "reason", "Why.")
MONTH = read("month", "month", "A month such as `2026-11`; the present one unless given.")
MONTH_OF_BOOKING = read(
    "month",
    "month",
    "Everything booked in this month, such as `2026-11`, in the order of booking: with late costs "
    "and corrections, as its statement counts them.",
)
CURSOR = read("opaque", "cursor", "Where the list continues: the `cursor` of an earlier answer.")
WRAP_UP = read(
    "flag",
    "wrap_up",
    "True: the call may use the part of the limits that budgets keep for wrapping up.",
    default=False,
)
INCLUDE_GATES = read(
    "flag",
    "include_gates",
    "False saves the read behind the answer: `gates` and `status` are null.",
    default=True,
)

LABELS = (
    read("optional_id", "agent_execution_id", "The agent execution that spends."),
    read("optional_id", "workflow_execution_id", "The workflow execution that it belongs to."),
    read("optional_id", "parent_execution_id", "The agent execution that started this one."),
    read("arn", "state_machine_execution_arn", "The Step Functions execution that holds it."),
    read("name", "workflow", "The workflow's name."),
    read("name", "agent", "The agent's name."),
    read("name", "model", "The model's name."),
    read("name", "provider", "The model's provider."),
    read("name", "user", "The user for whom the call is made."),
    read("tags", "tags", "Tags, a set.", MAX_TAGS),
)
LABELS_NEED = any_of("agent_execution_id", "workflow_execution_id")

TOKEN_UNITS = tuple(unit for unit in COUNTED if unit != CALLS)
ORIGIN: dict[str, Schema] = {"source": words(("store", "cache")), "as_of": TIME}
COUNTERS: dict[str, Schema] = {
    **dict.fromkeys(("tokens", "input_tokens", "output_tokens"), SUM),
    "entries": COUNT,
}
PORTION = {"spent_usd": USD, **COUNTERS, "share_percent": PERCENT}


def _budget_part(*units: str, projected: bool = False) -> dict[str, Schema]:
    """The status of a budget in these units, which have the same names of fields."""
    end, in_usd = suffix(units[0]), units == (USD_UNIT,)
    amount, from_0 = (USD, USD) if in_usd else (SUM, COUNT)
    more = {f"projected_{end}": amount} if projected else {}
    return {
        "budget_id": TEXT,
        "scope": words(SCOPES),
        "scope_id": nullable(TEXT),
        "period": TEXT,
        "unit": words(units),
        f"limit_{end}": nullable(from_0),
        f"spent_{end}": amount,
        f"held_{end}": from_0,
        f"available_{end}": nullable(amount),
        **more,
        "used_percent": nullable(PERCENT),
        "exceeded": FLAG,
        "nearing_limit": FLAG,
        "action": words(ACTIONS),
        "enforcement": words(ENFORCEMENTS),
        "resets_at": nullable(TIME),
        "counting_since": nullable(TIME),
        "hidden": FLAG,
    }


def _gate(*units: str) -> Schema:
    part = _budget_part(*units, projected=True)
    hidden = [name for name in part if name.endswith(("_usd", "_tokens", "_calls"))]
    for name in (*hidden, "used_percent", "exceeded", "nearing_limit"):
        part[name] = nullable(part[name])
    return shape({**part, "allowed": FLAG})


STATUS: dict[str, Schema] = {**_budget_part(USD_UNIT), **COUNTERS}
MONTH_STATUS: dict[str, Schema] = {**STATUS, "agent_cost_usd": USD, "workflow_cost_usd": USD}
RUN_STATE: dict[str, Schema] = {
    "state": words(("active", "exceeded", "paused")),
    "pause_id": nullable(NUMBER),
    "own_limit_usd": nullable(USD),
}
LABELLED: dict[str, Schema] = {one.name: nullable(TEXT) for one in LABELS} | {"tags": list_of(TEXT)}
_LINE = shape({"unit": TEXT, "quantity": DECIMAL, "usd": DECIMAL, "per": NUMBER})
PRICE_ORIGIN: dict[str, Schema] = {
    "source": words((LIST, SYSTEM_SOURCE, TENANT_SOURCE, FALLBACK)),
    "version": TEXT,
    "model": nullable(TEXT),
    "provider": nullable(TEXT),
}
PRICE_DETAIL: dict[str, Schema] = {
    "dated": {**DAY, "description": "The date of the published prices."},
    "terms": {
        **OBJECT,
        "additionalProperties": TEXT,
        "description": "Service tier, batch, speed and place, where they are not the standard.",
    },
}
_COMPUTED: dict[str, Schema] = {**PRICE_ORIGIN, "lines": list_of(_LINE)}
_BILLED: dict[str, Schema] = {
    "source": words((PROVIDER_SOURCE,)),
    "version": {"type": "null"},
    "model": nullable(TEXT),
    "provider": nullable(TEXT),
    "lines": {**list_of(_LINE), "maxItems": 0},
    "computed": {
        **nullable(shape({**_COMPUTED, "cost_usd": USD}, PRICE_DETAIL)),
        "description": "What the usage costs by our prices; null where it has no price.",
    },
}
OF_CALL: dict[str, Schema] = {
    "provider_request_id": nullable(TEXT),
    "service_tier": nullable(TEXT),
    "region": nullable(TEXT),
    "provider_cost_usd": nullable(USD),
}
_DECIDED = shape(
    {
        "state": words((CONFIRMED, REJECTED)),
        "by": TEXT,
        "reason": TEXT,
        "at": TIME,
        "principal": SIGNER,
    }
)
SCHEMAS: dict[str, Schema] = {
    "Gate": {
        "description": "A budget of the request, in one unit: USD, tokens or calls. Amounts are "
        "null where `hidden` is true: the platform keeps them to itself.",
        "anyOf": [_gate(USD_UNIT), _gate(*TOKEN_UNITS), _gate(CALLS)],
    },
    "MonthStatus": shape(MONTH_STATUS),
    "Quote": {
        "description": "Where a cost comes from: our prices, or the provider's own cost.",
        "anyOf": [shape(_COMPUTED, PRICE_DETAIL), shape(_BILLED)],
    },
    "Entry": shape(
        {
            "entry_id": TEXT,
            "kind": words((COST, ADJUSTMENT)),
            "tenant_id": TEXT,
            **LABELLED,
            "model_resolved": nullable(TEXT),
            "cost_usd": USD,
            "tokens": SUM,
            "usage": nullable(OBJECT),
            "price": nullable(ref("Quote")),
            **OF_CALL,
            "occurred_at": TIME,
            "recorded_at": TIME,
            "month": TEXT,
            "reservation_id": nullable(TEXT),
            "flags": list_of(words(FLAGS)),
            "adjusts": nullable(TEXT),
            "reason": nullable(TEXT),
            "by": nullable(TEXT),
            "principal": SIGNER,
            "decision": nullable(_DECIDED),
            "replayed": FLAG,
        }
    ),
    "Reservation": shape(
        {
            "reservation_id": TEXT,
            "tenant_id": TEXT,
            **LABELLED,
            "amount_usd": USD,
            "drawn_usd": {**USD, "description": "What draws cost so far, in full."},
            "left_usd": {**USD, "description": "What is still held."},
            "draws": COUNT,
            "on_expiry": words(ON_EXPIRY),
            "quote": nullable(ref("Quote")),
            "state": words(("open", "settled", "released", "expired")),
            "created_at": TIME,
            "expires_at": TIME,
            "resolved_at": nullable(TIME),
            "entry_id": nullable(TEXT),
            "would_block": list_of(TEXT),
            "principal": SIGNER,
            "changed_by": SIGNER,
            "receipt": TEXT,
        }
    ),
}
_LEFT = shape({unit: nullable(USD if unit == USD_UNIT else COUNT) for unit in UNITS})
REMAINING: Schema = {
    **_LEFT,
    "description": "The least that is left in each unit; null: nothing limits it.",
}
GATES = nullable(list_of(ref("Gate")))

BY_REASON = (BY, REASON)
EXPECTED_VERSION = read(
    "count",
    "expected_version",
    "The `version` of the rules that you read; a 409 if someone changed them since.",
)
MUST_MODEL = must(read("name", "model", "The model's name."))
