"""A copy is used only if every detail of it is right, to the letter."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from budget_monitor.adapters.cache.entries import AccountEntries, Copy, DocumentEntries, valid_copy
from budget_monitor.domain.accounting.accounts import (
    Account,
    AccountKey,
    Move,
    WorkflowTerms,
    workflow_key,
)
from budget_monitor.domain.rules.rulebook import rules_key
from budget_monitor.ports import Document
from tests.support.cache.forged_entries import DETECTABLE, poisoned
from tests.support.times import instant

NOW = instant("2026-11-22T10:00:00Z")
FLOW, RULES = workflow_key("acme", "flow#1"), rules_key("acme")
KIND, PAPERS = AccountEntries("here/accounts"), DocumentEntries("here/accounts")
MONEY = st.decimals(min_value=0, max_value=10**9, places=12)
COUNT = st.integers(0, 10**12)


def account(**changes: Any) -> Account:
    totals = Move(Decimal("1.5"), Decimal("0.5"), holds=1, entries=2, tokens=3)
    given_ = {"totals": totals, "committed": Decimal(2), "seen": True, "began": True, **changes}
    return Account(FLOW, **given_)


def entry(**changes: Any) -> bytes:
    """An entry of that account in which these fields are changed; None leaves one out."""
    fields = json.loads(KIND.dump(FLOW, Copy(account(), NOW))) | changes
    kept = {name: value for name, value in fields.items() if value is not ...}
    return json.dumps(kept, separators=(",", ":"), ensure_ascii=False).encode()


@given(MONEY, MONEY, COUNT, st.text(), st.one_of(st.none(), MONEY))
def test_what_was_copied_is_what_is_read(
    spent: Decimal, held: Decimal, count: int, name: str, limit: Decimal | None
) -> None:
    whole = account(
        totals=Move(spent, held, spent, count, count, count, count, count),
        committed=spent + held,
        name=name,
        lineage=f"in##run-{count}",
        terms=WorkflowTerms(count, limit),
        policy_version=count,
    )
    text = KIND.dump(FLOW, Copy(whole, NOW)).encode(errors="surrogatepass")

    read = valid_copy(KIND, FLOW, text, NOW)

    assert read == Copy(whole, NOW)


@given(st.text(), st.text(), st.text())
def test_no_two_accounts_share_a_name(tenant_id: str, one: str, other: str) -> None:
    left, right = (
        AccountKey(tenant_id, "execution", one, other),
        AccountKey(tenant_id, "execution", other, one),
    )
    assert (KIND.name(left) == KIND.name(right)) == (left == right)


@pytest.mark.parametrize(("age", "is_believed"), [(-2, 0), (-1, 1), (0, 1), (9.9, 1), (10, 0)])
def test_it_is_young_and_of_no_future(age: float, *, is_believed: bool) -> None:
    read = valid_copy(KIND, FLOW, entry(), NOW + timedelta(seconds=age))

    assert (read is not None) == is_believed


ODD: dict[str, dict[str, Any]] = {
    "another format": {"format": 2},
    "another store": {"store": "there/accounts"},
    "another tenant": {"tenant": "other"},
    "another account": {"account": "acme#workflow#flow%232#run"},
    "another period": {"account": "acme#workflow#flow%231#2026-10"},
    "a sum that is wrong": {"committed": "2.1"},
    "a number for an amount": {"spent": 1.5},
    "an exponent": {"spent": "1.5E0"},
    "a zero too many": {"spent": "1.50"},
    "13 places": {"spent": "1.4999999999999", "committed": "1.9999999999999"},
    "NaN": {"spent": "NaN"},
    "a negative hold": {"held": "-0.5", "committed": "1"},
    "a negative count": {"holds": -1},
    "a flag for a count": {"holds": True},
    "a count with a point": {"entries": 2.0},
    "a count for a flag": {"seen": 1},
    "no count": {"tokens": ...},
    "no moment": {"as_of": ...},
    "another offset": {"as_of": "2026-11-22T11:00:00+01:00"},
    "no limit's terms": {"terms": "0/NaN"},
    "terms without a slash": {"terms": "0"},
    "a number for a name": {"name": 7},
    "a lineage that is none": {"lineage": "nonsense"},
    "a lineage of nothing": {"lineage": "in"},
    "a lineage of a nameless ancestor": {"lineage": "in#flow#"},
    "a lineage of what is no id": {"lineage": "in#flow%231"},
    "a lineage without end": {"lineage": "in#" + 9 * "#a"},
    "a number for a lineage": {"lineage": 7},
    "a field too many": {"more": None},
    "no policy": {"policy_version": None},
}


@pytest.mark.parametrize("odd", ODD)
def test_whatever_is_odd_is_no_copy(odd: str) -> None:
    assert valid_copy(KIND, FLOW, entry(), NOW) is not None
    assert valid_copy(KIND, FLOW, entry(**ODD[odd]), NOW) is None


@pytest.mark.parametrize("mode", DETECTABLE)
def test_no_poison_of_the_liar_is_a_copy(mode: str) -> None:
    papers = PAPERS.dump(RULES, Copy(Document(3, {"budgets": {}}), NOW)).encode()

    assert valid_copy(KIND, FLOW, poisoned(mode, entry()), NOW) is None
    assert valid_copy(PAPERS, RULES, poisoned(mode, papers), NOW) is None


@pytest.mark.parametrize("text", [None, b"", b"null", b"7", b'"text"', b"[]", b"{", b"[" * 10**5])
def test_what_is_no_entry_is_no_copy(text: bytes | None) -> None:
    assert valid_copy(KIND, FLOW, text, NOW) is None
    assert valid_copy(PAPERS, RULES, text, NOW) is None


def test_the_same_in_another_order_is_no_copy() -> None:
    fields = json.loads(entry())
    turned = json.dumps(dict(reversed(fields.items())), separators=(",", ":")).encode()

    assert valid_copy(KIND, FLOW, turned, NOW) is None


def test_an_account_that_does_not_add_up_is_not_copied() -> None:
    with pytest.raises(ValueError, match="cannot be copied"):
        KIND.dump(FLOW, Copy(account(committed=Decimal(3)), NOW))


def test_that_there_is_no_document_is_a_copy_as_well() -> None:
    for document in (None, Document(3, {"budgets": {"a": [1, None, "é"]}})):
        text = PAPERS.dump(RULES, Copy(document, NOW)).encode()

        assert valid_copy(PAPERS, RULES, text, NOW) == Copy(document, NOW)
        assert valid_copy(PAPERS, rules_key("other"), text, NOW) is None


@pytest.mark.parametrize(("version", "body"), [(True, {}), (-1, {}), (3, []), (3, None)])
def test_an_odd_document_is_no_copy(version: Any, body: Any) -> None:
    text = PAPERS.dump(RULES, Copy(Document(3, {}), NOW))
    odd = json.dumps(json.loads(text) | {"version": version, "body": body}, separators=(",", ":"))

    assert valid_copy(PAPERS, RULES, odd.encode(), NOW) is None
