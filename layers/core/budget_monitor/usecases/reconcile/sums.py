"""Adding up entries: sums are kept, the entries are not."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from sys import intern

from budget_monitor.domain.accounting.accounts import AccountKey, Move
from budget_monitor.domain.costs.ledger import Entry
from budget_monitor.domain.money import ZERO

MAX_YOUNG = 20_000
"""Of how many recent entries a walk remembers the ids."""


@dataclass(slots=True)
class Sum:
    """What entries add to one account. Changed in place: there may be a million of them."""

    spent: Decimal = ZERO
    workflow_spent: Decimal = ZERO
    entries: int = 0
    tokens: int = 0
    input_tokens: int = 0
    output_tokens: int = 0

    def add(self, move: Move) -> None:
        """Add one entry's move."""
        self.spent += move.spent
        if move.workflow_spent:
            self.workflow_spent += move.workflow_spent
        self.entries += move.entries
        self.tokens += move.tokens
        self.input_tokens += move.input_tokens
        self.output_tokens += move.output_tokens

    @property
    def move(self) -> Move:
        """The same as a move."""
        return Move(
            spent=self.spent,
            workflow_spent=self.workflow_spent,
            entries=self.entries,
            tokens=self.tokens,
            input_tokens=self.input_tokens,
            output_tokens=self.output_tokens,
        )


@dataclass(frozen=True, slots=True)
class Young:
    """An entry recorded so lately that rows which were read before it was listed may lack it."""

    entry_id: str
    recorded_at: datetime
    move: Move


@dataclass(slots=True)
class Tally:
    """What the listed entries add up to, and which of them are young."""

    since: datetime
    """Entries recorded from here on are young."""
    sums: dict[AccountKey, Sum] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)
    """The ids of the young entries."""
    young: dict[AccountKey, list[Young]] = field(default_factory=dict)
    crowded: bool = False
    """Whether there were more young entries than are remembered."""

    def add(self, entry: Entry, wanted: Callable[[AccountKey], bool]) -> None:
        """Add the entry to those of its accounts that are wanted."""
        accounts = [account for account in entry.moved if wanted(account)]
        moves = {account.unit: entry.move_in(account.unit) for account in accounts}
        for account in accounts:
            kept = self.sums.get(account)
            if kept is None:
                kept = self.sums[_compact(account)] = Sum()
            kept.add(moves[account.unit])
        if entry.recorded_at >= self.since:
            self._remember(entry, accounts)

    def _remember(self, entry: Entry, accounts: Iterable[AccountKey]) -> None:
        if len(self.seen) >= MAX_YOUNG:
            self.crowded = True
            return
        self.seen.add(entry.entry_id)
        for account in accounts:
            young = Young(entry.entry_id, entry.recorded_at, entry.move_in(account.unit))
            self.young.setdefault(account, []).append(young)


def _compact(account: AccountKey) -> AccountKey:
    """The same key, sharing the texts that many keys have in common."""
    tenant_id, scope, period = map(intern, (account.tenant_id, account.scope, account.period))
    return replace(account, tenant_id=tenant_id, scope=scope, period=period)
