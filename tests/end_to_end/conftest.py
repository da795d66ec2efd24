"""One deployed stack for the end-to-end tests: the real template on the emulator, IAM enforced."""

from __future__ import annotations

import json
import urllib.request
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.api import Api
from local.stack.deploy import Aws, deploy
from local.stack.emulator import Emulator
from tests.support.end_to_end.guard import AGENT, Guard, deploy_function
from tests.support.end_to_end.issuer import AUDIENCE, Issuer
from tests.support.end_to_end.stack import Deployed
from tests.support.end_to_end.stand_ins import StandIns
from tests.support.paths import ROOT
from tests.support.processes.caretaker import taken_care_of


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Iterator[None]:
    """One worker runs all of them, so that one stack serves them all.

    The OpenAPI examples come last: they change rules and spend money for all tenants.
    """
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("deployed"))
    yield
    items.sort(key=lambda item: item.path.name == "test_openapi.py")


@pytest.fixture(scope="session")
def issuer() -> Iterator[Issuer]:
    """Who signs the tokens that the stack accepts."""
    with Issuer() as serving:
        yield serving


@pytest.fixture(scope="session")
def deployed(tmp_path_factory: pytest.TempPathFactory, issuer: Issuer) -> Iterator[Deployed]:
    """The template with its layers, deployed as `make up` does it."""
    with Emulator(tmp_path_factory.mktemp("deployed")) as emulator:
        running = emulator.running()
        assert running is not None
        with taken_care_of(running.pid):
            tokens = {"JwtIssuer": issuer.url, "JwtAudience": AUDIENCE}
            stack = deploy(ROOT / "template.yaml", emulator.endpoint, parameters=tokens)
            yield Deployed(stack, Api(stack.api_url), Aws(emulator.endpoint))


@pytest.fixture(scope="session")
def agent(deployed: Deployed) -> str:
    """The name of a deployed agent that does what its input says."""
    return deploy_function(deployed, f"agent-{uuid.uuid4().hex[:8]}", AGENT)


@pytest.fixture
def guard(deployed: Deployed, agent: str, tmp_path: Path) -> Guard:
    """A tenant of this test's own, and the guarded run of the template."""
    return Guard(deployed, agent, tmp_path / "calls", deployed.stack.outputs["GuardedRunArn"])


@pytest.fixture(scope="session")
def all_stand_ins(deployed: Deployed, tmp_path_factory: pytest.TempPathFactory) -> StandIns:
    return StandIns(deployed, tmp_path_factory.mktemp("stand-ins"))


@pytest.fixture
def stand_ins(all_stand_ins: StandIns) -> StandIns:
    """Functions behind another guarded run, without any faults yet."""
    all_stand_ins.reset()
    return all_stand_ins


@pytest.fixture
def faulty(guard: Guard, stand_ins: StandIns) -> Iterator[Guard]:
    """Like `guard`, with the stand-ins behind it, and retries that wait for nothing."""
    _wait_scale(guard.deployed, 0)
    yield Guard(guard.deployed, guard.agent, guard.calls, stand_ins.machine)
    _wait_scale(guard.deployed, 1)


def _wait_scale(deployed: Deployed, factor: int) -> None:
    body = json.dumps({"stepfunctions._SFN_WAIT_SCALE": factor}).encode()
    url = f"{deployed.stack.endpoint}/_ministack/config"
    request = urllib.request.Request(url, body, method="POST")  # noqa: S310 - our loopback
    urllib.request.urlopen(request).close()  # noqa: S310 - the same
