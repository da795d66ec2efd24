"""Many costs at once: a handful of transactions, each cost exactly once."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from budget_monitor.domain.accounts import AccountKey
from budget_monitor.domain.errors import (
    BudgetMonitorError,
    UnavailableError,
    UnknownPriceError,
    ValidationError,
)
from budget_monitor.domain.ledger import Entry
from budget_monitor.domain.requests import refuse_other_content
from budget_monitor.domain.transactions import Posting, Transaction
from budget_monitor.ports import Clock, Store
from budget_monitor.usecases.plans import ROUNDS, Plan, Planner, gave_up, not_ahead
from budget_monitor.usecases.recording import Record, posted, recorded

MAX_ITEMS = 100
"""What one TransactWriteItems takes."""


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one cost of a batch: its entry, or why there is none."""

    entry: Entry | None = None
    error: BudgetMonitorError | None = None
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class _Waiting:
    index: int
    order: Record
    plan: Plan
    entry: Entry


class Batches:
    """The use case of `record_costs`."""

    def __init__(self, store: Store, planner: Planner, clock: Clock) -> None:
        self._store = store
        self._planner = planner
        self._clock = clock

    def record_costs(self, orders: Sequence[Record]) -> list[Result]:
        """One result for each cost, in order. The moves of an account are summed.

        Raises UnavailableError only when nothing at all was recorded.
        """
        results: dict[int, Result] = {}
        firsts: dict[str, int] = {}
        for index, order in enumerate(orders):
            not_ahead(order.cost.occurred_at, self._clock.now(), f"costs[{index}].occurred_at")
            firsts.setdefault(order.entry_id, index)
        waiting = self._all_waiting({index: orders[index] for index in firsts.values()}, results)
        try:
            self._record(waiting, results)
        except UnavailableError as fault:
            if not any(result.entry and not result.replayed for result in results.values()):
                raise
            for one in waiting:
                results.setdefault(one.index, Result(error=fault))
        return [
            results[index]
            if firsts[order.entry_id] == index
            else _repeated(results[firsts[order.entry_id]], order)
            for index, order in enumerate(orders)
        ]

    def _all_waiting(
        self, orders: Mapping[int, Record], results: dict[int, Result]
    ) -> list[_Waiting]:
        """The costs with their plans; a parent may be an execution that the batch opens."""
        opening: dict[str, str] = {}
        waiting = []
        for index, order in orders.items():
            plan = self._plan(index, order, opening)
            if order.labels.agent_execution_id:
                opening.setdefault(order.labels.agent_execution_id, plan.labels.lineage)
            try:
                entry = recorded(order, plan, self._clock.now())
            except UnknownPriceError as fault:
                results[index] = Result(error=fault)
            else:
                waiting.append(_Waiting(index, order, plan, entry))
        return waiting

    def _plan(self, index: int, order: Record, opening: Mapping[str, str]) -> Plan:
        occurred_at = order.cost.occurred_at
        try:
            return self._planner.plan(order.tenant_id, order.labels, occurred_at, opening)
        except ValidationError as fault:
            raise ValidationError(
                f"costs[{index}].{fault.message}", f"costs[{index}].{fault.field}"
            ) from fault

    def _record(self, waiting: list[_Waiting], results: dict[int, Result]) -> None:
        for _ in range(ROUNDS):
            left: list[_Waiting] = []
            for chunk in self._chunks(waiting):
                if self._store.commit(_together(chunk)):
                    results.update({one.index: Result(one.entry) for one in chunk})
                else:
                    left += self._sort_out(chunk, results)
            if not left:
                return
            waiting = left
        raise gave_up()

    def _sort_out(self, chunk: list[_Waiting], results: dict[int, Result]) -> list[_Waiting]:
        """Take out what cancelled the transaction; what remains is to be written again."""
        tenant_id = chunk[0].plan.tenant_id
        known = self._store.entries(tenant_id, [one.entry.entry_id for one in chunk])
        accounts = self._store.accounts(
            one.plan.execution for one in chunk if one.plan.execution is not None
        )
        left = []
        for one in chunk:
            try:
                entry = known.get(one.entry.entry_id)
                if entry:
                    results[one.index] = _known(entry, one.order)
                else:
                    plan = one.plan.following(accounts)
                    entry = recorded(one.order, plan, self._clock.now())
                    left.append(replace(one, plan=plan, entry=entry))
            except BudgetMonitorError as fault:
                results[one.index] = Result(error=fault)
        return left

    def _chunks(self, waiting: Sequence[_Waiting]) -> Iterator[list[_Waiting]]:
        """Costs that fit one transaction together; those of one run beside each other."""
        rest = sorted(waiting, key=lambda one: [str(account) for account in one.entry.moved])
        while rest:
            chunk, later, accounts = list[_Waiting](), list[_Waiting](), dict[AccountKey, Posting]()
            for one in rest:
                more = dict(posted(one.entry, one.plan))
                items = sum(self._store.most_rows(account) for account in accounts | more)
                if chunk and (len(chunk) + items >= MAX_ITEMS or not _agree(accounts, more)):
                    later.append(one)
                else:
                    chunk.append(one)
                    accounts |= more
            yield chunk
            rest = later


def _known(entry: Entry, order: Record) -> Result:
    refuse_other_content(entry.request, order.cost.request, "entry_id")
    return Result(entry, replayed=True)


def _repeated(first: Result, order: Record) -> Result:
    """The result of a cost whose id stands in the batch before."""
    if first.entry is None:
        return first
    try:
        return _known(first.entry, order)
    except BudgetMonitorError as fault:
        return Result(error=fault)


def _agree(accounts: Mapping[AccountKey, Posting], more: Mapping[AccountKey, Posting]) -> bool:
    """Whether both say the same lineage of every execution that both move."""
    return all(
        {accounts[key].lineage, more[key].lineage} == {more[key].lineage}
        or None in {accounts[key].lineage, more[key].lineage}
        for key in accounts.keys() & more.keys()
    )


def _together(chunk: Sequence[_Waiting]) -> Transaction:
    """One transaction for the chunk: every entry, and one summed move an account."""
    sums: dict[AccountKey, Posting] = {}
    for one in chunk:
        for account, posting in posted(one.entry, one.plan).items():
            before = sums.get(account, Posting())
            move, lineage = before.move + posting.move, before.lineage or posting.lineage
            sums[account] = Posting(move, posting.limit, lineage=lineage)
    return Transaction(postings=sums, entries=tuple(one.entry for one in chunk))
