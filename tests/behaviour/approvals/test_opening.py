"""A request has the figures of its moment, and ends with the budget's period."""

from __future__ import annotations

import pytest

from tests.support.approvals.asking import RUN, ask, read
from tests.support.builders import Tenant
from tests.support.rules.governing import cap
from tests.support.times import at

pytestmark = pytest.mark.usefixtures("hurried")


def test_a_request_made_by_hand_has_the_pace_of_its_run(tenant: Tenant) -> None:
    tenant.spend("3", **RUN)
    tenant.spend("1", **RUN)
    with at("2026-11-22T12:30:00Z", tick=False):
        made = ask(tenant, "6", request_id="ask-1").body
    assert made["forecast"] == {
        "run_spent_usd": "4",
        "run_held_usd": "0",
        "run_calls": 2,
        "usd_per_call": "2",
        "calls_more": 3,
        "usd_per_hour": "8",
        "minutes_more": 45,
    }
    assert made["refused_usd"] is None


def test_a_run_that_spent_nothing_has_no_pace(tenant: Tenant) -> None:
    assert ask(tenant).body["forecast"] is None


def test_a_request_ends_with_the_month_of_its_budget(tenant: Tenant) -> None:
    cap(tenant, "2", period="month")
    with at("2026-11-28T12:00:00Z", tick=False):
        ask(tenant, request_id="ask-1", budget_id="cap")
    assert read(tenant, "ask-1")["expires_at"] == "2026-12-01T00:00:00Z"
