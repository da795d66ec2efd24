"""The labels of a request: at least one execution, and a parent only with a child."""

from __future__ import annotations

import pytest

from budget_monitor.domain.errors import ValidationError
from budget_monitor.entrypoints.door.fields import Fields
from budget_monitor.entrypoints.door.label_fields import read_labels


def test_all_labels_are_read() -> None:
    said = {"agent_execution_id": "run-1", "agent": "crawler", "user": "ann", "tags": ["a", "b"]}
    labels = read_labels(Fields(said))
    assert (labels.agent_execution_id, labels.agent, labels.user) == ("run-1", "crawler", "ann")
    assert set(labels.tags) == {"a", "b"}


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"agent": "crawler"}, "agent_execution_id"),
        ({"workflow_execution_id": "f", "parent_execution_id": "p"}, "parent_execution_id"),
    ],
)
def test_labels_without_the_execution_that_spends_are_refused(
    said: dict[str, str], field: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        read_labels(Fields(said))
    assert refused.value.field == field
