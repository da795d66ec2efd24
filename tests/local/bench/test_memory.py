"""The tables in memory of a process that measures, and its environment afterwards."""

from __future__ import annotations

import os

import pytest

from local.bench.memory import memory_cloud
from tests.support.builders import Tenant
from tests.support.doors.doors import DirectDoor


@pytest.mark.usefixtures("botocore_set_up_once")
def test_functions_use_the_tables_within_the_block_and_the_environment_is_restored() -> None:
    before = dict(os.environ)
    with memory_cloud(TENANT_STRIPES="4") as cloud:
        Tenant(DirectDoor(), "acme").spend("1", agent_execution_id="run-1")
        assert os.environ["TENANT_STRIPES"] == "4"
        assert len(cloud.rows()["LedgerTable"]) == 1
    assert dict(os.environ) == before
