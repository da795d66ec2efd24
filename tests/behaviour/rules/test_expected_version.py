"""A change may be conditional on the version of the rules that its author read."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.support.builders import Tenant
from tests.support.doors.doors import Answer

WHY = {"by": "maria", "reason": "a test"}
DAILY: dict[str, Any] = {"scope": "tenant", "period": "day", "limit_usd": "20"}
RATES = {"input_usd_per_million": "1", "output_usd_per_million": "2"}


def set_daily(tenant: Tenant, **fields: Any) -> Answer:
    return tenant.call("set_budget", budget_id="daily", **{**DAILY, **WHY, **fields})


def version(tenant: Tenant) -> int:
    return int(tenant.call("get_tenant").body["version"])


def test_a_change_of_the_version_that_was_read_is_made(tenant: Tenant) -> None:
    assert set_daily(tenant, expected_version=0).body["version"] == 1
    assert set_daily(tenant, limit_usd="30", expected_version=1).body["version"] == 2


CHANGES: dict[str, dict[str, Any]] = {
    "set_budget": {"budget_id": "daily", **DAILY, "limit_usd": "99"},
    "update_budget": {"budget_id": "daily", "limit_usd": "99"},
    "delete_budget": {"budget_id": "daily"},
    "raise_limit": {"budget_id": "daily", "amount_usd": "99"},
    "delete_raise": {"budget_id": "daily", "raise_id": "more"},
    "set_price": {"model": "our-model", **RATES, "input_usd_per_million": "99"},
    "delete_price": {"model": "our-model"},
    "set_alias": {"alias": "ours", "model": "gpt-4o"},
    "delete_alias": {"alias": "ours"},
    "set_tenant": {"owner": "lee"},
    "set_authority": {"four_eyes_above_usd": "99"},
}


@pytest.mark.parametrize("operation", CHANGES)
def test_a_change_of_an_older_version_is_a_409_and_changes_nothing(
    tenant: Tenant, operation: str
) -> None:
    set_daily(tenant)
    tenant.call("raise_limit", budget_id="daily", raise_id="more", amount_usd="1", **WHY)
    tenant.call("set_price", model="our-model", **RATES, **WHY)
    tenant.call("set_alias", alias="ours", model="gpt-4o-mini", **WHY)
    before = tenant.call("tenant_history").body
    refused = tenant.call(operation, expected_version=3, **CHANGES[operation], **WHY)
    assert refused.error == "CONFLICT"
    assert "expected_version is 3, and the rules have version 4" in refused.message
    assert tenant.call("tenant_history").body == before
    assert tenant.call(operation, expected_version=4, **CHANGES[operation], **WHY).error is None


def test_a_retry_with_the_same_key_gets_the_first_answer_again(tenant: Tenant) -> None:
    first = set_daily(tenant, expected_version=0, idempotency_key="once")
    again = set_daily(tenant, expected_version=0, idempotency_key="once")
    assert (first.body["version"], again.body["version"], again.body["replayed"]) == (1, 1, True)


def test_of_8_writers_that_read_the_same_version_1_is_served(tenant: Tenant) -> None:
    def write(number: int) -> str:
        return set_daily(tenant, limit_usd=str(number + 1), expected_version=0).error or "OK"

    with ThreadPoolExecutor(8) as pool:
        outcomes = sorted(pool.map(write, range(8)))
    assert outcomes == ["CONFLICT"] * 7 + ["OK"]
    assert version(tenant) == 1


@pytest.mark.parametrize("value", [-1, "1.5", True, "x"])
def test_a_version_that_is_no_whole_number_is_a_400(tenant: Tenant, value: Any) -> None:
    assert set_daily(tenant, expected_version=value).error == "VALIDATION_ERROR"
    assert version(tenant) == 0
