"""Answers of the operations `statements` and `forecast`."""

import re
from typing import Any

from budget_monitor.domain.accounting.accounts import SYSTEM
from budget_monitor.domain.money import render
from budget_monitor.domain.months.forecasts import METHOD
from budget_monitor.domain.periods import render_instant
from budget_monitor.entrypoints.door.cursors import read_cursor, write_cursor
from budget_monitor.entrypoints.door.fields import Fields
from budget_monitor.entrypoints.door.render import usd
from budget_monitor.usecases.months.forecast import Forecasting, Outlook
from budget_monitor.usecases.months.statements import Statements

MAX_STATEMENTS, DEFAULT_STATEMENTS = 100, 24

_POSITION = re.compile(r"[0-9]{4}-[0-9]{2}#[0-9]{1,12}", re.ASCII)


def of_tenant(reader: Statements, fields: Fields) -> dict[str, Any]:
    """A page of a tenant's statements."""
    return _page(reader, fields, fields.tenant())


def of_system(reader: Statements, fields: Fields) -> dict[str, Any]:
    """A page of the system's statements."""
    return _page(reader, fields, SYSTEM)


def _page(reader: Statements, fields: Fields, owner_id: str) -> dict[str, Any]:
    month, limit = fields.month("month"), fields.count("limit", 1, MAX_STATEMENTS)
    query = ("statements", owner_id, month)
    after = read_cursor(fields.opaque("cursor"), _POSITION, *query)
    fields.finish()
    where = None
    if after is not None:
        named, number = after.split("#")
        where = named, int(number)
    page = reader.of(owner_id, month, limit or DEFAULT_STATEMENTS, where)
    last = page.resume_after
    cursor = None if last is None else f"{last[0]}#{last[1]}"
    return {"items": list(page.items), "cursor": write_cursor(cursor, *query)}


def outlook(forecasting: Forecasting, fields: Fields) -> dict[str, Any]:
    """A tenant's forecast for the end of the present month."""
    tenant_id = fields.tenant()
    fields.finish()
    return _outlook(forecasting.forecast(tenant_id))


def _outlook(found: Outlook) -> dict[str, Any]:
    told = found.forecast
    return {
        "tenant_id": found.tenant_id,
        "month": found.month,
        "source": "store",
        "as_of": render_instant(found.at),
        "enough_data": told.enough_data,
        "estimate_usd": usd(told.estimate),
        "low_usd": usd(told.low),
        "high_usd": usd(told.high),
        "spent_usd": render(told.spent),
        "limit_usd": usd(told.limit),
        "exceeds_limit": told.exceeds,
        "limit_reached_on": told.reached_on,
        "days_used": told.days_used,
        "first_day": told.first_day,
        "last_day": told.last_day,
        "days_left": found.days_left,
        "method": METHOD,
    }
