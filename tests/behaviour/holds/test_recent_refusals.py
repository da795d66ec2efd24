"""A refusal that is asked for again: no write, one read at most, and never a wrong one for long."""

from __future__ import annotations

import os

import pytest

from tests.support.builders import Tenant
from tests.support.cloud import Cloud
from tests.support.dynamodb.calls import recorded_calls
from tests.support.rules.governing import cap
from tests.support.times import at

pytestmark = [pytest.mark.unlimited, pytest.mark.frozen]
READ = "TransactGetItems"
RUN = {"agent_execution_id": "run-1"}


@pytest.fixture
def looping(tenant: Tenant) -> Tenant:
    """A tenant whose run spent its budget of 5 USD, and was refused once."""
    cap(tenant, "5")
    entry = tenant.spend("4.5", entry_id="cost-1", **RUN)
    assert entry == "cost-1"
    assert tenant.reserve("1", reservation_id="first", **RUN).body["allowed"] is False
    return tenant


def asked(tenant: Tenant, amount: str = "1", **fields: str) -> tuple[bool, list[str]]:
    """Whether a reserve is granted, and the requests that it takes."""
    with recorded_calls() as calls:
        decision = tenant.reserve(amount, **RUN, **fields).body
    return decision["allowed"], calls.operations


def test_a_run_at_its_limit_that_tries_again_under_an_id_is_refused_by_one_read(
    looping: Tenant,
) -> None:
    for n in range(3):
        assert asked(looping, reservation_id=f"again-{n}") == (False, [READ])


def test_without_an_id_it_is_refused_from_memory_for_a_second_and_says_of_when(
    looping: Tenant,
) -> None:
    with at("2026-11-22T10:05:00.500Z"):
        first = looping.reserve("2", **RUN).body
        assert (first["as_of"], first["allowed"]) == ("2026-11-22T10:05:00Z", False)
        assert asked(looping, "2") == (False, [])
    with at("2026-11-22T10:05:01Z"):
        assert asked(looping) == (False, [READ])


def test_an_amount_that_fits_is_granted_at_once(looping: Tenant) -> None:
    assert asked(looping, "0.5")[0]


def test_money_that_a_person_gives_back_is_granted_at_once(looping: Tenant) -> None:
    looping.adjust("cost-1", "-4")
    assert asked(looping)[0]
    cap(looping, "1")
    assert not asked(looping)[0]
    cap(looping, "100")
    assert asked(looping)[0]


def test_what_another_process_gives_back_is_granted_at_once_under_an_id(
    looping: Tenant, cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    this_process = os.environ["MOST_HOLDS"]  # the setting that a process is known by
    cloud.start_another_process()
    looping.adjust("cost-1", "-4")
    monkeypatch.setenv("MOST_HOLDS", this_process)
    assert asked(looping, reservation_id="later")[0]


def test_a_retry_of_a_granted_hold_is_answered_with_it_though_the_run_was_refused_since(
    tenant: Tenant,
) -> None:
    cap(tenant, "5")
    held = tenant.hold("1", reservation_id="hold-1", **RUN)
    tenant.spend("3.5", **RUN)
    assert not asked(tenant)[0]
    again = tenant.reserve("1", reservation_id=held, **RUN).body
    assert (again["allowed"], again["replayed"]) == (True, True)


def test_who_waits_for_a_hold_is_granted_as_soon_as_it_ends(tenant: Tenant) -> None:
    cap(tenant, "5")
    held = tenant.hold("4.5", **RUN)
    assert not asked(tenant)[0]
    tenant.release(held)
    assert asked(tenant)[0]


@pytest.mark.doors("direct")
def test_expired_holds_are_looked_for_only_where_they_are_in_the_way(tenant: Tenant) -> None:
    cap(tenant, "5")
    tenant.hold("4", **RUN)
    allowed, requests = asked(tenant, "6")
    assert (allowed, requests.count("Query")) == (False, 0)
    allowed, requests = asked(tenant, "2", reservation_id="a")
    assert (allowed, requests.count("Query")) == (False, 1)
    allowed, requests = asked(tenant, "2", reservation_id="b")
    assert (allowed, requests.count("Query")) == (False, 0)
