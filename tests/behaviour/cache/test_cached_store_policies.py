"""A decision of people holds from the next check on, whichever process knows what of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest

from tests.support.builders import Tenant
from tests.support.cache.caching import MARIA, RUN, another_process, told
from tests.support.cache.valkey import Valkey
from tests.support.dynamodb.calls import recorded_calls
from tests.support.memory.fixture import MemoryCloud

pytestmark = pytest.mark.usefixtures("unhurried")

Elsewhere = Callable[[], AbstractContextManager[None]]


@pytest.fixture
def elsewhere(memory_cloud: MemoryCloud, monkeypatch: pytest.MonkeyPatch) -> Elsewhere:
    """What happens within happens in another process."""

    @contextmanager
    def other() -> Iterator[None]:
        memory_cloud.start_another_process()
        yield
        monkeypatch.setenv("MOST_HOLDS", "1000")

    return other


def limit(tenant: Tenant, usd: str) -> None:
    budget = {"scope": "execution", "period": "run", "limit_usd": usd, "action": "block"}
    tenant.call("set_budget", budget_id="execution", **budget, **MARIA)


def test_a_process_whose_policy_is_older_than_the_copies_asks_the_store(
    cached: Tenant, elsewhere: Elsewhere
) -> None:
    assert told(cached, "0.3")["source"] == "cache"
    with elsewhere():
        limit(cached, "0.2")
        told(cached, "0.001")

    refused = cached.check("0.3", **RUN).body

    assert (refused["reason_code"], refused["source"]) == ("EXECUTION_EXCEEDED", "store")


def test_a_process_whose_policy_is_newer_than_the_copies_asks_the_store(
    cached: Tenant, valkey: Valkey
) -> None:
    told(cached)
    old = {name: valkey.client.get(name) for name in valkey.names() if ":account:" in name}
    limit(cached, "9")
    assert cached.reserve("0.1", **RUN).body["allowed"]
    for name, copy in old.items():
        valkey.client.set(name, copy or b"", px=5000)

    assert cached.check("0.1", **RUN).body["source"] == "store"


def test_a_process_without_a_policy_gets_a_copy(cached: Tenant) -> None:
    told(cached)
    another_process()
    with recorded_calls() as calls:
        assert told(cached)["source"] == "cache"

    assert calls.operations == []


def test_a_reserve_after_that_reads_the_policy_itself(cached: Tenant) -> None:
    told(cached)
    another_process()
    told(cached)
    with recorded_calls() as calls:
        assert cached.reserve("0.1", include_gates=False, **RUN).body["allowed"]

    assert calls.operations == ["BatchGetItem", "TransactWriteItems"]


def test_a_policy_that_was_read_for_a_write_is_used_for_checks_too(cached: Tenant) -> None:
    cached.spend("1", **RUN)
    with recorded_calls() as calls:
        assert cached.check("0.1", **RUN).body["source"] == "store"

    assert calls.operations == ["BatchGetItem"]
