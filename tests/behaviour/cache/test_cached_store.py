"""Copies answer while everything is far from its limits; near one, or in doubt, the store does."""

from __future__ import annotations

import pytest

from tests.support.builders import Tenant
from tests.support.cache.caching import MARIA, RUN, told
from tests.support.cache.faulty_valkey import FaultyValkey
from tests.support.dynamodb.calls import recorded_calls
from tests.support.memory.fixture import MemoryCloud
from tests.support.times import at, instant, now

pytestmark = pytest.mark.usefixtures("unhurried")

FLOW = {"workflow_execution_id": "flow-1"}


def test_the_second_check_is_answered_by_copies_without_asking_the_database(
    cached: Tenant,
) -> None:
    first = cached.check("0.1", **RUN).body
    with recorded_calls() as calls:
        second = cached.check("0.1", **RUN).body

    assert (first["source"], second["source"]) == ("store", "cache")
    assert second["allowed"]
    assert calls.operations == []


def test_a_copy_says_as_of_when_it_is_and_is_never_ten_seconds_old(cached: Tenant) -> None:
    with at("2026-11-22T10:00:00Z", tick=False):
        first = cached.check("0.1", **RUN).body
    with at("2026-11-22T10:00:09.999999Z", tick=False):
        last = cached.check("0.1", **RUN).body
    with at("2026-11-22T10:00:10Z", tick=False):
        over = cached.check("0.1", **RUN).body

    assert first["as_of"] == last["as_of"] == "2026-11-22T10:00:00Z"
    assert (last["source"], over["source"]) == ("cache", "store")
    assert over["as_of"] == "2026-11-22T10:00:10Z"


def test_a_copy_of_whose_clock_is_ahead_is_as_of_now(cached: Tenant) -> None:
    with at("2026-11-22T10:00:00.900Z", tick=False):
        told(cached)
    with at("2026-11-22T10:00:00Z", tick=False):
        answer = cached.check("0.1", **RUN).body
        usage = cached.call("tenant_usage").body

    for one in (answer, usage):
        assert (one["source"], one["as_of"]) == ("cache", "2026-11-22T10:00:00Z")


@pytest.mark.parametrize(
    ("spent", "asked", "source"),
    [
        ("8.99", "0.01", "cache"),
        ("9", "0.01", "cache"),  # a tenth of 10 is left
        ("9.01", "0.01", "store"),
        ("0", "0.5", "cache"),  # twenty times of what is left
        ("0", "0.51", "store"),
        ("0", "10.01", "store"),
    ],
)
def test_near_the_limit_the_store_decides(
    cached: Tenant, spent: str, asked: str, source: str
) -> None:
    cached.spend(spent, **RUN)

    assert told(cached, asked)["source"] == source


def test_a_limit_that_only_alerts_counts_as_well(cached: Tenant) -> None:
    budget = {"scope": "tenant", "period": "day", "limit_usd": "1", "action": "alert"}
    cached.call("set_budget", budget_id="soft", **budget, **MARIA)
    cached.spend("0.95", **RUN)

    assert told(cached)["source"] == "store"


def test_without_limits_copies_always_answer(cached: Tenant, memory_cloud: MemoryCloud) -> None:
    memory_cloud.set_limits("none", "none", "none", "none", entry="none")
    cached.spend("99999", **RUN)

    assert told(cached, "12345")["source"] == "cache"


def test_a_reserve_never_asks_the_cache(cached: Tenant, liar: FaultyValkey) -> None:
    told(cached)
    liar.commands.clear()

    granted = cached.reserve("0.1", **RUN).body

    assert (granted["allowed"], granted["source"]) == (True, "store")
    assert {command[0] for command in liar.commands} == {b"DEL"}


def test_a_refusal_is_the_stores(cached: Tenant) -> None:
    refused = told(cached, "11")

    assert (refused["allowed"], refused["source"]) == (False, "store")
    assert cached.reserve("11", **RUN).body["source"] == "store"


def test_a_stopped_tenant_is_answered_by_the_store(cached: Tenant) -> None:
    told(cached)
    cached.call("suspend", **MARIA)

    stopped = told(cached)

    assert (stopped["reason_code"], stopped["source"]) == ("TENANT_SUSPENDED", "store")


def test_a_paused_workflow_is_answered_by_the_store(cached: Tenant) -> None:
    assert told(cached, **FLOW)["source"] == "cache"
    cached.call("pause", **FLOW, **MARIA)

    paused = told(cached, **FLOW)

    assert (paused["reason_code"], paused["source"]) == ("WORKFLOW_PAUSED", "store")
    assert cached.call("workflow", **FLOW).body["source"] == "store"


def test_what_the_request_does_not_know_of_its_run_is_the_stores_to_say(cached: Tenant) -> None:
    cached.spend("1", **RUN, **FLOW)

    assert told(cached, **RUN)["source"] == "store"
    assert told(cached, **RUN, **FLOW)["source"] == "cache"
    other = {**RUN, "workflow_execution_id": "another"}
    told(cached, **FLOW)
    assert cached.check("0.01", **other).error == "CONFLICT"


def test_a_decision_of_people_holds_for_the_next_check(cached: Tenant) -> None:
    assert told(cached, "0.3")["source"] == "cache"
    budget = {"scope": "execution", "period": "run", "limit_usd": "0.2", "action": "block"}
    cached.call("set_budget", budget_id="execution", **budget, **MARIA)

    refused = cached.check("0.3", **RUN).body

    assert (refused["reason_code"], refused["source"]) == ("EXECUTION_EXCEEDED", "store")
    cached.call("delete_budget", budget_id="execution", **MARIA)
    assert told(cached, "0.3")["allowed"]


def test_a_new_month_meets_no_copy_of_the_last(cached: Tenant) -> None:
    with at("2026-11-30T23:59:59Z", tick=False):
        cached.spend("9.5", agent_execution_id="other")
        assert told(cached)["status"]["spent_usd"] == "9.5"
    with at("2026-12-01T00:00:01Z", tick=False):
        first = cached.check("0.01", **RUN).body

    assert (first["status"]["spent_usd"], first["source"]) == ("0", "store")


def test_two_deployments_share_a_cache_and_no_copies(
    cached: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert told(cached)["source"] == "cache"
    monkeypatch.setenv("AWS_REGION", "eu-west-1")

    assert cached.check("0.01", **RUN).body["source"] == "store"


def test_without_a_cache_every_answer_is_the_stores_and_of_now(
    cached: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CACHE_URL", "")
    before = now()

    answer = told(cached)

    assert answer["source"] == "store"
    assert before <= instant(answer["as_of"]) <= now()
