"""Repricing under failures and by two at once: each difference is booked once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.behaviour.costs.test_reprice import book, discount, repriced
from tests.support.builders import Tenant
from tests.support.doors.doors import DirectDoor
from tests.support.histories.ledger_audit import differences
from tests.support.memory.fixture import MemoryCloud
from tests.support.rules.governing import GENEROUS


@pytest.fixture
def tenant(memory_cloud: MemoryCloud) -> Tenant:
    memory_cloud.set_limits(**GENEROUS)
    return Tenant(DirectDoor())


def test_eight_who_reprice_at_once_book_each_difference_once(
    tenant: Tenant, memory_cloud: MemoryCloud
) -> None:
    for number in range(6):
        book(tenant, entry_id=f"e{number}")
    discount(tenant, "2")

    with ThreadPoolExecutor(8) as crowd:
        done = list(crowd.map(lambda n: repriced(tenant, reason=f"reason {n % 2}"), range(8)))

    assert all(one["failed"] == 0 for one in done)
    assert tenant.usage()["spent_usd"] == "12"
    assert len(tenant.entries()) == 12
    assert not differences(memory_cloud.rows())
