"""Stored lineages: parsed exactly, or damaged."""

import pytest

from budget_monitor.domain.accounting.labels import Labels, parse_lineage
from budget_monitor.domain.errors import UnavailableError

LABELS = Labels(agent_execution_id="e1")


def test_a_lineage_has_up_to_eight_ancestors_and_a_workflow_or_none() -> None:
    eight = tuple(f"p{n}" for n in range(8))
    assert parse_lineage("in#w1#" + "#".join(eight)) == ("w1", eight)
    assert parse_lineage("in##p1") == (None, ("p1",))
    assert parse_lineage("in#") == (None, ())


@pytest.mark.parametrize(
    "text", ["in", "of#w1", "in#w1" + "#p" * 9, "in##?", "in#?", "in#w1##p1", "in##p1#?"]
)
def test_a_damaged_lineage_is_none_and_nothing_can_be_decided_below_it(text: str) -> None:
    with pytest.raises(ValueError, match=r"^not a lineage$"):
        parse_lineage(text)
    with pytest.raises(UnavailableError, match=r"^the stored lineage of a run is damaged$"):
        LABELS.within(text)
