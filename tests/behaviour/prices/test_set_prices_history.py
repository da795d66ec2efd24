"""Who set which price, when, why, and what it was before; keys, retries and pages."""

from __future__ import annotations

import pytest

from tests.support.builders import Tenant
from tests.support.memory.fixture import MemoryCloud
from tests.support.prices.pricing import GPT, OWN, RATES, delete, put, put_system, rates
from tests.support.rules.governing import WHO, cap
from tests.support.times import at


def test_the_history_says_who_when_why_and_from_what_to_what(tenant: Tenant) -> None:
    with at("2026-11-22T10:00:00Z", tick=False):
        put(tenant, OWN, **rates("1"), by="lee", reason="first")
    with at("2026-11-23T10:00:00Z", tick=False):
        put(tenant, OWN, **rates("2"))
    with at("2026-11-24T10:00:00Z", tick=False):
        delete(tenant, OWN, by="ann", reason="gone")
    last, second, first = tenant.call("price_history").body["items"]

    assert (first["by"], first["reason"], first["at"]) == ("lee", "first", "2026-11-22T10:00:00Z")
    assert first["before"] == {"prices": []}
    for one, before, after in ((first, None, "1"), (second, "1", "2"), (last, "2", None)):
        old, new = one["before"]["prices"], one["after"]["prices"]
        assert [row["input_usd_per_million"] for row in old] == ([before] if before else [])
        assert new[0]["input_usd_per_million"] == after
    assert last["after"]["prices"][0]["ends"]
    assert (last["operation"], last["by"], last["version"]) == ("delete_price", "ann", 3)


def test_the_history_says_which_price_to_come_was_deleted(tenant: Tenant) -> None:
    put(tenant, OWN, **rates("1"), **{"from": "2026-01-01T00:00:00Z"})
    put(tenant, OWN, **rates("2"), **{"from": "2090-01-01T00:00:00Z"})
    delete(tenant, OWN)
    last = tenant.call("price_history", limit=1).body["items"][0]
    before = [one["input_usd_per_million"] for one in last["before"]["prices"]]
    assert (before, [one["ends"] for one in last["after"]["prices"]]) == (["1", "2"], [True])


def test_the_history_is_filtered_by_model_and_paged(tenant: Tenant) -> None:
    for number in range(1, 4):
        put(tenant, OWN, **rates(str(number)))
        put(tenant, GPT, **rates(str(number)))
        cap(tenant, str(number))
    put_system(tenant.door, OWN, **RATES)

    def page(**fields: object) -> tuple[list[str], str | None]:
        body = tenant.call("price_history", model=OWN.upper(), limit=2, **fields).body
        shown = [one["after"]["prices"][0]["input_usd_per_million"] for one in body["items"]]
        return shown, body["cursor"]

    first, cursor = page()
    second, end = page(cursor=cursor)
    assert (first, second) == (["3", "2"], ["1"])
    assert end is None
    assert len(tenant.call("price_history").body["items"]) == 6
    assert len(tenant.call("tenant_history").body["items"]) == 9
    of_system = tenant.door.call("system_price_history").body["items"]
    assert [one["by"] for one in of_system] == [WHO["by"]]
    for other in ({}, {"model": GPT}):
        answer = tenant.call("price_history", cursor=cursor, **other)
        assert answer.refusal == ("VALIDATION_ERROR", "cursor")


def test_the_history_has_the_signer_beside_the_name(tenant: Tenant) -> None:
    put(tenant, OWN, **RATES)
    (change,) = tenant.call("price_history").body["items"]
    signer = "arn:aws:iam::000000000000:user/tests" if tenant.door.name == "http" else None
    assert (change["by"], change["principal"]) == (WHO["by"], signer)


@pytest.mark.parametrize("when", [{}, {"from": "2026-12-01T00:00:00Z"}])
def test_a_key_makes_a_retry_the_same_change(
    tenant: Tenant, cloud: MemoryCloud, when: dict[str, str]
) -> None:
    key = {"idempotency_key": "price-1"}
    first = put(tenant, OWN, **RATES, **key, **when).body
    put(tenant, OWN, **rates("5"))
    before = cloud.rows()
    again = put(tenant, OWN, **RATES, **key, **when).body
    assert (again.pop("replayed"), first.pop("replayed")) == (True, False)
    assert again == first
    other = put(tenant, OWN, **rates("7"), **key, **when)
    assert other.error == "IDEMPOTENCY_MISMATCH"
    assert cloud.rows() == before


def test_a_key_makes_a_deletion_the_same_one(tenant: Tenant, cloud: MemoryCloud) -> None:
    put(tenant, OWN, **RATES)
    first = delete(tenant, OWN, idempotency_key="gone-1").body
    put(tenant, OWN, **RATES)
    before = cloud.rows()
    again = delete(tenant, OWN, idempotency_key="gone-1").body
    assert again == first | {"replayed": True}
    assert cloud.rows() == before
