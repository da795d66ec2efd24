"""Expected behaviour of Budget Monitor, in plain dicts and Decimals. Imports no product code.

It applies one event at a time, at one instant. It does not know when the product expires overdue
holds: `swept` reports them, and the oracle checks that this was correct.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from tests.support.histories.ledger_audit import unit_of
from tests.support.histories.oracle.facts import (
    Fact,
    Hold,
    RefusedError,
    Whose,
    canonical,
    differs,
    names_of,
)
from tests.support.histories.oracle.gates import Expected, Fields, Gates
from tests.support.histories.oracle.months import AHEAD, Place, is_closed, late_place, place
from tests.support.histories.tokens import amounts_of, cost_of, tokens_of

DEFAULT_LIFE, MAX_LIFE = 900, timedelta(hours=48)


class Oracle(Gates):
    """All operations on all tenants of one system."""

    def apply(self, operation: str, fields: Fields, now: datetime) -> Expected:
        """Apply the event. Return the expected answer."""
        try:
            answer: Expected = getattr(self, f"_{operation}")(fields, now)
        except RefusedError as refused:
            return {"error": str(refused)}
        return {"error": None, **answer}

    def _check(self, fields: Fields, now: datetime) -> Expected:
        whose = self._kept(self._whose(fields), fields)
        return self._judged(whose, amounts_of(fields), now)

    def _reserve(self, fields: Fields, now: datetime) -> Expected:
        said, request = self._whose(fields), canonical(fields, "reservation_id")
        name = (fields["tenant_id"], fields["reservation_id"])
        if name in self.holds:
            if differs(self.holds[name].request, request):
                raise RefusedError("IDEMPOTENCY_MISMATCH")
            if self.holds[name].state_at(now) != "open":
                raise RefusedError("CONFLICT")
            return {"allowed": True, "replayed": True}
        whose, amounts = self._kept(said, fields), amounts_of(fields)
        answer = self._judged(whose, amounts, now)
        if answer["allowed"]:
            until = now + timedelta(seconds=fields.get("expires_in_seconds", DEFAULT_LIFE))
            machine = fields.get("state_machine_execution_arn")
            where = place(now, now)
            accounts = self._held(whose, where)
            hold = Hold(whose, amounts, where, now, until, request, machine, accounts)
            self.holds[name] = hold
            self._keep(whose)
            self._move(hold.accounts, held=amounts, holds=Decimal(1))
        if answer["action"] == "pause":
            flow = (whose.tenant, whose.workflow)
            self.terms[flow] = (True, self.terms.get(flow, (False, None))[1])
        return {**answer, "replayed": False}

    def _pause(self, fields: Fields, _: datetime) -> Expected:
        return self._decided(fields, paused=True)

    def _resume(self, fields: Fields, _: datetime) -> Expected:
        flow = (fields["tenant_id"], fields["workflow_execution_id"])
        moved = self.accounts.get(f"{flow[0]}#workflow#{flow[1]}#run", {})
        if flow not in self.terms and not {"holds", "entries"} & set(moved):
            raise RefusedError("NOT_FOUND")
        return self._decided(fields, paused=False)

    def _decided(self, fields: Fields, *, paused: bool) -> Expected:
        flow, said = (fields["tenant_id"], fields["workflow_execution_id"]), fields.get("limit_usd")
        own = Decimal(said) if said else self.terms.get(flow, (False, None))[1]
        if (paused, own) != self.terms.get(flow, (False, None)):
            self.terms[flow] = (paused, own)
        spent = self.accounts[f"{flow[0]}#workflow#{flow[1]}#run"]["spent"]
        limit = self.limits["workflow"] if own is None else own
        state = "exceeded" if limit is not None and spent > limit else "active"
        return {"state": "paused" if paused else state, "woken": 0}

    def _found(self, fields: Fields) -> Hold:
        found = self.holds.get((fields["tenant_id"], fields["reservation_id"]))
        if found is None:
            raise RefusedError("NOT_FOUND")
        return found

    def _extend(self, fields: Fields, now: datetime) -> Expected:
        hold = self._found(fields)
        if hold.state_at(now) != "open":
            raise RefusedError("CONFLICT")
        until = now + timedelta(seconds=fields["expires_in_seconds"])
        if until > hold.created_at + MAX_LIFE:
            raise RefusedError("VALIDATION_ERROR")
        hold.expires_at = max(hold.expires_at, until)
        return {"state": "open"}

    def _release(self, fields: Fields, now: datetime) -> Expected:
        hold = self._found(fields)
        if hold.state == "settled":
            raise RefusedError("CONFLICT")
        if hold.state_at(now) == "open":
            self._end(hold, "released")
        return {"state": hold.state_at(now)}

    def _expire(self, _: Fields, now: datetime) -> Expected:
        assert not self.overdue(now), f"the sweep left {self.overdue(now)}"
        return {}

    def _release_stopped(self, fields: Fields, now: datetime) -> Expected:
        machine = fields["state_machine_execution_arn"]
        for name, hold in self.holds.items():
            if hold.machine == machine and hold.state == "open" and name not in self.hidden:
                assert hold.state_at(now) == "open", f"{name} was stopped and is still held"
                self._end(hold, "released")
        return {}

    def _settle(self, fields: Fields, now: datetime) -> Expected:
        occurred_at = self._occurred(fields, now)
        hold, rid = self._found(fields), fields["reservation_id"]
        entry_id, request = (
            fields.get("entry_id") or f"settle:{rid}",
            canonical(fields, operation="s"),
        )
        known = self.facts.get((fields["tenant_id"], entry_id))
        if known is None and hold.entry:
            known = self.facts[fields["tenant_id"], hold.entry]
        if known:
            return self._replayed(known, request)
        state, hold.entry = hold.state_at(now), entry_id
        whose = self._named(hold.whose)
        names = names_of(fields, whose.names)
        whose = replace(whose, model=fields.get("model", whose.model), names=names)
        if state == "open":
            where = hold.place.of(occurred_at or now)
            self._end(hold, "settled")
            moved = self._settled(hold, whose, where)
            return self._book(entry_id, whose, fields, request, where, occurred_at or now, moved)
        occurred_at = occurred_at or hold.created_at
        where = place(hold.created_at, now).of(occurred_at)
        flags = ("late_settlement" if state == "expired" else "unreserved",)
        moved = self._moved(whose, where)
        return self._book(entry_id, whose, fields, request, where, occurred_at, moved, flags)

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
        whose = self._named(replace(hold.whose, **said))
        if hold.state_at(now) == "open":
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

    def _record_cost(self, fields: Fields, now: datetime) -> Expected:
        occurred_at = self._occurred(fields, now) or now
        whose, flags = self._belongs(fields)
        request = canonical(fields, "entry_id", operation="c")
        known = self.facts.get((fields["tenant_id"], fields["entry_id"]))
        if known:
            return self._replayed(known, request)
        where = place(occurred_at, now)
        self._keep(whose)
        moved = self._moved(whose, where)
        entry_id = fields["entry_id"]
        return self._book(entry_id, whose, fields, request, where, occurred_at, moved, flags)

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
        amount, tokens = cost_of(fields), tokens_of(fields)
        fact = Fact(whose, amount, where, occurred_at, request, tuple(moved), flags, tokens)
        self.facts[whose.tenant, entry_id] = fact
        amounts = amounts_of(fields)
        own = {unit: Decimal() if whose.execution else one for unit, one in amounts.items()}
        used = {name: Decimal(count) for name, count in fields.get("usage", {}).items()}
        counts = {"entries": Decimal(1), "tokens": Decimal(tokens), **used}
        self._move(moved, spent=amounts, workflow_spent=own, **counts)
        return {"replayed": False, "flags": flags}

    def _record_costs(self, fields: Fields, now: datetime) -> Expected:
        for one in fields["costs"]:
            self._occurred(one, now)
        tenant = {"tenant_id": fields["tenant_id"]}
        return {
            "results": [
                self.apply("record_cost", {**one, **tenant}, now) for one in fields["costs"]
            ]
        }

    def _adjust(self, fields: Fields, now: datetime) -> Expected:
        tenant = fields["tenant_id"]
        original = self.facts.get((tenant, fields["entry_id"]))
        if original is None:
            raise RefusedError("NOT_FOUND")
        if original.adjusts:
            raise RefusedError("VALIDATION_ERROR")
        known = self.facts.get((tenant, fields["adjustment_id"]))
        request = canonical(fields, "adjustment_id", operation="a")
        if known:
            return self._replayed(known, request)
        net, amount = f"{tenant}#entry#{fields['entry_id']}#run", Decimal(fields["amount_usd"])
        if original.amount + self.accounts[net]["spent"] + amount < 0:
            raise RefusedError("VALIDATION_ERROR")
        whose, (where, moved) = original.whose, self._stands(original, now)
        moved = [*(one for one in moved if unit_of(one) == "usd"), net]
        flags = ("late",) if where.late else ()
        self.facts[tenant, fields["adjustment_id"]] = Fact(
            whose,
            amount,
            where,
            original.occurred_at,
            request,
            tuple(moved),
            flags,
            adjusts=fields["entry_id"],
        )
        self._move(moved, spent=amount, workflow_spent=Decimal() if whose.execution else amount)
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
