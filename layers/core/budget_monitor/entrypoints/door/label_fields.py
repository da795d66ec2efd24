"""Read the labels of a cost, for every operation."""

from budget_monitor.domain.accounting.labels import MAX_TAGS, Labels
from budget_monitor.domain.errors import ValidationError
from budget_monitor.entrypoints.door.fields import Fields


def read_labels(fields: Fields) -> Labels:
    """The labels. Raises ValidationError if no execution is named."""
    labels = Labels(
        agent_execution_id=fields.optional_id("agent_execution_id"),
        workflow_execution_id=fields.optional_id("workflow_execution_id"),
        parent_execution_id=fields.optional_id("parent_execution_id"),
        state_machine_execution_arn=fields.arn("state_machine_execution_arn"),
        workflow=fields.name("workflow"),
        agent=fields.name("agent"),
        model=fields.name("model"),
        provider=fields.name("provider"),
        user=fields.name("user"),
        tags=fields.tags("tags", MAX_TAGS),
    )
    if labels.agent_execution_id is None and labels.workflow_execution_id is None:
        raise fields.missing("agent_execution_id")
    if labels.agent_execution_id is None and labels.parent_execution_id is not None:
        field = fields.path("parent_execution_id")
        raise ValidationError(f"{field} needs the agent_execution_id of the child", field)
    return labels
