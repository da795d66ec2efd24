"""Budgets: the most that a scope may commit in a period, and what follows when it would."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from budget_monitor.domain.accounting.accounts import (
    AGENT,
    EXECUTION,
    MODEL,
    SYSTEM_SCOPE,
    TAG,
    TENANT,
    USER,
    WORKFLOW,
)
from budget_monitor.domain.accounting.labels import ID, Labels
from budget_monitor.domain.money import ZERO, parse_amount, render
from budget_monitor.domain.periods import (
    DAY,
    HOUR,
    MONTH,
    RUN,
    TOTAL,
    WEEK,
    parse_instant,
    render_instant,
)
from budget_monitor.domain.rules.grants import Balance
from budget_monitor.domain.rules.rollovers import Rollover

NO_BALANCE = Balance()
BLOCK, BLOCK_NEW, PAUSE, ALERT, ALLOW = "block", "block_new", "pause", "alert", "allow"
ENFORCE, SHADOW = "enforce", "shadow"

SCOPES = (SYSTEM_SCOPE, TENANT, WORKFLOW, EXECUTION, AGENT, MODEL, USER, TAG)
PERIODS = (RUN, HOUR, DAY, WEEK, MONTH, TOTAL)
ACTIONS = (BLOCK, BLOCK_NEW, PAUSE, ALERT)
ENFORCEMENTS = (ENFORCE, SHADOW)

DEFAULTS = {
    "execution": (EXECUTION, RUN),
    "workflow": (WORKFLOW, RUN),
    "tenant-month": (TENANT, MONTH),
    "system-month": (SYSTEM_SCOPE, MONTH),
}
"""The budgets that apply until they are overridden: their ids, scopes and periods."""

DEFAULT_THRESHOLDS = (50, 80, 100)
"""Percents of a limit at which alerts go out, for every period but a run."""


@dataclass(frozen=True, slots=True)
class Raise:
    """More limit for a while, in USD: in the period of this name, or until a moment.

    A negative amount is a temporary decrease.
    """

    raise_id: str
    amount: Decimal
    by: str
    reason: str
    at: datetime
    period: str | None = None
    until: datetime | None = None

    def applies(self, at: datetime, period: str) -> bool:
        """Whether it counts at that moment for an account of this period."""
        return at < self.until if self.until else self.period == period

    def is_over(self, at: datetime, period: str) -> bool:
        """Whether it counts neither at that moment nor later; `period` is the present one."""
        if self.until:
            return at >= self.until
        return self.period is not None and self.period < period

    def dump(self) -> dict[str, Any]:
        """The raise as plain JSON."""
        return {
            "raise_id": self.raise_id,
            "amount_usd": render(self.amount),
            "by": self.by,
            "reason": self.reason,
            "at": render_instant(self.at),
            "period": self.period,
            "until": render_instant(self.until) if self.until else None,
        }

    @classmethod
    def load(cls, dumped: Mapping[str, Any]) -> "Raise":
        """What `dump` gave. Raises KeyError, TypeError, ValueError or ValidationError."""
        until = dumped["until"]
        if not isinstance(dumped["period"], str | None):
            raise TypeError("not a raise")
        return cls(
            raise_id=dumped["raise_id"],
            amount=parse_amount(dumped["amount_usd"], "amount_usd", signed=True),
            by=dumped["by"],
            reason=dumped["reason"],
            at=parse_instant(dumped["at"], "at"),
            period=dumped["period"],
            until=parse_instant(until, "until") if until else None,
        )


@dataclass(frozen=True, slots=True)
class Budget:
    """The most that a scope may commit in a period (USD; None: no limit), and what follows."""

    budget_id: str
    scope: str
    limit: Decimal | None
    action: str = BLOCK
    enforcement: str = ENFORCE
    period: str = MONTH
    scope_id: str | None = None
    """The name that it is for; None: everyone of the scope."""
    thresholds: tuple[int, ...] = DEFAULT_THRESHOLDS
    created_at: datetime | None = None
    """Since when it exists; None for a default that nobody has overridden."""
    raises: tuple[Raise, ...] = ()
    source: str = "default"
    """Who set it: `default`, `system` or `tenant`."""
    life: str = ""
    """What tells its account from that of a deleted budget of the same id; empty in older ones."""
    balance: Balance = NO_BALANCE
    """Prepaid grants, of a budget whose period is `total`."""
    rollover: Rollover | None = None
    """What a month carries into the next."""
    carried: Mapping[str, Decimal] = field(default_factory=dict)
    """What months got from those before them, in USD, as far as is known; it is not stored here."""
    raised: Decimal = ZERO
    """The part of the limit, in USD, that raises, grants and rollover make at that moment."""

    @property
    def is_default(self) -> bool:
        """Whether it is one of the four that always apply."""
        return self.budget_id in DEFAULTS

    @property
    def enforces(self) -> bool:
        """Whether it is meant in earnest: neither a shadow nor a mere alert."""
        return self.enforcement == ENFORCE and self.action != ALERT

    @property
    def warns(self) -> bool:
        """Whether somebody is told when spend passes a part of its limit."""
        return self.limit is not None and bool(self.thresholds)

    @property
    def takes_the_defaults_place(self) -> bool:
        """Whether runs of its name are under it and no longer under the default."""
        return self.period == RUN and self.scope_id is not None and self.enforces

    @property
    def judges(self) -> bool:
        """Whether its limit is looked at by a write: it refuses, or would in earnest."""
        return self.limit is not None and self.action != ALERT

    def at(self, moment: datetime | None, period: str) -> "Budget":
        """The same budget with its limit at that moment for the named period.

        Raises, grants and what was carried over add to it. Decreases take it to zero at the lowest.
        """
        plain = not (self.raises or self.carried or self.balance.grants)
        if plain or self.limit is None or moment is None:
            return self
        raised = sum((r.amount for r in self.raises if r.applies(moment, period)), ZERO)
        raised += self.balance.granted(moment) + self.carried.get(period, ZERO)
        raised = max(raised, -self.limit)
        return replace(self, limit=self.limit + raised, raised=raised)

    @property
    def keeps_balance(self) -> bool:
        """Whether its limit depends on what was spent before: by grants or by rollover."""
        return bool(self.balance.grants) or self.rollover is not None

    @property
    def base_limit(self) -> Decimal | None:
        """The limit without what it is raised by now."""
        return None if self.limit is None else self.limit - self.raised

    def names(self, labels: Labels) -> bool:
        """Whether it is for what spends under these labels."""
        if self.scope in {TENANT, SYSTEM_SCOPE}:
            return True
        if self.scope == TAG:
            return self.scope_id in labels.tags
        said = {
            WORKFLOW: labels.workflow,
            AGENT: labels.agent,
            MODEL: labels.model,
            USER: labels.user,
        }
        return self.scope_id is not None and said.get(self.scope) == self.scope_id

    def dump(self) -> dict[str, Any]:
        """The budget as plain JSON."""
        return {
            "scope": self.scope,
            "scope_id": self.scope_id,
            "period": self.period,
            "limit_usd": None if self.limit is None else render(self.limit),
            "action": self.action,
            "enforcement": self.enforcement,
            "thresholds": list(self.thresholds),
            "created_at": render_instant(self.created_at) if self.created_at else None,
            "raises": [one.dump() for one in self.raises],
            "life": self.life,
            **({"balance": self.balance.dump()} if self.balance.grants else {}),
            **({"rollover": self.rollover.dump()} if self.rollover else {}),
        }

    @classmethod
    def load(cls, budget_id: str, source: str, dumped: Mapping[str, Any]) -> "Budget":
        """What `dump` gave. Raises KeyError, TypeError or ValueError for anything else."""
        limit, created = dumped["limit_usd"], dumped["created_at"]
        place = dumped["scope"], dumped["period"]
        if not ID.fullmatch(budget_id) or DEFAULTS.get(budget_id, place) != place:
            raise ValueError("not a budget")
        if not isinstance(dumped["scope_id"], str | None):
            raise TypeError("not a budget")
        return cls(
            budget_id=budget_id,
            scope=_one_of(dumped["scope"], SCOPES),
            limit=None if limit is None else parse_amount(limit, "limit_usd"),
            action=_one_of(dumped["action"], ACTIONS),
            enforcement=_one_of(dumped["enforcement"], ENFORCEMENTS),
            period=_one_of(dumped["period"], PERIODS),
            scope_id=dumped["scope_id"],
            thresholds=tuple(map(int, dumped["thresholds"])),
            created_at=parse_instant(created, "created_at") if created else None,
            raises=tuple(Raise.load(one) for one in dumped["raises"]),
            source=source,
            life=_text(dumped.get("life", "")),
            balance=Balance.load(dumped.get("balance")),
            rollover=Rollover.load(dumped.get("rollover")),
        )


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("not a text")
    return value


def _one_of(word: str, words: tuple[str, ...]) -> str:
    if word not in words:
        raise ValueError(f"not one of {words}")
    return word
