"""The page of a run: its gates, entries and holds, and the tree of its children."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from budget_monitor.domain.accounting.accounts import EXECUTION
from budget_monitor.domain.accounting.labels import Labels
from budget_monitor.domain.holds.reservations import OPEN, Reservation
from budget_monitor.entrypoints.dashboard.figures import Bar
from budget_monitor.entrypoints.dashboard.services import Context
from budget_monitor.usecases.reports.hold_list import HoldFilter
from budget_monitor.usecases.reports.report import Run
from budget_monitor.usecases.reports.run_list import ListedRun, RunFilter

ENTRIES, LOOKED_AT = 50, 200
"""Entries on a page; runs and open holds of the tenant that are searched for those of the run."""


@dataclass(frozen=True, slots=True)
class Child:
    """A run below another one, with the runs below it."""

    run: ListedRun
    children: "list[Child]"


def run_view(context: Context, tenant_id: str, scope: str, name: str) -> dict[str, Any]:
    """Return the data of the page. Raises NotFoundError for an unknown run."""
    reports, now = context.services.reports, context.clock.now()
    of_execution = scope == EXECUTION
    read = reports.reporting.execution if of_execution else reports.reporting.workflow
    run = read(tenant_id, name, ENTRIES, None).found
    gates = reports.headroom.left(tenant_id, _asked(run.labels), wrap_up=False).standings or ()
    listed = reports.runs.page(tenant_id, RunFilter(EXECUTION), LOOKED_AT, None).runs
    holds = reports.holds.page(tenant_id, HoldFilter(OPEN), LOOKED_AT, None).holds
    return {
        "tenant_id": tenant_id,
        "zone": reports.policies.for_tenant(tenant_id).calendar.zone_at(now),
        "now": now,
        "of_execution": of_execution,
        "name": name,
        "run": run,
        "bar": Bar.of(run.standing),
        "gates": [(one, None if one.gate.private else Bar.of(one)) for one in gates],
        "holds": [one for one in holds if _is_of(one, run.labels, of_execution=of_execution)],
        "children": _below(run, listed, of_execution=of_execution),
        "looked_at": LOOKED_AT,
    }


def _asked(labels: Labels) -> Labels:
    """The labels of the run alone: a parent is known from its row."""
    return Labels(
        agent_execution_id=labels.agent_execution_id,
        workflow_execution_id=labels.workflow_execution_id,
    )


def _is_of(hold: Reservation, labels: Labels, *, of_execution: bool) -> bool:
    its = hold.hold.labels
    if of_execution:
        return labels.agent_execution_id in {its.agent_execution_id, *its.ancestors}
    return its.workflow_execution_id == labels.workflow_execution_id


def _below(run: Run, listed: Iterable[ListedRun], *, of_execution: bool) -> list[Child]:
    """The tree below the run, the oldest child first, of the runs that were looked at."""
    known = [one for one in reversed([*listed]) if one.labels.agent_execution_id]
    if of_execution:
        top = run.labels.agent_execution_id
    else:
        flow = run.labels.workflow_execution_id
        known = [one for one in known if one.labels.workflow_execution_id == flow]
        top = None
    names = {one.labels.agent_execution_id for one in known}
    by_parent = dict[str | None, list[ListedRun]]()
    for one in known:
        parent = one.labels.parent_execution_id
        place = parent if of_execution or parent in names else None
        by_parent.setdefault(place, []).append(one)
    return _children(top, by_parent)


def _children(parent: str | None, by_parent: dict[str | None, list[ListedRun]]) -> list[Child]:
    return [
        Child(one, _children(one.labels.agent_execution_id, by_parent))
        for one in by_parent.get(parent, ())
    ]
