"""Budgets: the maximum that a scope may commit in a period, and the action at that limit."""

from collections.abc import Mapping
from dataclasses import field, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from budget_monitor.domain.accounting.accounts import (
    AGENT,
    EXECUTION,
    MODEL,
    PROVIDER,
    SYSTEM_SCOPE,
    TAG,
    TENANT,
    USER,
    WORKFLOW,
)
from budget_monitor.domain.accounting.labels import ID
from budget_monitor.domain.money import ZERO, parse_amount, render
from budget_monitor.domain.names import EACH, is_family
from budget_monitor.domain.periods import (
    DAY,
    HOUR,
    MINUTE,
    MONTH,
    QUARTER,
    RUN,
    TOTAL,
    WEEK,
    YEAR,
    parse_instant,
    render_instant,
)
from budget_monitor.domain.rules.grants import Balance
from budget_monitor.domain.rules.limits import dump_counted, load_counted, load_since
from budget_monitor.domain.rules.raises import Raise
from budget_monitor.domain.rules.rollovers import Rollover
from budget_monitor.domain.rules.wind_down import Rung, load_reserve, share
from budget_monitor.domain.units import UNITS, USD, share_of
from budget_monitor.domain.values import dataclass

NO_BALANCE = Balance()
BLOCK, BLOCK_NEW, PAUSE, ALERT, ALLOW = "block", "block_new", "pause", "alert", "allow"
ASK = "ask"
"""Refuse, and ask people for more limit."""
ENFORCE, SHADOW = "enforce", "shadow"

SCOPES = (SYSTEM_SCOPE, TENANT, WORKFLOW, EXECUTION, AGENT, MODEL, USER, TAG, PROVIDER)
PERIODS = (RUN, MINUTE, HOUR, DAY, WEEK, MONTH, QUARTER, YEAR, TOTAL)
ACTIONS = (BLOCK, BLOCK_NEW, PAUSE, ALERT, ASK)
ENFORCEMENTS = (ENFORCE, SHADOW)

DEFAULTS = {
    "execution": (EXECUTION, RUN),
    "workflow": (WORKFLOW, RUN),
    "tenant-month": (TENANT, MONTH),
    "system-month": (SYSTEM_SCOPE, MONTH),
}
"""The built-in budgets: id, scope and period."""

DEFAULT_THRESHOLDS = (50, 80, 100)
"""Percents of a limit at which alerts go out, for every period but a run and a minute."""


