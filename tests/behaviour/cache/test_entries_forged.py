"""Nothing read from the cache is written: forged entries cannot move money."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.support.builders import Tenant
from tests.support.cache.caching import MARIA, RUN, another_process, parts, told
from tests.support.cache.faulty_valkey import FaultyValkey
from tests.support.cache.forged_entries import FORGED, poisoned
from tests.support.cache.valkey import Valkey
from tests.support.times import later

pytestmark = pytest.mark.usefixtures("unhurried")


@pytest.fixture
def forge(valkey: Valkey) -> Callable[[], int]:
    """Forge all entries of the cache so that it cannot be detected; return how many."""

    def forge() -> int:
        for name in valkey.names():
            text = valkey.client.get(name)
            assert isinstance(text, bytes)
            valkey.client.set(name, poisoned(FORGED, text), keepttl=True)
        return len(valkey.names())

    return forge


def test_a_forged_account_is_believed_by_checks_for_ten_seconds_and_by_no_reserve(
    cached: Tenant, forge: Callable[[], int]
) -> None:
    """This is what trusting a cache costs; see docs/decisions/0013."""
    cached.hold("8", **RUN)
    told(cached)
    assert forge() > 0

    assert cached.check("0.4", **RUN).body["status"]["held_usd"] == "0"
    refused = cached.reserve("2.01", **RUN).body

    assert (refused["reason_code"], refused["source"]) == ("EXECUTION_EXCEEDED", "store")
    with later(seconds=11):
        assert cached.check("0.4", **RUN).body["status"]["held_usd"] == "8"


FORGED_RULES: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "no rules": lambda entry: {**entry, "version": None, "body": None},
    "no limits": lambda entry: json.loads(json.dumps(entry).replace('"0.5"', '"5000"')),
    "a later version": lambda entry: {**entry, "version": 99},
    "a zone that is a folder": lambda entry: {
        **entry,
        "body": {**entry["body"], "time_zone": "America"},
    },
    "nonsense": lambda entry: {**entry, "body": {"budgets": 7}},
}


@pytest.mark.parametrize("lie", FORGED_RULES)
def test_forged_rules_grant_nothing_and_leave_no_trace(
    cached: Tenant, valkey: Valkey, lie: str
) -> None:
    budget = {"scope": "execution", "period": "run", "limit_usd": "0.5", "action": "block"}
    cached.call("set_budget", budget_id="execution", **budget, **MARIA)
    another_process()
    told(cached, "0.02")
    for name in (one for one in valkey.names() if ":document:" in one):
        text = valkey.client.get(name)
        assert isinstance(text, bytes)
        entry = json.loads(text)
        if entry["tenant"] == cached.id and entry["body"]:  # the rules, not the growth of its rows
            entry = FORGED_RULES[lie](entry)
        whole = json.dumps(entry, ensure_ascii=False, separators=(",", ":"))
        valkey.client.set(name, whole, keepttl=True)
    another_process()

    checked, reserved = (
        cached.call(one, estimated_cost_usd="0.51", **RUN).body for one in ("check", "reserve")
    )
    cached.spend("0.1", **RUN)

    assert reserved["reason_code"] == "EXECUTION_EXCEEDED"
    assert checked["reason_code"] == "EXECUTION_EXCEEDED" or lie == "no limits"
    assert parts().policies.for_tenant(cached.id).version == 1


def test_a_cache_that_says_no_rules_does_not_let_a_stopped_tenant_spend(
    cached: Tenant, forge: Callable[[], int]
) -> None:
    told(cached)
    cached.call("suspend", **MARIA)
    another_process()
    told(cached)
    forge()
    another_process()

    assert cached.reserve("0.01", **RUN).body["reason_code"] == "TENANT_SUSPENDED"
    assert cached.check("0.01", **RUN).body["reason_code"] == "TENANT_SUSPENDED"


def test_a_lease_is_no_copy_and_stays_where_it_is(
    cached: Tenant, liar: FaultyValkey, valkey: Valkey
) -> None:
    told(cached)
    for name in valkey.names():
        valkey.client.set(name, b"reading:somebody", keepttl=True)
    another_process()
    liar.commands.clear()

    assert cached.check("0.01", **RUN).body["source"] == "store"
    assert {command[0] for command in liar.commands} == {b"GET"}
