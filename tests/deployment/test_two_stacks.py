"""Two stacks stand in one account: no name and no metric of one is the other's."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.template import translation
from tests.support.template.conditions import in_effect
from tests.support.template.physical_names import INSIDE_ANOTHER, metrics_of, names, of_one_stack
from tests.support.template.translation import of_type

pytestmark = pytest.mark.xdist_group("template")  # translated once, by one worker

EVERYTHING = {
    "WebhooksSecretArn": "arn:aws:secretsmanager:eu-central-1:000000000000:secret:hooks-a1b2c3",
    "JwtIssuer": "https://issuer.example/",
    "JwtAudience": "budget-monitor",
    "EnableGatewayInterceptor": "true",
    "EnableCache": "true",
    "DynamoDbPrefixList": "pl-02cd2c6b",
    "S3PrefixList": "pl-6da54004",
}


@pytest.fixture(scope="module")
def translated() -> dict[str, Any]:
    """With the parameters' defaults: a name that a parameter gives is the deployer's affair."""
    plain = translation.translated()
    kept = in_effect(plain, **EVERYTHING)
    return {**kept, "Resources": {n: kept["Resources"][n] for n in plain["Resources"]}}


def test_two_stacks_share_no_physical_name(translated: dict[str, Any]) -> None:
    one, other = (list(names(translated, stack)) for stack in ("first", "second"))
    assert len(one) >= 6
    shared = [found for found, again in zip(one, other, strict=True) if found == again]
    assert shared == []


def test_a_name_without_the_stacks_is_found(translated: dict[str, Any]) -> None:
    schedule = {"Type": "AWS::Scheduler::Schedule", "Properties": {"Name": "EachMinute"}}
    assert list(names({"Resources": {"S": schedule}}, "any")) == [("S", "Name", '"EachMinute"')]


def test_only_names_that_the_translated_template_has_are_excused(
    translated: dict[str, Any],
) -> None:
    found = {
        (body["Type"], name)
        for body in translated["Resources"].values()
        for name in body.get("Properties", {})
    }
    assert INSIDE_ANOTHER.keys() <= found


def test_every_alarm_looks_at_metrics_of_its_own_stack(translated: dict[str, Any]) -> None:
    alarms = of_type(translated, "AWS::CloudWatch::Alarm")
    assert len(alarms) >= 4
    foreign = {
        name: [one["MetricName"] for one in metrics_of(alarm) if not of_one_stack(one)]
        for name, alarm in alarms.items()
    }
    assert {name: found for name, found in foreign.items() if found} == {}
