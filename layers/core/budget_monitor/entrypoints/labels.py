"""Reading the labels and the usage of a cost, the same for every operation."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from budget_monitor.domain.errors import ValidationError
from budget_monitor.domain.labels import MAX_TAGS, Labels
from budget_monitor.entrypoints.fields import Fields

MOST_OF_A_RESPONSE = 8 * 1024
"""A provider's usage object has some hundred bytes; an entry is no place for its answer."""

USAGE = ("input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens")


def read_labels(fields: Fields) -> Labels:
    """The labels. Raises ValidationError, also where no execution is named."""
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


@dataclass(frozen=True, slots=True)
class Spent:
    """What a call cost, in USD (None: not said), and what it consumed."""

    amount: Decimal | None
    tokens: int
    usage: dict[str, Any] | None
    occurred_at: datetime | None


def read_cost(fields: Fields) -> Spent:
    """The cost of one call, or at least its usage. Raises ValidationError where neither is."""
    amount = fields.optional_amount("cost_usd")
    usage = _read_usage(fields)
    tokens = fields.count("tokens")
    occurred_at = fields.instant("occurred_at")
    if amount is None and usage is None:
        raise fields.missing("cost_usd")
    if tokens is None:
        known = usage or {}
        tokens = known.get("input_tokens", 0) + known.get("output_tokens", 0)
    return Spent(amount, tokens, usage, occurred_at)


def _read_usage(fields: Fields) -> dict[str, Any] | None:
    inner = fields.inner("usage")
    if inner is None:
        return None
    counted = {name: inner.count(name) for name in USAGE}
    usage: dict[str, Any] = {name: one for name, one in counted.items() if one is not None}
    response = inner.document("provider_response", MOST_OF_A_RESPONSE)
    if response is not None:
        usage["provider_response"] = response
    fields.canonical["usage"] = inner.finish()
    return usage
