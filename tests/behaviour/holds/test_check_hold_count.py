"""A check says TOO_MANY_HOLDS where a reserve does, also when copies could answer it."""

from __future__ import annotations

import pytest

from tests.support.builders import Tenant
from tests.support.cache.caching import RUN, told
from tests.support.dynamodb.bulk import put_holds
from tests.support.memory.fixture import MemoryCloud
from tests.support.rules.governing import WHO
from tests.support.times import at

START, LATER = "2026-11-22T10:00:00Z", "2026-11-22T11:00:00Z"


@pytest.fixture
def three_holds(tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """All that the tenant may have open, until five past ten."""
    monkeypatch.setenv("MOST_HOLDS", "3")
    with at(START):
        return [tenant.hold("0.01", expires_in_seconds=300) for _ in range(3)]


def test_a_check_beside_the_most_holds_is_a_429(tenant: Tenant, three_holds: list[str]) -> None:
    with at(START):
        for asking in (tenant.check, tenant.reserve):
            refused = asking("0.01")
            assert refused.error == "TOO_MANY_HOLDS"
            assert refused.has_status(429)
        tenant.release(three_holds[0])
        assert tenant.check("0.01").body["allowed"]


def test_a_check_returns_expired_holds_first_and_shows_what_is_left(
    tenant: Tenant, three_holds: list[str]
) -> None:
    with at(LATER):
        checked = tenant.check("0.01").body
        assert (checked["allowed"], checked["status"]["held_usd"]) == (True, "0")
        assert {tenant.reservation(one)["state"] for one in three_holds} == {"expired"}


def test_a_refusal_by_a_budget_or_a_person_is_said_first(
    tenant: Tenant, three_holds: list[str]
) -> None:
    with at(START):
        for asking in (tenant.check, tenant.reserve):
            assert asking("9999").body["reason_code"] == "EXECUTION_EXCEEDED"
        tenant.call("suspend", **WHO)
        for asking in (tenant.check, tenant.reserve):
            assert asking("0.01").body["reason_code"] == "TENANT_SUSPENDED"


@pytest.mark.parametrize("stripes", ["1", "4"])
def test_a_check_and_a_reserve_agree_at_every_count_of_holds(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch, stripes: str
) -> None:
    monkeypatch.setenv("MOST_HOLDS", "6")
    monkeypatch.setenv("TENANT_STRIPES", stripes)
    for number in range(9):
        checked, reserved = tenant.check("0.01"), tenant.reserve("0.01")
        assert checked.error == reserved.error == (None if number < 6 else "TOO_MANY_HOLDS")


@pytest.mark.usefixtures("unhurried")
@pytest.mark.parametrize(("holds", "source"), [(29, "cache"), (30, "cache"), (31, "store")])
def test_copies_do_not_answer_with_less_than_20_holds_left_of_50(
    cached: Tenant, monkeypatch: pytest.MonkeyPatch, holds: int, source: str
) -> None:
    monkeypatch.setenv("MOST_HOLDS", "50")
    for _ in range(holds):
        cached.hold("0.001", **RUN)
    assert told(cached)["source"] == source


@pytest.mark.usefixtures("unhurried")
@pytest.mark.parametrize(("holds", "source"), [(271, "store"), (270, "cache")])
def test_copies_do_not_answer_with_less_than_a_tenth_of_300_holds_left(
    cached: Tenant,
    memory_cloud: MemoryCloud,
    monkeypatch: pytest.MonkeyPatch,
    holds: int,
    source: str,
) -> None:
    monkeypatch.setenv("MOST_HOLDS", "300")
    put_holds(memory_cloud, cached, holds - 1, "0.0001", RUN)
    cached.hold("0.0001", **RUN)
    assert told(cached)["source"] == source


@pytest.mark.usefixtures("unhurried")
def test_copies_never_allow_beside_the_most_holds(
    cached: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOST_HOLDS", "40")
    told(cached)
    for _ in range(40):
        cached.hold("0.001", **RUN)
    for _ in range(3):
        assert cached.check("0.001", **RUN).error == "TOO_MANY_HOLDS"


def test_expired_holds_in_the_way_of_the_money_are_not_counted_after_they_were_returned(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOST_HOLDS", "3")
    with at(START):
        for _ in range(3):
            tenant.hold("3", agent_execution_id="run", expires_in_seconds=300)
    with at(LATER):
        assert tenant.reserve("9", agent_execution_id="run").body["allowed"]
