"""Accounts: names that never collide, moves that add up, sets that a cost touches once."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from budget_monitor.domain.accounting.accounts import AccountKey, Move, touched
from budget_monitor.domain.accounting.labels import Labels, key, parts
from budget_monitor.domain.money import ZERO
from budget_monitor.domain.periods import Booking

NOVEMBER = Booking("2026-11", "2026-11-22")
TEXTS = st.text(max_size=12) | st.sampled_from(["a", "a#b", "%", "%23", "#", "##", "a%2523"])
USD = st.decimals(min_value=-1000, max_value=1000, places=12)
MOVES = st.builds(Move, spent=USD, held=USD, entries=st.integers(0, 9), tokens=st.integers(0, 99))


@given(st.lists(TEXTS, min_size=1), st.lists(TEXTS, min_size=1))
def test_different_parts_make_different_keys(one: list[str], other: list[str]) -> None:
    assert (key(*one) == key(*other)) == (one == other)


@given(st.lists(TEXTS, min_size=1))
def test_a_key_gives_its_parts_back(names: list[str]) -> None:
    assert parts(key(*names)) == names


def test_a_tenant_cannot_name_its_way_into_another() -> None:
    mine = AccountKey("a", "agent", "b#agent#c", "2026-11")
    theirs = AccountKey("a#agent#b", "agent", "c", "2026-11")
    assert str(mine) != str(theirs)


@given(MOVES, MOVES)
def test_what_is_committed_is_always_spent_plus_held(one: Move, other: Move) -> None:
    total = one + other
    assert total.committed == one.committed + other.committed == total.spent + total.held


@given(st.lists(MOVES), st.randoms())
def test_moves_add_up_in_any_order(moves: list[Move], chance: st.DataObject) -> None:
    shuffled = list(moves)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert sum(moves, Move()) == sum(shuffled, Move())


@given(USD.filter(lambda amount: amount >= 0), USD.filter(lambda amount: amount >= 0))
def test_a_hold_replaced_by_its_cost_leaves_the_cost_alone(held: Decimal, cost: Decimal) -> None:
    after = Move(held=held) + Move(spent=cost, entries=1) + Move(held=-held)
    assert (after.spent, after.held, after.committed) == (cost, ZERO, cost)


def test_an_agents_cost_touches_its_run_its_workflow_its_labels_and_every_total_once() -> None:
    labels = Labels(
        agent_execution_id="e1",
        workflow_execution_id="w1",
        agent="planner",
        model="gpt-4o",
        ancestors=("e0",),
    )
    assert [str(account) for account in touched("acme", labels, NOVEMBER)] == [
        "acme#execution#e1#run",
        "acme#execution#e0#run",
        "acme#workflow#w1#run",
        "acme#agent#planner#2026-11",
        "acme#model#gpt-4o#2026-11",
        "acme#tenant#acme#2026-11-22",
        "acme#tenant#acme#2026-11",
        "*#system#system#2026-11",
    ]


def test_a_workflows_own_cost_touches_no_execution() -> None:
    scopes = [one.scope for one in touched("acme", Labels(workflow_execution_id="w1"), NOVEMBER)]
    assert scopes == ["workflow", "agent", "model", "tenant", "tenant", "system"]


def test_a_cost_booked_elsewhere_is_also_counted_for_the_day_on_which_it_happened() -> None:
    late = Booking("2026-11", "2026-11-22", happened_on="2026-08-01")
    accounts = touched("acme", Labels(agent_execution_id="e1"), late)
    assert str(accounts[-1]) == "acme#occurred#acme#2026-08-01"


def test_a_late_cost_is_also_counted_among_what_came_late_to_its_month() -> None:
    late = Booking("2026-11", "2026-11-22", late=True, happened_on="2026-08-01")
    accounts = [str(one) for one in touched("acme", Labels(agent_execution_id="e1"), late)]
    assert accounts[-2:] == ["acme#late#acme#2026-11", "acme#occurred#acme#2026-08-01"]


@given(
    st.builds(
        Labels,
        agent_execution_id=st.sampled_from(["e1", "e2"]),
        workflow_execution_id=st.sampled_from([None, "e1", "w1"]),
        agent=st.none() | TEXTS.filter(bool),
        model=st.none() | TEXTS.filter(bool),
        ancestors=st.lists(st.sampled_from(["p1", "p2", "p3"]), unique=True).map(tuple),
    )
)
def test_no_cost_touches_an_account_twice(labels: Labels) -> None:
    accounts = touched("acme", labels, NOVEMBER)
    assert len(set(accounts)) == len(accounts)
