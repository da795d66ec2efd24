"""Settling holds, recording and correcting costs."""

from budget_monitor.domain.costs.ledger import SETTLEMENT_PREFIX
from budget_monitor.domain.costs.usage import RESPONSE
from budget_monitor.domain.errors import (
    ConflictError,
    ForbiddenError,
    NotFoundError,
    UnknownPriceError,
)
from budget_monitor.entrypoints.openapi import shared, usage
from budget_monitor.entrypoints.openapi.declared import Declared, Example
from budget_monitor.entrypoints.openapi.fields import any_of, inside, must, optional, read
from budget_monitor.entrypoints.openapi.operations.holds import CALL, HOLD, RESERVATION_ID, RUN
from budget_monitor.entrypoints.openapi.schemas import (
    COUNT,
    CURSOR,
    FLAG,
    SIGNER,
    TEXT,
    TIME,
    USD,
    Schema,
    list_of,
    nullable,
    ref,
    shape,
)
from budget_monitor.entrypoints.tracking.operations import MAX_COSTS
from budget_monitor.entrypoints.tracking.reprice import DEFAULT_ENTRIES, MAX_ENTRIES

_ENTRY_ID = read("entry_id", "entry_id", "The ledger entry.")
_NEW_ENTRY = read("caller_id", "entry_id", "Your name for the entry; else one is made.")
COST = (_NEW_ENTRY, *shared.LABELS, *usage.COST_FIELDS)
COST_NEEDS = (shared.LABELS_NEED, usage.COST_NEEDS)
_BOOKED: dict[str, Schema] = {"entry": ref("Entry"), "gates": shared.GATES}
_OF_HOLD = shape({**_BOOKED, "reservation": nullable(ref("Reservation"))})
_TINY = {"cost_usd": "0.000075", "tokens": 22}
_USED = {"usage": {"input_tokens": 14, "output_tokens": 8}}
_FIRST = {"tenant_id": "acme", "entry_id": "cost-0001"}
_SECOND = {"tenant_id": "acme", "entry_id": "cost-0002"}
_BACKFILLED_BY = (
    optional(read("text", "by", "Who imports: with `backfill` required, else not a field.")),
    optional(read("text", "reason", "Why: with `backfill` required, else not a field.")),
)
_REVIEW = (shared.TENANT, _ENTRY_ID, *shared.BY_REASON, shared.KEY)

SCHEMAS: dict[str, Schema] = {
    "Repriced": shape(
        {
            "entry_id": TEXT,
            "model": nullable(TEXT),
            "provider": nullable(TEXT),
            "occurred_at": TIME,
            "before_usd": USD,
            "after_usd": USD,
            "difference_usd": USD,
            "price": nullable(ref("Quote")),
            "adjustment_id": nullable(TEXT),
            "error": nullable(TEXT),
            "message": nullable(TEXT),
        }
    ),
    "BatchError": shape(
        {"error": TEXT, "message": TEXT, "field": nullable(TEXT), "entry_id": TEXT}
    ),
}

