"""The oracle's ledger: costs and corrections, where they are booked and what they move."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from tests.support.histories.oracle.balances import Amounts, Name
from tests.support.histories.oracle.facts import (
    COUNTS,
    Fact,
    RefusedError,
    Whose,
    differs,
)
from tests.support.histories.oracle.gates import Expected, Fields, Gates
from tests.support.histories.oracle.months import AHEAD, Place, is_closed, late_place
from tests.support.histories.tokens import amounts_of, cost_of

Booked = tuple[Place, list[str]]  # where a cost is booked, and the accounts that it moves


class Booking(Gates):
    """Books costs and adjustments."""

    @staticmethod
    def _occurred(fields: Fields, now: datetime) -> datetime | None:
        said = fields.get("occurred_at")
        moment = datetime.fromisoformat(said) if said else None
        if moment and moment > now + AHEAD:
            raise RefusedError("VALIDATION_ERROR")
        return moment

    @staticmethod
    def _replayed(known: Fact, request: Fields) -> Expected:
        if differs(known.request, request):
            raise RefusedError("IDEMPOTENCY_MISMATCH")
        return {"replayed": True, "flags": known.flags}

    def _book(
        self,
        entry_id: str,
        whose: Whose,
        fields: Fields,
        request: Fields,
        where: Place,
        occurred_at: datetime,
        moved: list[str],
        flags: tuple[str, ...] = (),
    ) -> Expected:
        flags = (("late",) if where.late else ()) + flags
        amount, amounts = cost_of(fields), amounts_of(fields)
        counts = {unit: amounts[unit] for unit in COUNTS}
        fact = Fact(whose, amount, where, occurred_at, request, tuple(moved), flags, counts)
        self.facts[whose.tenant, entry_id] = fact
        own = {unit: Decimal() if whose.execution else one for unit, one in amounts.items()}
        self._move(moved, spent=amounts, workflow_spent=own, entries=Decimal(1), **counts)
        return {"replayed": False, "flags": flags}

    def _correct(
        self,
        name: Name,
        adjusts: str,
        request: Fields,
        booked: Booked,
        amounts: Amounts,
        counts: Amounts,
    ) -> Expected:
        """Book an adjustment of a cost. `counts`: by how many tokens it was another one."""
        original, (where, moved) = self.facts[name[0], adjusts], booked
        amount, flags = amounts["usd"], ("late",) if where.late else ()
        net = f"{name[0]}#entry#{adjusts}#run"
        if original.amount + self.accounts[net]["spent"] + amount < 0:
            raise RefusedError("VALIDATION_ERROR")
        self.facts[name] = Fact(
            original.whose,
            amount,
            where,
            original.occurred_at,
            request,
            (*moved, net),
            flags,
            counts,
            adjusts,
        )
        of_agent = original.whose.execution
        own = {unit: Decimal() if of_agent else one for unit, one in amounts.items()}
        self._move([*moved, net], spent=amounts, workflow_spent=own, **counts)
        return {"replayed": False, "flags": flags}

    def _stands(self, original: Fact, now: datetime) -> tuple[Place, list[str]]:
        """Where a correction is booked, and on which accounts.

        With its cost, on the very accounts that it moved, while their month takes costs. After
        that it comes late, as a cost of that time would come now.
        """
        if not is_closed(original.place.month, now):
            return original.place, list(original.moved)
        where = late_place(original.occurred_at, now)
        return where, self._moved(self._named(original.whose), where)

    def _named(self, whose: Whose) -> Whose:
        """The labels by the first name that the execution has now."""
        return replace(whose, called=self._called(whose.tenant, whose.execution, whose.agent))
