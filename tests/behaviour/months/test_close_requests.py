"""Which months are closed, for which tenants, and the errors of bad requests."""

from __future__ import annotations

from typing import Any

import pytest

from budget_monitor.domain.errors import ValidationError
from tests.support.builders import Tenant
from tests.support.cloud import Cloud
from tests.support.doors.doors import Door
from tests.support.months.closing import alerts, busy, close, outcome, statement, statements
from tests.support.times import at

WHO = {"by": "maria", "reason": "so it was agreed"}


def test_a_tenant_without_spend_gets_no_statement(tenant: Tenant, cloud: Cloud) -> None:
    with at("2026-12-02T03:00:00Z"):
        assert outcome(close()) == (0, 0)
        assert outcome(close(month="2026-11", tenants=[tenant.id])) == (0, 0)
        assert statements(tenant) == []
        assert alerts(cloud) == []


@pytest.mark.parametrize("day", ["10", "20", "30"])
def test_in_the_midst_of_a_month_there_is_nothing_to_close(cloud: Cloud, day: str) -> None:
    with at(f"2026-11-{day}T03:00:00Z"):
        answer = close()
    assert (answer["month"], outcome(answer)) == (None, (0, 0))


def test_an_older_month_is_closed_by_name(tenant: Tenant) -> None:
    busy(tenant)
    with at("2027-03-17T03:00:00Z"):
        assert outcome(close(month="2026-11")) == (2, 0)
        assert statement(tenant)["number"] == 1


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"month": "2026-13"}, "month"),
        ({"month": 5}, "month"),
        ({"month": "2026-12"}, "month"),
        ({"tenants": []}, "tenants"),
        ({"tenants": ["no spaces"]}, "tenants[0]"),
        ({"colour": "blue"}, "colour"),
        ({"tenant_id": "acme"}, "tenant_id"),
    ],
)
def test_a_bad_request_to_close_is_refused_by_name(
    cloud: Cloud, fields: dict[str, Any], field: str
) -> None:
    with at("2026-12-02T03:00:00Z"), pytest.raises(ValidationError) as refused:
        close(**fields)
    assert refused.value.field == field


def test_the_statements_of_another_tenant_are_not_there(door: Door) -> None:
    owner, stranger = Tenant(door), Tenant(door)
    busy(owner)
    with at("2026-12-03T03:00:00Z"):
        close()
        assert statements(stranger) == []
        assert len(statements(owner)) == 1
