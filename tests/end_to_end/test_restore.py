"""Two stacks in one account, and all tables of one restored to one moment, as the page says."""

from __future__ import annotations

from typing import Any

import pytest

from local.api import Api
from local.stack.deploy import deploy
from tests.support.end_to_end.stack import Deployed
from tests.support.paths import ROOT

SECOND = "budget-monitor-2"
RESTORED = f"{SECOND}-2"
RUN = {"agent_execution_id": "run-1"}


@pytest.fixture(scope="module")
def second(deployed: Deployed) -> Deployed:
    """A stack of another name beside the first."""
    return Deployed(*_beside(deployed, SECOND), deployed.aws)


def _beside(deployed: Deployed, name: str) -> tuple[Any, Api]:
    stack = deploy(ROOT / "template.yaml", deployed.stack.endpoint, name)
    return stack, Api(stack.api_url)
