"""Keyed writes in a race, with lost answers, and what they cost: still one request, once."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import Any

import pytest

from tests.support.builders import Tenant
from tests.support.doors.doors import DirectDoor
from tests.support.dynamodb.calls import recorded_calls
from tests.support.dynamodb.faults import KilledError, answer_lost, faults, killed_after
from tests.support.histories.many_callers import CALLERS, new_round, served
from tests.support.memory.fixture import MemoryCloud
from tests.support.rules.governing import WHO
from tests.support.thorough import first

pytestmark = pytest.mark.usefixtures("hurried")


RUN = {"agent_execution_id": "run-1"}
KEY = {"idempotency_key": "key-1"}
MISMATCH = "IDEMPOTENCY_MISMATCH"
WRITE = "TransactWriteItems"
OPERATIONS = [
    ("record_cost", "each with its id"),
    ("record_costs", "by the key alone"),
    ("reserve", "by the key alone"),
    ("record_cost", "by the key alone"),
    ("record_costs", "each with its id"),
    ("reserve", "each with its id"),
]


@pytest.fixture
def acme(cloud: MemoryCloud) -> Tenant:
    """A tenant at the direct door."""
    return Tenant(DirectDoor(), "acme")


def costs(n: int, entry_id: str | None = None) -> dict[str, Any]:
    named = {"entry_id": entry_id} if entry_id else {}
    return {"cost_usd": f"0.{n + 1:02}", "agent_execution_id": f"run-{n}", **named}


@pytest.mark.parametrize(("operation", "names"), first(3, OPERATIONS))
def test_of_64_contents_under_one_key_one_is_written_and_63_are_refused(
    memory_cloud: MemoryCloud, callers: Any, operation: str, names: str
) -> None:
    def act(n: int) -> str | None:
        content = costs(n)
        if operation == "reserve":
            content["estimated_cost_usd"] = content.pop("cost_usd")
        if names == "each with its id":
            content["reservation_id" if operation == "reserve" else "entry_id"] = f"name-{n}"
        asked = {"costs": [content]} if operation == "record_costs" else content
        return served(operation, tenant_id="acme", **asked, **KEY).error

    new_round(memory_cloud, 1)
    errors = callers(act)

    assert Counter(errors) == {None: 1, MISMATCH: CALLERS - 1}
    month = served("tenant_usage", tenant_id="acme").body
    won = Decimal(f"0.{errors.index(None) + 1:02}")
    assert Decimal(month["spent_usd"]) + Decimal(month["held_usd"]) == won


def test_of_64_doors_under_one_key_one_request_is_served(
    memory_cloud: MemoryCloud, callers: Any
) -> None:
    doors = ("record_cost", "record_costs", "reserve", "pause")

    def act(n: int) -> str | None:
        contents: dict[str, dict[str, Any]] = {
            "record_cost": costs(1),
            "record_costs": {"costs": [costs(1)]},
            "reserve": {"estimated_cost_usd": "1", **RUN},
            "pause": {"workflow_execution_id": "flow-1", **WHO},
        }
        door = doors[n % 4]
        return served(door, tenant_id="acme", **contents[door], **KEY).error

    new_round(memory_cloud, 2)
    errors = callers(act)

    assert Counter(errors) == {None: CALLERS // 4, MISMATCH: CALLERS * 3 // 4}
    (won,) = {n % 4 for n, error in enumerate(errors) if error is None}
    month = served("tenant_usage", tenant_id="acme").body
    moved = [("0.02", "0"), ("0.02", "0"), ("0", "1"), ("0", "0")]
    assert (month["spent_usd"], month["held_usd"]) == moved[won]


def test_of_64_extensions_that_change_nothing_one_takes_the_key(
    memory_cloud: MemoryCloud, callers: Any
) -> None:
    new_round(memory_cloud, 3)
    asked = {"estimated_cost_usd": "1", "reservation_id": "hold-1", **RUN}
    assert served("reserve", tenant_id="acme", **asked, expires_in_seconds=86_400).error is None

    def act(n: int) -> str | None:
        more = {"reservation_id": "hold-1", "expires_in_seconds": 60 + n}
        return served("extend", tenant_id="acme", **more, **KEY).error

    assert Counter(callers(act)) == {None: 1, MISMATCH: CALLERS - 1}


def test_of_64_releases_under_one_key_one_hold_of_1_usd_is_given_back(
    memory_cloud: MemoryCloud, callers: Any
) -> None:
    new_round(memory_cloud, 4)
    for n in range(CALLERS):
        asked = {"estimated_cost_usd": "1", "reservation_id": f"hold-{n}"}
        run = {"agent_execution_id": f"run-{n}"}
        assert served("reserve", tenant_id="acme", **asked, **run).error is None

    def act(n: int) -> str | None:
        return served("release", tenant_id="acme", reservation_id=f"hold-{n}", **KEY).error

    assert Counter(callers(act)) == {None: 1, MISMATCH: CALLERS - 1}
    assert served("tenant_usage", tenant_id="acme").body["held_usd"] == f"{CALLERS - 1}"


@pytest.mark.parametrize("operation", ["record_cost", "record_costs", "reserve", "settle", "draw"])
def test_a_keyed_write_whose_answer_is_lost_three_times_finds_its_own_name(
    acme: Tenant, monkeypatch: pytest.MonkeyPatch, operation: str
) -> None:
    acme.hold("1", reservation_id="hold-0", **RUN)
    contents: dict[str, dict[str, Any]] = {
        "record_cost": {"cost_usd": "1", **RUN},
        "record_costs": {"costs": [{"cost_usd": "1", **RUN}]},
        "reserve": {"estimated_cost_usd": "1", **RUN},
        "settle": {"reservation_id": "hold-0", "cost_usd": "1"},
        "draw": {"reservation_id": "hold-0", "cost_usd": "1"},
    }
    content = contents[operation]
    faults(monkeypatch, WRITE, [answer_lost] * 3)

    assert acme.call(operation, **content, **KEY).error == "UNAVAILABLE"
    again = acme.call(operation, **content, **KEY).body

    entry = again.get("results", [again])[0].get("entry", again)
    # Of a batch the first write is its name: what came after it had not begun.
    assert entry["replayed"] is (operation != "record_costs")
    month = acme.usage()
    expected = {"reserve": ("0", "2"), "settle": ("1", "0"), "draw": ("1", "0")}.get(
        operation, ("1", "1")
    )
    assert (month["spent_usd"], month["held_usd"]) == expected
    assert acme.record("2", **RUN, **KEY).error == MISMATCH


def test_a_batch_that_ends_after_its_name_goes_on_and_no_other_takes_its_place(
    acme: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = [costs(n) for n in range(3)]
    with monkeypatch.context() as patch:
        faults(patch, WRITE, [killed_after])
        with pytest.raises(KilledError):
            acme.call("record_costs", costs=batch, **KEY)
    assert acme.usage()["spent_usd"] == "0"

    more = acme.call("record_costs", costs=[*batch, costs(3)], **KEY)
    assert more.refusal == (MISMATCH, "costs")
    other = acme.call("record_costs", costs=[*batch[:2], costs(3)], **KEY)
    assert other.refusal == (MISMATCH, "costs[2]")
    results = acme.call("record_costs", costs=batch, **KEY).body["results"]
    assert [one["entry"]["replayed"] for one in results] == [False] * 3
    assert acme.usage()["spent_usd"] == "0.06"


@pytest.mark.parametrize("named", [{}, {"entry_id": "cost-1"}])
def test_a_key_is_one_item_more_and_no_request(acme: Tenant, named: dict[str, str]) -> None:
    acme.spend("1", **RUN)
    with recorded_calls() as without:
        acme.record("1", include_gates=False, **RUN).body  # noqa: B018 - must not fail
    with recorded_calls() as keyed:
        acme.record("1", include_gates=False, **RUN, **KEY, **named).body  # noqa: B018

    assert without.operations == keyed.operations == [WRITE]
    puts = [
        sum("Put" in item for item in one[0].request["TransactItems"]) for one in (without, keyed)
    ]
    assert puts == [1, 2]


def test_a_keyed_batch_is_one_write_more(acme: Tenant) -> None:
    batch = {"costs": [{"cost_usd": "1", **RUN} for _ in range(20)]}
    acme.spend("1", **RUN)
    with recorded_calls() as without:
        acme.call("record_costs", **batch).body  # noqa: B018 - must not fail
    with recorded_calls() as keyed:
        acme.call("record_costs", **batch, **KEY).body  # noqa: B018 - must not fail

    assert keyed.operations == [WRITE, *without.operations]


def test_a_replay_by_its_key_writes_nothing_that_stays(acme: Tenant, cloud: MemoryCloud) -> None:
    def everything() -> None:
        acme.record("1", **RUN, idempotency_key="a").body  # noqa: B018 - must not fail
        acme.reserve("1", reservation_id="hold-1", **RUN, idempotency_key="b").body  # noqa: B018
        acme.call("record_costs", costs=[costs(1)], idempotency_key="c").body  # noqa: B018

    everything()
    before = cloud.rows()
    everything()

    assert cloud.rows() == before
