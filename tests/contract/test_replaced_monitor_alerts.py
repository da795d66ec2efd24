"""The last two of the eleven behaviours of the monitor that this one replaces: alert and reset."""

from __future__ import annotations

import pytest

from tests.contract.conftest import ALERTED
from tests.support.builders import Tenant
from tests.support.cloud import Cloud
from tests.support.dynamodb.moto_cloud import MotoWatch
from tests.support.memory.watch import Watch
from tests.support.months.closing import close, money, outcome, statement
from tests.support.times import at

pytestmark = pytest.mark.parametrize("cloud", ALERTED, indirect=True)


def test_an_alert_goes_out_when_a_tenant_spent_most_of_its_month_and_only_once(
    tenant: Tenant, watch: Watch | MotoWatch
) -> None:
    tenant.spend("801")
    told = watch.look()
    assert [(one["kind"], one["threshold_percent"]) for one in told] == [
        ("nearing_limit", 50),
        ("nearing_limit", 80),
    ]
    assert {one["tenant_id"] for one in told} == {tenant.id}

    tenant.spend("1")
    assert watch.look() == []
    tenant.spend("199")
    assert [one["kind"] for one in watch.look()] == ["limit_exceeded"]


def test_a_month_ends_with_a_statement_and_the_next_begins_with_nothing_spent(
    tenant: Tenant, cloud: Cloud
) -> None:
    with at("2026-11-20T10:00:00Z"):
        tenant.spend("950")
        assert tenant.check("100").body["allowed"] is False
    before = money(cloud)

    with at("2026-12-01T03:00:00Z"):
        assert tenant.check("100").body["allowed"] is True
        assert outcome(close()) == (1, 0)
        assert outcome(close()) == (0, 1)
        assert statement(tenant)["spent_usd"] == "950"
        assert tenant.usage()["spent_usd"] == "0"
    assert money(cloud) == before
