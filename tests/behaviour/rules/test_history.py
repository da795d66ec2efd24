"""Who decided what, when and why: every change once, none of them ever changed itself."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.support.builders import Tenant
from tests.support.doors.doors import Answer, Door
from tests.support.dynamodb.faults import (
    KilledError,
    answer_lost,
    cancelled,
    faults,
    killed_after,
    never_sent,
    refused,
)
from tests.support.memory import at_random
from tests.support.memory.fixture import MemoryCloud
from tests.support.rules.governing import (
    WHO,
    Processes,
    budgets,
    cap,
    delete_budget,
    lift,
    set_budget,
    set_system,
)
from tests.support.times import at

pytestmark = [pytest.mark.usefixtures("hurried"), pytest.mark.frozen]


SIGNER = "arn:aws:iam::000000000000:user/tests"


def history(tenant: Tenant, budget_id: str | None = None, **fields: Any) -> list[dict[str, Any]]:
    """All changes of a budget or of the tenant, from all pages."""
    operation = "budget_history" if budget_id else "tenant_history"
    named = {"budget_id": budget_id} if budget_id else {}
    page = tenant.call(operation, **named, **fields).body
    items = list(page["items"])
    while page["cursor"]:
        page = tenant.call(operation, **named, **fields, cursor=page["cursor"]).body
        items += page["items"]
    return items


def test_a_change_says_who_when_why_before_and_after(tenant: Tenant, door: Door) -> None:
    cap(tenant, "5", by="ann", reason="a first guess")
    with at("2026-11-22T11:00:00Z", tick=False):
        cap(tenant, "7", by="bob", reason="too tight")

    latest, first = history(tenant, "cap")

    assert (latest["by"], latest["reason"]) == ("bob", "too tight")
    assert (latest["at"], first["at"]) == ("2026-11-22T11:00:00Z", "2026-11-22T10:05:00Z")
    assert latest["principal"] == (SIGNER if door.name == "http" else None)
    assert (first["before"], first["after"]["limit_usd"]) == (None, "5")
    assert latest["before"] == first["after"]
    assert latest["after"] == {**first["after"], "limit_usd": "7"}
    assert (latest["operation"], latest["budget_id"]) == ("set_budget", "cap")
    assert (first["version"], latest["version"]) == (1, 2)


def test_every_kind_of_change_is_in_the_history_of_its_budget_and_of_its_tenant(
    tenant: Tenant, door: Door
) -> None:
    cap(tenant, "5")
    lift(tenant, "cap", "1")
    set_budget(tenant, "execution", "3")
    delete_budget(tenant, "cap")
    tenant.call("set_tenant", owner="alice", **WHO)
    set_system(door, "tenant-month", "10")

    told = [one["operation"] for one in history(tenant)]
    assert told == ["set_tenant", "delete_budget", "set_budget", "raise_limit", "set_budget"]
    mine = history(tenant, "cap")
    assert [one["operation"] for one in mine] == ["delete_budget", "raise_limit", "set_budget"]
    assert mine[0]["after"] is None
    assert [one["raise_id"] for one in mine[1]["after"]["raises"]]
    assert history(Tenant(door)) == []
    (of_system,) = door.call("system_budget_history", budget_id="tenant-month").body["items"]
    assert of_system["after"]["limit_usd"] == "10"
    assert door.call("system_history").body["items"] == [of_system]


@pytest.mark.parametrize("limit", [1, 2, 3, 100])
def test_histories_are_paged_without_gap_or_repetition(tenant: Tenant, limit: int) -> None:
    for number in range(5):
        cap(tenant, str(number), "cap")
        cap(tenant, str(number), "other")

    assert [one["version"] for one in history(tenant, limit=limit)] == list(range(10, 0, -1))
    versions = [one["version"] for one in history(tenant, "cap", limit=limit)]
    assert versions == [9, 7, 5, 3, 1]


def test_a_cursor_is_for_its_own_query(tenant: Tenant, door: Door) -> None:
    for number in range(3):
        cap(tenant, str(number))
    cursor = tenant.call("tenant_history", limit=1).body["cursor"]
    for answer in (
        tenant.call("budget_history", budget_id="cap", cursor=cursor),
        Tenant(door).call("tenant_history", cursor=cursor),
        tenant.call("tenant_history", cursor="garbage"),
    ):
        assert answer.refusal == ("VALIDATION_ERROR", "cursor")


def test_more_than_a_hundred_changes_are_found_one_by_one(tenant: Tenant) -> None:
    cap(tenant, "1", "first")
    for number in range(103):
        cap(tenant, str(number))
    (found,) = history(tenant, "first")
    assert found["version"] == 1
    assert len(history(tenant, limit=1000)) == 104


def test_no_change_is_ever_changed(tenant: Tenant, cloud: MemoryCloud) -> None:
    def changes() -> dict[str, Any]:
        rows = cloud.rows()["BudgetsTable"]
        return {row["pk"]["S"]: row for row in rows if "#change#" in row["pk"]["S"]}

    known: dict[str, Any] = {}
    acts: list[Callable[[], Answer]] = [
        lambda: cap(tenant, "1"),
        lambda: cap(tenant, "2"),
        lambda: lift(tenant, "cap", "1"),
        lambda: delete_budget(tenant, "cap"),
        lambda: cap(tenant, "3"),
    ]
    for act in acts:
        assert act().error is None
        assert changes().items() >= known.items()
        assert len(changes()) == len(known) + 1
        known = changes()


@pytest.mark.parametrize(
    "fate",
    [
        [answer_lost],
        [answer_lost, answer_lost],
        [never_sent],
        [cancelled("TransactionConflict"), answer_lost],
        [answer_lost, refused("ThrottlingException")],
    ],
)
@pytest.mark.parametrize("act", [cap, lambda one, _: lift(one, "tenant-month", "1")])
def test_a_lost_answer_leaves_exactly_one_change(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch, fate: list[Any], act: Any
) -> None:
    faults(monkeypatch, "TransactWriteItems", fate)
    assert act(tenant, "5").error is None
    assert len(history(tenant)) == 1


def test_a_decision_whose_answer_never_came_is_made_once_under_its_key(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        faults(patch, "TransactWriteItems", [answer_lost], for_ever=True)
        assert cap(tenant, "5", idempotency_key="k").error == "UNAVAILABLE"
    with pytest.MonkeyPatch.context() as patch:
        faults(patch, "TransactWriteItems", [killed_after])
        with pytest.raises(KilledError):
            lift(tenant, "cap", "1", raise_id="r")

    assert cap(tenant, "5", idempotency_key="k").body["replayed"]
    assert lift(tenant, "cap", "1", raise_id="r").body["replayed"]
    assert [one["operation"] for one in history(tenant)] == ["raise_limit", "set_budget"]
    assert budgets(tenant)["cap"]["limit_usd"] == "6"


def test_decisions_at_the_same_time_are_made_one_after_another(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch, cloud: MemoryCloud
) -> None:
    Processes(monkeypatch)
    cloud.database.conflicts = at_random(7, 0.1)
    with ThreadPoolExecutor(5) as pool:
        put = list(pool.map(lambda n: cap(tenant, str(n), f"cap-{n}").error, range(5)))
    assert put == [None] * 5

    told = history(tenant)
    assert [one["version"] for one in told] == [5, 4, 3, 2, 1]
    assert {one["budget_id"] for one in told} == {f"cap-{n}" for n in range(5)}
    assert {f"cap-{n}" for n in range(5)} <= budgets(tenant).keys()
