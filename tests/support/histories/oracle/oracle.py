"""Expected behaviour of Budget Monitor, in plain dicts and Decimals. Imports no product code.

It applies one event at a time, at one instant. It does not know when the product expires overdue
holds: `swept` reports them, and the oracle checks that this was correct.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from tests.support.histories.ledger_audit import unit_of
from tests.support.histories.oracle.deciding import Deciding
from tests.support.histories.oracle.facts import Hold, RefusedError, canonical, differs
from tests.support.histories.oracle.gates import Expected, Fields
from tests.support.histories.oracle.months import place
from tests.support.histories.oracle.settling import Settling
from tests.support.histories.tokens import amounts_of

DEFAULT_LIFE, MAX_LIFE = 900, timedelta(hours=48)


class Oracle(Deciding, Settling):
    """All operations on all tenants of one system."""

    def apply(self, operation: str, fields: Fields, now: datetime) -> Expected:
        """Apply the event. Return the expected answer."""
        self.now = now
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
            hold.settles_itself = fields.get("on_expiry") == "settle_at_estimate"
            hold.has_usage = "estimated_usage" in fields
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
        if hold.state_at(now) == "settled":
            raise RefusedError("CONFLICT")
        if hold.state_at(now) == "open":
            self._end(hold, "released")
        return {"state": hold.state_at(now)}

    def _expire(self, _: Fields, now: datetime) -> Expected:
        assert not self.overdue(now), f"the sweep left {self.overdue(now)}"
        return {}

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
        where, moved = self._stands(original, now)
        moved = [one for one in moved if unit_of(one) == "usd"]
        amounts = {"usd": Decimal(fields["amount_usd"])}
        name = (tenant, fields["adjustment_id"])
        return self._correct(name, fields["entry_id"], request, (where, moved), amounts, {})
