"""A tenant's settings and its suspension."""

from budget_monitor.domain.calendars import MAX_FIRST_DAY
from budget_monitor.domain.costs.usage import PROVIDER
from budget_monitor.domain.errors import ConflictError, ForbiddenError
from budget_monitor.domain.signers import MAX_OWNERS
from budget_monitor.entrypoints.openapi import rates, shared
from budget_monitor.entrypoints.openapi.declared import Declared, Example
from budget_monitor.entrypoints.openapi.fields import inside, must, or_null, read
from budget_monitor.entrypoints.openapi.operations.rules import WHY
from budget_monitor.entrypoints.openapi.schemas import (
    COUNT,
    FLAG,
    NUMBER,
    SIGNED,
    SIGNER,
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
from budget_monitor.entrypoints.reporting.services import DEFAULT_ITEMS, MAX_ITEMS
from budget_monitor.usecases.reports.tenant_list import STATES

_ACME = {"tenant_id": "acme"}
_CHANGE = (shared.TENANT, *shared.BY_REASON, shared.KEY)
_TOKENS = ("input_usd_per_million", "output_usd_per_million")
_STRIPES: Schema = {
    **nullable(COUNT),
    "description": "In answers of `get_tenant`: how many rows its accounts open with, since they "
    "met many conflicts. Null: as many as the template says.",
}

SCHEMAS: dict[str, Schema] = {
    "Tenant": shape(
        {
            "tenant_id": TEXT,
            "state": words(("active", "suspended", "erased")),
            "time_zone": TEXT,
            "next_time_zone": nullable(TEXT),
            "month_starts_on": NUMBER,
            "next_month_starts_on": nullable(NUMBER),
            "owner": nullable(TEXT),
            "owners": list_of(TEXT),
            "fallback_price": nullable(shape(rates.STANDARD, rates.MORE)),
            "most_per_entry_usd": nullable(USD),
            "suspended": nullable(shape({"by": TEXT, "reason": TEXT, "at": TIME}, SIGNED)),
            "version": COUNT,
            "replayed": FLAG,
        },
        {"trust": words((PROVIDER,)), "stripes": _STRIPES, **SIGNED},
    )
}

DECLARED: dict[str, Declared] = {
    "get_tenant": Declared(fields=(shared.TENANT,), answer=ref("Tenant"), example=Example(_ACME)),
    "set_tenant": Declared(
        fields=(
            shared.TENANT,
            read("time_zone", "time_zone", "The IANA time zone of its periods."),
            read(
                "count",
                "month_starts_on",
                "The day on which its months begin.",
                1,
                MAX_FIRST_DAY,
            ),
            or_null(read("name", "owner", "Who owns the tenant."), "Null: nobody."),
            or_null(
                read(
                    "principals",
                    "owners",
                    "Whose signature is the owner's: ARNs of IAM, where a star stands for any "
                    "text, or `jwt:` and the subject of a token.",
                    MAX_OWNERS,
                ),
                "Null: nobody's.",
            ),
            or_null(
                inside(
                    read("inner", "fallback_price", "The price of models that have no other."),
                    *(must(one) if one.name in _TOKENS else one for one in rates.RATE_FIELDS),
                ),
                "Null: none.",
            ),
            or_null(
                read("optional_amount", "most_per_entry_usd", "The most that one cost may be."),
                "Null: the template's ceiling.",
            ),
            or_null(
                read(
                    "choice",
                    "trust",
                    "`provider`: costs that usage objects show are booked as they are.",
                    (PROVIDER,),
                ),
                "Null: only those of providers who bill by them.",
            ),
            shared.EXPECTED_VERSION,
            *shared.BY_REASON,
            shared.KEY,
        ),
        answer=ref("Tenant"),
        errors=(ConflictError, ForbiddenError),
        example=Example(
            {
                **_ACME,
                "time_zone": "Europe/Berlin",
                "owner": "finance@acme.example",
                "fallback_price": {"input_usd_per_million": "3", "output_usd_per_million": "15"},
                **WHY,
            }
        ),
    ),
    "delete_tenant": Declared(
        fields=_CHANGE,
        answer=shape(
            {
                "tenant_id": TEXT,
                "state": words(("erased", "erasing")),
                "steps": COUNT,
                "principal": SIGNER,
            },
        ),
        errors=(ConflictError, ForbiddenError),
        example=Example(
            {**_ACME, "by": "maria", "reason": "The contract ended"}, after=("record_cost",)
        ),
    ),
    "list_tenants": Declared(
        fields=(
            read("choice", "state", "Only the tenants in this state.", STATES),
            read("count", "limit", f"Items of a page; {DEFAULT_ITEMS} unless given.", 1, MAX_ITEMS),
            shared.CURSOR,
        ),
        answer=page_of(shape({"tenant_id": TEXT, "state": words(STATES), "last_month": TEXT})),
        example=Example({"limit": 50}, after=("record_cost",)),
    ),
    "suspend": Declared(
        fields=_CHANGE,
        answer=ref("Tenant"),
        errors=(ConflictError,),
        example=Example({**_ACME, **WHY}),
    ),
    "reinstate": Declared(
        fields=_CHANGE,
        answer=ref("Tenant"),
        errors=(ConflictError, ForbiddenError),
        example=Example({**_ACME, **WHY}, after=("suspend",)),
    ),
}
