"""Dependencies between the costs of a batch."""

from collections.abc import Mapping

from budget_monitor.domain.accounting.accounts import Account, AccountKey, execution_key
from budget_monitor.usecases.costs.record import Record

Waiting = dict[int, Record]
"""Costs by their index in the batch."""
Parents = Mapping[AccountKey, Account]
"""Accounts of parent executions."""


def parent_of(command: Record) -> AccountKey | None:
    """Return the key of the parent execution's account, or None."""
    name = command.labels.parent_execution_id
    return execution_key(command.tenant_id, name) if name else None


def executions(waiting: Waiting) -> set[AccountKey]:
    """Return the keys of the accounts of these costs' executions."""
    return {
        execution_key(one.tenant_id, one.labels.agent_execution_id)
        for one in waiting.values()
        if one.labels.agent_execution_id
    }


def opens_later(command: Record, parents: Parents, opened: set[AccountKey]) -> bool:
    """True if another waiting cost opens the parent run of this cost."""
    parent = parent_of(command)
    own = execution_key(command.tenant_id, command.labels.agent_execution_id or "")
    known = parents.get(parent) if parent else None
    return known is not None and not known.seen and parent in opened - {own}
