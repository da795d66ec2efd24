"""Environment variables of the functions, from template.yaml."""

from __future__ import annotations

from typing import Any

from tests.support.template.conditions import defaults, taken
from tests.support.template.template import resources, template

REGION = "eu-central-1"
CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "test-access-key",
    "AWS_SECRET_ACCESS_KEY": "test-secret-key",  # emulators accept any
    "AWS_SESSION_TOKEN": "test-session-token",
}
LAMBDA_OWN = {"AWS_REGION": REGION, "AWS_DEFAULT_REGION": REGION}

MADE = {"AWS::StackName": "tests", "PriceLists": "price-lists", "Exports": "exports"}


def function_environment(tables: dict[str, str], **parameters: str) -> dict[str, str]:
    """Return all variables of all functions. Missing parameters have the template's defaults."""
    declared = template()["Globals"]["Function"]["Environment"]["Variables"].copy()
    for properties in resources("AWS::Serverless::Function").values():
        declared |= properties.get("Environment", {}).get("Variables", {})
    known = defaults(template()) | MADE | parameters | tables
    chosen = taken(declared, template(), known)
    resolved = {name: _resolve(value, known) for name, value in chosen.items()}
    return {**LAMBDA_OWN, **resolved, "DASHBOARD_URL": known["DashboardUrl"]}  # no API has one


def limits(
    execution: str | None = None,
    workflow: str | None = None,
    tenant: str | None = None,
    system: str | None = None,
    entry: str | None = None,
) -> dict[str, str]:
    """Return the template's parameters of the default gates. The rest keep their defaults."""
    given = {
        "ExecutionLimitUsd": execution,
        "WorkflowLimitUsd": workflow,
        "TenantMonthLimitUsd": tenant,
        "SystemMonthLimitUsd": system,
        "MostPerEntryUsd": entry,
    }
    return {name: value for name, value in given.items() if value is not None}


def _resolve(value: Any, known: dict[str, str]) -> str:
    if isinstance(value, dict) and "Ref" in value:
        return known.get(value["Ref"], f"unresolved:{value['Ref']}")
    if isinstance(value, dict):
        return f"unresolved:{value}"
    return str(value)
