"""Apply the changes of a plan, each only if the rules did not change since they were read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from budget_monitor_client.cli.code.plan import Plan
from budget_monitor_client.cli.exits import CommandError, Exit, outcome_of
from budget_monitor_client.client import BudgetMonitor
from budget_monitor_client.errors import BudgetMonitorError, ConflictError


@dataclass(frozen=True)
class Applied:
    """The number of applied changes, and the version of each owner's rules after them."""

    changes: int
    versions: dict[str | None, int]


def apply(
    budget: BudgetMonitor,
    made: Plan,
    *,
    by: str,
    reason: str,
    done: Callable[[], None] = lambda: None,
) -> Applied:
    """Apply the changes in order and return the versions that they made.

    Raises CommandError at the first one that fails. Those before it stay made: a plan shows the
    rest.
    """
    versions = dict(made.versions)
    for number, change in enumerate(made.changes):
        fields = {
            **({} if change.owner is None else {"tenant_id": change.owner}),
            **change.fields,
            "by": by,
            "reason": reason,
            "expected_version": versions[change.owner],
        }
        try:
            answer = budget.send(change.operation, fields)
        except BudgetMonitorError as error:
            raise _stopped(error, number, made, change.owner, change.subject) from error
        versions[change.owner] = int(answer["version"])
        done()
    return Applied(len(made.changes), versions)


def _stopped(
    error: BudgetMonitorError, number: int, made: Plan, owner: str | None, subject: str
) -> CommandError:
    whose = owner or "the system"
    where = f"{number} of {len(made.changes)} changes are made, then {whose}: {subject}"
    if isinstance(error, ConflictError) and "expected_version" in error.message:
        return CommandError(
            f"{where}: someone changed the rules of {whose} meanwhile",
            Exit.CONFLICT,
            "Run `budget-monitor plan` again and look at what is different now.",
        )
    outcome = outcome_of(error)
    field = f" (field {error.field})" if error.field else ""
    return CommandError(f"{where}: {error}{field}", outcome.code, outcome.hint)
