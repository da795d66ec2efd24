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
    with pytest.raises(UnavailableError, match=r"^the stored lineage of a run is damaged$") as kept:
        LABELS.within(text)
    assert kept.value.damaged is True


def test_a_runs_workflow_name_stays_within_its_own_workflow_only() -> None:
    labels = Labels(agent_execution_id="e1", workflow_execution_id="w1", run_workflow="nightly")
    same, other = labels.within("in#w1#p1"), labels.within("in#w2")
    assert (same.run_workflow, same.parent_execution_id) == ("nightly", "p1")
    assert (other.run_workflow, other.workflow_execution_id) == (None, "w2")
    assert (other.parent_execution_id, other.ancestors) == (None, ())


@pytest.mark.parametrize(
    ("model", "provider", "named"),
    [
        ("b", "p2", ("b", "p2", None, None)),
        ("b", None, ("b", "p1", None, None)),
        (None, "p2", ("a", "p2", None, None)),
        ("a", "p1", ("a", "p1", "list-a", "list-p1")),
        (None, None, ("a", "p1", "list-a", "list-p1")),
    ],
)
def test_a_response_that_names_another_model_or_provider_is_resolved_again(
    model: str | None, provider: str | None, named: tuple[str | None, ...]
) -> None:
    before = Labels(model="a", provider="p1", model_resolved="list-a", provider_resolved="list-p1")
    after = before.called(model, provider)
    found = (after.model, after.provider, after.model_resolved, after.provider_resolved)
    assert found == named
