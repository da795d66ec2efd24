"""What the code has, the documents name: operations, errors, alerts, columns, the template."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from budget_monitor.domain.alerts.alerts import SEVERITIES
from budget_monitor.domain.costs import ledger
from budget_monitor.domain.errors import BudgetMonitorError
from budget_monitor.entrypoints import alerting, checking, expiring, resetting
from budget_monitor.entrypoints.budgeting import operations as budgeting
from budget_monitor.entrypoints.dashboard import links
from budget_monitor.entrypoints.door.operations import DIRECT, Operation
from budget_monitor.entrypoints.reporting import operations as reporting
from budget_monitor.entrypoints.tracking import operations as tracking
from budget_monitor.usecases.exports.ledger_columns import COLUMNS
from local import template_reference
from local.stack.template import load
from tests.support.docs.pages import (
    DOCS,
    Fence,
    fences,
    is_call,
    is_command_line,
    name_of,
    pages,
    titled,
)
from tests.support.paths import ROOT

CORE = ROOT / "layers" / "core" / "budget_monitor"
GROUPS: tuple[tuple[Operation[Any], ...], ...] = (
    checking.OPERATIONS,
    tracking.OPERATIONS,
    reporting.OPERATIONS,
    budgeting.OPERATIONS,
    alerting.OPERATIONS,
    resetting.OPERATIONS,
    expiring.OPERATIONS,
    links.OPERATIONS,
)
ROUTED = [one for group in GROUPS for one in group if one.method != DIRECT]
DIRECT_ONLY = [one for group in GROUPS for one in group if one.method == DIRECT]
ALL = [(page, fence) for page in pages() for fence in fences(page)]
CALLS = "".join(fence.text for _, fence in ALL if is_call(fence))
FLAGS = {
    "late",
    "unreserved",
    "late_settlement",
    "fallback_price",
    "price_differs",
    "relabelled",
    "quarantined",
    "estimated",
    "backfill",
}
CHECKED_ELSEWHERE = {
    "subscribe",
    "subscribe operators",
    "deploy",
    "switch on the cache",
    "run one test",
    "an alias for one tenant",
    "deploy to staging",
    "first call",
    "restore the tables",
    "give back what a restore leaves out",
    "package the code",
    "attach the tables",
    "smoke test",
    "import costs of earlier months",
    "upload a price list",
    "deploy with tokens",
    "publish the client's layer",
}
"""Commands that need more than the local stack; test_blocks.py says what is tried of them."""


def page(name: str) -> str:
    return (DOCS / name).read_text()


@pytest.mark.parametrize("operation", ROUTED, ids=lambda one: one.name)
def test_every_route_is_shown_by_an_example_that_is_run(operation: Operation[Any]) -> None:
    pattern = re.sub(r"\{\w+\}", r"[\\w.-]+", operation.path)
    assert re.search(rf"^call {operation.method} '?{pattern}(?=[\s?'])", CALLS, re.MULTILINE)


@pytest.mark.parametrize("operation", DIRECT_ONLY, ids=lambda one: one.name)
def test_every_direct_operation_is_named(operation: Operation[Any]) -> None:
    text = "".join(one.read_text() for one in pages())
    assert re.search(rf"[`\"]{operation.name}[`\"]", text)


def test_every_error_is_explained_with_its_status_and_its_name_in_direct_invocations() -> None:
    text = page("how-to/troubleshoot.md")
    for error in BudgetMonitorError.__subclasses__():
        assert f"| `{error.code}` | {error.status} | `{error.__name__}` |" in text


def test_every_reason_code_and_every_flag_is_explained() -> None:
    decisions = (CORE / "domain/holds/decisions.py").read_text()
    reasons = set(re.findall(r'"([A-Z]+_[A-Z_]*(?:EXCEEDED|PAUSED|SUSPENDED))"', decisions))
    flags = {value for name, value in vars(ledger).items() if name.isupper() and value in FLAGS}
    assert (len(reasons), len(flags)) == (8, len(FLAGS))
    text = page("how-to/troubleshoot.md")
    assert {one for one in reasons | flags if f"| `{one}` |" not in text} == set()


def test_every_kind_of_alert_is_listed_with_its_severity() -> None:
    text = page("concepts/alerts.md").replace("`, `", "` | `")
    events = page("reference/events.md")
    for kind, severity in SEVERITIES.items():
        (line,) = (one for one in text.splitlines() if one.startswith("|") and f"`{kind}`" in one)
        assert severity in line
        assert f"`{kind}`" in events


def test_the_csv_columns_are_listed_in_their_order() -> None:
    assert tuple(re.findall(r"^\| `(\w+)`", page("reference/csv.md"), re.MULTILINE)) == COLUMNS


def test_the_template_page_is_what_make_reference_writes() -> None:
    text = page("reference/template.md")
    assert text == template_reference.page()
    template = load(ROOT / "template.yaml")
    alarms = [n for n, r in template["Resources"].items() if r["Type"] == "AWS::CloudWatch::Alarm"]
    for name in (*template["Parameters"], *template["Outputs"], *alarms):
        assert f"| `{name}` |" in text


def test_the_default_limits_are_those_of_the_template() -> None:
    parameters, text = (
        load(ROOT / "template.yaml")["Parameters"],
        page("concepts/accounts-and-limits.md"),
    )
    for name in (one for one in parameters if one.endswith("LimitUsd")):
        limit = f"{int(parameters[name]['Default']):,} USD"
        assert re.search(rf"\| {limit} \| \w+ \| `{name}` \|", text)


def test_every_metric_is_listed() -> None:
    code = "".join(one.read_text() for one in (CORE / "entrypoints").rglob("*.py"))
    emitted = set(re.findall(r'metrics\.\w+\(\s*"([A-Z]\w+)"', code))
    assert len(emitted) >= 6
    assert {one for one in emitted if f"| `{one}` |" not in page("reference/events.md")} == set()


@pytest.mark.parametrize(
    ("where", "fence"), ALL, ids=lambda one: "" if isinstance(one, Fence) else name_of(one)
)
def test_every_block_is_one_that_a_test_runs_or_reads(where: Any, fence: Fence) -> None:
    if fence.language == "sh":
        made = all(line.startswith(("make ", "eval ")) for line in fence.text.splitlines())
        setup = "call() {" in fence.text
        assert (
            is_call(fence)
            or is_command_line(fence)
            or made
            or setup
            or fence.title in CHECKED_ELSEWHERE
            or "sam build" in fence.text
        )
    elif fence.language == "json":
        answers = [b for a, b in zip(fences(where), fences(where)[1:], strict=False) if is_call(a)]
        assert fence in answers or fence.title
        json.loads(fence.text)
    else:
        assert fence.language in {"text", "python", "yaml"}


def test_titles_are_unique() -> None:
    for _, fence in ALL:
        if fence.title:
            assert titled(fence.title) == fence.text
