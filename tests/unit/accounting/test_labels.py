"""Labels and accounts: what is stored under which name, letter by letter."""

from decimal import Decimal
from typing import Any

import pytest

from budget_monitor.domain.accounting.accounts import (
    NO_MOVE,
    Account,
    AccountKey,
    Move,
    execution_key,
    listing,
    system_key,
    tenant_key,
    touched,
    workflow_key,
)
from budget_monitor.domain.accounting.labels import Labels, key, parts
from budget_monitor.domain.periods import Booking

ALL = Labels(
    agent_execution_id="e1",
    workflow_execution_id="w1",
    parent_execution_id="p1",
    state_machine_execution_arn="arn:aws:states:x",
    workflow="flow",
    agent="planner",
    model="gpt-4o",
    provider="openai",
    user="ann",
    tags=("red", "blue"),
    ancestors=("p1", "p2"),
)


def test_an_answer_shows_every_label_but_the_ancestors() -> None:
    assert ALL.public() == {
        "agent_execution_id": "e1",
        "workflow_execution_id": "w1",
        "parent_execution_id": "p1",
        "state_machine_execution_arn": "arn:aws:states:x",
        "workflow": "flow",
        "agent": "planner",
        "model": "gpt-4o",
        "provider": "openai",
        "user": "ann",
        "tags": ["red", "blue"],
    }


def test_a_row_keeps_the_labels_that_are_set_and_gives_them_back() -> None:
    assert Labels(agent_execution_id="e1").dump() == {"agent_execution_id": "e1"}
    assert ALL.dump() == ALL.public() | {"ancestors": ["p1", "p2"]}
    assert Labels.load(ALL.dump()) == ALL


@pytest.mark.parametrize(
    "dumped",
    [
        {"ancestors": [f"p{number}" for number in range(9)]},
        {"agent": 5},
        {"tags": ["red", 5]},
        {"ancestors": [None]},
    ],
)
def test_what_no_labels_gave_is_refused(dumped: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"^not labels$"):
        Labels.load({"agent_execution_id": "e1"} | dumped)


def test_eight_ancestors_are_kept() -> None:
    eight = [f"p{number}" for number in range(8)]
    assert Labels.load({"ancestors": eight}).ancestors == tuple(eight)


def test_an_execution_keeps_its_workflow_and_its_ancestors_as_its_lineage() -> None:
    assert ALL.lineage == "in#w1#p1#p2"
    assert Labels(agent_execution_id="e1").lineage == "in#"
    assert Labels(agent_execution_id="e1", ancestors=("p1",)).lineage == "in##p1"


def test_an_ancestor_has_the_lineage_above_it() -> None:
    assert ALL.lineage_of("e1") == "in#w1#p1#p2"
    assert ALL.lineage_of("p1") == "in#w1#p2"
    assert ALL.lineage_of("p2") == "in#w1"
    assert Labels(agent_execution_id="e1").lineage_of("e1") == "in#"


def test_labels_take_over_the_lineage_that_the_row_keeps() -> None:
    own = Labels(agent_execution_id="e1", agent="planner")
    assert own.within("in#w1#p1#p2") == Labels(
        agent_execution_id="e1",
        workflow_execution_id="w1",
        parent_execution_id="p1",
        agent="planner",
        ancestors=("p1", "p2"),
    )
    assert ALL.within("in#") == Labels(
        **{
            **ALL.public(),
            "tags": ALL.tags,
            "workflow_execution_id": None,
            "parent_execution_id": None,
        },
    )


def test_a_key_escapes_what_it_is_joined_by() -> None:
    assert key("a#b", "50%", "") == "a%23b#50%25#"
    assert parts("a%23b#50%25#") == ["a#b", "50%", ""]
    assert (key("50%"), key("a#b")) == ("50%25", "a%23b")


def test_each_account_has_its_name() -> None:
    assert str(execution_key("acme", "e1")) == "acme#execution#e1#run"
    assert str(workflow_key("acme", "w1")) == "acme#workflow#w1#run"
    assert str(tenant_key("acme", "2026-11-22")) == "acme#tenant#acme#2026-11-22"
    assert str(system_key("2026-11")) == "*#system#system#2026-11"


def test_a_stripe_has_its_number_after_the_account_and_the_first_has_none() -> None:
    third = AccountKey("*", "system", "system", "2026-11", 3)
    assert str(third) == "*#system#system#2026-11#3"
    assert AccountKey.parse(str(third)) == third
    assert AccountKey.parse("acme#tenant#acme#2026-11") == tenant_key("acme", "2026-11")


@pytest.mark.parametrize(
    ("account", "list_"),
    [
        (AccountKey("acme", "agent", "planner", "2026-11"), "acme#agent#2026-11"),
        (AccountKey("acme", "model", "gpt-4o", "2026-11"), "acme#model#2026-11"),
        (tenant_key("acme", "2026-11"), "*#tenant#2026-11"),
        (tenant_key("acme", "2026-11-22"), "acme#days#all"),
        (AccountKey("acme", "occurred", "acme", "2026-11-22"), "acme#days#all"),
        (AccountKey("acme", "agent", "planner", "2026-11", 3), None),
        (execution_key("acme", "e1"), None),
        (system_key("2026-11"), None),
    ],
)
def test_each_account_is_listed_where_reports_look(account: AccountKey, list_: str | None) -> None:
    assert account.listing == list_


def test_a_list_is_a_tenants() -> None:
    assert listing("acme", "agent", "2026-11") == "acme#agent#2026-11"


def test_moves_add_up_counter_by_counter() -> None:
    one = Move(Decimal(1), Decimal(2), Decimal(3), 4, 5, 6, 7, 8)
    assert one + one == Move(Decimal(2), Decimal(4), Decimal(6), 8, 10, 12, 14, 16)
    assert one.committed == Decimal(3)
    assert one + one - one == one
    assert one - one == Move()
    assert one + NO_MOVE is one


def test_an_account_that_was_never_seen_is_all_zeros() -> None:
    never = Account(system_key("2026-11"))
    assert (never.totals, never.committed, never.seen) == (Move(), Decimal(0), False)


def test_a_cost_without_agent_or_model_is_counted_under_no_name() -> None:
    booking = Booking("2026-11", "2026-11-22")
    names = [str(one) for one in touched("acme", Labels(agent_execution_id="e1"), booking)]
    assert names == [
        "acme#execution#e1#run",
        "acme#agent##2026-11",
        "acme#model##2026-11",
        "acme#tenant#acme#2026-11-22",
        "acme#tenant#acme#2026-11",
        "*#system#system#2026-11",
    ]
