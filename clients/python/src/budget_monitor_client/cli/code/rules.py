"""The rules of an owner as the service has them, at one version."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from budget_monitor_client.cli.code.file import AUTHORITY_FIELDS, BUDGET_FIELDS, SETTINGS
from budget_monitor_client.cli.code.price_lines import Lines, lines_of
from budget_monitor_client.cli.exits import CommandError, Exit
from budget_monitor_client.client import BudgetMonitor
from budget_monitor_client.values import Answer

READS = 5
"""How often rules are read again if they change meanwhile."""
_OWNED_SCOPES = {"tenant", "system"}
"""Scopes whose budgets take no scope_id: the answer shows the owner there."""


@dataclass(frozen=True)
class OwnRules:
    """What an owner set itself, without inherited rules."""

    version: int
    settings: Mapping[str, Any]
    budgets: Mapping[str, Mapping[str, Any]]
    prices: Lines
    aliases: Mapping[str, Mapping[str, Any]]
    authority: Mapping[str, Any]


def read(budget: BudgetMonitor, owner: str | None) -> OwnRules:
    """Return the rules of a tenant, or of the system for None, all of one version.

    Raises CommandError if they change as often as they are read.
    """
    for _ in range(READS):
        before = _version(budget, owner)
        found = _read(budget, owner, before)
        if _version(budget, owner) == before:
            return found
    raise CommandError(
        f"the rules of {owner or 'the system'} change all the time",
        Exit.CONFLICT,
        "Repeat the command.",
    )


def _version(budget: BudgetMonitor, owner: str | None) -> int:
    if owner is not None:
        return int(budget.get_tenant(owner)["version"])
    return int(budget.list_system_budgets()["items"][0]["version"])


def _read(budget: BudgetMonitor, owner: str | None, version: int) -> OwnRules:
    if owner is None:
        budgets = budget.list_system_budgets()["items"]
        prices = budget.list_system_prices()["items"]
        return OwnRules(
            version,
            {},
            _budgets(budgets, "system"),
            _lines(prices, "system"),
            {},
            authority_of(budget.get_system_authority(), "system"),
        )
    aliases = {
        one["alias"]: {"model": one["model"], "provider": one["provider"]}
        for one in budget.list_aliases(owner)["items"]
        if one["source"] == "tenant"
    }
    return OwnRules(
        version,
        settings_of(budget.get_tenant(owner)),
        _budgets(budget.list_budgets(owner)["items"], "tenant"),
        _lines(budget.list_prices(owner)["items"], "tenant"),
        aliases,
        authority_of(budget.get_authority(owner), "tenant"),
    )


def _budgets(items: list[dict[str, Any]], source: str) -> dict[str, dict[str, Any]]:
    return {one["budget_id"]: budget_of(one) for one in items if one["source"] == source}


def budget_of(answer: Answer) -> dict[str, Any]:
    """Return a budget in the words of the file: its own limit, without raises."""
    found = {name: answer[name] for name in sorted(BUDGET_FIELDS) if name in answer}
    found["limit_usd"] = answer["base_limit_usd"]
    if answer["scope"] in _OWNED_SCOPES:
        found["scope_id"] = None
    return found


def authority_of(answer: Answer, source: str) -> dict[str, Any]:
    """Return the owner's own authority in the words of the file; empty if it has none."""
    if answer["source"] != source:
        return {}
    return {name: one for name in sorted(AUTHORITY_FIELDS) if (one := answer.get(name))}


def settings_of(answer: Answer) -> dict[str, Any]:
    """Return a tenant's settings; one that is to change with the next month counts as changed."""
    said = {name: answer.get(name) for name in sorted(SETTINGS)}
    found = {name: None if one == [] else one for name, one in said.items()}
    coming = {name: answer.get(f"next_{name}") for name in found}
    return {name: one if coming[name] is None else coming[name] for name, one in found.items()}


def _lines(items: list[dict[str, Any]], source: str) -> Lines:
    return lines_of([one for one in items if one["source"] == source])
