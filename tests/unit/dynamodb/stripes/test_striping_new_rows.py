"""Repairs of a striped account of which no row has a level yet."""

from __future__ import annotations

from decimal import Decimal

from budget_monitor.adapters.dynamodb.layout import Layout
from budget_monitor.adapters.dynamodb.row_postings import Found
from budget_monitor.adapters.dynamodb.striping import Striping, rows_as_found
from budget_monitor.domain.accounting.accounts import Account, tenant_key
from budget_monitor.domain.accounting.stripes import stripe_of
from budget_monitor.domain.transactions import Posting

MONTH = tenant_key("acme", "2026-11")
FIRST = next(name for name in map(str, range(9)) if stripe_of(name, 2) == 0)


def test_the_other_row_is_checked_without_a_level() -> None:
    rows = {one: Account(one) for one in (MONTH, MONTH._replace(stripe=1))}
    repair = Posting(follows=True, correction=Decimal(1), as_found=Account(MONTH))
    written = rows_as_found(
        Striping(Layout(tenant=2)), {MONTH: repair}, FIRST, lambda keys: {k: rows[k] for k in keys}
    )
    assert written is not None
    other = written[MONTH._replace(stripe=1)]
    assert (other.found, other.level) == (Found(None, or_new=True), None)
