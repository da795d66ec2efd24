"""Two stacks in one account, and all tables of one restored to one moment, as the page says."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from botocore.exceptions import ClientError

from local.api import Api
from local.settings import REGION, ROOT, session
from local.stack.deploy import BUCKET, connect_routes, deploy, find, package
from tests.support.docs.pages import titled
from tests.support.end_to_end.aws_command import shell
from tests.support.end_to_end.stack import Deployed

pytestmark = pytest.mark.thorough  # a second deployment takes a minute

SECOND = "budget-monitor-second"
RESTORED = f"{SECOND}-2"
RUN = {"agent_execution_id": "run-1"}


@pytest.fixture(scope="module")
def second(deployed: Deployed) -> Deployed:
    """A stack of another name beside the first, in the same account."""
    stack = deploy(ROOT / "template.yaml", deployed.stack.endpoint, SECOND)
    return Deployed(stack, Api(stack.api_url), deployed.aws)


def money(stack: Deployed, tenant: str) -> tuple[str, str]:
    """What a tenant has spent and holds in a stack."""
    usage = stack.api.get(f"/tenants/{tenant}/usage")
    return usage["spent_usd"], usage["held_usd"]


def spend(stack: Deployed, tenant: str, entry_id: str, cost: str) -> int:
    cost_of = {**RUN, "entry_id": entry_id, "cost_usd": cost}
    return stack.api.post(f"/tenants/{tenant}/costs", cost_of).status


def hold(stack: Deployed, tenant: str, reservation_id: str, amount: str) -> tuple[int, bool]:
    asked = {**RUN, "reservation_id": reservation_id, "estimated_cost_usd": amount}
    answer = stack.api.post(f"/tenants/{tenant}/reservations", asked)
    return answer.status, bool(answer.body["allowed"])


def invoke(stack: Deployed, function: str, **event: Any) -> dict[str, Any]:
    """The answer to a direct invocation, which must succeed."""
    name = stack.stack.physical_ids[function]
    answer = stack.aws["lambda"].invoke(FunctionName=name, Payload=json.dumps(event))
    body: dict[str, Any] = json.loads(answer["Payload"].read())
    assert "FunctionError" not in answer, body
    return body


def test_two_stacks_stand_side_by_side_and_neither_sees_the_money_of_the_other(
    deployed: Deployed, second: Deployed
) -> None:
    tenant = f"both-{uuid.uuid4().hex[:8]}"
    assert spend(deployed, tenant, "cost-1", "1.5") == 201
    assert spend(second, tenant, "cost-1", "2.25") == 201, "an id of the other stack is no replay"
    assert hold(deployed, tenant, "hold-1", "8") == (201, True)
    assert hold(second, tenant, "hold-1", "7") == (201, True)
    assert money(deployed, tenant) == ("1.5", "8")
    assert money(second, tenant) == ("2.25", "7")
    assert hold(deployed, tenant, "hold-2", "1") == (200, False), "1.5 + 8 + 1 of 10 USD"
    assert hold(second, tenant, "hold-2", "0.75") == (201, True), "2.25 + 7 + 0.75 of 10 USD"
    for stack in (deployed, second):
        found = invoke(stack, "TrackingFunction", operation="reconcile", tenant_id=tenant)
        assert found["differences"] == []


def test_a_role_of_one_stack_may_not_read_the_tables_of_the_other(
    deployed: Deployed, second: Deployed
) -> None:
    role = second.stack.physical_ids["CheckingFunctionRole"]
    arn = f"arn:aws:iam::000000000000:role/{role}"
    assumed = second.aws["sts"].assume_role(RoleArn=arn, RoleSessionName="tests")["Credentials"]
    database = session().client(
        "dynamodb",
        endpoint_url=deployed.stack.endpoint,
        aws_access_key_id=assumed["AccessKeyId"],
        aws_secret_access_key=assumed["SecretAccessKey"],
        aws_session_token=assumed["SessionToken"],
    )

    def read(stack: Deployed) -> None:
        table = stack.stack.physical_ids["AccountsTable"]
        database.get_item(TableName=table, Key={"pk": {"S": "acme"}})

    read(second)
    with pytest.raises(ClientError, match="AccessDenied"):
        read(deployed)


def test_five_tables_are_restored_to_one_moment_and_agree_and_further_holds_work(
    second: Deployed, tmp_path: Path
) -> None:
    tenant = f"restored-{uuid.uuid4().hex[:8]}"
    assert spend(second, tenant, "before", "1.25") == 201
    assert hold(second, tenant, "open-1", "4") == (201, True)
    moment = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    with shell(second.aws, tmp_path, STACK=SECOND, SECOND=moment, **variables(second)) as run:
        run(titled("restore the tables"))
        assert spend(second, tenant, "after", "3") == 201
        run(titled("give back what a restore leaves out"))
        packaged = package(ROOT / "template.yaml", second.aws)
        (tmp_path / "packaged.yaml").write_text(yaml.safe_dump(packaged))
        (tmp_path / ".venv").symlink_to(ROOT / ".venv")
        run(titled("attach the tables"))
    connect_routes(second.aws, RESTORED, packaged, {})
    stack = find(second.stack.endpoint, RESTORED)
    assert stack is not None
    assert stack.physical_ids["LedgerTable"] == f"{SECOND}-restored-Ledger"
    restored = Deployed(stack, Api(stack.api_url), second.aws)

    found = invoke(restored, "TrackingFunction", operation="reconcile")
    assert (found["differences"], found["skipped"], found["failed"]) == ([], [], [])
    assert money(restored, tenant) == ("1.25", "4"), "what came after that second is not there"
    assert spend(restored, tenant, "before", "1.25") == 200, "a request of before is a replay"
    assert spend(restored, tenant, "after", "3") == 201, "one of after is booked"
    settled = restored.api.post(f"/tenants/{tenant}/reservations/open-1/settle", {"cost_usd": "2"})
    assert settled.status == 201
    assert hold(restored, tenant, "further", "3.75") == (201, True), "6.25 + 3.75 of 10 USD"
    assert hold(restored, tenant, "too-much", "0.01")[1] is False
    assert money(restored, tenant) == ("6.25", "3.75")
    assert money(second, tenant) == ("4.25", "4"), "the other stack has its own tables"


def variables(stack: Deployed) -> dict[str, str]:
    """What the page takes from the shell of the reader."""
    return {
        "BUCKET": BUCKET,
        "TEMPLATES": f"{stack.stack.endpoint}/{BUCKET}",
        "AWS_REGION": REGION,
        "PYTHONPATH": str(ROOT),
    }
