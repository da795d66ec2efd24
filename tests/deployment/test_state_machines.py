"""The state machine is well formed, and what it names exists: functions, operations, states."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonata  # type: ignore[import-untyped]
import pytest

from budget_monitor.domain.roles import AGENT, OPERATIONS_OF
from local.stack.template import load
from tests.deployment.test_template import OPERATIONS
from tests.support.paths import ROOT

DEFINITION = ROOT / "statemachines" / "guarded_run.asl.json"
RESOURCES = load(ROOT / "template.yaml")["Resources"]
MACHINE = RESOURCES["GuardedRun"]["Properties"]
ARN = "arn:aws:lambda:us-east-1:000000000000:function:one"
PARTITION = "${Partition}"


@pytest.fixture(scope="module")
def states() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(DEFINITION.read_text())["States"]
    return found


def texts(value: Any) -> Iterator[str]:
    """Every text inside."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from texts(inner)


def nexts(state: dict[str, Any]) -> set[str]:
    """Where a state can go."""
    rules = [*state.get("Choices", []), *state.get("Catch", []), state]
    return {rule[name] for rule in rules for name in ("Next", "Default") if name in rule}


def expressions(value: Any) -> list[str]:
    return [text[2:-2].strip() for text in texts(value) if text.startswith("{%")]


def is_invoked(substitution: dict[str, Any]) -> bool:
    """Whether it is a function, or an alias of one, and no parameter."""
    return "Fn::GetAtt" in substitution or substitution["Ref"] in RESOURCES


def function_of(substitution: dict[str, Any]) -> str:
    """The function that a substitution names, also by its alias."""
    if "Fn::GetAtt" in substitution:
        return str(substitution["Fn::GetAtt"][0])
    return str(RESOURCES[substitution["Ref"]]["Properties"]["FunctionName"]["Ref"])


def test_the_definition_passes_the_lint_of_the_states_language(tmp_path: Path) -> None:
    text = DEFINITION.read_text().replace(PARTITION, "aws")
    plain = tmp_path / "machine.json"
    text = text.replace("${Tenants}", "acme,shop")
    plain.write_text(re.sub(r"\$\{\w+Arn\}", ARN, text))
    done = subprocess.run(  # noqa: S603 - our own environment's linter
        [sys.executable, "-m", "statelint", "--eval-jsonata", plain],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "")


def test_every_expression_can_be_read(states: dict[str, Any]) -> None:
    found = expressions(states)
    assert len(found) > 20
    for expression in found:
        jsonata.Jsonata.jsonata(expression)


def test_every_state_is_reached_and_every_next_exists(states: dict[str, Any]) -> None:
    start = json.loads(DEFINITION.read_text())["StartAt"]
    reached, ahead = set(), {start}
    while ahead:
        here = ahead.pop()
        reached.add(here)
        ahead |= nexts(states[here]) - reached
    assert reached == states.keys()


def test_every_function_and_operation_that_it_names_exists(states: dict[str, Any]) -> None:
    named = {
        (state["Arguments"]["FunctionName"], json.dumps(state["Arguments"]["Payload"]))
        for state in states.values()
        if state["Type"] == "Task" and state["Arguments"]["FunctionName"].startswith("${")
    }
    assert len(named) > 3
    for substitution, payload in named:
        function = function_of(MACHINE["DefinitionSubstitutions"][substitution[2:-1]])
        operation = re.search(r"""['"]operation['"]: ['"](\w+)['"]""", payload)
        assert operation, payload
        assert operation[1] in {one.name for one in OPERATIONS[function]}
        if function != "BudgetingFunction":
            assert operation[1] in OPERATIONS_OF[AGENT]


def test_every_placeholder_has_its_substitution_and_every_substitution_its_place() -> None:
    placeholders = set(re.findall(r"\$\{(\w+)\}", DEFINITION.read_text()))
    assert placeholders == MACHINE["DefinitionSubstitutions"].keys()


