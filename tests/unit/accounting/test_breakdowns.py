"""The accounts of a cost's user, tags, workflow name and provider."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from budget_monitor.domain.accounting.accounts import AccountKey
from budget_monitor.domain.accounting.breakdowns import (
    MAX_MOVED,
    all_labelled_keys,
    labelled_keys,
    labels_of,
    named_accounts,
    with_names,
)
from budget_monitor.domain.accounting.labels import Labels

MONTH = "2026-11"


def run(**more: object) -> Labels:
    return Labels(agent_execution_id="e1", **more)  # type: ignore[arg-type]


def test_a_cost_without_these_labels_moves_no_account_for_them() -> None:
    assert named_accounts("acme", run(agent="a", model="m"), MONTH) == ()


def test_a_cost_with_all_labels_and_2_tags_moves_6_accounts() -> None:
    labels = run(user="ana", tags=("a", "b"), workflow="nightly", provider="openai")
    assert [str(one) for one in named_accounts("acme", labels, MONTH)] == [
        "acme#provider#openai#2026-11",
        "acme#tag#a#2026-11",
        "acme#tag#b#2026-11",
        "acme#user#ana#2026-11",
        "acme#workflow_name#nightly#2026-11",
        "acme#labelled#provider tag user workflow_name#2026-11",
    ]


def test_the_price_lists_name_of_a_provider_is_its_name() -> None:
    labels = run(provider="OpenAI", provider_resolved="openai")
    assert str(named_accounts("acme", labels, MONTH)[0]) == "acme#provider#openai#2026-11"
    assert named_accounts("acme", run(provider_resolved="openai"), MONTH) == ()


def test_8_accounts_together_sum_the_costs_with_a_label() -> None:
    keys = labelled_keys("acme", "user", MONTH)
    assert len({*keys}) == 8
    assert all("user" in labels_of(one) for one in keys)


def test_15_accounts_count_all_sets_of_labels() -> None:
    found = all_labelled_keys("acme", MONTH)
    assert len(found) == 15
    assert {(one.tenant_id, one.scope, one.period) for one in found} == {
        ("acme", "labelled", MONTH)
    }


@given(
    st.builds(
        run,
        user=st.sampled_from([None, "ana"]),
        tags=st.sampled_from([(), ("a",), ("a", "b")]),
        workflow=st.sampled_from([None, "nightly"]),
        provider=st.sampled_from([None, "openai"]),
    ),
    st.sampled_from(["user", "tag", "workflow_name", "provider"]),
)
def test_a_cost_is_counted_as_labelled_once_if_it_has_the_label(labels: Labels, scope: str) -> None:
    moved = named_accounts("acme", labels, MONTH)
    counted = [one for one in moved if one in labelled_keys("acme", scope, MONTH)]
    assert len(counted) == any(one.scope == scope for one in moved)
    assert len({*moved}) == len(moved)


def test_names_that_do_not_fit_beside_what_a_cost_needs_are_left_out_together() -> None:
    labels = run(user="ana", tags=tuple("abcdefghij"))  # 12 accounts
    needed = tuple(AccountKey("acme", "budget", str(n), "run") for n in range(MAX_MOVED - 12))

    assert len(with_names(needed, "acme", labels, MONTH)) == MAX_MOVED
    more = (*needed, AccountKey("acme", "budget", "more", "run"))
    assert with_names(more, "acme", labels, MONTH) == more


def test_a_cost_moves_the_accounts_of_its_own_tenants_names_in_its_month() -> None:
    needed, labels = (AccountKey("acme", "tenant", "acme", MONTH),), run(user="ana")
    found = with_names(needed, "acme", labels, MONTH)
    assert found == (*needed, *named_accounts("acme", labels, MONTH))
    assert {(one.tenant_id, one.period) for one in found} == {("acme", MONTH)}
