"""Fields and answers that several operations share."""

from budget_monitor.domain.accounting.labels import MAX_TAGS
from budget_monitor.domain.costs.ledger import (
    ADJUSTMENT,
    CONFIRMED,
    COST,
    FALLBACK_PRICE,
    LATE,
    LATE_SETTLEMENT,
    QUARANTINED,
    REJECTED,
    RELABELLED,
    UNRESERVED,
)
from budget_monitor.domain.costs.usage import COUNTED, RESPONSE, SECONDS
from budget_monitor.domain.rules.budgets import ACTIONS, ENFORCEMENTS, SCOPES
from budget_monitor.entrypoints.door.cost_fields import MAX_OUTPUT, MAX_RESPONSE_BYTES
from budget_monitor.entrypoints.openapi.fields import any_of, inside, must, one_of, read
from budget_monitor.entrypoints.openapi.schemas import (
    COUNT,
    DECIMAL,
    FLAG,
    NUMBER,
    OBJECT,
    PERCENT,
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
CURSOR = read("opaque", "cursor", "Where the list continues: the `cursor` of an earlier answer.")
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

_COUNTS = {
    "input_tokens": "Tokens that went in.",
    "output_tokens": "Tokens that came out.",
    "cache_read_tokens": "Input tokens read from the provider's cache, as the provider counts.",
    "cache_write_tokens": "Input tokens written to the provider's cache.",
    "calls": "Calls of a tool that is paid by the call.",
}
_SECONDS = read("optional_amount", SECONDS, "Seconds, for what is paid by time.")
_RESPONSE = read(
    "document", RESPONSE, "The provider's own usage object, as it came.", MAX_RESPONSE_BYTES
)
COST_FIELDS = (
    read("optional_amount", "cost_usd", "The cost. A cost that is given is never repriced."),
    inside(
        read("inner", "usage", "What the call consumed; the cost is computed from it."),
        *(read("count", name, _COUNTS[name]) for name in COUNTED),
        _SECONDS,
        _RESPONSE,
    ),
    _RESPONSE,
    read("count", "tokens", "The tokens of the call, where `usage` does not say them."),
    read("instant", "occurred_at", "When the cost occurred; now unless given."),
)
COST_NEEDS = any_of("cost_usd", "usage", RESPONSE)

_ESTIMATED = {**_COUNTS, MAX_OUTPUT: "The most tokens that the model may write."}
ESTIMATE_FIELDS = (
    read("optional_amount", "estimated_cost_usd", "The most that the call may cost."),
    inside(
        read("inner", "estimated_usage", "What the call may consume at most, to be priced."),
        *(
            read("count", name, _ESTIMATED[name])
            for name in ("input_tokens", MAX_OUTPUT, "cache_read_tokens", "cache_write_tokens")
        ),
        read("count", "calls", _COUNTS["calls"]),
        _SECONDS,
    ),
)
ESTIMATE_NEEDS = one_of("estimated_cost_usd", "estimated_usage")


ORIGIN: dict[str, Schema] = {"source": words(("store", "cache")), "as_of": TIME}
COUNTERS = dict.fromkeys(("tokens", "input_tokens", "output_tokens", "entries"), COUNT)
PORTION = {"spent_usd": USD, **COUNTERS, "share_percent": PERCENT}
_BUDGET_PART: dict[str, Schema] = {
    "budget_id": TEXT,
    "scope": words(SCOPES),
    "scope_id": nullable(TEXT),
    "period": TEXT,
    "limit_usd": nullable(USD),
    "spent_usd": USD,
    "held_usd": USD,
    "available_usd": nullable(USD),
    "used_percent": nullable(PERCENT),
    "exceeded": FLAG,
    "nearing_limit": FLAG,
    "action": words(ACTIONS),
    "enforcement": words(ENFORCEMENTS),
    "resets_at": nullable(TIME),
    "counting_since": nullable(TIME),
}
STATUS: dict[str, Schema] = {**_BUDGET_PART, **COUNTERS}
MONTH_STATUS: dict[str, Schema] = {**STATUS, "agent_cost_usd": USD, "workflow_cost_usd": USD}
RUN_STATE: dict[str, Schema] = {
    "state": words(("active", "exceeded", "paused")),
    "pause_id": nullable(NUMBER),
    "own_limit_usd": nullable(USD),
}
LABELLED: dict[str, Schema] = {one.name: nullable(TEXT) for one in LABELS} | {"tags": list_of(TEXT)}
_LINE = shape({"unit": TEXT, "quantity": DECIMAL, "usd": DECIMAL, "per": NUMBER})
PRICE_ORIGIN: dict[str, Schema] = {
    "source": words(("genai-prices", "system", "tenant", "fallback")),
    "version": TEXT,
    "model": nullable(TEXT),
    "provider": nullable(TEXT),
}
_DECIDED = shape(
    {
        "state": words((CONFIRMED, REJECTED)),
        "by": TEXT,
        "reason": TEXT,
        "at": TIME,
        "principal": nullable(TEXT),
    }
)
FLAGS = (
    LATE, UNRESERVED, LATE_SETTLEMENT, FALLBACK_PRICE, QUARANTINED, RELABELLED,
)  # fmt: skip

SCHEMAS: dict[str, Schema] = {
    "Gate": shape({**_BUDGET_PART, "projected_usd": USD, "allowed": FLAG}),
    "MonthStatus": shape(MONTH_STATUS),
    "Quote": shape({**PRICE_ORIGIN, "lines": list_of(_LINE)}),
    "Entry": shape(
        {
            "entry_id": TEXT,
            "kind": words((COST, ADJUSTMENT)),
            "tenant_id": TEXT,
            **LABELLED,
            "cost_usd": USD,
            "tokens": COUNT,
            "usage": nullable(OBJECT),
            "price": nullable(ref("Quote")),
            "occurred_at": TIME,
            "recorded_at": TIME,
            "month": TEXT,
            "reservation_id": nullable(TEXT),
            "flags": list_of(words(FLAGS)),
            "adjusts": nullable(TEXT),
            "reason": nullable(TEXT),
            "by": nullable(TEXT),
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
            "quote": nullable(ref("Quote")),
            "state": words(("open", "settled", "released", "expired")),
            "created_at": TIME,
            "expires_at": TIME,
            "resolved_at": nullable(TIME),
            "entry_id": nullable(TEXT),
            "would_block": list_of(TEXT),
            "receipt": TEXT,
        }
    ),
}
GATES = nullable(list_of(ref("Gate")))

BY_REASON = (BY, REASON)
MUST_MODEL = must(read("name", "model", "The model's name."))
