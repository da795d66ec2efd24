"""Lineage of runs: detect requests that contradict the stored lineage or themselves."""

from budget_monitor.domain.accounting.labels import Labels
from budget_monitor.domain.errors import ConflictError, ValidationError


def inherited(said: Labels, kept: str) -> Labels:
    """Return the labels with the lineage of the execution's row.

    Raises ConflictError if the request names another workflow or parent.
    """
    found = said.within(kept)
    who = f"execution {said.agent_execution_id}"
    if said.workflow_execution_id not in {None, found.workflow_execution_id}:
        belongs = found.workflow_execution_id or "no workflow"
        raise ConflictError(
            f"{who} belongs to {belongs} since its first use", "workflow_execution_id"
        )
    if said.parent_execution_id is not None and said.ancestors != found.ancestors:
        parent = found.parent_execution_id or "no parent"
        raise ConflictError(f"{who} runs under {parent} since its first use", "parent_execution_id")
    return found


def bad_parent(why: str) -> ValidationError:
    """Return the error for an invalid parent."""
    return ValidationError(f"parent_execution_id: {why}", "parent_execution_id")


def refuse_own_parent(labels: Labels) -> None:
    """Raise ValidationError if a run names itself as its parent."""
    own = labels.agent_execution_id
    if own is not None and own == labels.parent_execution_id:
        raise bad_parent(f"execution {own} would be its own ancestor")


def contradicts(said: Labels, kept: Labels) -> bool:
    """True if a request names another workflow or parent than the stored labels."""
    elsewhere = said.workflow_execution_id not in {None, kept.workflow_execution_id}
    return elsewhere or said.parent_execution_id not in {None, kept.parent_execution_id}
