"""The smoke test of a deployment, tried on the emulator."""

from __future__ import annotations

import boto3
import pytest

from local import smoke
from local.settings import REGION, ROOT_KEY, ROOT_SECRET
from tests.support.end_to_end.guard import deploy_function
from tests.support.end_to_end.stack import Deployed

AGENT = """
def lambda_handler(event, context):
    return {"cost_usd": "0.01"}
"""


@pytest.fixture(scope="module")
def agent(deployed: Deployed) -> str:
    return deploy_function(deployed, "agent-smoke", AGENT)


@pytest.fixture
def at(deployed: Deployed, agent: str, monkeypatch: pytest.MonkeyPatch) -> smoke.Deployed:
    monkeypatch.setenv("AWS_ENDPOINT_URL", deployed.stack.endpoint)
    monkeypatch.setenv("API_URL", deployed.stack.api_url)
    session = boto3.Session(ROOT_KEY, ROOT_SECRET, region_name=REGION)
    return smoke.Deployed(deployed.stack.name, session, agent)


def test_every_check_passes_or_says_why_it_was_skipped(at: smoke.Deployed) -> None:
    said = list[str]()
    passed = smoke.run(at, said.append)
    assert passed, "\n".join(said)
    skipped = [one for one in said if one.startswith("skipped")]
    assert skipped == ["skipped  the tables can be restored: the emulator keeps no backups"]


def test_alarms_of_another_stack_are_not_taken_for_the_stack_s_own(
    at: smoke.Deployed, request: pytest.FixtureRequest
) -> None:
    alarms, name = at.client("cloudwatch"), f"{at.name}-second-{at.tenant}"
    request.addfinalizer(lambda: alarms.delete_alarms(AlarmNames=[name]))
    alarms.put_metric_alarm(
        AlarmName=name,
        AlarmActions=["arn:aws:sns:us-east-1:000000000000:another"],
        Namespace="another",
        MetricName="another",
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanThreshold",
    )
    smoke.the_alarms_are_there_and_their_actions_on(at)


def test_a_check_that_fails_is_named_and_fails_the_run(
    at: smoke.Deployed, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(_: smoke.Deployed) -> None:
        smoke.expect(1, 2)

    monkeypatch.setattr(smoke, "CHECKS", (never,))
    said = list[str]()
    assert smoke.run(at, said.append) is False
    assert said[0] == "FAILED   never: 1, expected 2"
