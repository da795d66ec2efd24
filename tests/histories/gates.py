"""The oracle's accounts and gates: what moved, whose run it was, and what still fits."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from decimal import Decimal
from typing import Any

from tests.histories.facts import Fact, Hold, Line, RefusedError, Whose

Name = tuple[str, str]
Terms = tuple[bool, Decimal | None]  # whether a workflow is paused, and a limit of its own
Fields = dict[str, Any]
Expected = dict[str, Any]
Limits = dict[str, Decimal | None]

CODES = {
    "execution": "EXECUTION_EXCEEDED",
    "workflow": "WORKFLOW_EXCEEDED",
    "tenant": "TENANT_MONTH_EXCEEDED",
    "system": "SYSTEM_MONTH_EXCEEDED",
}


class Gates:
    """The accounts of all tenants, who belongs to whom, and what still fits."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.accounts: dict[str, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
        self.lines: dict[Name, Line] = {}
        self.holds: dict[Name, Hold] = {}
        self.facts: dict[Name, Fact] = {}
        self.terms: dict[Name, Terms] = {}

    def overdue(self, now: datetime) -> list[Name]:
        """Open holds whose time is up and whose money was not yet given back."""
        return [name for name, one in self.holds.items() if one.state != one.state_at(now)]

    def swept(self, name: Name, now: datetime) -> None:
        """The product gave this hold back because its time was up."""
        assert self.holds[name].state_at(now) == "expired", f"{name} expired before its time"
        self._end(self.holds[name], "expired")

    def _end(self, hold: Hold, state: str) -> None:
        hold.state = state
        self._move(hold.accounts, held=-hold.amount, holds=Decimal(-1))

    def _move(self, accounts: list[str], **changes: Decimal) -> None:
        for account in accounts:
            for name, change in changes.items():
                self.accounts[account][name] += change
                if name in {"spent", "held"}:
                    self.accounts[account]["committed"] += change

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
        return Whose(tenant, execution, workflow, ancestors, agent, model)

    def _kept(self, said: Whose, fields: Fields) -> Whose:
        """The labels under what the execution's first use fixed."""
        line = self.lines.get((said.tenant, said.execution or ""))
        if line is None or line == said.line:
            return said
        other_parent = fields.get("parent_execution_id") and said.ancestors != line[1:]
        if said.workflow not in {"", line[0]} or other_parent:
            raise RefusedError("CONFLICT")
        return Whose(said.tenant, said.execution, line[0], line[1:], said.agent, said.model)

    def _stands(self, fields: Fields) -> tuple[Whose, tuple[str, ...]]:
        """Whose a cost that happened is, and the flag of one whose caller says otherwise."""
        tenant, execution = fields["tenant_id"], fields.get("agent_execution_id")
        flow, parent = fields.get("workflow_execution_id"), fields.get("parent_execution_id")
        if parent and parent == execution:
            raise RefusedError("VALIDATION_ERROR")
        above = self.lines.get((tenant, parent or ""), (flow or "",))
        line = (above[0], parent, *above[1:]) if parent else above
        line = self.lines.get((tenant, execution or ""), line)
        agent, model = fields.get("agent") or "", fields.get("model") or ""
        whose = Whose(tenant, execution, line[0], line[1:], agent, model)
        elsewhere = flow not in {None, whose.workflow} or parent not in {None, *line[1:2]}
        return whose, ("relabelled",) if elsewhere else ()

    def _keep(self, whose: Whose) -> None:
        runs = (whose.execution, *whose.ancestors) if whose.execution else ()
        for place, run in enumerate(runs):  # a parent that was never seen is opened, too
            line = (whose.workflow, *whose.ancestors[place:])
            self.lines.setdefault((whose.tenant, run or ""), line)

    def _judged(self, whose: Whose, amount: Decimal, now: datetime) -> Expected:
        paused, own = self.terms.get((whose.tenant, whose.workflow), (False, None))
        if paused:
            return {"allowed": False, "action": "pause", "reason_code": "WORKFLOW_PAUSED"}
        for account in whose.gated(f"{now:%Y-%m}"):
            scope = account.split("#")[1]
            limit = own if scope == "workflow" and own is not None else self.limits[scope]
            if limit is not None and self.accounts[account]["committed"] + amount > limit:
                left = [one for one in self.overdue(now) if account in self.holds[one].accounts]
                assert not left, f"refused by {account} with overdue holds in the way: {left}"
                action = "pause" if scope == "workflow" else "block"
                return {"allowed": False, "action": action, "reason_code": CODES[scope]}
        return {"allowed": True, "action": "allow", "reason_code": None}
