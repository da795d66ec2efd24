"""Export the present rules to a file for which `plan` shows no difference."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

import yaml

from budget_monitor_client.cli.code.file import FORMAT
from budget_monitor_client.cli.code.plan import UNSAID
from budget_monitor_client.cli.code.price_lines import Line, Lines
from budget_monitor_client.cli.code.rules import OwnRules, read
from budget_monitor_client.client import BudgetMonitor


def export(
    budget: BudgetMonitor,
    tenants: Iterable[str],
    now: datetime,
    done: Callable[[], None] = lambda: None,
) -> str:
    """Return the file of the system and these tenants. `done` is called after each owner."""
    whole: dict[str, Any] = {"format": FORMAT, "system": _rules(read(budget, None), now)}
    done()
    found = {}
    for tenant in tenants:
        found[tenant] = _rules(read(budget, tenant), now, is_tenant=True)
        done()
    return yaml.safe_dump({**whole, "tenants": found}, sort_keys=False, allow_unicode=True)


def _rules(rules: OwnRules, now: datetime, *, is_tenant: bool = False) -> dict[str, Any]:
    settings = {name: one for name, one in rules.settings.items() if one is not None}
    own: dict[str, Any] = {
        "budgets": {name: _budget(one) for name, one in sorted(rules.budgets.items())},
        "prices": [row for line in sorted(rules.prices) for row in _rows(rules.prices, line, now)],
        "authority": _said(rules.authority),
    }
    if not is_tenant:
        return own
    aliases = {name: _said(one) for name, one in sorted(rules.aliases.items())}
    return {"settings": _said(settings), **own, "aliases": aliases}


def _budget(one: Mapping[str, Any]) -> dict[str, Any]:
    said = {name: value for name, value in one.items() if value != UNSAID.get(name, ...)}
    return {name: _plain(value) for name, value in said.items() if value is not None}


def _rows(lines: Lines, name: Any, now: datetime) -> list[dict[str, Any]]:  # noqa: ANN401 - its key
    """The price in force, and future ones."""
    line: Line = lines[name]
    named = {"model": line.model, **({"provider": line.provider} if line.provider else {})}
    present, rows = line.at(now), []
    if present is not None:
        rows.append({**named, **_said(present)})
    for since in line.coming(now):
        rates = line.at(since)
        said = {"ends": True} if rates is None else _said(rates)
        rows.append({**named, "from": since.isoformat(), **said})
    return rows


def _said(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _plain(value) for name, value in fields.items() if value is not None}


def _plain(value: Any) -> Any:  # noqa: ANN401 - JSON
    if isinstance(value, Mapping):
        return _said(value)
    return [_plain(one) for one in value] if isinstance(value, (list, tuple)) else value
