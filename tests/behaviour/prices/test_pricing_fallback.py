"""Usage without a cost: at the tenant's fallback price, to the last digit, or not at all."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from tests.support.builders import Tenant
from tests.support.histories.ledger_audit import differences
from tests.support.memory.fixture import MemoryCloud
from tests.support.rules.governing import WHO, Processes


@pytest.fixture
def cloud(memory_cloud: MemoryCloud) -> MemoryCloud:
    """Nothing but the tenant's month is limited."""
    memory_cloud.set_limits(execution="none", workflow="none")
    return memory_cloud


PRICE = {"input_usd_per_million": "3", "output_usd_per_million": "15"}
CACHED = PRICE | {"cache_read_usd_per_million": "0.3", "cache_write_usd_per_million": "3.75"}
RUN: dict[str, Any] = {"agent_execution_id": "run-1", "model": "unheard-of"}


def priced(tenant: Tenant, price: dict[str, str]) -> Tenant:
    assert tenant.call("set_tenant", fallback_price=price, **WHO).error is None
    return tenant


def record(tenant: Tenant, **usage: int) -> Any:
    return tenant.call("record_cost", usage=usage, **RUN)


def half_even(exact: Fraction) -> str:
    """The amount rounded half-even at 12 places, by integers alone."""
    units = round(exact * 10**12)  # Python's round of a Fraction is half-even
    whole, part = divmod(units, 10**12)
    return f"{whole}.{part:012}".rstrip("0").rstrip(".")


@pytest.mark.parametrize(
    ("price", "usage", "cost"),
    [
        (PRICE, {"input_tokens": 1000, "output_tokens": 200}, "0.006"),
        (PRICE, {"input_tokens": 1000, "cache_read_tokens": 400}, "0.003"),
        (CACHED, {"input_tokens": 1000, "cache_read_tokens": 400}, "0.00192"),
        (CACHED, {"input_tokens": 1000, "cache_write_tokens": 1000}, "0.00375"),
        (
            CACHED,
            {"input_tokens": 9, "cache_read_tokens": 4, "cache_write_tokens": 5},
            "0.00001995",
        ),
        (PRICE, {"output_tokens": 1}, "0.000015"),
        (PRICE, {"input_tokens": 0, "output_tokens": 0}, "0"),
    ],
)
def test_usage_is_priced_and_cached_tokens_are_counted_once(
    tenant: Tenant, price: dict[str, str], usage: dict[str, int], cost: str
) -> None:
    entry = record(priced(tenant, price), **usage).body["entry"]

    assert (entry["cost_usd"], entry["flags"]) == (cost, ["fallback_price"])
    assert entry["usage"] == usage
    assert tenant.usage()["spent_usd"] == cost


@pytest.mark.parametrize(
    ("price", "tokens", "cost"),
    [
        ("0.0000005", 1, "0"),
        ("0.0000015", 1, "0.000000000002"),
        ("0.0000025", 1, "0.000000000002"),
        ("0.000000500001", 1, "0.000000000001"),
        ("0.000000000001", 499_999, "0"),
        ("0.000000000001", 500_001, "0.000000000001"),
        ("999999999999.999999999999", 999_999, "999998999999.999999999999"),
    ],
)
def test_a_price_is_rounded_once_half_even_at_twelve_places(
    tenant: Tenant, price: str, tokens: int, cost: str
) -> None:
    priced(tenant, {"input_usd_per_million": price, "output_usd_per_million": "0"})

    assert record(tenant, input_tokens=tokens).body["entry"]["cost_usd"] == cost
    assert cost == half_even(Fraction(price) * tokens / 10**6)


def test_the_sum_is_rounded_and_not_its_parts(tenant: Tenant) -> None:
    half = "0.0000005"
    priced(tenant, {"input_usd_per_million": half, "output_usd_per_million": half})
    entry = record(tenant, input_tokens=1, output_tokens=1).body["entry"]
    assert entry["cost_usd"] == "0.000000000001"


def test_without_a_price_the_cost_is_refused_and_the_model_named(
    tenant: Tenant, cloud: MemoryCloud
) -> None:
    tenant.call("get_tenant")
    before = cloud.rows()
    answer = record(tenant, input_tokens=1)
    assert answer.refusal == ("UNKNOWN_PRICE", "usage")
    assert answer.has_status(422)
    assert "unheard-of" in answer.message
    assert cloud.rows() == before


def test_a_given_cost_is_never_priced(tenant: Tenant) -> None:
    priced(tenant, PRICE)
    entry = tenant.record("0.5", usage={"input_tokens": 1000}, **RUN).body["entry"]
    assert (entry["cost_usd"], entry["flags"]) == ("0.5", [])