@dataclass(frozen=True, slots=True)
class Budget:
    """The most that a scope may commit in a period (None: no limit), and what follows.

    `limit` is in USD, or in `unit` where the budget is seen in another one.
    """

    budget_id: str
    scope: str
    limit: Decimal | None
    action: str = BLOCK
    enforcement: str = ENFORCE
    period: str = MONTH
    scope_id: str | None = None
    """The name that it limits; None: the whole scope together; `*`: each name separately."""
    thresholds: tuple[int, ...] = DEFAULT_THRESHOLDS
    created_at: datetime | None = None
    """None for a built-in budget that is not overridden."""
    raises: tuple[Raise, ...] = ()
    source: str = "default"
    """Who set it: `default`, `system` or `tenant`."""
    life: str = ""
    """Separates its account from that of a deleted budget with the same id; "" in older rows."""
    balance: Balance = NO_BALANCE
    """Prepaid grants, of a budget whose period is `total`."""
    rollover: Rollover | None = None
    """The part of a month's budget that is carried into the next."""
    carried: Mapping[str, Decimal] = field(default_factory=dict, hash=False)
    """Amounts carried into each month, in USD, as far as known. Not stored here."""
    raised: Decimal = ZERO
    """The part of the limit, in USD, that raises, grants and rollover make at that moment."""
    unit: str = USD
    counted: Mapping[str, Decimal] = field(default_factory=dict, hash=False)
    """Its limits in tokens and calls, by unit."""
    counted_since: Mapping[str, datetime] = field(default_factory=dict, hash=False)
    """When each of these limits was set; it counts from then on."""
    reserve_percent: int = 0
    """The last share of each limit, in percent, which only requests with `wrap_up` may use."""
    downgrade: tuple[Rung, ...] = ()
    """Cheaper models, in the order in which they replace the requested one."""

    @property
    def by_unit(self) -> tuple["Budget", ...]:
        """The budget as it is seen in each unit: in USD unless only others are limited."""
        if not self.counted:
            return (self,)
        others = tuple(self._in(unit, limit) for unit, limit in self.counted.items())
        return others if self.limit is None and not self.is_default else (self, *others)

    def _in(self, unit: str, limit: Decimal) -> "Budget":
        since = self.counted_since.get(unit, self.created_at)
        seen = replace(self, limit=limit, unit=unit, counted={}, created_at=since)
        return replace(seen, raises=(), raised=ZERO, balance=NO_BALANCE, rollover=None, carried={})

    @property
    def is_default(self) -> bool:
        """True for the four built-in budgets."""
        return self.budget_id in DEFAULTS

    @property
    def enforces(self) -> bool:
        """True if it refuses requests: its enforcement is `enforce`, its action is not `alert`."""
        return self.enforcement == ENFORCE and self.action != ALERT

    @property
    def warns(self) -> bool:
        """True if crossing a threshold of its limit sends an alert."""
        return self.limit is not None and bool(self.thresholds)

    @property
    def is_each(self) -> bool:
        """True if it limits each name of its scope separately: one rule, one account per name."""
        return self.scope_id == EACH

    @property
    def is_for_a_name(self) -> bool:
        """True if it is for exactly one name."""
        family = self.scope == MODEL and is_family(self.scope_id)
        return self.scope_id is not None and not self.is_each and not family

    @property
    def takes_the_defaults_place(self) -> bool:
        """True if it replaces the built-in budget for runs of its name."""
        return self.period == RUN and self.scope_id is not None and self.enforces

    @property
    def limits(self) -> dict[str, Decimal]:
        """Its limits by unit."""
        return ({} if self.limit is None else {self.unit: self.limit}) | {**self.counted}

    @property
    def units_taken(self) -> tuple[str, ...]:
        """The units in which it replaces the default: those that it limits, or all of them."""
        return tuple(self.limits) or UNITS

    @property
    def winds_down(self) -> bool:
        """True if some requests may not use its whole limit."""
        return bool(self.reserve_percent or self.downgrade)

    def percent_for(self, model: str | None, *, wrap_up: bool) -> int:
        """The percentage of its limit that a request for this model may use."""
        return share(self.downgrade, self.reserve_percent, model, wrap_up=wrap_up)

    @property
    def open_limit(self) -> Decimal | None:
        """The part of the limit that any request may use, whatever its model."""
        if self.limit is None or not self.winds_down:
            return self.limit
        return share_of(self.unit, self.limit, self.percent_for(None, wrap_up=False))

    @property
    def judges(self) -> bool:
        """True if writes compare with this limit (enforced or shadow; not `alert`)."""
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
        """True if its limit depends on earlier spend, because of grants or rollover."""
        return bool(self.balance.grants) or self.rollover is not None

    @property
    def base_limit(self) -> Decimal | None:
        """The limit without raises."""
        return None if self.limit is None else self.limit - self.raised

    def dump(self) -> dict[str, Any]:
        """Return the budget as plain JSON."""
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
            **dump_counted(self.counted),
            **self._dump_set(),
            **({"balance": self.balance.dump()} if self.balance.grants else {}),
            **({"rollover": self.rollover.dump()} if self.rollover else {}),
        }

    def _dump_set(self) -> dict[str, Any]:
        """Return the fields that only some budgets have, if this one has them."""
        since = {unit: render_instant(at) for unit, at in self.counted_since.items()}
        known = {
            "counted_since": since,
            "reserve_percent": self.reserve_percent,
            "downgrade": [rung.dump() for rung in self.downgrade],
        }
        return {name: value for name, value in known.items() if value}

    @classmethod
    def load(cls, budget_id: str, source: str, dumped: Mapping[str, Any]) -> "Budget":
        """Return the budget that `dump` wrote.

        Raises KeyError, TypeError or ValueError for damaged input.
        """
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
            counted=load_counted(dumped),
            counted_since=load_since(dumped),
            reserve_percent=load_reserve(dumped),
            downgrade=tuple(map(Rung.load, dumped.get("downgrade", ()))),
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
