"""An idempotency key names a whole request: the same again counts once, anything else is a 409."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.builders import Tenant
from tests.support.doors.doors import DirectDoor
from tests.support.memory.fixture import MemoryCloud
from tests.support.rules.governing import WHO, budgets, cap, lift, set_system
from tests.support.times import later

RUN = {"agent_execution_id": "run-1"}
KEY = {"idempotency_key": "key-1"}
MISMATCH = "IDEMPOTENCY_MISMATCH"


def batch(tenant: Tenant, *amounts: str, **fields: Any) -> Any:
    costs = [{**RUN, "cost_usd": amount} for amount in amounts]
    return tenant.call("record_costs", costs=costs, **fields)


def name_rows(cloud: MemoryCloud) -> list[str]:
    rows = [row for table in cloud.rows().values() for row in table]
    return sorted(row["pk"]["S"] for row in rows if "#operation#" in row["pk"]["S"])


def assert_refused(
    tenant: Tenant, cloud: MemoryCloud, field: str, answer: Any, before: Any
) -> None:
    assert answer.refusal == (MISMATCH, field)
    assert answer.has_status(409)
    assert cloud.rows() == before


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


# One namespace

OPERATIONS = ("record_cost", "record_costs", "reserve", "settle", "release", "extend", "adjust")
DECISIONS = ("pause", "resume", "set_budget", "delete_budget", "raise_limit", "suspend")


def act(tenant: Tenant, operation: str, **fields: Any) -> Any:
    """Anything that takes a key, on a hold and a cost that are there."""
    content: dict[str, dict[str, Any]] = {
        "record_cost": {"cost_usd": "1", **RUN},
        "record_costs": {"costs": [{"cost_usd": "1", **RUN}]},
        "reserve": {"estimated_cost_usd": "1", **RUN},
        "settle": {"reservation_id": "hold-0", "cost_usd": "1"},
        "release": {"reservation_id": "hold-0"},
        "extend": {"reservation_id": "hold-0", "expires_in_seconds": 5000},
        "adjust": {"entry_id": "cost-0", "amount_usd": "-1", **WHO},
        "pause": {"workflow_execution_id": "flow-0", **WHO},
        "resume": {"workflow_execution_id": "flow-0", **WHO},
        "suspend": WHO,
        "set_budget": {"budget_id": "tenant-month", "limit_usd": "5", **WHO},
        "delete_budget": {"budget_id": "cap", **WHO},
        "raise_limit": {"budget_id": "cap", "amount_usd": "1", **WHO},
    }
    return tenant.call(operation, **content[operation], **fields)


def furnish(tenant: Tenant) -> None:
    tenant.hold("1", reservation_id="hold-0", **RUN)
    tenant.spend("5", entry_id="cost-0", **RUN)
    tenant.spend("1", workflow_execution_id="flow-0")
    cap(tenant, "500")


@pytest.mark.parametrize("first", [*OPERATIONS, *DECISIONS])
def test_one_key_names_one_request_at_all_13_doors(
    tenant: Tenant, cloud: MemoryCloud, first: str
) -> None:
    furnish(tenant)
    act(tenant, first, **KEY).body  # noqa: B018 - must not fail
    before = cloud.rows()

    for second in (*OPERATIONS, *DECISIONS):
        answer = act(tenant, second, **KEY)
        if second == first:
            assert answer.error is None
        elif answer.error != "CONFLICT":  # such as extending what is settled: nothing is changed
            assert answer.refusal == (MISMATCH, "idempotency_key"), second
        assert cloud.rows() == before


def test_a_single_cost_and_a_batch_of_it_are_two_requests(
    tenant: Tenant, cloud: MemoryCloud
) -> None:
    tenant.spend("1", **RUN, **KEY)
    before = cloud.rows()
    assert_refused(tenant, cloud, "idempotency_key", batch(tenant, "1", **KEY), before)


def test_the_system_has_keys_of_its_own(tenant: Tenant, cloud: MemoryCloud) -> None:
    tenant.spend("1", **RUN, **KEY)
    for replayed in (False, True):
        put = set_system(tenant.door, "system-month", "50", **KEY).body
        assert put["replayed"] is replayed
    assert set_system(tenant.door, "system-month", "60", **KEY).refusal == (MISMATCH, "limit_usd")


def test_a_key_of_a_repricing_names_its_range(cloud: MemoryCloud) -> None:
    tenant = Tenant(DirectDoor())
    asked = {"from": "2026-01-01T00:00:00Z", "to": "2026-02-01T00:00:00Z", "dry_run": False, **WHO}
    for _ in range(2):
        assert tenant.call("reprice", **asked, **KEY).error is None
    before = cloud.rows()

    other = tenant.call("reprice", **asked | {"to": "2026-03-01T00:00:00Z"}, **KEY)
    assert_refused(tenant, cloud, "to", other, before)
    taken = tenant.record("1", **RUN, **KEY)
    assert_refused(tenant, cloud, "idempotency_key", taken, before)


# Tags are a set


@pytest.mark.parametrize("operation", ["record_cost", "reserve"])
def test_tags_a_b_and_b_a_are_the_same_request(
    tenant: Tenant, cloud: MemoryCloud, operation: str
) -> None:
    money = {"record_cost": "cost_usd", "reserve": "estimated_cost_usd"}[operation]
    id_field = {"record_cost": "entry_id", "reserve": "reservation_id"}[operation]
    asked: dict[str, Any] = {money: "1", id_field: "name-1", **RUN, **KEY}
    first = tenant.call(operation, tags=["b", "a"], **asked).body
    before = cloud.rows()

    again = tenant.call(operation, tags=["a", "b", "a"], **asked).body

    shown = again.get("entry") or again["reservation"]
    assert shown["tags"] == ["b", "a"]
    assert again.get("entry", again)["replayed"] is True
    assert first.get("entry", first)["replayed"] is False
    assert cloud.rows() == before
    for other in (["a"], ["a", "b", "c"], ["a", "c"]):
        answer = tenant.call(operation, tags=other, **asked)
        assert_refused(tenant, cloud, "tags", answer, before)


def test_tags_of_a_batch_are_a_set(tenant: Tenant) -> None:
    def send(*tags: str) -> Any:
        costs = [{"cost_usd": "1", "tags": list(tags), **RUN}]
        return tenant.call("record_costs", costs=costs, **KEY)

    send("b", "a").body  # noqa: B018 - must not fail
    assert send("a", "b").body["results"][0]["entry"]["replayed"] is True
    assert send("a").refusal == (MISMATCH, "costs[0]")


# What changed nothing


def test_an_extension_that_changed_nothing_takes_its_key(
    tenant: Tenant, cloud: MemoryCloud
) -> None:
    reservation_id = tenant.hold("1", expires_in_seconds=900, **RUN)
    shorter = {"reservation_id": reservation_id, "expires_in_seconds": 60, **KEY}
    first = tenant.call("extend", **shorter).body
    before = cloud.rows()

    other = tenant.call("extend", **shorter | {"expires_in_seconds": 7200})
    assert_refused(tenant, cloud, "expires_in_seconds", other, before)
    with later(seconds=890):  # 60 seconds from then would be more
        assert tenant.call("extend", **shorter).body["expires_at"] == first["expires_at"]
        assert cloud.rows() == before


@pytest.mark.parametrize("end", ["released", "expired"])
def test_a_release_that_changed_nothing_takes_its_key(
    tenant: Tenant, cloud: MemoryCloud, end: str
) -> None:
    ended = tenant.hold("1", expires_in_seconds=60, **RUN)
    other = tenant.hold("1", expires_in_seconds=3600, **RUN)
    if end == "released":
        tenant.release(ended)
    with later(seconds=61):
        assert tenant.release(ended, **KEY).body["state"] == end
        before = cloud.rows()

        assert_refused(tenant, cloud, "reservation_id", tenant.release(other, **KEY), before)
        assert tenant.release(ended, **KEY).body["state"] == end
    assert tenant.reservation(other)["state"] == "open"