@pytest.mark.parametrize("usage", [{"input_tokens": 3, "cache_read_tokens": 4}, {}])
def test_a_usage_that_cannot_be_priced_is_refused(
    tenant: Tenant, cloud: MemoryCloud, usage: dict[str, int]
) -> None:
    priced(tenant, CACHED)
    before = cloud.rows()
    expected = ("VALIDATION_ERROR", "usage") if usage else ("UNKNOWN_PRICE", "usage")
    assert record(tenant, **usage).refusal == expected
    good = {**RUN, "usage": {"input_tokens": 1}}
    batch = tenant.call("record_costs", costs=[good, {**RUN, "usage": usage}])
    if usage:
        assert batch.refusal == ("VALIDATION_ERROR", "costs[1].usage")
        assert cloud.rows() == before
    else:
        assert batch.body["results"][1]["error"] == "UNKNOWN_PRICE"
        assert batch.body["results"][0]["entry"]["cost_usd"] == "0.000003"


def test_a_hold_is_settled_at_the_fallback_price(tenant: Tenant, cloud: MemoryCloud) -> None:
    held, late = tenant.hold("1", **RUN), tenant.hold("1", **RUN)
    usage = {"input_tokens": 1000, "output_tokens": 200}
    refused = tenant.call("settle", reservation_id=held, usage=usage)
    assert refused.refusal == ("UNKNOWN_PRICE", "usage")
    assert tenant.reservation(held)["state"] == "open"

    priced(tenant, PRICE)
    settled = tenant.call("settle", reservation_id=held, usage=usage).body
    tenant.release(late)
    unreserved = tenant.call("settle", reservation_id=late, usage=usage).body

    assert settled["entry"]["cost_usd"] == unreserved["entry"]["cost_usd"] == "0.006"
    assert settled["entry"]["flags"] == ["fallback_price"]
    assert set(unreserved["entry"]["flags"]) == {"unreserved", "fallback_price"}
    again = tenant.call("settle", reservation_id=held, usage=usage).body["entry"]
    assert (again["replayed"], again["cost_usd"]) == (True, "0.006")
    assert not differences(cloud.rows())


def test_a_changed_price_is_for_what_comes_and_everywhere_at_once(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch, cloud: MemoryCloud
) -> None:
    processes = Processes(monkeypatch)
    priced(tenant, PRICE)
    usage = {"input_tokens": 1000}
    for number in (1, 2):
        processes.answer(number)
        given = {"entry_id": f"e{number}", "usage": usage, **RUN}
        assert tenant.call("record_cost", **given).body["entry"]["cost_usd"] == "0.003"
    processes.answer(1)
    priced(tenant, PRICE | {"input_usd_per_million": "6"})
    processes.answer(2)

    assert record(tenant, **usage).body["entry"]["cost_usd"] == "0.006"
    batch = tenant.call("record_costs", costs=[{**RUN, "usage": usage}]).body["results"]
    assert batch[0]["entry"]["cost_usd"] == "0.006"
    replayed = tenant.call("record_cost", entry_id="e1", usage=usage, **RUN).body["entry"]
    assert (replayed["cost_usd"], replayed["replayed"]) == ("0.003", True)
    assert not differences(cloud.rows())


def test_a_fallback_price_that_is_null_is_no_more(tenant: Tenant) -> None:
    priced(tenant, PRICE)
    kept = tenant.call("set_tenant", owner="alice", **WHO).body
    assert kept["fallback_price"] is not None

    gone = tenant.call("set_tenant", fallback_price=None, **WHO).body
    assert (gone["fallback_price"], gone["owner"]) == (None, "alice")
    assert record(tenant, input_tokens=1).refusal == ("UNKNOWN_PRICE", "usage")
    change = tenant.call("tenant_history", limit=1).body["items"][0]
    assert change["before"]["fallback_price"] == kept["fallback_price"]
    assert change["after"]["fallback_price"] is None


def test_a_fallback_price_of_zero_is_none(tenant: Tenant) -> None:
    free = {"input_usd_per_million": "0", "output_usd_per_million": "0"}
    refused = tenant.call("set_tenant", fallback_price=free, **WHO)
    assert refused.refusal == ("VALIDATION_ERROR", "fallback_price")
    assert tenant.call("get_tenant").body["fallback_price"] is None
    priced(tenant, free | {"output_usd_per_million": "0.000000000001"})


def test_a_retry_that_takes_nothing_back_is_another_request(tenant: Tenant) -> None:
    key = {"idempotency_key": "settings-1", **WHO}
    tenant.call("set_tenant", fallback_price=PRICE, **key)
    again = tenant.call("set_tenant", fallback_price=None, **key)
    assert again.refusal == ("IDEMPOTENCY_MISMATCH", "fallback_price")
