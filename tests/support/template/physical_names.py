"""The names that a translated template gives to things of the account, and alarms' dimensions."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

Template = dict[str, Any]

INSIDE_ANOTHER = {
    ("AWS::IAM::Policy", "PolicyName"): "inline, in one role",
    ("AWS::Lambda::Alias", "Name"): "in one function",
    ("AWS::ApiGatewayV2::Stage", "StageName"): "in one API",
    ("AWS::ElastiCache::User", "UserName"): "in one user group; the user's id has the stack's",
    ("AWS::SNS::Topic", "DisplayName"): "shown to people",
    ("AWS::CloudWatch::Alarm", "MetricName"): "of a metric; its dimensions have the stack's",
    ("AWS::EC2::VPCEndpoint", "ServiceName"): "of AWS",
}
"""Names that no other stack can collide with, and why."""


def names(template: Template, stack: str) -> Iterator[tuple[str, str, str]]:
    """Each physical name: the resource, the property, and its text in the stack of that name."""
    for logical_id, body in template["Resources"].items():
        for name, value in body.get("Properties", {}).items():
            named = name == "Name" or name.endswith(("Name", "UserId", "UserGroupId"))
            if named and (body["Type"], name) not in INSIDE_ANOTHER and not is_reference(value):
                yield logical_id, name, in_stack(value, stack)


def is_reference(value: Any) -> bool:
    """Whether it is another resource of the template, which has a name of its own."""
    if not isinstance(value, dict):
        return False
    target = value.get("Ref", value.get("Fn::GetAtt"))
    return target is not None and "AWS::" not in json.dumps(target)


def in_stack(value: Any, stack: str) -> str:
    """The value as a text, with the stack's name and id in their places."""
    text = json.dumps(value)
    for pseudo in ("AWS::StackName", "AWS::StackId"):
        text = text.replace(f"${{{pseudo}}}", stack).replace(f'{{"Ref": "{pseudo}"}}', f'"{stack}"')
    return text


def metrics_of(alarm: dict[str, Any]) -> list[dict[str, Any]]:
    """The metrics that an alarm looks at: its own, or those of its expression."""
    if "Metrics" not in alarm:
        return [alarm]
    stats = [one["MetricStat"]["Metric"] for one in alarm["Metrics"] if "MetricStat" in one]
    return list(stats)


def of_one_stack(metric: dict[str, Any]) -> bool:
    """Whether a dimension of the metric is a resource of the stack, or its name."""
    values = [one["Value"] for one in metric.get("Dimensions", [])]
    return any(is_reference(one) or in_stack(one, "a") != in_stack(one, "b") for one in values)
