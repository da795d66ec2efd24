"""Render answers: amounts as decimal strings, times in RFC 3339, null for missing values."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from budget_monitor.domain.accounting.accounts import (
    SYSTEM_SCOPE,
    TENANT,
    Account,
    Move,
    WorkflowTerms,
)
from budget_monitor.domain.costs.ledger import Entry
from budget_monitor.domain.holds.decisions import Verdict
from budget_monitor.domain.holds.remaining import Remaining, remaining
from budget_monitor.domain.holds.reservations import OPEN, Reservation
from budget_monitor.domain.holds.standing import Standing
from budget_monitor.domain.money import ZERO, percent, render
from budget_monitor.domain.periods import render_instant
from budget_monitor.domain.units import amount_fields, shown, suffix
from budget_monitor.ports import Origin
from budget_monitor.ports.alerts import StoredAlert

USAGE = ("spent_usd", "held_usd", "available_usd", "used_percent", "resets_at")
"""Fields of a budget's account that are shown beside the budget itself."""
_HIDDEN = ("used_percent", "exceeded", "nearing_limit")
"""Null in a gate whose amounts are the platform's own, as all its amounts are."""
OF_THE_CALL = ("provider_request_id", "service_tier", "region", "provider_cost_usd")
"""Fields of an entry for a later comparison with the provider's bill."""


def usd(amount: Decimal | None) -> str | None:
    """An amount in USD as a decimal string, or None."""
    return None if amount is None else render(amount)


def time(moment: datetime | None) -> str | None:
    """An instant in RFC 3339, or None."""
    return None if moment is None else render_instant(moment)


def gate(standing: Standing) -> dict[str, Any]:
    """A gate: its budget, what its account holds, and the projection, in the gate's unit."""
    projected = amount_fields(standing.gate.unit, projected=standing.projected)
    shown = _budget_part(standing) | projected | {"allowed": standing.allowed}
    return _without_amounts(shown) if standing.gate.private else shown


def _without_amounts(shown: dict[str, Any]) -> dict[str, Any]:
    """Return the gate with null for all amounts."""
    amounts = [name for name in shown if name.endswith(("_usd", "_tokens", "_calls"))]
    return {**shown, **dict.fromkeys((*amounts, *_HIDDEN))}


def usage(standing: Standing) -> dict[str, Any]:
    """What is spent, held and left of a budget, and when its period ends."""
    shown, unit = gate(standing), suffix(standing.gate.unit)
    names = [name.replace("_usd", f"_{unit}") for name in USAGE]
    return {name: shown[name] for name in names}


def status(standing: Standing) -> dict[str, Any]:
    """The status of a budget: a gate without the projection, with counts."""
    totals = standing.totals
    whole = _budget_part(standing) | counts(totals)
    if standing.gate.account.scope in {TENANT, SYSTEM_SCOPE}:
        whole["agent_cost_usd"] = render(totals.spent - totals.workflow_spent)
        whole["workflow_cost_usd"] = render(totals.workflow_spent)
    return whole


def _budget_part(standing: Standing) -> dict[str, Any]:
    budget, account, totals = standing.budget, standing.gate.account, standing.totals
    limit, unit = budget.limit, standing.gate.unit
    amounts = {"spent": totals.spent, "held": totals.held, "available": standing.available}
    return {
        "budget_id": budget.budget_id,
        "scope": budget.scope,
        "scope_id": standing.gate.scope_id,
        "period": account.period,
        "unit": unit,
        **amount_fields(unit, limit=limit, **amounts),
        "used_percent": None if limit is None else percent(totals.spent, limit),
        "exceeded": standing.exceeded,
        "nearing_limit": standing.nearing,
        "action": budget.action,
        "enforcement": budget.enforcement,
        "resets_at": time(standing.gate.resets_at),
        "counting_since": time(standing.gate.counting_since),
        "hidden": standing.gate.private,
    }


def decision(
    verdict: Verdict,
    standings: tuple[Standing, ...] | None,
    tenant_month: Standing | None,
) -> dict[str, Any]:
    """The decision, without its reservation."""
    known = standings or ()
    return {
        "allowed": verdict.allowed,
        "action": verdict.action,
        "reason_code": verdict.reason_code,
        "reason": verdict.reason,
        "budget_id": verdict.budget_id,
        "unblock": verdict.unblock,
        "warnings": [one.warning for one in known if one.warning],
        "status": None if tenant_month is None else status(tenant_month),
        "gates": gates(standings),
        "remaining": None if standings is None else left(remaining(standings)),
    }


