"""Write moves of accounts as items of a TransactWriteItems.

A request writes about ten of them; pynamodb's expression objects took half of its time for it. No
other module has write expressions for accounts.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from budget_monitor.adapters.dynamodb.row_postings import Found, RowPosting
from budget_monitor.adapters.dynamodb.rows.account_items import COUNTERS
from budget_monitor.adapters.dynamodb.rows.accounts import WATCHED
from budget_monitor.adapters.dynamodb.rows.attributes import AccountsAttribute
from budget_monitor.adapters.dynamodb.rows.updates import Update
from budget_monitor.domain.accounting.accounts import (
    DEFAULT_TERMS,
    NO_MOVE,
    Account,
    AccountKey,
    paused_list,
)
from budget_monitor.domain.money import ZERO
from budget_monitor.domain.periods import sortable

_ACCOUNTS = AccountsAttribute()


def update_of(table: str, account: AccountKey, posting: RowPosting) -> dict[str, Any]:
    """The item of a TransactWriteItems that moves this row, on the posting's conditions."""
    update = Update()
    _add_moves(update, posting)
    _add_lists(update, account, posting)
    _set_facts(update, posting)
    _add_bounds(update, posting)
    _add_facts_as_expected(update, posting)
    if update.is_empty:
        update.add("entries", 0)  # a move of zero still opens the account
    return update.of(table, str(account))


def _add_moves(update: Update, posting: RowPosting) -> None:
    move = posting.move
    for name in COUNTERS:
        change = getattr(move, name)
        if change:
            update.add(name, change)
    committed = move.committed + posting.shifted
    if committed:
        update.add("committed", committed)


def _add_lists(update: Update, account: AccountKey, posting: RowPosting) -> None:
    """Put the row on its lists. An index has only rows with all of its keys."""
    listing = account.listing if posting.listed else None
    if posting.new_terms is not None:
        listing = paused_list(account.tenant_id) if posting.new_terms.pause else None
        if listing is None:
            update.remove("listing")
    if listing is not None:
        update.set("listing", listing)
    if not posting.listed:
        return
    if account.system_list is not None:
        update.set("system_list", account.system_list)
    if account.ranking is None:
        return
    update.set("ranking", account.ranking)
    if posting.began_at is not None:
        update.set_once("began_at", sortable(posting.began_at))
    if posting.move != NO_MOVE and not posting.move.spent:
        update.add("spent", ZERO)  # a quarantined cost moves nothing, and begins no run


def _set_facts(update: Update, posting: RowPosting) -> None:
    if posting.lineage is not None:
        update.set("lineage", posting.lineage)
    if posting.name is not None:
        update.set_once("name", posting.name)
    if posting.began_over is not None:
        update.set_once("began_over", _ACCOUNTS.serialize(posting.began_over))
    if posting.new_terms is not None:
        update.set("terms", str(posting.new_terms))
    if posting.policy_version:
        update.set("policy_version", posting.policy_version)
    if posting.watched:
        update.set("watched", WATCHED)
    if posting.level is not None:
        update.set("level", posting.level)


def _add_bounds(update: Update, posting: RowPosting) -> None:
    least, most = posting.spent_at_least, posting.committed_at_most
    if least is not None:
        update.expect("spent", ">=", least, or_none=least <= 0)
    if most is not None:
        update.expect("committed", "<=", most, or_none=most >= 0)
    if posting.holds_below is not None:
        update.expect("holds", "<", posting.holds_below, or_none=True)


def _add_facts_as_expected(update: Update, posting: RowPosting) -> None:
    if posting.lineage is not None:
        update.expect("lineage", "=", posting.lineage, or_none=True)
    if posting.asserts_name and posting.name is None:
        update.expect_none("name")
    elif posting.asserts_name and posting.name is not None:
        update.expect("name", "=", posting.name, or_none=True)
    if posting.terms is not None:
        usual = posting.terms == DEFAULT_TERMS
        update.expect("terms", "=", str(posting.terms), or_none=usual)
    if posting.policy_version is not None:
        update.expect("policy_version", "<=", posting.policy_version, or_none=True)
    if posting.found is not None:
        _expect_level(update, posting.found)
    if posting.as_found is not None:
        _expect_as_found(update, posting.as_found)


def _expect_level(update: Update, found: Found) -> None:
    if found.level is None:
        update.expect_none("level")
    elif found.or_new:
        update.expect_none("level", "committed", unless=("level", found.level))
    else:
        update.expect("level", "=", found.level)


def _expect_as_found(update: Update, found: Account) -> None:
    """Expect that the counters are the same as when the row was read."""
    counters: Mapping[str, Decimal | int] = {
        name: getattr(found.totals, name) for name in COUNTERS
    } | {"committed": found.committed}
    for name, value in counters.items():
        update.expect(name, "=", value, or_none=not value)
