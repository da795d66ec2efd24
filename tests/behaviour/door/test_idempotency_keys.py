"""An idempotency key names a whole request: the same again counts once, anything else is a 409."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.builders import Tenant
from tests.support.doors.idempotency_keys import (
    KEY,
    MISMATCH,
    RUN,
    assert_refused,
    batch,
    name_rows,
)
from tests.support.memory.fixture import MemoryCloud
from tests.support.rules.governing import budgets, cap, lift
from tests.support.times import later

# A batch


@pytest.mark.parametrize(
    ("amounts", "field"),
    [
        (("1", "2", "3"), "costs"),
        (("1",), "costs"),
        (("1", "2.5"), "costs[1]"),
        (("2", "1"), "costs[0]"),
    ],
)
def test_a_batch_of_1_and_2_usd_under_a_key_is_no_other_batch(
    tenant: Tenant, cloud: MemoryCloud, amounts: tuple[str, ...], field: str
) -> None:
    batch(tenant, "1", "2", **KEY)
    before = cloud.rows()

    assert_refused(tenant, cloud, field, batch(tenant, *amounts, **KEY), before)
    assert tenant.usage()["spent_usd"] == "3"


def test_the_same_batch_under_a_key_is_replayed(tenant: Tenant, cloud: MemoryCloud) -> None:
    first = batch(tenant, "1", "2", **KEY).body["results"]
    before = cloud.rows()

    again = batch(tenant, "1.00", "2", **KEY).body["results"]

    assert [one["entry"]["replayed"] for one in again] == [True, True]
    assert [one["entry"] | {"replayed": False} for one in again] == [one["entry"] for one in first]
    assert cloud.rows() == before


def test_a_batch_under_a_key_may_not_change_an_id_either(
    tenant: Tenant, cloud: MemoryCloud
) -> None:
    def send(entry_id: str) -> Any:
        costs = [{**RUN, "cost_usd": "1", "entry_id": entry_id}]
        return tenant.call("record_costs", costs=costs, **KEY)

    send("cost-1").body  # noqa: B018 - must not fail
    before = cloud.rows()

    assert_refused(tenant, cloud, "costs[0]", send("cost-2"), before)
    assert send("cost-1").body["results"][0]["entry"]["replayed"] is True


def test_an_invalid_batch_keeps_no_name(tenant: Tenant, cloud: MemoryCloud) -> None:
    assert batch(tenant, "1", "-1", **KEY).error == "VALIDATION_ERROR"
    assert name_rows(cloud) == []

    assert batch(tenant, "1", "1", **KEY).error is None


def test_the_name_of_100_costs_is_stored_in_under_5_kb(tenant: Tenant, cloud: MemoryCloud) -> None:
    tags = [f"{n}-{'x' * 200}" for n in range(10)]
    costs = [{**RUN, "cost_usd": "0.01", "user": "u" * 256, "tags": tags} for _ in range(100)]
    first = tenant.call("record_costs", costs=costs, **KEY)
    assert all(one["entry"] for one in first.body["results"])

    rows = cloud.rows()["ReservationsTable"]
    (name,) = [row for row in rows if "#operation#" in row["pk"]["S"]]
    assert len(repr(name)) < 5000


# A key beside an id


def test_a_key_beside_another_entry_id_is_refused(tenant: Tenant, cloud: MemoryCloud) -> None:
    tenant.spend("1", entry_id="cost-1", **RUN, **KEY)
    before = cloud.rows()

    answer = tenant.record("1", entry_id="cost-2", **RUN, **KEY)

    assert_refused(tenant, cloud, "entry_id", answer, before)


def test_a_key_beside_the_id_of_another_cost_is_refused(tenant: Tenant, cloud: MemoryCloud) -> None:
    tenant.spend("1", entry_id="cost-1", **RUN, **KEY)
    tenant.spend("1", entry_id="cost-2", **RUN)
    before = cloud.rows()

    answer = tenant.record("1", entry_id="cost-2", **RUN, **KEY)

    assert_refused(tenant, cloud, "entry_id", answer, before)


def test_a_key_finds_the_entry_whose_id_a_retry_leaves_out(
    tenant: Tenant, cloud: MemoryCloud
) -> None:
    tenant.spend("1", entry_id="cost-1", **RUN, **KEY)
    before = cloud.rows()

    again = tenant.record("1", **RUN, **KEY).body["entry"]

    assert (again["entry_id"], again["replayed"]) == ("cost-1", True)
    assert cloud.rows() == before


def test_a_key_takes_the_id_that_we_made_for_it_and_no_other(
    tenant: Tenant, cloud: MemoryCloud
) -> None:
    made = tenant.spend("1", **RUN, **KEY)
    before = cloud.rows()

    assert tenant.record("1", entry_id=made, **RUN, **KEY).body["entry"]["replayed"] is True
    answer = tenant.record("1", entry_id="other", **RUN, **KEY)

    assert_refused(tenant, cloud, "entry_id", answer, before)


def test_a_key_that_met_a_known_id_names_that_request_from_then_on(
    tenant: Tenant, cloud: MemoryCloud
) -> None:
    tenant.spend("1", entry_id="cost-1", **RUN)
    assert tenant.record("1", entry_id="cost-1", **RUN, **KEY).body["entry"]["replayed"] is True
    before = cloud.rows()

    answer = tenant.record("1", entry_id="cost-2", **RUN, **KEY)

    assert_refused(tenant, cloud, "entry_id", answer, before)


def test_a_key_beside_another_reservation_id_is_refused(tenant: Tenant, cloud: MemoryCloud) -> None:
    tenant.hold("1", reservation_id="hold-1", **RUN, **KEY)
    before = cloud.rows()

    answer = tenant.reserve("1", reservation_id="hold-2", **RUN, **KEY)
    assert_refused(tenant, cloud, "reservation_id", answer, before)
    answer = tenant.reserve("2", reservation_id="hold-1", **RUN, **KEY)
    assert_refused(tenant, cloud, "estimated_cost_usd", answer, before)
    answer = tenant.reserve("99", **RUN, **KEY)  # more than any budget has
    assert_refused(tenant, cloud, "estimated_cost_usd", answer, before)

    again = tenant.reserve("1", **RUN, **KEY).body
    assert (again["replayed"], again["reservation"]["reservation_id"]) == (True, "hold-1")
    assert cloud.rows() == before


def test_a_denied_reserve_stores_no_key_and_is_evaluated_afresh(
    tenant: Tenant, cloud: MemoryCloud
) -> None:
    assert tenant.reserve("11", **RUN, **KEY).body["allowed"] is False
    assert name_rows(cloud) == []

    assert tenant.reserve("9", **RUN, **KEY).body["allowed"] is True
    assert tenant.reserve("11", **RUN, **KEY).refusal == (MISMATCH, "estimated_cost_usd")


def test_a_key_of_a_settlement_names_its_reservation_and_its_content(
    tenant: Tenant, cloud: MemoryCloud
) -> None:
    first, second = tenant.hold("1", **RUN), tenant.hold("1", **RUN)
    tenant.settle(first, "1", **KEY).body  # noqa: B018 - must not fail
    before = cloud.rows()

    assert_refused(tenant, cloud, "reservation_id", tenant.settle(second, "1", **KEY), before)
    assert_refused(tenant, cloud, "cost_usd", tenant.settle(first, "2", **KEY), before)
    other = tenant.settle(first, "1", entry_id="mine", **KEY)
    assert_refused(tenant, cloud, "entry_id", other, before)
    assert tenant.settle(first, "1", **KEY).body["entry"]["replayed"] is True
    assert tenant.reservation(second)["state"] == "open"


def test_a_known_key_does_not_even_end_a_hold_whose_time_is_up(
    tenant: Tenant, cloud: MemoryCloud
) -> None:
    tenant.spend("1", **RUN, **KEY)
    reservation_id = tenant.hold("1", expires_in_seconds=60, **RUN)
    before = cloud.rows()

    with later(seconds=61):
        answer = tenant.settle(reservation_id, "1", **KEY)

    assert_refused(tenant, cloud, "idempotency_key", answer, before)


@pytest.mark.parametrize("end", ["released", "expired"])
def test_a_key_of_a_late_settlement_is_kept_too(
    tenant: Tenant, cloud: MemoryCloud, end: str
) -> None:
    reservation_id = tenant.hold("1", expires_in_seconds=60, **RUN)
    if end == "released":
        tenant.release(reservation_id)
    with later(seconds=61):
        tenant.settle(reservation_id, "1", **KEY).body  # noqa: B018 - must not fail
        before = cloud.rows()

        assert tenant.settle(reservation_id, "1", **KEY).body["entry"]["replayed"] is True
        assert_refused(tenant, cloud, "idempotency_key", tenant.record("1", **RUN, **KEY), before)


def test_a_key_beside_another_adjustment_id_is_refused(tenant: Tenant, cloud: MemoryCloud) -> None:
    first, second = tenant.spend("5", **RUN), tenant.spend("5", **RUN)
    tenant.adjust(first, "-1", adjustment_id="fix-1", **KEY).body  # noqa: B018 - must not fail
    before = cloud.rows()

    answer = tenant.adjust(first, "-1", adjustment_id="fix-2", **KEY)
    assert_refused(tenant, cloud, "adjustment_id", answer, before)
    answer = tenant.adjust(second, "-1", adjustment_id="fix-1", **KEY)
    assert_refused(tenant, cloud, "entry_id", answer, before)
    again = tenant.adjust(first, "-1", **KEY).body["entry"]
    assert (again["entry_id"], again["replayed"]) == ("fix-1", True)


def test_a_key_beside_another_raise_id_is_refused(tenant: Tenant, cloud: MemoryCloud) -> None:
    cap(tenant, "2")
    first = lift(tenant, "cap", "1", raise_id="r1", **KEY).body
    before = cloud.rows()

    assert_refused(
        tenant, cloud, "raise_id", lift(tenant, "cap", "1", raise_id="r2", **KEY), before
    )
    assert_refused(tenant, cloud, "amount_usd", lift(tenant, "cap", "2", **KEY), before)
    for name in ({"raise_id": "r1", **KEY}, {"raise_id": "r1"}, KEY):
        assert lift(tenant, "cap", "1", **name).body == {**first, "replayed": True}
    assert budgets(tenant)["cap"]["limit_usd"] == "3"


def test_a_key_that_met_a_known_raise_names_it_from_then_on(
    tenant: Tenant, cloud: MemoryCloud
) -> None:
    cap(tenant, "2")
    lift(tenant, "cap", "1", raise_id="r1")
    assert lift(tenant, "cap", "1", raise_id="r1", **KEY).body["replayed"] is True

    assert lift(tenant, "cap", "1", raise_id="r2", **KEY).refusal == (MISMATCH, "raise_id")
    assert lift(tenant, "cap", "1", **KEY).body["raise_id"] == "r1"
    assert budgets(tenant)["cap"]["limit_usd"] == "3"
