"""Record many costs in a few transactions, each cost exactly once."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import TypeVar

from budget_monitor.domain.accounting.accounts import AccountKey
from budget_monitor.domain.accounting.labels import Labels
from budget_monitor.domain.costs.ledger import Entry
from budget_monitor.domain.errors import (
    BudgetMonitorError,
    UnavailableError,
    UnknownPriceError,
    ValidationError,
)
from budget_monitor.domain.periods import not_ahead
from budget_monitor.domain.requests import refuse_other_content
from budget_monitor.domain.transactions import IdempotencyKey
from budget_monitor.domain.values import dataclass
from budget_monitor.ports import Clock, Store
from budget_monitor.usecases.accounting.lineage import refuse_own_parent
from budget_monitor.usecases.accounting.planner import Planner
from budget_monitor.usecases.alerts.notices import AlertWriter
from budget_monitor.usecases.attempts import MAX_ROUNDS, too_many_rounds
from budget_monitor.usecases.costs.batch_chunks import Ready, facts, whole
from budget_monitor.usecases.costs.batch_order import (
    Parents,
    Waiting,
    executions,
    opens_later,
    parent_of,
)
from budget_monitor.usecases.costs.record import Record, entry_of
from budget_monitor.usecases.idempotency import keep
from budget_monitor.usecases.prices.spent import Bill

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Result:
    """Result of one cost of a batch: its entry, or the error."""

    entry: Entry | None = None
    error: BudgetMonitorError | None = None
    replayed: bool = False


def known_result(entry: Entry, command: Record) -> Result:
    """Return the result of a cost that was booked before.

    Raises IdempotencyMismatchError if its content differs.
    """
    refuse_other_content(entry.request, command.cost.request, "entry_id")
    return Result(entry, replayed=True)


def written_result(entry: Entry, command: Record) -> Result:
    """Return the result of a cost that this batch wrote; an error if its content differs."""
    booked = booked_result(entry, command)
    return replace(booked, replayed=False) if booked.entry else booked


def booked_result(entry: Entry, command: Record) -> Result:
    """Return the result of a cost that was booked before; an error if its content differs."""
    try:
        return known_result(entry, command)
    except BudgetMonitorError as fault:
        return Result(error=fault)


Bills = Mapping[int, Bill]
"""Bills of the priced costs of a batch, by index."""

MAX_ITEMS, MAX_BYTES = 100, 3_000_000
"""Limits of one TransactWriteItems: items, and bytes (well below DynamoDB's 4 MB)."""


class Batches:
    """The use case of `record_costs`."""

    def __init__(self, store: Store, planner: Planner, clock: Clock, notices: AlertWriter) -> None:
        self._store = store
        self._planner = planner
        self._clock = clock
        self._notices = notices

    def record_costs(
        self, commands: Sequence[Record], key: IdempotencyKey | None = None
    ) -> list[Result]:
        """Return one result per cost, in order. The moves of each account are summed.

        Costs are written in waves. A cost waits for a later wave if it depends on another cost of
        the batch: its parent, an earlier cost with its id, or the first cost of its run. The
        batch's idempotency key is written first, so a retry after a crash continues the batch.

        Raises ValidationError and IdempotencyMismatchError before anything is written. Raises
        UnavailableError only if nothing was recorded.
        """
        commands = [replace(one, labels=self._labels(one)) for one in commands]
        bills = self._validate(commands)
        keep(self._store, key)
        waiting, results = dict(enumerate(commands)), dict[int, Result]()
        try:
            while waiting:
                self._record(self._wave(waiting, results, bills), results)
                waiting = {i: one for i, one in waiting.items() if i not in results}
        except UnavailableError as fault:
            self._account_for(waiting, results, fault)
        self._store_alerts(results.values())
        return [results[index] for index in range(len(commands))]

    def _labels(self, command: Record) -> Labels:
        """The labels, with the model that the provider's answer names if none was given."""
        return self._planner.labelled(command.labels, command.cost.spent)

    def _validate(self, commands: Sequence[Record]) -> dict[int, Bill]:
        """Return the bills of the priced costs. Raises ValidationError for a malformed cost."""
        bills = self._bills(commands)
        if len(bills) < len(commands):
            self._planner.forget(commands[0].tenant_id)
            bills = self._bills(commands)
        return bills

    def _bills(self, commands: Sequence[Record]) -> dict[int, Bill]:
        bills = dict[int, Bill]()
        for index, command in enumerate(commands):
            not_ahead(command.cost.occurred_at, self._clock.now(), f"costs[{index}].occurred_at")
            try:
                with suppress(UnknownPriceError, UnavailableError):
                    bills[index] = self._bill(command)
                refuse_own_parent(command.labels)
            except ValidationError as fault:
                raise ValidationError(
                    f"costs[{index}].{fault.message}", f"costs[{index}].{fault.field}"
                ) from fault
        return bills

    def _bill(self, command: Record) -> Bill:
        """Return the bill of the cost.

        Raises ValidationError if the usage cannot be priced, but UnknownPriceError if the cost was
        booked before.
        """
        cost = command.cost
        try:
            return self._planner.bill(
                command.tenant_id, command.labels, cost.spent, cost.occurred_at
            )
        except ValidationError as fault:
            if self._store.entry(command.tenant_id, command.entry_id) is None:
                raise
            raise UnknownPriceError(fault.message, fault.field) from fault

    def _parents(self, waiting: Waiting) -> Parents:
        keys = {parent_of(command) for command in waiting.values()} - {None}
        return self._planner.intact(key for key in keys if key)

    def _wave(self, waiting: Waiting, results: dict[int, Result], bills: Bills) -> list[Ready]:
        """Return the costs that depend on no other waiting cost. Refuse costs without a price."""
        parents, opened = self._parents(waiting), executions(waiting)
        ready, behind, lineages = list[Ready](), set[str](), dict[AccountKey, str]()
        names_of = dict[AccountKey, str | None]()
        for index, command in waiting.items():
            names = {f"entry {command.entry_id}", f"run {command.labels.agent_execution_id}"}
            if names & behind or opens_later(command, parents, opened):
                behind |= names - {"run None"}
                continue
            try:
                one = self._ready(index, command, parents, bills.get(index))
            except (ValidationError, UnknownPriceError, UnavailableError) as fault:
                if isinstance(fault, UnavailableError) and command.cost.spent.amount is not None:
                    raise
                results[index] = self._unpriced(command, fault)
                continue
            placed = one.plan.lineages
            called = {run: one.plan.name_of(run) for run in one.plan.named_runs}
            if _agree(lineages, placed) and _agree(names_of, called):
                lineages |= placed
                names_of |= called
                ready.append(one)
                behind.add(f"entry {command.entry_id}")
            else:
                behind |= names
        if not ready and not waiting.keys() & results.keys():
            # All of them wait for each other's run to open: write the first one alone.
            first = next(iter(waiting))
            return self._wave({first: waiting[first]}, results, bills)
        return ready

    def _ready(
        self, index: int, command: Record, parents: Parents, bill: Bill | None = None
    ) -> Ready:
        cost = command.cost
        plan = self._planner.unpriced_cost(
            command.tenant_id, command.labels, cost.occurred_at, parents, backfill=command.backfill
        )
        plan = self._planner.billed(replace(plan, spent=cost.spent), bill)
        return Ready(index, command, plan, entry_of(command.entry_id, cost, plan))

    def _unpriced(self, command: Record, fault: BudgetMonitorError) -> Result:
        """Return the error, or the booked result if the cost was booked before."""
        known = None
        if not isinstance(fault, UnavailableError):
            known = self._store.entry(command.tenant_id, command.entry_id)
        return booked_result(known, command) if known else Result(error=fault)

    def _record(self, ready: list[Ready], results: dict[int, Result]) -> None:
        for _ in range(MAX_ROUNDS):
            left = list[Ready]()
            for chunk in self._chunks(self._begun(ready)):
                if self._store.commit(whole(chunk)):
                    for one in chunk:
                        self._planner.beginnings.written(one.plan, one.entry)
                    results.update({one.index: Result(one.entry) for one in chunk})
                else:
                    left += self._sort_out(chunk, results)
            if not left:
                return
            ready = left
        raise too_many_rounds()

    def _begun(self, ready: list[Ready]) -> list[Ready]:
        """Return the costs, with the data that rows of newly opened runs store."""
        plans = self._planner.beginnings.of_costs([(one.plan, one.entry.counted) for one in ready])
        return [replace(one, plan=plan) for one, plan in zip(ready, plans, strict=True)]

    def _store_alerts(self, results: Iterable[Result]) -> None:
        """Store alerts for fallback prices and relabelled runs.

        They are repeated on replay, in case an alert was lost.
        """
        for one in results:
            if one.entry:
                self._notices.store_for(one.entry, self._clock.now())

    def _chunks(self, ready: Sequence[Ready]) -> Iterator[list[Ready]]:
        """Yield chunks that fit one transaction each. Costs of the same run are kept together."""
        rest = sorted(ready, key=lambda one: [str(account) for account in one.entry.moved])
        while rest:
            chunk, later, accounts, weight = list[Ready](), list[Ready](), set[AccountKey](), 0
            for one in rest:
                more, together = accounts | one.accounts, [*chunk, one]
                items = facts(together) + sum(map(self._store.max_rows, more))
                if chunk and (items > MAX_ITEMS or weight + one.weight > MAX_BYTES):
                    later.append(one)
                else:
                    chunk = together
                    accounts, weight = more, weight + one.weight
            yield chunk
            rest = later

    def _sort_out(self, chunk: list[Ready], results: dict[int, Result]) -> list[Ready]:
        """Set the results of costs that cancelled the transaction; return the rest."""
        tenant_id, commands = chunk[0].plan.tenant_id, {one.index: one.command for one in chunk}
        self._planner.forget(tenant_id)
        known = self._store.entries(tenant_id, [one.entry.entry_id for one in chunk])
        runs = {run for one in chunk for run in (*one.plan.lineages, *one.plan.named_runs)}
        accounts, parents = self._planner.intact(runs), self._parents(commands)
        damaged = runs - accounts.keys()
        left = []
        for index, command in commands.items():
            try:
                if command.entry_id in known:
                    results[index] = known_result(known[command.entry_id], command)
                else:
                    one = self._ready(index, command, parents)
                    plan = self._planner.follow(one.plan, accounts)
                    if damaged.intersection((*plan.lineages, *plan.named_runs)):
                        plan = replace(plan, skip_lineage_check=True)
                    entry = entry_of(command.entry_id, command.cost, plan)
                    left.append(replace(one, plan=plan, entry=entry))
            except BudgetMonitorError as fault:
                results[index] = Result(error=fault)
        return left

    def _account_for(
        self, waiting: Waiting, results: dict[int, Result], fault: UnavailableError
    ) -> None:
        """Read back costs whose write had no answer: no recorded cost may be reported as failed.

        Raises the fault if nothing was recorded.
        """
        lost = {i: one for i, one in waiting.items() if i not in results}
        tenant_id = next(iter(waiting.values())).tenant_id
        known = self._store.entries(tenant_id, {one.entry_id for one in lost.values()})
        for index, command in lost.items():
            results[index] = Result(error=fault)
            if command.entry_id in known:
                results[index] = written_result(known[command.entry_id], command)
        if not any(result.entry and not result.replayed for result in results.values()):
            raise fault


def _agree(known: Mapping[AccountKey, T], said: Mapping[AccountKey, T]) -> bool:
    """True if a cost names its runs as the other costs of the same write do."""
    return all(known.get(run, one) == one for run, one in said.items())
