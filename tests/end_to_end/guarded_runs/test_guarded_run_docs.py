"""What docs/how-to/guarded-run.md says of the guarded run is what happens."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest

from local.settings import ACCOUNT
from tests.support.docs.differences import differences
from tests.support.docs.pages import titled
from tests.support.end_to_end.guard import Guard, deploy_function
from tests.support.end_to_end.stack import Deployed
from tests.support.paths import ROOT

ORDER = json.loads(titled("guarded run: input"))
ANSWER = json.loads(titled("guarded run: the agent's result"))
ALLOWED = json.loads(titled("guarded run: allowed"))
REFUSED = json.loads(titled("guarded run: refused"))
NESTED = json.loads(titled("guarded run: nested"))


@pytest.fixture(scope="module")
def researcher(deployed: Deployed) -> str:
    """An agent of the name on the page, which returns what the page says."""
    source = f"def lambda_handler(event, context): return {ANSWER!r}"
    return deploy_function(deployed, ORDER["function"], source)


@pytest.fixture
def shop(guard: Guard, researcher: str) -> Guard:
    return guard


def test_the_input_of_the_page_gives_its_output(shop: Guard) -> None:
    run = shop.wait(shop.start({**ORDER, "tenant_id": shop.tenant}))
    assert differences(ALLOWED, run.output) == []
    assert run.output["result"] == ANSWER


def test_an_input_that_asks_too_much_gives_the_refusal_of_the_page(shop: Guard) -> None:
    order = {**ORDER, "tenant_id": shop.tenant, "estimated_cost_usd": "10.01"}
    assert differences(REFUSED, shop.wait(shop.start(order)).output) == []


def test_the_page_names_the_defaults_of_the_definition() -> None:
    definition = (ROOT / "statemachines" / "guarded_run.asl.json").read_text()
    assert ": 900 %}" in definition
    assert ": 86400 %}" in definition
    assert "CostNotRecordedError" in definition


def test_it_nests_as_the_page_says_and_a_second_delivery_runs_nothing_twice(shop: Guard) -> None:
    arn = _deploy_outer(shop)
    first, again = (_run_outer(shop, arn) for _ in range(2))

    assert first["status"] == "SUCCEEDED", first
    run = json.loads(first["output"])["run"]
    assert run["result"] == ANSWER
    assert (run["entry"]["workflow_execution_id"], run["entry"]["agent_execution_id"]) == (
        shop.tenant,
        f"{shop.tenant}-research",
    )
    assert again["status"] == "FAILED"
    shop.assert_the_books_balance("0.0218", entries=1)


def _deploy_outer(shop: Guard) -> str:
    """A state machine with the page's state, for the test's own tenant."""
    text = json.dumps(NESTED).replace("${GuardedRunArn}", shop.machine)
    state = json.loads(text)
    state["Parameters"]["Input"]["tenant_id"] = shop.tenant
    role = shop.deployed.stack.physical_ids["GuardedRunRole"]  # the emulator wants any that exists
    made = shop.deployed.aws["stepfunctions"].create_state_machine(
        name=f"outer-{uuid.uuid4().hex[:8]}",
        definition=json.dumps({"StartAt": "Research", "States": {"Research": state}}),
        roleArn=f"arn:aws:iam::{ACCOUNT}:role/{role}",
    )
    return str(made["stateMachineArn"])


def _run_outer(shop: Guard, machine: str) -> dict[str, Any]:
    """How the outer execution ended; the same name each time, as a second delivery has it."""
    order = {"question": {"question": "What is it worth?"}}
    started = Guard(shop.deployed, shop.agent, shop.calls, machine, shop.tenant)
    return started.run_again(order, shop.tenant)
