"""The functions of links keep the keys and receivers that they have read."""

from __future__ import annotations

import pytest

from budget_monitor.bootstrap_links import approving, forwarding
from tests.support.memory.fixture import MemoryCloud


@pytest.mark.usefixtures("signing_key")
def test_two_requests_share_one_key(cloud: MemoryCloud) -> None:
    assert approving().services.keys() is approving().services.keys()


def test_two_deliveries_share_the_receivers(cloud: MemoryCloud) -> None:
    first, second = forwarding().services, forwarding().services
    assert first.forwarding.webhooks is second.forwarding.webhooks
