"""Answers of the operations `statements` and `forecast`."""

import re
from typing import Any

from budget_monitor.domain.accounting.accounts import SYSTEM
from budget_monitor.domain.months.forecasts import METHOD, Forecast
from budget_monitor.domain.periods import render_instant
from budget_monitor.domain.units import USD
from budget_monitor.entrypoints.door.cursors import read_cursor, write_cursor
from budget_monitor.entrypoints.door.fields import Fields
from budget_monitor.entrypoints.door.formats.tables import STATEMENT, items_table, read_format
from budget_monitor.entrypoints.door.operations import CSV, Answer
from budget_monitor.usecases.months.forecast import Forecasting, Outlook, figures
from budget_monitor.usecases.months.statements import Statements

MAX_STATEMENTS, DEFAULT_STATEMENTS = 100, 24

_POSITION = re.compile(r"[0-9]{4}-[0-9]{2}#[0-9]{1,12}", re.ASCII)


def of_tenant(reader: Statements, fields: Fields) -> Answer:
    """A page of a tenant's statements."""
    return _page(reader, fields, fields.tenant())


def of_system(reader: Statements, fields: Fields) -> Answer:
    """A page of the system's statements."""
    return _page(reader, fields, SYSTEM)


def _page(reader: Statements, fields: Fields, tenant_id: str) -> Answer:
    month, limit = fields.month("month"), fields.count("limit", 1, MAX_STATEMENTS)
    query = ("statements", tenant_id, month)
    after, wanted = read_cursor(fields.opaque("cursor"), _POSITION, *query), read_format(fields)
    fields.finish()
    where = None
    if after is not None:
        named, number = after.split("#")
        where = named, int(number)
    page = reader.of(tenant_id, month, limit or DEFAULT_STATEMENTS, where)
    last = page.resume_after
    cursor = None if last is None else f"{last[0]}#{last[1]}"
    cursor = write_cursor(cursor, *query)
    if wanted is None:
        return Answer({"items": list(page.items), "cursor": cursor})
    items = page.items
    if wanted == CSV:
        items = [{**one, "late_usd": one["late"]["spent_usd"]} for one in items]
    return items_table(wanted, STATEMENT, items, cursor)


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
        **_figures(USD, told),
        **_by_unit(found),
        "days_used": told.days_used,
        "first_day": told.first_day,
        "last_day": told.last_day,
        "days_left": found.days_left,
        "method": METHOD,
    }


def _by_unit(found: Outlook) -> dict[str, Any]:
    """The forecast in tokens and calls, if the month has limits in them."""
    others = [{"unit": unit, **_figures(unit, one)} for unit, one in found.counted.items()]
    return {"by_unit": others} if others else {}


def _figures(unit: str, told: Forecast) -> dict[str, Any]:
    return {
        **figures(unit, told),
        "exceeds_limit": told.exceeds,
        "limit_reached_on": told.reached_on,
    }
