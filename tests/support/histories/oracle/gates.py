"""The oracle's accounts and gates: amounts, lineages and remaining limits."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from tests.support.histories.ledger_audit import unit_of
from tests.support.histories.oracle.balances import Amounts, Balances, Name
from tests.support.histories.oracle.budgets import SYSTEM, TENANT_MONTH
from tests.support.histories.oracle.facts import (
    Fact,
    Hold,
    Line,
    RefusedError,
    Whose,
    names_of,
)
from tests.support.histories.oracle.months import Place, place

Terms = tuple[bool, Decimal | None]  # whether a workflow is paused, and a limit of its own
Fields = dict[str, Any]
Expected = dict[str, Any]
Limits = dict[str, Decimal | None]
Gate = tuple[str, Decimal | None, str]  # an account, its limit, and the code of its refusal

EXCEEDED = "BUDGET_EXCEEDED"
CODES = {
    "execution": "EXECUTION_EXCEEDED",
    "workflow": "WORKFLOW_EXCEEDED",
    "tenant": "TENANT_MONTH_EXCEEDED",
    "system": "SYSTEM_MONTH_EXCEEDED",
}


class Gates(Balances):
    """The accounts of all tenants, the lineages of runs, and remaining limits."""

    def __init__(self, limits: Limits) -> None:
        super().__init__()
        self.limits = limits
        self.lines: dict[Name, Line] = {}
        self.first: dict[Name, str] = {}
        self.holds: dict[Name, Hold] = {}
        self.facts: dict[Name, Fact] = {}
        self.terms: dict[Name, Terms] = {}
        self.hidden: set[Name] = set()
        self.stops: dict[str, datetime] = {}  # when each state machine's execution stopped last
        """Open holds that an index which lags behind need not have shown to the last event."""

    def overdue(self, now: datetime) -> list[Name]:
        """Return overdue open holds that are not released yet."""
        overdue = {name for name, one in self.holds.items() if one.state != one.state_at(now)}
        return sorted(overdue - self.hidden)

    def _frees(self, name: Name, account: str) -> bool:
        """Whether the end of a hold frees the account.

        It does not if its draws left nothing of it, or if its estimate is booked in its place.
        """
        hold = self.holds[name]
        keeps = hold.settles_itself or not hold.left[unit_of(account)]
        return account in hold.accounts and not keeps

    def swept(self, name: Name, now: datetime) -> None:
        """Record that the product released this hold because it expired."""
        assert self.holds[name].state_at(now) == "expired", f"{name} expired before its time"
        self._end(self.holds[name], "expired")

    def found_later(self, name: Name) -> None:
        """Record a late release: a stale index hid the hold when its state machine stopped."""
        hold = self.holds[name]
        if hold.state == "open":
            assert hold.machine in self.stops, f"{name} was released by nobody"
            assert hold.created_at < self.stops[hold.machine], f"{name} was taken after the stop"
            self._end(hold, "released")

    def _end(self, hold: Hold, state: str) -> None:
        hold.state = state
        self._move(
            hold.accounts,
            held={unit: -one for unit, one in hold.left.items()},
            holds=Decimal(-1),
        )

    def _whose(self, fields: Fields) -> Whose:
        """The labels under their parent, as far as it is known."""
        tenant, execution = fields["tenant_id"], fields.get("agent_execution_id")
        workflow, parent = (
            fields.get("workflow_execution_id") or "",
            fields.get("parent_execution_id"),
        )
        ancestors: Line = ()
        if parent:
            above = self.lines.get((tenant, parent), (workflow,))
            if execution in (parent, *above[1:]) or workflow not in {"", above[0]}:
                raise RefusedError("VALIDATION_ERROR")
            workflow, ancestors = above[0], (parent, *above[1:])
        agent, model = fields.get("agent") or "", fields.get("model") or ""
        called = self._called(tenant, execution, agent)
        return Whose(tenant, execution, workflow, ancestors, agent, model, names_of(fields), called)

    def _called(self, tenant: str, execution: str | None, agent: str) -> str:
        """What budgets call an execution: by the first name that it was ever given."""
        return self.first.get((tenant, execution or ""), agent)

    def _kept(self, said: Whose, fields: Fields) -> Whose:
        """The labels under what the execution's first use fixed."""
        line = self.lines.get((said.tenant, said.execution or ""))
        if line is None or line == said.line:
            return said
        other_parent = fields.get("parent_execution_id") and said.ancestors != line[1:]
        if said.workflow not in {"", line[0]} or other_parent:
            raise RefusedError("CONFLICT")
        return replace(said, workflow=line[0], ancestors=line[1:])

    def _belongs(self, fields: Fields) -> tuple[Whose, tuple[str, ...]]:
        """Whose a cost that happened is, and the flag of one whose caller says otherwise."""
        tenant, execution = fields["tenant_id"], fields.get("agent_execution_id")
        flow, parent = fields.get("workflow_execution_id"), fields.get("parent_execution_id")
        if parent and parent == execution:
            raise RefusedError("VALIDATION_ERROR")
        above = self.lines.get((tenant, parent or ""), (flow or "",))
        line = (above[0], parent, *above[1:]) if parent else above
        line = self.lines.get((tenant, execution or ""), line)
        agent, model = fields.get("agent") or "", fields.get("model") or ""
        called = self._called(tenant, execution, agent)
        whose = Whose(tenant, execution, line[0], line[1:], agent, model, names_of(fields), called)
        elsewhere = flow not in {None, whose.workflow} or parent not in {None, *line[1:2]}
        return whose, ("relabelled",) if elsewhere else ()

    def _keep(self, whose: Whose) -> None:
        if whose.execution and whose.agent:
            self.first.setdefault((whose.tenant, whose.execution), whose.agent)
        runs = (whose.execution, *whose.ancestors) if whose.execution else ()
        for depth, run in enumerate(runs):  # a parent that was never seen is opened, too
            line = (whose.workflow, *whose.ancestors[depth:])
            self.lines.setdefault((whose.tenant, run or ""), line)

    def _judged(self, whose: Whose, asked: Amounts, now: datetime) -> Expected:
        if self.terms.get((whose.tenant, whose.workflow), (False, None))[0]:
            return {"allowed": False, "action": "pause", "reason_code": "WORKFLOW_PAUSED"}
        gates = self._gates(whose, place(now, now))
        waits = all(self._fits(gate, asked, "spent") for gate in gates)
        for account, _, code in (one for one in gates if not self._fits(one, asked, "committed")):
            left = [one for one in self.overdue(now) if waits and self._frees(one, account)]
            assert not left, f"refused by {account} with overdue holds in the way: {left}"
            action = "pause" if code == CODES["workflow"] else "block"
            return {"allowed": False, "action": action, "reason_code": code}
        return {"allowed": True, "action": "allow", "reason_code": None}

    def _fits(self, gate: Gate, asked: Amounts, beside: str) -> bool:
        """Whether a gate has room for the amounts, beside what is `committed` or only `spent`."""
        account, limit, _ = gate
        return limit is None or self.accounts[account][beside] + asked[unit_of(account)] <= limit

    def _gates(self, whose: Whose, where: Place) -> list[Gate]:
        """Return a request's gates: runs, the tenant's budgets, its month, the system's budgets."""
        own, found = self.terms.get((whose.tenant, whose.workflow), (False, None))[1], list[Gate]()
        for (scope, _), account in zip(whose.gates, whose.runs, strict=True):
            limit = own if scope == "workflow" and own is not None else self.limits[scope]
            found.append((account, limit, CODES[scope]))
        month = f"{whose.tenant}#tenant#{whose.tenant}#{where.month}"
        found += self._budgets_of(whose.tenant, whose, where)
        found.append((month, self.tenant_limit(whose.tenant, where.month), CODES["tenant"]))
        # "b..." stands before "system-month", as all of one rank do by their names.
        found += self._budgets_of(SYSTEM, whose, where)
        found.append((f"*#system#system#{where.month}", self.limits["system"], CODES["system"]))
        return found

    def tenant_limit(self, tenant: str, month: str) -> Decimal | None:
        """The limit of a tenant's month: its own, or that of all tenants."""
        own = self.budgets.get((tenant, TENANT_MONTH))
        return self.limit_of(own, month, self.now) if own else self.limits["tenant"]

    def _budgets_of(self, owner: str, whose: Whose, where: Place) -> list[Gate]:
        return [
            (account, self.limit_of(budget, where.period(budget.period), self.now), EXCEEDED)
            for name, budget in sorted(self.budgets.items())
            if name[0] == owner
            and name[1] != TENANT_MONTH
            and budget.is_for(whose, self.budgets.values())
            and (account := budget.account(where, whose))
        ]

    def _held(self, whose: Whose, where: Place) -> list[str]:
        """Return the accounts that a hold moves."""
        return list(dict.fromkeys(account for account, _, _ in self._gates(whose, where)))

    def _moved(self, whose: Whose, where: Place) -> list[str]:
        """Return the accounts that a cost moves."""
        return list(dict.fromkeys((*whose.touched(where), *self._held(whose, where))))
