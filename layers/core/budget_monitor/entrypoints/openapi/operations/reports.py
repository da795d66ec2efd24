"""What was spent: months, runs, breakdowns and the ledger."""

from collections.abc import Mapping
from dataclasses import replace

from budget_monitor.domain.costs.ledger import FLAGS
from budget_monitor.domain.errors import ConflictError, NotFoundError
from budget_monitor.entrypoints.openapi import page_links, shared, tables
from budget_monitor.entrypoints.openapi.declared import Declared, Example, of_system
from budget_monitor.entrypoints.openapi.fields import read
from budget_monitor.entrypoints.openapi.schemas import (
    COUNT,
    CURSOR,
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
)
from budget_monitor.entrypoints.reporting.breakdowns import GROUPS
from budget_monitor.entrypoints.reporting.services import DEFAULT_ITEMS, MAX_ITEMS
from budget_monitor.entrypoints.reporting.shadow_report import (
    DEFAULT_DAYS,
    DEFAULT_TENANTS,
    MAX_DAYS,
    MAX_TENANTS,
)

LIMIT = read("count", "limit", f"Items of a page; {DEFAULT_ITEMS} unless given.", 1, MAX_ITEMS)
_PAGE = (LIMIT, shared.CURSOR)
_ACME = {"tenant_id": "acme"}
_RUN: dict[str, Schema] = {
    **shared.STATUS,
    **dict.fromkeys(
        ("agent_execution_id", "workflow_execution_id", "parent_execution_id"), nullable(TEXT)
    ),
    **shared.RUN_STATE,
    "items": list_of(ref("Entry")),
    "cursor": CURSOR,
    **shared.ORIGIN,
}


_IN_GROUPS = {"tenant_id": TEXT}


def _breakdown(optional: Mapping[str, Schema] | None = None, **more: Schema) -> Schema:
    line = {"name": nullable(TEXT), **shared.PORTION, **more}
    return shape(
        {
            "month": TEXT,
            "items": list_of(shape(line, optional)),
            "total_usd": USD,
            "cursor": CURSOR,
            **shared.ORIGIN,
        }
    )


_LEDGER_FILTERS = (
    *(
        read("name", name, f"Only the entries of this {name}.")
        for name in ("user", "agent", "model", "workflow")
    ),
    read("name", "tag", "Only the entries with this tag."),
    read("choice", "flags", "Only the entries with this flag.", FLAGS),
)

SCHEMAS: dict[str, Schema] = {
    **page_links.SCHEMAS,
    "Run": shape(_RUN),
    "Breakdown": _breakdown(),
    "ModelBreakdown": _breakdown(spellings=list_of(TEXT)),
    "SystemBreakdown": _breakdown(_IN_GROUPS),
    "SystemModelBreakdown": _breakdown(_IN_GROUPS, spellings=list_of(TEXT)),
}
_SPARED: dict[str, Schema] = {"runs": COUNT, "times": COUNT, "amount_usd": USD}

_LINES_LIMIT = read("count", "limit", f"Items of a page; {MAX_ITEMS} unless given.", 1, MAX_ITEMS)
_SOME = Declared(
    fields=(shared.TENANT, shared.MONTH, _LINES_LIMIT, shared.CURSOR, tables.FORMAT),
    answer=tables.or_table(ref("Breakdown")),
    example=Example({"tenant_id": "acme"}, after=("record_cost",)),
)
_MODELS = replace(_SOME, answer=tables.or_table(ref("ModelBreakdown")))
_OF_SYSTEM = Example({"limit": 10}, after=("record_cost",))
_BY_TENANT = read(
    "choice", "group_by", "A line for each name of each tenant, with `tenant_id`.", GROUPS
)
_SYSTEMS = replace(
    of_system(_SOME, _OF_SYSTEM),
    fields=(*of_system(_SOME, _OF_SYSTEM).fields, _BY_TENANT),
    answer=tables.or_table(ref("SystemBreakdown")),
)
_SYSTEMS_MODELS = replace(_SYSTEMS, answer=tables.or_table(ref("SystemModelBreakdown")))