DECLARED: dict[str, Declared] = {
    "settle": Declared(
        fields=(
            shared.TENANT,
            RESERVATION_ID,
            read(
                "caller_id",
                "entry_id",
                f"Your name for the entry; else `{SETTLEMENT_PREFIX}<reservation_id>`.",
            ),
            read("opaque", "receipt", "The `receipt` of the reservation: saves one read."),
            read("name", "model", "The model that was called, if not the reservation's."),
            read("name", "provider", "Its provider, if not the reservation's."),
            read(
                "truth",
                "at_estimate",
                "True: book what is left of the estimate, because the true cost is not known. The "
                "entry is flagged `estimated`; settle again with the true cost to correct it.",
            ),
            *usage.COST_FIELDS,
            shared.INCLUDE_GATES,
            shared.KEY,
        ),
        needs=(any_of("cost_usd", "usage", RESPONSE, "at_estimate"),),
        answer=_OF_HOLD,
        creates=True,
        errors=(NotFoundError, UnknownPriceError),
        example=Example(
            {
                **HOLD,
                "cost_usd": "0.1875",
                "tokens": 61250,
                "usage": {"input_tokens": 56000, "output_tokens": 5250},
            },
            after=("reserve",),
        ),
        more={
            "settle_usage": Example(
                {
                    **HOLD,
                    "usage": {
                        "provider_response": {
                            "prompt_tokens": 5120,
                            "completion_tokens": 900,
                            "total_tokens": 6020,
                            "prompt_tokens_details": {"cached_tokens": 1024},
                        }
                    },
                },
                after=("reserve",),
            ),
            "settle_at_estimate": Example({**HOLD, "at_estimate": True}, after=("reserve",)),
        },
    ),
    "draw": Declared(
        fields=(
            shared.TENANT,
            RESERVATION_ID,
            read("caller_id", "draw_id", "Your name for the entry; else one is made."),
            read("opaque", "receipt", "The `receipt` of the reservation: saves one read."),
            read(
                "truth",
                "at_estimate",
                "True: the cost is your estimate, because the true one is not known. The entry is "
                "flagged `estimated`; draw again with the same `draw_id` and the true cost to "
                "correct it.",
            ),
            *shared.LABELS,
            *usage.COST_FIELDS,
            shared.INCLUDE_GATES,
            shared.KEY,
        ),
        needs=(usage.COST_NEEDS,),
        answer=_OF_HOLD,
        creates=True,
        errors=(NotFoundError, UnknownPriceError),
        example=Example(
            {**HOLD, "draw_id": "draw-0001", "cost_usd": "0.05", "model": "gpt-4o-mini"},
            after=("reserve",),
        ),
    ),
    "record_cost": Declared(
        fields=(shared.TENANT, *COST, shared.INCLUDE_GATES, shared.KEY),
        needs=COST_NEEDS,
        answer=shape(_BOOKED),
        creates=True,
        errors=(UnknownPriceError,),
        example=Example({**_FIRST, **CALL, **_TINY, **_USED}),
        more={
            "record_usage": Example({**_FIRST, **CALL, **_USED}),
            "record_slip": Example(
                {**_SECOND, **RUN, "agent": "invoice-reader", "cost_usd": "25000"}
            ),
        },
    ),
    "record_costs": Declared(
        fields=(
            shared.TENANT,
            inside(
                read("each", "costs", "The costs, as in `record_cost`.", MAX_COSTS),
                *COST,
                needs=COST_NEEDS,
            ),
            read(
                "truth",
                "backfill",
                "True: import costs of months before the tenant's first statement. Each is booked "
                "in its own month and day, flagged `backfill`, and counts in no budget of today. "
                "Operators only: refused over HTTP, sent by direct invocation.",
            ),
            *_BACKFILLED_BY,
            shared.KEY,
        ),
        errors=(ConflictError, ForbiddenError),
        answer=shape(
            {"results": list_of({"anyOf": [shape({"entry": ref("Entry")}), ref("BatchError")]})}
        ),
        example=Example(
            {
                "tenant_id": "acme",
                "costs": [
                    {
                        "entry_id": "cost-0001",
                        **RUN,
                        "agent": "invoice-reader",
                        "model": "gpt-4o",
                        "cost_usd": "0.000075",
                        **_USED,
                    },
                    {
                        "entry_id": "cost-0002",
                        "workflow_execution_id": RUN["workflow_execution_id"],
                        "workflow": "invoices",
                        "cost_usd": "0.02",
                    },
                ],
            }
        ),
    ),
    "adjust": Declared(
        fields=(
            shared.TENANT,
            _ENTRY_ID,
            read("caller_id", "adjustment_id", "Your name for the adjustment; else one is made."),
            read(
                "amount",
                "amount_usd",
                "What is added to the cost; negative: taken off.",
                signed=True,
            ),
            *shared.BY_REASON,
            shared.KEY,
        ),
        answer=shape({"entry": ref("Entry")}),
        creates=True,
        errors=(NotFoundError, ConflictError, ForbiddenError),
        example=Example(
            {
                **_FIRST,
                "adjustment_id": "adjustment-0001",
                "amount_usd": "-0.000025",
                "reason": "The provider's invoice says 0.00005 USD",
                "by": "maria",
            },
            after=("record_cost",),
        ),
    ),
    "confirm_cost": Declared(
        fields=_REVIEW,
        answer=shape({"entry": ref("Entry")}),
        errors=(NotFoundError, ConflictError, ForbiddenError),
        example=Example(
            {**_SECOND, "by": "maria", "reason": "The provider billed it in full"},
            after=("record_slip",),
        ),
    ),
    "reject_cost": Declared(
        fields=_REVIEW,
        answer=shape({"entry": ref("Entry")}),
        errors=(NotFoundError, ConflictError, ForbiddenError),
        example=Example(
            {**_SECOND, "by": "maria", "reason": "Cents were sent as dollars"},
            after=("record_slip",),
        ),
    ),
    "reprice": Declared(
        fields=(
            shared.TENANT,
            must(read("instant", "from", "The first moment of the costs.")),
            must(read("instant", "to", "The moment before which the costs occurred.")),
            *shared.BY_REASON,
            read("flag", "dry_run", "True: say what would change, book nothing.", default=True),
            read("name", "model", "Only the costs of this model."),
            read(
                "count",
                "limit",
                f"Entries of a page; {DEFAULT_ENTRIES} unless given.",
                1,
                MAX_ENTRIES,
            ),
            shared.CURSOR,
            shared.KEY,
        ),
        answer=shape(
            {
                "dry_run": FLAG,
                "items": list_of(ref("Repriced")),
                **dict.fromkeys(("entries", "changed", "failed", "given", "quarantined"), COUNT),
                **dict.fromkeys(("before_usd", "after_usd", "difference_usd"), USD),
                "principal": SIGNER,
                "cursor": CURSOR,
            }
        ),
        example=Example(
            {
                "tenant_id": "acme",
                "from": "2026-11-01T00:00:00Z",
                "to": "2026-12-01T00:00:00Z",
                "model": "gpt-4o",
                "by": "maria",
                "reason": "the discount was agreed from the first of the month",
            }
        ),
    ),
}
