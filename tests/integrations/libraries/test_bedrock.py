"""boto3's Bedrock client with guarded events, against the stub."""

from __future__ import annotations

import json
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from budget_monitor_client.guard.runs import Run
from budget_monitor_client.integrations.bedrock import guard
from tests.integrations.libraries.conftest import Ledger, booked_once, may_break
from tests.integrations.libraries.stub_models import Models

MODEL = "us.anthropic.claude-sonnet-4-5-20250929-v1:0"
COST = "0.00891"
ASKED: dict[str, Any] = {
    "modelId": MODEL,
    "messages": [{"role": "user", "content": [{"text": "What is a budget?"}]}],
    "inferenceConfig": {"maxTokens": 800},
}
BODY = json.dumps(
    {
        "anthropic_version": "bedrock-2023-05-31",
        "max_tokens": 800,
        "messages": [{"role": "user", "content": "What is a budget?"}],
    }
)


def client(run: Run, models: Models) -> Any:
    once = Config(retries={"total_max_attempts": 1})
    made = boto3.client("bedrock-runtime", endpoint_url=models.url, config=once)
    guard(made, run)
    return made


def converse(bedrock: Any) -> Any:
    return bedrock.converse(**ASKED)["output"]["message"]["content"][0]["text"]


def invoke(bedrock: Any) -> Any:
    answer = json.loads(bedrock.invoke_model(modelId=MODEL, body=BODY)["body"].read())
    return answer["content"][0]["text"]


def converse_stream(bedrock: Any) -> Any:
    return list(bedrock.converse_stream(**ASKED)["stream"])


def invoke_stream(bedrock: Any) -> Any:
    answer = bedrock.invoke_model_with_response_stream(modelId=MODEL, body=BODY)
    return list(answer["body"])


CALLS = [converse, invoke, converse_stream, invoke_stream]


@pytest.mark.parametrize("call", CALLS)
def test_a_call_books_its_exact_cost(ledger: Ledger, models: Models, call: Any) -> None:
    with ledger.run() as run:
        answer = call(client(run, models))
        assert answer == "It is a limit." or len(answer) > 4
    assert (ledger.costs, ledger.held, models.attempts) == ([COST], "0", 1)


@pytest.mark.parametrize("call", CALLS)
def test_a_refusal_is_raised_before_anything_is_sent(
    ledger: Ledger, models: Models, refused: Any, call: Any
) -> None:
    with ledger.run() as run:
        refused(lambda: call(client(run, models)))


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize(("status", "booked"), [(500, 1), (429, 0), (400, 0)])
def test_a_failed_call_is_sent_once(
    ledger: Ledger, models: Models, call: Any, status: int, booked: int
) -> None:
    models.status = status
    with ledger.run() as run, pytest.raises(ClientError):
        call(client(run, models))
    assert (models.attempts, ledger.held, len(ledger.costs)) == (1, "0", booked)


def test_a_call_that_does_not_connect_is_released(ledger: Ledger, models: Models) -> None:
    with ledger.run() as run, pytest.raises(Exception, match="Could not connect"):
        converse(client(run, Models(url="http://127.0.0.1:1")))
    assert (ledger.costs, ledger.held) == ([], "0")


def test_a_call_without_a_limit_gets_that_of_the_guard(ledger: Ledger, models: Models) -> None:
    client(ledger.run(), models).converse(modelId=MODEL, messages=ASKED["messages"])
    assert models.seen[0][1]["inferenceConfig"]["maxTokens"] == 4096


CUTS = [
    *((converse_stream, cut, 5) for cut in range(6)),
    *((invoke_stream, cut, 5) for cut in range(7)),
]


@pytest.mark.parametrize(("read", "cut", "whole"), CUTS)
def test_a_stream_cut_at_each_event_is_delivered_or_booked_at_the_estimate(
    ledger: Ledger, models: Models, read: Any, cut: int, whole: int
) -> None:
    models.cut_at = cut
    with ledger.run() as run, may_break(only_if=cut <= whole):
        read(client(run, models))
    booked_once(ledger, COST, whole=cut >= whole)


def test_a_stream_that_is_closed_or_never_read_is_booked_at_the_estimate(
    ledger: Ledger, models: Models
) -> None:
    with ledger.run() as run:
        bedrock = client(run, models)
        bedrock.converse_stream(**ASKED)["stream"].close()
        bedrock.converse_stream(**ASKED)
    assert len(ledger.costs) == 2
    assert ledger.held == "0"