DECLARED: dict[str, Declared] = {
    **page_links.DECLARED,
    "agent_costs": _SOME,
    "model_costs": _MODELS,
    "daily_costs": _SOME,
    "user_costs": _SOME,
    "tag_costs": _SOME,
    "workflow_costs": _SOME,
    "provider_costs": _SOME,
    "system_agent_costs": _SYSTEMS,
    "system_model_costs": _SYSTEMS_MODELS,
    "system_daily_costs": _SYSTEMS,
    "system_user_costs": _SYSTEMS,
    "system_tag_costs": _SYSTEMS,
    "system_workflow_costs": _SYSTEMS,
    "system_provider_costs": _SYSTEMS,
    "openapi": Declared(fields=(), answer=OBJECT),
    "tenant_usage": Declared(
        fields=(shared.TENANT, shared.MONTH),
        answer=shape({**shared.MONTH_STATUS, **shared.ORIGIN}),
        example=Example(_ACME, after=("record_cost",)),
    ),
    "system_usage": Declared(
        fields=(shared.MONTH, *_PAGE),
        answer=shape(
            {
                **shared.MONTH_STATUS,
                "tenants": list_of(shape({"tenant_id": TEXT, "held_usd": USD, **shared.PORTION})),
                "cursor": CURSOR,
                **shared.ORIGIN,
            }
        ),
        example=Example({"limit": 10}, after=("record_cost",)),
    ),
    "execution": Declared(
        fields=(
            shared.TENANT,
            read("id_in_path", "agent_execution_id", "The agent execution."),
            *_PAGE,
        ),
        answer=ref("Run"),
        errors=(NotFoundError,),
        example=Example(
            {**_ACME, "agent_execution_id": "invoice-agent-2026-11-22-001"}, after=("record_cost",)
        ),
    ),
    "workflow": Declared(
        fields=(
            shared.TENANT,
            read("id_in_path", "workflow_execution_id", "The workflow execution."),
            *_PAGE,
        ),
        answer=ref("Run"),
        errors=(NotFoundError,),
        example=Example(
            {**_ACME, "workflow_execution_id": "invoices-2026-11-22", "limit": 50},
            after=("record_cost",),
        ),
    ),
    "ledger": Declared(
        fields=(
            shared.TENANT,
            read("instant", "from", "The first moment of the entries."),
            read("instant", "to", "The moment before which the entries occurred."),
            shared.MONTH_OF_BOOKING,
            read(
                "instant",
                "recorded_from",
                "Everything recorded since then, in the order of booking, whatever it is dated. "
                "`recorded_until` is where the next export begins.",
            ),
            *_LEDGER_FILTERS,
            tables.FORMAT,
            *_PAGE,
        ),
        answer=tables.or_table(
            page_of(ref("Entry")), page_of(ref("Entry"), recorded_until=nullable(TIME))
        ),
        example=Example({**_ACME, "limit": 100}, after=("record_cost",)),
    ),
    "headroom": Declared(
        fields=(shared.TENANT, *shared.LABELS, shared.WRAP_UP),
        answer=shape(
            {
                "remaining": shared.REMAINING,
                "matched": list_of(TEXT),
                "reason_code": nullable(TEXT),
                "reason": nullable(TEXT),
                "gates": list_of(ref("Gate")),
                **shared.ORIGIN,
            }
        ),
        errors=(ConflictError,),
        example=Example({**_ACME, "agent_execution_id": "run-1", "user": "ana"}),
    ),
    "shadow_report": Declared(
        fields=(
            shared.TENANT,
            read(
                "count", "days", f"The last so many days; {DEFAULT_DAYS} unless given.", 1, MAX_DAYS
            ),
            *_PAGE,
        ),
        answer=page_of(
            shape(
                {
                    **shared.LABELLED,
                    "budget_id": TEXT,
                    "times": NUMBER,
                    "amount_usd": USD,
                    "first_at": TIME,
                    "last_at": TIME,
                }
            ),
            days=COUNT,
        ),
        example=Example({**_ACME, "days": 7}),
    ),
    "system_shadow_report": Declared(
        fields=(
            read(
                "count",
                "days",
                f"The last so many days; {DEFAULT_DAYS} unless given.",
                1,
                MAX_DAYS,
            ),
            read(
                "count",
                "limit",
                f"Tenants of a page; {DEFAULT_TENANTS} unless given.",
                1,
                MAX_TENANTS,
            ),
            shared.CURSOR,
        ),
        answer=page_of(
            shape({"tenant_id": TEXT, "budget_id": TEXT, **_SPARED}),
            days=COUNT,
            summary=shape({"tenants": COUNT, **_SPARED}),
        ),
        example=Example({"days": 7}),
    ),
}
