"""Where a month's money went: by agent, model, day, user, tag, workflow name or provider."""

from dataclasses import replace

from budget_monitor.entrypoints.openapi import shared
from budget_monitor.entrypoints.openapi.declared import Declared, Example, of_system
from budget_monitor.entrypoints.openapi.fields import read
from budget_monitor.entrypoints.openapi.schemas import (
    CURSOR,
    TEXT,
    USD,
    Schema,
    list_of,
    nullable,
    ref,
    shape,
)
from budget_monitor.entrypoints.reporting.services import MAX_ITEMS


def _breakdown(**more: Schema) -> Schema:
    line = {"name": nullable(TEXT), **shared.PORTION, **more}
    return shape(
        {
            "month": TEXT,
            "items": list_of(shape(line)),
            "total_usd": USD,
            "cursor": CURSOR,
            **shared.ORIGIN,
        }
    )


SCHEMAS: dict[str, Schema] = {
    "Breakdown": _breakdown(),
    "ModelBreakdown": _breakdown(spellings=list_of(TEXT)),
}
_LIMIT = read("count", "limit", f"Items of a page; {MAX_ITEMS} unless given.", 1, MAX_ITEMS)
_SOME = Declared(
    fields=(shared.TENANT, shared.MONTH, _LIMIT, shared.CURSOR),
    answer=ref("Breakdown"),
    example=Example({"tenant_id": "acme"}, after=("record_cost",)),
)
_MODELS = replace(_SOME, answer=ref("ModelBreakdown"))
_OF_SYSTEM = Example({"limit": 10}, after=("record_cost",))

DECLARED: dict[str, Declared] = {
    "agent_costs": _SOME,
    "model_costs": _MODELS,
    "daily_costs": _SOME,
    "user_costs": _SOME,
    "tag_costs": _SOME,
    "workflow_costs": _SOME,
    "provider_costs": _SOME,
    "system_agent_costs": of_system(_SOME, _OF_SYSTEM),
    "system_model_costs": of_system(_MODELS, _OF_SYSTEM),
    "system_daily_costs": of_system(_SOME, _OF_SYSTEM),
    "system_user_costs": of_system(_SOME, _OF_SYSTEM),
    "system_tag_costs": of_system(_SOME, _OF_SYSTEM),
    "system_workflow_costs": of_system(_SOME, _OF_SYSTEM),
    "system_provider_costs": of_system(_SOME, _OF_SYSTEM),
}
