"""Which costs of a batch build on others of it."""

from collections.abc import Mapping

from budget_monitor.domain.accounting.accounts import Account, AccountKey, execution_key
from budget_monitor.usecases.costs.record import Record

Waiting = dict[int, Record]
"""Costs by their places in the batch."""
Parents = Mapping[AccountKey, Account]
"""The accounts of the executions that others run under."""


def parent_of(order: Record) -> AccountKey | None:
    """The account of the execution that this one runs under."""
    name = order.labels.parent_execution_id
    return execution_key(order.tenant_id, name) if name else None


def executions(waiting: Waiting) -> set[AccountKey]:
    """The accounts of the executions that these costs are of."""
    return {
        execution_key(one.tenant_id, one.labels.agent_execution_id)
        for one in waiting.values()
        if one.labels.agent_execution_id
    }


def opens_later(order: Record, parents: Parents, opened: set[AccountKey]) -> bool:
    """Whether the cost's parent is a run that another waiting cost is about to open."""
    parent = parent_of(order)
    own = execution_key(order.tenant_id, order.labels.agent_execution_id or "")
    known = parents.get(parent) if parent else None
    return known is not None and not known.seen and parent in opened - {own}