def left(amounts: Remaining) -> dict[str, str | int | None]:
    """What is left in each unit; null where no gate limits it."""
    return {unit: shown(unit, amount) for unit, amount in amounts.items()}


def origin(where: Origin) -> dict[str, Any]:
    """The source of the numbers. They are of `as_of` or later."""
    return {
        "source": "cache" if where.cached else "store",
        "as_of": render_instant(where.as_of),
    }


def gates(standings: tuple[Standing, ...] | None) -> list[dict[str, Any]] | None:
    """All gates in order, or None if they were not asked for."""
    return None if standings is None else [gate(one) for one in standings]


def reservation(held: Reservation, now: datetime) -> dict[str, Any]:
    """A reservation as it is at `now`. An overdue one is `expired` even before its row says so."""
    hold, state = held.hold, held.state_at(now)
    return {
        "reservation_id": hold.reservation_id,
        "tenant_id": hold.tenant_id,
        **hold.labels.public(),
        "amount_usd": render(hold.amount),
        "drawn_usd": render(held.drawn.amounts.usd),
        "left_usd": render(held.left.usd if state == OPEN else ZERO),
        "draws": held.drawn.draws,
        "on_expiry": hold.on_expiry,
        "quote": hold.quote,
        "state": state,
        "created_at": time(hold.created_at),
        "expires_at": time(held.expires_at),
        "resolved_at": time(held.resolved_at),
        "entry_id": held.entry_id,
        "would_block": list(held.would_block),
        "principal": hold.principal,
        "changed_by": held.changed_by,
        "receipt": held.receipt,
    }


def entry(fact: Entry, *, replayed: bool = False) -> dict[str, Any]:
    """A ledger entry."""
    return {
        "entry_id": fact.entry_id,
        "kind": fact.kind,
        "tenant_id": fact.tenant_id,
        **fact.labels.public(),
        "model_resolved": fact.labels.model_resolved,
        "cost_usd": render(fact.amount),
        "tokens": fact.tokens,
        "usage": dict(fact.usage) if fact.usage is not None else None,
        "price": fact.price,
        **{name: (fact.call or {}).get(name) for name in OF_THE_CALL},
        "occurred_at": time(fact.occurred_at),
        "recorded_at": time(fact.recorded_at),
        "month": fact.booking.month,
        "reservation_id": fact.reservation_id,
        "flags": list(fact.flags),
        "adjusts": fact.adjusts,
        "reason": fact.reason,
        "by": fact.by,
        "principal": fact.principal,
        "decision": fact.review.dump() if fact.review else None,
        "replayed": replayed,
    }


def counts(totals: Move) -> dict[str, int]:
    """The counters other than amounts."""
    return {
        "tokens": totals.tokens,
        "input_tokens": totals.input_tokens,
        "output_tokens": totals.output_tokens,
        "entries": totals.entries,
    }


def share(name: str | None, account: Account, total: Decimal) -> dict[str, Any]:
    """One line of a breakdown."""
    return {"name": name, **portion(account, total)}


def portion(account: Account, total: Decimal) -> dict[str, Any]:
    """The spend and counts of an account, and its share of a total."""
    totals = account.totals
    return {
        "spent_usd": render(totals.spent),
        **counts(totals),
        "share_percent": percent(totals.spent, total) if total > 0 else "0",
    }


def alert(stored: StoredAlert) -> dict[str, Any]:
    """An alert, and whether it was sent."""
    return {
        **stored.alert.public(),
        "state": "pending" if stored.sent_at is None else "sent",
        "sent_at": time(stored.sent_at),
        "attempts": stored.attempts,
    }


def run_state(standing: Standing, terms: WorkflowTerms) -> dict[str, Any]:
    """State of a run (paused, exceeded, active) and its own limit."""
    state = "exceeded" if standing.exceeded else "active"
    return {
        "state": "paused" if terms.pause else state,
        "pause_id": terms.pause or None,
        "own_limit_usd": usd(terms.limit),
    }
