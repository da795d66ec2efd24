"""Sums of entries per account, without keeping the entries."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from sys import intern

from budget_monitor.domain.accounting.accounts import AccountKey, Move
from budget_monitor.domain.costs.ledger import Entry
from budget_monitor.domain.money import ZERO

MAX_YOUNG = 20_000
"""Maximum of recent entries that are kept."""


@dataclass(slots=True)
class Sum:
    """Sum of the entries of one account. Mutable: there may be a million entries."""

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
        """The sum as a move."""
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
    """A recent entry: rows that were read before it was listed may not include it."""

    entry_id: str
    recorded_at: datetime
    move: Move


@dataclass(slots=True)
class Tally:
    """Sums of the listed entries, and the recent ones among them (young entries)."""

    since: datetime
    """Entries recorded from this instant on are young."""
    sums: dict[AccountKey, Sum] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)
    """Ids of the young entries."""
    young: dict[AccountKey, list[Young]] = field(default_factory=dict)
    crowded: bool = False
    """True if there were more young entries than are remembered."""

    def add(self, entry: Entry, wanted: Callable[[AccountKey], bool]) -> None:
        """Add the entry to its wanted accounts."""
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
    """Return an equal key that shares its common texts with other keys, to save memory."""
    tenant_id, scope, period = map(intern, (account.tenant_id, account.scope, account.period))
    return account._replace(tenant_id=tenant_id, scope=scope, period=period)
