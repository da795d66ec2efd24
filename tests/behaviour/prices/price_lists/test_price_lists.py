"""A newer price list without a deployment: checked, from a moment on, and watched for its age."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support.builders import Tenant
from tests.support.doors.doors import Context, handler_of
from tests.support.memory.fixture import MemoryCloud
from tests.support.prices.bucket import KEY, MemoryBucket, dearer
from tests.support.prices.pricing import GPT, PUBLISHED, cost, record
from tests.support.rules.governing import WHO
from tests.support.times import at

LIST = {"key": KEY, "dated": "2026-11-28"}


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> MemoryBucket:
    return MemoryBucket().install(monkeypatch)


def watch() -> dict[str, Any]:
    answer: dict[str, Any] = handler_of("resetting")({"operation": "watch_prices"}, Context())
    return answer


def test_a_newer_list_holds_from_its_moment_on(tenant: Tenant, bucket: MemoryBucket) -> None:
    bucket.put(dearer())
    with at("2026-11-22T10:00:00Z"):
        moment = {"dated": "2026-11-21", "from": "2026-11-22T11:00:00Z"}
        done = tenant.door.call("set_price_list", key=KEY, **moment, **WHO).body
        assert (done["object_version"], done["by"]) == ("v1", WHO["by"])
        assert cost(tenant, provider="openai") == PUBLISHED[GPT]
    with at("2026-11-22T11:00:00Z"):
        entry = record(tenant, GPT, provider="openai").body["entry"]
        assert entry["cost_usd"] == "0.015"
        assert entry["price"]["version"] == f"{KEY}@{done['sha256'][:12]}"
        assert entry["price"]["dated"] == "2026-11-21"
        past = record(tenant, GPT, provider="openai", occurred_at="2026-11-22T10:59:59Z").body[
            "entry"
        ]
        assert past["cost_usd"] == PUBLISHED[GPT]
        listed = tenant.door.call("list_price_lists").body
        assert listed["in_force"]["key"] == KEY
        assert listed["bundled"]["dated"] == "2026-11-09"


def test_a_list_is_read_once_for_many_costs(tenant: Tenant, bucket: MemoryBucket) -> None:
    bucket.put(dearer())
    tenant.door.call("set_price_list", **LIST, **WHO)
    before = bucket.reads
    for _ in range(3):
        cost(tenant, provider="openai")
    assert bucket.reads - before <= 1


@pytest.mark.parametrize(
    "data",
    [b"", b"{}", b"[]", b"[1]", b'[{"id": "x"}]', b"not json", json.dumps([{"id": 1}]).encode()],
)
def test_what_is_no_price_list_is_never_put_in_place(
    tenant: Tenant, bucket: MemoryBucket, cloud: MemoryCloud, data: bytes
) -> None:
    bucket.put(data)
    before = cloud.rows()
    answer = tenant.door.call("set_price_list", **LIST, **WHO)
    assert answer.refusal == ("VALIDATION_ERROR", "key")
    assert cloud.rows() == before


def test_holds_and_quotes_have_the_prices_of_the_list_in_force(
    tenant: Tenant, bucket: MemoryBucket
) -> None:
    bucket.put(dearer(11))
    tenant.door.call("set_price_list", **LIST, **WHO)
    call: dict[str, Any] = {"agent_execution_id": "run-1", "model": GPT, "provider": "openai"}
    estimate = {"input_tokens": 1000, "max_output_tokens": 500}
    held = tenant.call("reserve", estimated_usage=estimate, **call).body["reservation"]
    quoted = tenant.call("quote", usage={"input_tokens": 1000, "output_tokens": 500}, **call).body
    assert held["amount_usd"] == quoted["cost_usd"] == "0.0825"


def test_a_quote_reads_a_list_that_no_other_function_has_read(
    tenant: Tenant, bucket: MemoryBucket
) -> None:
    bucket.put(dearer(13 if tenant.door.name == "http" else 17))
    tenant.door.call("set_price_list", **LIST, **WHO)
    before = bucket.reads
    call: dict[str, Any] = {"agent_execution_id": "run-1", "model": GPT, "provider": "openai"}
    tenant.call("quote", usage={"input_tokens": 1000, "output_tokens": 500}, **call)
    assert bucket.reads == before + 1


def test_a_list_that_lost_half_of_its_models_is_refused(
    tenant: Tenant, bucket: MemoryBucket
) -> None:
    bucket.put(json.dumps(json.loads(dearer())[:3]).encode())
    answer = tenant.door.call("set_price_list", **LIST, **WHO)
    assert answer.refusal == ("VALIDATION_ERROR", "key")
    assert "models" in answer.message


def test_a_list_that_is_missing_or_of_tomorrow_is_refused(
    tenant: Tenant, bucket: MemoryBucket
) -> None:
    assert tenant.door.call("set_price_list", **LIST, **WHO).field == "key"
    bucket.put(dearer())
    ahead = tenant.door.call("set_price_list", key=KEY, dated="2030-01-01", **WHO)
    assert ahead.refusal == ("VALIDATION_ERROR", "dated")
    odd = tenant.door.call("set_price_list", key=KEY, dated="yesterday", **WHO)
    assert odd.refusal == ("VALIDATION_ERROR", "dated")


@pytest.mark.parametrize("harm", ["gone", "changed", "down"])
def test_a_list_in_force_that_cannot_be_read_is_a_503_and_never_an_older_price(
    direct_tenant: Tenant, bucket: MemoryBucket, harm: str
) -> None:
    times = {"gone": 3, "changed": 5, "down": 7}[harm]  # each is another list
    bucket.put(dearer(times))
    direct_tenant.door.call("set_price_list", **LIST, **WHO)
    if harm == "gone":
        bucket.files.clear()
    elif harm == "changed":
        bucket.put(dearer())
    else:
        bucket.down = True
    assert record(direct_tenant, GPT).error == "UNAVAILABLE"
    assert record(direct_tenant, GPT, cost_usd="1").body["entry"]["cost_usd"] == "1"


def test_a_list_of_over_30_days_sends_one_alert_a_month(
    tenant: Tenant, bucket: MemoryBucket
) -> None:
    with at("2026-12-09T06:00:00Z"):
        assert watch()["age_days"] == 30
        assert old(tenant) == []
    with at("2026-12-10T06:00:00Z"):
        assert watch()["age_days"] == 31
        watch()
        assert [one["dated"] for one in old(tenant)] == ["2026-11-09"]
        bucket.put(dearer())
        tenant.door.call("set_price_list", key=KEY, dated="2026-12-09", **WHO)
        assert watch()["age_days"] == 1


def old(tenant: Tenant) -> list[dict[str, Any]]:
    items = tenant.door.call("system_alerts").body["items"]
    return [one for one in items if one["kind"] == "prices_old"]
