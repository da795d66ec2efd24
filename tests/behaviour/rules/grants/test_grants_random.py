"""Random grants and spends leave what a simple model of purses leaves."""

from __future__ import annotations

import random
from decimal import Decimal
from typing import Any

import pytest

from tests.support.builders import Tenant
from tests.support.doors.doors import DirectDoor
from tests.support.histories.ledger_audit import differences
from tests.support.memory.fixture import MemoryCloud
from tests.support.rules.governing import GENEROUS
from tests.support.rules.prepaid import available, grant, left, prepaid
from tests.support.thorough import first
from tests.support.times import at


class Model:
    """Grants kept as money in purses: each spend empties the one that expires first."""

    def __init__(self) -> None:
        self.purses: dict[str, list[Any]] = {}
        self.debt = Decimal(0)

    def grant(self, name: str, amount: Decimal, expires: int) -> None:
        self.purses[name] = [amount, expires]

    def expire(self, day: int) -> None:
        for purse in self.purses.values():
            if purse[1] <= day:
                purse[0] = Decimal(0)

    def spend(self, amount: Decimal, day: int) -> None:
        for _, purse in sorted(self.purses.items(), key=lambda one: (one[1][1], one[0])):
            part = min(purse[0], amount) if purse[1] > day else Decimal(0)
            purse[0] -= part
            amount -= part
        self.debt += amount

    def left(self) -> dict[str, Decimal]:
        return {name: purse[0] for name, purse in self.purses.items()}


@pytest.mark.parametrize("seed", first(2, range(12)))
def test_random_grants_and_spends_leave_what_purses_of_money_would(
    memory_cloud: MemoryCloud, seed: int
) -> None:
    """No spend goes over what is left, so that no debt blurs whose money a grant is."""
    memory_cloud.set_limits(**GENEROUS)
    chance, model, tenant = random.Random(seed), Model(), Tenant(DirectDoor())  # noqa: S311
    for day in range(25):
        with at(f"2026-03-{day + 1:02}T10:00:00Z", tick=False):
            if day == 0:
                prepaid(tenant)
            model.expire(day)
            for number in range(chance.randint(0, 2)):
                amount, life = Decimal(chance.randint(1, 9)), chance.randint(1, 6)
                name, expires = f"g{day:02}-{number}", day + life
                if expires < 30:
                    model.grant(name, amount, expires)
                    grant(tenant, str(amount), name, expires_at=midnight(expires)).body  # noqa: B018
            rest = sum(model.left().values())
            if rest and chance.random() < 0.7:
                amount = Decimal(chance.randint(0, int(rest)))
                model.spend(amount, day)
                assert allowed_to_spend(tenant, amount)
            if chance.random() < 0.3:
                found = {name: Decimal(one) for name, one in left(tenant).items()}
                assert found == {name: model.left()[name] for name in found}
                assert Decimal(available(tenant)[1]) == sum(model.left().values())
    assert not differences(memory_cloud.rows())


def midnight(day: int) -> str:
    return f"2026-03-{day + 1:02}T00:00:00Z"


def allowed_to_spend(tenant: Tenant, amount: Decimal) -> bool:
    decision = tenant.reserve(str(amount)).body
    assert decision["allowed"], decision["reason"]
    tenant.settle(decision["reservation"]["reservation_id"], str(amount)).body  # noqa: B018
    return True