def test_it_may_invoke_what_it_names_and_agents_and_nothing_else() -> None:
    (policy,) = MACHINE["Policies"]
    ours, agents = policy["Statement"]
    assert {one["Action"] for one in policy["Statement"]} == {"lambda:InvokeFunction"}
    substitutions = MACHINE["DefinitionSubstitutions"].values()
    assert ours["Resource"] == [one for one in substitutions if is_invoked(one)]
    names = [one["Fn::Sub"].partition(":function:")[2] for one in agents["Resource"]]
    assert names == ["${AgentFunctionNames}", "${AgentFunctionNames}:*"]


@pytest.mark.parametrize(
    ("allowed", "tenant", "refused"),
    [
        ("*", "acme", False),
        ("acme,shop", "shop", False),
        ("acme,shop", "sho", True),
        ("acme", "acme,shop", True),
        ("acme", None, False),  # reserve refuses it
        ("acme", 7, True),
    ],
)
def test_a_run_for_a_tenant_that_the_template_does_not_name_is_refused(
    states: dict[str, Any], allowed: str, tenant: Any, refused: object
) -> None:
    (choice,) = (one for one in states["Check the input"]["Choices"] if "Tenants" in str(one))
    condition = expressions(choice)[0].replace("${Tenants}", allowed)
    assert choice["Next"] == "Input refused"
    given = {} if tenant is None else {"tenant_id": tenant}
    assert evaluate(condition, 0, input=given) is refused


def test_every_call_ends_and_our_own_are_tried_again(states: dict[str, Any]) -> None:
    for name, state in states.items():
        if state["Type"] == "Task":
            assert state["TimeoutSeconds"], name
            if name not in {"Call the agent", "Wait for a person"}:
                assert state["Retry"][-1]["ErrorEquals"] == ["States.ALL"], name


def evaluate(expression: str, redrives: int, **states: Any) -> Any:
    """An expression's value on AWS, where the context counts the redrives."""
    arn = "arn:aws:states:eu-central-1:000000000000:execution:" + "m" * 80 + ":" + "n" * 80
    execution = {"Id": arn, "RedriveCount": redrives, "Input": {"function": "agent-one"}}
    context = {"Execution": execution, "State": {"Name": "Reserve"}}
    program = jsonata.Jsonata.jsonata(expression)
    program.register_lambda("hash", lambda text, algorithm: f"{algorithm} of {text}")
    variables = {"labels": {"tenant_id": "acme"}, "agent_timeout_seconds": 900}
    return program.evaluate(None, {"states": {"context": context, **states}, **variables})


def test_a_redrive_reserves_under_another_id(states: dict[str, Any]) -> None:
    (reserve,) = expressions(states["Reserve"]["Arguments"])
    first, again, redriven = (evaluate(reserve, n)["reservation_id"] for n in (0, 0, 1))
    assert first == again
    assert first.startswith("SHA-256 of arn:")
    assert redriven not in {first, None}


def test_a_redrive_never_calls_the_agent_on_a_hold_that_was_given_back(
    states: dict[str, Any],
) -> None:
    call = states["Call the agent"]
    function = expressions(call["Arguments"]["FunctionName"])[0]
    assert evaluate(function, 0, input={"redrives": 0}) == "agent-one"
    with pytest.raises(Exception, match="redriven"):
        evaluate(function, 1, input={"redrives": 0})
    caught = call["Catch"][0]
    assert caught["ErrorEquals"] == ["States.QueryEvaluationError"]
    redriven = expressions(caught["Output"]["redriven"])[0]
    assert evaluate(redriven, 1, input={"redrives": 0}) is True
    assert states[caught["Next"]]["Choices"][0]["Next"] == "Reserve"


def test_a_hold_outlives_the_agent_and_its_retries(states: dict[str, Any]) -> None:
    (reserve,) = expressions(states["Reserve"]["Arguments"])
    attempts = states["Call the agent"]["Retry"][0]["MaxAttempts"] + 1
    assert evaluate(reserve, 0)["expires_in_seconds"] > attempts * 900
