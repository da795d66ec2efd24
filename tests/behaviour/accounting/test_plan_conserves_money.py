"""Whatever is done in whatever order, every total equals the sum of the entries behind it."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.builders import Tenant
from tests.support.cloud import Cloud
from tests.support.doors.doors import DirectDoor, Door, HttpDoor
from tests.support.thorough import first, size

Totals = dict[Any, Decimal]

# Runs keep their workflow from first use, so each run here belongs to one for ever.
RUNS: list[dict[str, str]] = [
    {"agent_execution_id": "run-1"},
    {"agent_execution_id": "run-2", "workflow_execution_id": "flow-1"},
    {"agent_execution_id": "run-3", "workflow_execution_id": "flow-1"},
    {"workflow_execution_id": "flow-1"},
    {"workflow_execution_id": "flow-2"},
]
amounts = st.decimals("0", "12", places=12, allow_nan=False).map(lambda value: f"{value:f}")
labels = st.builds(
    lambda run, agent, model: run | agent | model,
    st.sampled_from(RUNS),
    st.sampled_from([{}, {"agent": "writer"}, {"agent": "critic"}]),
    st.sampled_from([{}, {"model": "gpt-x"}]),
)
ids = st.integers(0, 4)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("record"), ids, amounts, labels),
        st.tuples(st.just("reserve"), ids, amounts, labels),
        st.tuples(st.just("settle"), ids, amounts),
        st.tuples(st.just("release"), ids),
        st.tuples(st.just("adjust"), ids, amounts, st.sampled_from(["", "-"])),
        st.tuples(st.just("batch"), st.lists(st.tuples(ids, amounts, labels), min_size=1)),
    ),
    max_size=14,
)
ACCEPTABLE = {None, "IDEMPOTENCY_MISMATCH", "CONFLICT", "NOT_FOUND", "VALIDATION_ERROR"}


def take(tenant: Tenant, step: tuple[Any, ...]) -> str | None:
    """Do one step under ids that collide now and then; answers the error, if any."""
    kind, *rest = step
    if kind == "record":
        return tenant.record(rest[1], entry_id=f"cost-{rest[0]}", tokens=3, **rest[2]).error
    if kind == "reserve":
        return tenant.reserve(rest[1], reservation_id=f"hold-{rest[0]}", **rest[2]).error
    if kind == "settle":
        return tenant.settle(f"hold-{rest[0]}", rest[1], tokens=5).error
    if kind == "release":
        return tenant.release(f"hold-{rest[0]}").error
    if kind == "adjust":
        return tenant.adjust(f"cost-{rest[0]}", rest[2] + rest[1]).error
    costs = [
        {"entry_id": f"cost-{n}", "cost_usd": amount, **chosen} for n, amount, chosen in rest[0]
    ]
    return tenant.call("record_costs", costs=costs).error


def sums(entries: list[dict[str, Any]], label: str) -> Totals:
    found: Totals = defaultdict(Decimal)
    for entry in entries:
        found[entry[label]] += Decimal(entry["cost_usd"])
    return dict(found)


def shown(tenant: Tenant, operation: str) -> Totals:
    items = tenant.call(operation).body["items"]
    return {item["name"]: Decimal(item["spent_usd"]) for item in items}


def nonzero(totals: Totals) -> Totals:
    return {name: amount for name, amount in totals.items() if amount}


def run_totals(tenant: Tenant, operation: str, label: str, names: set[str]) -> Totals:
    answers = {name: tenant.call(operation, **{label: name}) for name in names}
    return {name: Decimal(answer.body["spent_usd"]) for name, answer in answers.items()}


def held(tenant: Tenant) -> Decimal:
    """The sum of the open reservations, read one by one."""
    answers = [tenant.call("get_reservation", reservation_id=f"hold-{n}") for n in range(5)]
    found = [answer.body for answer in answers if not answer.error]
    return sum((Decimal(r["amount_usd"]) for r in found if r["state"] == "open"), Decimal())


def assert_conserved(tenant: Tenant) -> Decimal:
    """Compare every report with the ledger; answers what the tenant spent."""
    entries = tenant.entries(limit=1000)
    month, total = tenant.usage(), sum((Decimal(e["cost_usd"]) for e in entries), Decimal())
    costs = [entry for entry in entries if entry["kind"] == "cost"]
    assert Decimal(month["spent_usd"]) == total
    assert Decimal(month["held_usd"]) == held(tenant)
    assert (month["entries"], month["tokens"]) == (len(costs), sum(e["tokens"] for e in costs))
    assert Decimal(month["agent_cost_usd"]) + Decimal(month["workflow_cost_usd"]) == total
    for operation, label in (("agent_costs", "agent"), ("model_costs", "model")):
        assert nonzero(shown(tenant, operation)) == nonzero(sums(entries, label))
    assert sum(shown(tenant, "daily_costs").values()) == total
    for operation in ("execution", "workflow"):
        label = {"execution": "agent_execution_id", "workflow": "workflow_execution_id"}[operation]
        expected = sums([entry for entry in entries if entry[label]], label)
        assert run_totals(tenant, operation, label, set(expected)) == expected
    return total


@pytest.mark.parametrize("door", first(1, [HttpDoor(), DirectDoor()]))
def test_every_total_is_the_sum_of_its_entries(cloud: Cloud, door: Door) -> None:
    spent: list[Decimal] = []

    @settings(
        max_examples=size(8, 20),
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    @given(steps)
    def histories(history: list[tuple[Any, ...]]) -> None:
        tenant = Tenant(door)
        for step in history:
            assert take(tenant, step) in ACCEPTABLE
        spent.append(assert_conserved(tenant))
        system = door.call("system_usage").body
        assert Decimal(system["spent_usd"]) == sum(spent)

    histories()


def test_a_thousand_tiny_costs_are_exact(cloud: Cloud) -> None:
    tenant = Tenant(DirectDoor())
    costs = [{"cost_usd": "0.000000000001", "agent_execution_id": "run-1"}] * 100

    for _ in range(10):
        tenant.call("record_costs", costs=costs).body  # noqa: B018 - must not fail

    month = tenant.usage()
    assert (month["spent_usd"], month["entries"]) == ("0.000000001", 1000)


def test_the_largest_amounts_add_up_to_the_last_digit(cloud: Cloud) -> None:
    cloud.set_limits(entry="none")
    tenant = Tenant(DirectDoor())
    for _ in range(9):
        tenant.spend("999999999999.999999999999", agent_execution_id="run-1")

    tenant.spend("0.000000000009", agent_execution_id="run-1")

    assert tenant.usage()["spent_usd"] == "9000000000000"
