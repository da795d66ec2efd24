"""The rules of an owner are one row: it is never so full that nobody could be suspended."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.support.builders import Tenant
from tests.support.doors.doors import Answer, Door
from tests.support.rules.governing import WHO, cap, delete_budget, lift, set_budget, set_system
from tests.support.thorough import first

LONGEST: dict[str, Any] = {"by": "\U0001f600" * 1024, "reason": "\U0001f600" * 1024}
"""8 KB: the longest texts of who and why."""


def until_refused(attempt: Callable[[int], Answer]) -> tuple[int, Answer]:
    """How often it went well, and what was said then."""
    for number in range(700):
        answer = attempt(number)
        if answer.error:
            assert answer.refusal == ("CONFLICT", None)
            assert answer.has_status(409)
            return number, answer
    raise AssertionError("never refused")


def suspended(tenant: Tenant) -> bool:
    tenant.call("suspend", **LONGEST).body  # noqa: B018 - must not fail
    refused = tenant.reserve("1").body
    assert refused["reason_code"] == "TENANT_SUSPENDED"
    tenant.call("reinstate", **LONGEST).body  # noqa: B018 - must not fail
    return bool(tenant.reserve("0").body["allowed"])


def test_raises_end_with_a_409_that_says_what_to_remove_and_a_suspension_fits(
    tenant: Tenant,
) -> None:
    for number in range(10):
        cap(tenant, "5", f"cap-{number}")
    made, refused = until_refused(lambda n: lift(tenant, f"cap-{n % 10}", "1", **LONGEST))
    assert 20 < made < 40
    for word in ("224 KB", "set a budget again", "shorter reasons"):
        assert word in refused.message
    assert suspended(tenant)
    assert lift(tenant, "cap-0", "1", **LONGEST).refusal == refused.refusal
    assert delete_budget(tenant, "cap-0", **LONGEST).error is None
    assert lift(tenant, "cap-1", "1", **LONGEST).error is None


@pytest.mark.parametrize("character", first(1, ["\U0001f600", "é", "a", '"']))
def test_624_raises_with_reasons_of_any_characters_leave_room(
    tenant: Tenant, character: str
) -> None:
    for number in range(13):
        cap(tenant, "5", f"cap-{number}")
    long = {"by": "maria", "reason": character * 1024}
    made, _ = until_refused(lambda n: lift(tenant, f"cap-{n % 13}", "1", **long))
    assert made < 624
    assert suspended(tenant)


def test_the_change_is_a_row_too_with_the_raises_of_before_and_after(tenant: Tenant) -> None:
    made, refused = until_refused(lambda _: lift(tenant, "tenant-month", "1", **LONGEST))
    assert 15 < made < 25
    assert "set tenant-month again" in refused.message
    assert suspended(tenant)
    assert set_budget(tenant, "tenant-month", "7", **LONGEST).error is None
    assert lift(tenant, "tenant-month", "1", **LONGEST).error is None


def test_raises_of_the_system_and_of_the_tenant_stand_in_one_change(
    tenant: Tenant, door: Door
) -> None:
    set_system(door, "tenant-month", "100")

    def of_system(_: int) -> Answer:
        fields = {"budget_id": "tenant-month", "amount_usd": "1", **LONGEST}
        return door.call("raise_system_limit", **fields)

    until_refused(lambda _: lift(tenant, "tenant-month", "1", **LONGEST))
    until_refused(of_system)
    assert lift(tenant, "tenant-month", "1", **LONGEST).error == "CONFLICT"
    assert suspended(tenant)
    assert set_budget(tenant, "tenant-month", "7", **LONGEST).error is None


def test_settings_and_budgets_are_bounded_likewise_and_what_makes_it_smaller_is_not(
    tenant: Tenant,
) -> None:
    for number in range(10):
        cap(tenant, "5", f"cap-{number}")
    until_refused(lambda n: lift(tenant, f"cap-{n % 10}", "1", **LONGEST))
    until_refused(lambda n: lift(tenant, f"cap-{n % 10}", "1", **WHO))
    named = {"scope": "user", "scope_id": "\U0001f600" * 256, "period": "day"}
    assert set_budget(tenant, "more", "5", **named).error == "CONFLICT"
    assert tenant.call("set_tenant", owner="\U0001f600" * 256, **WHO).error == "CONFLICT"
    assert set_budget(tenant, "cap-9", "5", scope="tenant", period="day").error is None
    assert tenant.call("set_tenant", owner="\U0001f600" * 256, **WHO).error is None


def test_a_price_can_be_deleted_when_raises_have_taken_the_room(tenant: Tenant) -> None:
    rates = {"input_usd_per_million": "1", "output_usd_per_million": "2"}
    for number in range(3):
        tenant.call("set_price", model=f"m{number}", **rates, **WHO).body  # noqa: B018
    for number in range(10):
        cap(tenant, "5", f"cap-{number}")
    until_refused(lambda n: lift(tenant, f"cap-{n % 10}", "1", **LONGEST))
    assert tenant.call("set_price", model="one", **rates, **LONGEST).error == "CONFLICT"
    for number in range(3):
        assert tenant.call("delete_price", model=f"m{number}", **LONGEST).error is None
    assert suspended(tenant)
