"""`make reference`: write docs/reference/template.md from template.yaml."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from local.settings import ROOT, TEMPLATE
from local.stack import template

PAGE = ROOT / "docs" / "reference" / "template.md"
HEAD = """# Template

This page is made from `template.yaml` by `make reference`. A test fails when it is out of date.
[Deploy to AWS](../operate/deploy.md) shows how to deploy it.
"""

Rows = Iterable[tuple[str, ...]]


def page(path: Path = TEMPLATE) -> str:
    """The page's text: parameters, outputs, alarms, schedules and functions."""
    source = template.load(path)
    resources: Mapping[str, Any] = source["Resources"]
    parameters, outputs = source["Parameters"], source["Outputs"]
    tables = [
        (
            "Parameters",
            ("parameter", "default", "description"),
            map(_parameter, parameters.items()),
        ),
        ("Outputs", ("output", "description"), map(_output, outputs.items())),
        ("Alarms", ("alarm", "metric", "description"), _alarms(resources)),
        ("Schedules", ("function", "schedule", "event", "description"), _schedules(resources)),
        ("Functions", ("function", "description"), _functions(resources)),
    ]
    return HEAD + "".join(f"\n## {title}\n\n{_table(head, rows)}" for title, head, rows in tables)


def _table(head: tuple[str, ...], rows: Rows) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _parameter(item: tuple[str, Mapping[str, Any]]) -> tuple[str, ...]:
    name, said = item
    default = str(said.get("Default", ""))
    return f"`{name}`", f"`{default}`" if default else "", said["Description"]


def _output(item: tuple[str, Mapping[str, Any]]) -> tuple[str, ...]:
    name, said = item
    only = f"Only where `{said['Condition']}`. " if "Condition" in said else ""
    return f"`{name}`", only + said["Description"]


def _alarms(resources: Mapping[str, Any]) -> Rows:
    for name, said in _of_type(resources, "AWS::CloudWatch::Alarm"):
        if "Metrics" in said:
            stats = [one["MetricStat"]["Metric"] for one in said["Metrics"] if "MetricStat" in one]
            names = ", ".join(f"`{one['MetricName']}`" for one in stats)
            metric = f"`{stats[0]['Namespace']}` {names}"
        else:
            metric = f"`{said['Namespace']}` `{said['MetricName']}` above {said['Threshold']}"
        yield f"`{name}`", metric, said["AlarmDescription"]


def _schedules(resources: Mapping[str, Any]) -> Rows:
    for name, said in _of_type(resources, "AWS::Serverless::Function"):
        for event in said.get("Events", {}).values():
            if event["Type"] == "ScheduleV2":
                found = event["Properties"]
                rate, sent = found["ScheduleExpression"], found["Input"]
                yield f"`{name}`", f"`{rate}`", f"`{sent}`", found["Description"]


def _functions(resources: Mapping[str, Any]) -> Rows:
    for name, said in _of_type(resources, "AWS::Serverless::Function"):
        yield f"`{name}`", said["Description"]


def _of_type(resources: Mapping[str, Any], kind: str) -> Iterable[tuple[str, Mapping[str, Any]]]:
    for name, resource in resources.items():
        if resource["Type"] == kind:
            yield name, resource["Properties"]


if __name__ == "__main__":
    PAGE.write_text(page())
