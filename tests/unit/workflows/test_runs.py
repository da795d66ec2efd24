"""Reading one workflow: its standing, whether it is known, and who owns the tenant."""

from __future__ import annotations

from decimal import Decimal

import pytest

from budget_monitor.adapters.dynamodb.policies import StoredPolicies
from budget_monitor.adapters.dynamodb.store import DynamoStore
from budget_monitor.adapters.system import SystemClock
from budget_monitor.config import Config
from budget_monitor.domain.errors import NotFoundError
from budget_monitor.usecases.workflows.runs import WorkflowReader
from tests.support.builders import Tenant
from tests.support.doors.doors import DirectDoor
from tests.support.memory.fixture import MemoryCloud

WHO = {"by": "maria", "reason": "a test"}


@pytest.fixture
def tenant(memory_cloud: MemoryCloud) -> Tenant:
    return Tenant(DirectDoor())


def reader() -> WorkflowReader:
    config, clock = Config.from_environment(), SystemClock()
    store = DynamoStore(config)
    return WorkflowReader(store, StoredPolicies(config, store, clock), clock)


def test_an_unknown_workflow_has_the_default_limit_of_50_usd_and_is_not_found(
    tenant: Tenant,
) -> None:
    standing = reader().workflow(tenant.id, "flow")
    assert (standing.totals.spent, standing.budget.limit) == (Decimal(0), Decimal(50))
    with pytest.raises(NotFoundError, match="no workflow flow"):
        reader().must_be_seen(tenant.id, "flow")


def test_a_workflow_with_its_own_limit_stands_under_it(tenant: Tenant) -> None:
    tenant.spend("2.5", workflow_execution_id="flow")
    tenant.call("pause", workflow_execution_id="flow", **WHO).body  # noqa: B018
    tenant.call("resume", workflow_execution_id="flow", limit_usd="70", **WHO).body  # noqa: B018
    standing = reader().workflow(tenant.id, "flow")
    assert (standing.totals.spent, standing.budget.limit) == (Decimal("2.5"), Decimal(70))
    reader().must_be_seen(tenant.id, "flow")


def test_the_owner_is_read_again_after_each_change(tenant: Tenant) -> None:
    found = reader()
    assert found.owners(tenant.id).contact is None
    for owner in ("ana", "bo"):
        tenant.call("set_tenant", owner=owner, **WHO).body  # noqa: B018
        assert found.owners(tenant.id).contact == owner
