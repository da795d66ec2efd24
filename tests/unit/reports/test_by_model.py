"""The breakdown by model: one line for a model, however its calls spelled it."""

from __future__ import annotations

from decimal import Decimal

from budget_monitor.usecases.reports.by_model import by_model

from budget_monitor.domain.accounting.accounts import Account, AccountKey, Move
from budget_monitor.domain.rules.matching import ListedNames
from budget_monitor.usecases.reports.report import Breakdown

KNOWN = {"gpt-4o": "gpt-4o", "gpt-4o-2024-08-06": "gpt-4o"}


def models(provider: str | None, model: str | None) -> ListedNames:
    name = (model or "").casefold()
    return ListedNames(provider, KNOWN.get(name, name))


def spelled(**spent: int) -> Breakdown:
    items = list[tuple[str | None, Account]]()
    for said, amount in spent.items():
        name = said.replace("_", "-")
        key = AccountKey("acme", "model", "" if name == "none" else name, "2026-11")
        totals = Move(spent=Decimal(amount), entries=1)
        items.append((None if name == "none" else name, Account(key, totals)))
    return Breakdown("2026-11", items)


def test_2_spellings_of_one_model_add_up_to_5_usd_of_2_entries() -> None:
    found = by_model(spelled(gpt_4o=3, GPT_4o_2024_08_06=2), models)
    ((name, account),) = found.items
    assert (name, account.totals.spent, account.totals.entries) == ("gpt-4o", Decimal(5), 2)
    assert found.spellings == {"gpt-4o": ["gpt-4o", "GPT-4o-2024-08-06"]}
    assert (found.month, found.total) == ("2026-11", Decimal(5))


def test_the_largest_line_is_first_and_equal_ones_are_in_the_order_of_their_names() -> None:
    found = by_model(spelled(b=1, a=1, c=4), models)
    assert [name for name, _ in found.items] == ["c", "a", "b"]


def test_a_model_that_nobody_says_in_lower_case_keeps_the_first_spelling() -> None:
    found = by_model(spelled(Own_X=3, OWN_X=2), models)
    ((name, account),) = found.items
    assert (name, account.totals.spent) == ("Own-X", Decimal(5))
    assert found.spellings == {"Own-X": ["Own-X", "OWN-X"]}


def test_costs_without_a_model_are_a_line_without_a_name() -> None:
    found = by_model(spelled(gpt_4o=1, none=2), models)
    assert [(name, one.totals.spent) for name, one in found.items] == [
        (None, Decimal(2)),
        ("gpt-4o", Decimal(1)),
    ]
    assert found.spellings == {None: [], "gpt-4o": ["gpt-4o"]}
