"""The oracle's costs of holds: settled, at the true cost or at the estimate, and drawn."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from tests.support.histories.ledger_audit import unit_of
from tests.support.histories.oracle.balances import Name
from tests.support.histories.oracle.booking import Booking
from tests.support.histories.oracle.facts import (
    COUNTS,
    Fact,
    Hold,
    RefusedError,
    Whose,
    canonical,
    names_of,
)
from tests.support.histories.oracle.gates import Expected, Fields
from tests.support.histories.oracle.months import Place, place
from tests.support.histories.tokens import amounts_of

ESTIMATED = "estimated"
TRUE_COST = "settle:.true:"


class Settling(Booking):
    """What becomes of a hold's money: replaced by costs, in time or late, or by its estimate."""

    def swept(self, name: Name, now: datetime) -> None:
        """Record that the product ended this hold because its time was up."""
        hold = self.holds[name]
        assert hold.state == "open", f"{name} was ended twice"
        assert now >= hold.expires_at, f"{name} expired before its time"
        self._ended(name, "expired")

    def found_later(self, name: Name) -> None:
        """Record a late release: a stale index hid the hold when its state machine stopped."""
        hold = self.holds[name]
        if hold.state == "open":
            assert hold.machine in self.stops, f"{name} was released by nobody"
            assert hold.created_at < self.stops[hold.machine], f"{name} was taken after the stop"
            self._ended(name, "released")

    def _release_stopped(self, fields: Fields, now: datetime) -> Expected:
        machine = fields["state_machine_execution_arn"]
        for name, hold in self.holds.items():
            if hold.machine == machine and hold.state == "open" and name not in self.hidden:
                assert hold.state_at(now) == "open", f"{name} was stopped and is still held"
                self._ended(name, "released")
        return {}

    def _ended(self, name: Name, state: str) -> None:
        """End a hold that nobody ended: return it, or book its estimate if it says so."""
        hold, (tenant, rid) = self.holds[name], name
        if hold.settles_itself:
            said = {"tenant_id": tenant, "reservation_id": rid, "at_estimate": True}
            self._settle(said, self.now)
        else:
            self._end(hold, state)

    def _settle(self, fields: Fields, now: datetime) -> Expected:
        occurred_at = self._occurred(fields, now)
        hold, rid = self._found(fields), fields["reservation_id"]
        tenant, request = fields["tenant_id"], canonical(fields, operation="s")
        entry_id = fields.get("entry_id") or f"settle:{rid}"
        known = self.facts.get((tenant, entry_id))
        if known is None and hold.entry:
            known = self.facts[tenant, hold.entry]
        if known and self._is_corrected(known, fields):
            return self._corrected(known, fields, request, now)
        if known:
            return self._replayed(known, request)
        whose = self._named(hold.whose)
        names = names_of(fields, whose.names)
        whose = replace(whose, model=fields.get("model", whose.model), names=names)
        flags: tuple[str, ...] = ()
        if "at_estimate" in fields:
            fields, flags = {**fields, **hold.estimate_left}, (ESTIMATED,)
        if hold.in_time(now):
            where, at = hold.place.of(occurred_at or now), occurred_at or now
            self._end(hold, "settled")
            moved = self._settled(hold, whose, where)
        else:
            at = occurred_at or hold.created_at
            where = place(hold.created_at, now).of(at)
            late = "late_settlement" if hold.state_at(now) == "expired" else "unreserved"
            moved, flags = self._moved(whose, where), (*flags, late)
        hold.entry = entry_id
        return self._book(entry_id, whose, fields, request, where, at, moved, flags)

    @staticmethod
    def _is_corrected(known: Fact, fields: Fields) -> bool:
        """Whether this is the true cost of what was settled at the estimate of the same hold."""
        estimated = ESTIMATED in known.flags and "at_estimate" not in fields
        return estimated and known.request["reservation_id"] == fields["reservation_id"]

    def _corrected(
        self, estimated: Fact, fields: Fields, request: Fields, now: datetime
    ) -> Expected:
        """The difference to the estimate, in USD and tokens, as one adjustment of it."""
        tenant, name = fields["tenant_id"], f"{TRUE_COST}{fields['reservation_id']}"
        of = next(id_ for (t, id_), one in self.facts.items() if t == tenant and one is estimated)
        if (tenant, name) in self.facts:
            return self._replayed(self.facts[tenant, name], request)
        true = amounts_of(fields)
        counts = {unit: true[unit] - estimated.counts[unit] for unit in COUNTS}
        where, moved = self._stands(estimated, now)
        moved = [one for one in moved if unit_of(one) != "calls"]
        amounts = {"usd": true["usd"] - estimated.amount, **counts}
        return self._correct((tenant, name), of, request, (where, moved), amounts, counts)

    def _draw(self, fields: Fields, now: datetime) -> Expected:
        occurred_at, request = (
            self._occurred(fields, now),
            canonical(fields, "draw_id", operation="d"),
        )
        hold, name = self._found(fields), (fields["tenant_id"], fields["draw_id"])
        if name in self.facts:
            return self._replayed(self.facts[name], request)
        called = {"agent": "agent", "model": "model"}
        said = {name: fields[label] for name, label in called.items() if label in fields}
        names = names_of(fields, hold.whose.names)
        whose = self._named(replace(hold.whose, names=names, **said))
        if hold.in_time(now):
            where = hold.place.of(occurred_at or now)
            moved, before = self._settled(hold, whose, where), hold.left
            for unit, one in amounts_of(fields).items():
                hold.drawn[unit] += one
            hold.draws += 1
            taken = {unit: hold.left[unit] - one for unit, one in before.items()}
            self._move(hold.accounts, held=taken)
            at = occurred_at or now
            return self._book(fields["draw_id"], whose, fields, request, where, at, moved)
        if hold.state == "open":
            self._end(hold, "expired")
        at = occurred_at or hold.created_at
        where = place(hold.created_at, now).of(at)
        flags = ("late_settlement" if hold.state == "expired" else "unreserved",)
        moved = self._moved(whose, where)
        return self._book(fields["draw_id"], whose, fields, request, where, at, moved, flags)

    def _settled(self, hold: Hold, whose: Whose, where: Place) -> list[str]:
        """The accounts of the cost as it is now, and those that its hold was kept on.

        Those for the name of a model that was not called in the end are none of them.
        """
        moved = self._moved(whose, where)
        elsewhere = set(self._moved(hold.whose, where)) - set(moved)
        return list(dict.fromkeys((*moved, *(a for a in hold.accounts if a not in elsewhere))))

    def _found(self, fields: Fields) -> Hold:
        found = self.holds.get((fields["tenant_id"], fields["reservation_id"]))
        if found is None:
            raise RefusedError("NOT_FOUND")
        return found
