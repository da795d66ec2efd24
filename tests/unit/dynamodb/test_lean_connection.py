"""The lean connection finds the endpoints and gives the answers that botocore does by itself."""

from __future__ import annotations

import json
from typing import Any

import botocore.session
import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from pynamodb.exceptions import TransactWriteError

from budget_monitor.adapters.dynamodb.lean_connection import LeanConnection, lean_session
from tests.support.environment import CREDENTIALS

ITEM = {
    "pk": {"S": "a#ü"},
    "spent": {"N": "0.000000000001"},
    "none": {"NULL": True},
    "list": {"L": [{"S": "x"}, {"BOOL": False}]},
    "map": {"M": {"deep": {"SS": ["1", "2"]}}},
}
Sent = list[dict[str, Any]]


@pytest.fixture(autouse=True)
def _signed_in(monkeypatch: pytest.MonkeyPatch, clean_environment: None) -> None:
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)


def _answering(client: Any, status: int, body: dict[str, Any]) -> Sent:
    """Answer all requests of the client so; return them as they come."""
    sent: Sent = []

    class Raw:
        def stream(self) -> list[bytes]:
            return [json.dumps(body).encode()]

    def answer(request: Any, **_: object) -> AWSResponse:
        sent.append({"url": request.url, "headers": request.headers, **json.loads(request.body)})
        return AWSResponse(request.url, status, HTTPHeaders(), Raw())

    client.meta.events.register_first("before-send.dynamodb.*", answer)
    return sent


def test_an_answer_is_the_one_that_botocore_parses() -> None:
    body = {"Responses": {"t": [ITEM]}, "UnprocessedKeys": {}}
    ours = LeanConnection(region="eu-central-1")
    theirs: Any = botocore.session.Session().create_client("dynamodb", "eu-central-1")
    request = {"RequestItems": {"t": {"Keys": [{"pk": {"S": "a"}}]}}}
    for client in (ours.client, theirs):
        _answering(client, 200, body)
    found = ours.dispatch("BatchGetItem", dict(request))
    expected = theirs.batch_get_item(**request)
    assert found["Responses"] == expected["Responses"] == {"t": [ITEM]}
    assert found["UnprocessedKeys"] == expected["UnprocessedKeys"]
    assert found["ResponseMetadata"]["HTTPStatusCode"] == 200


def test_a_request_is_the_one_that_botocore_sends() -> None:
    ours = LeanConnection(region="eu-central-1")
    theirs: Any = botocore.session.Session().create_client("dynamodb", "eu-central-1")
    mine, other = _answering(ours.client, 200, {}), _answering(theirs, 200, {})
    put = {"Put": {"TableName": "t", "Item": ITEM, "ConditionExpression": "a"}}
    request = {"TransactItems": [put], "ClientRequestToken": "x", "ReturnConsumedCapacity": "NONE"}
    ours.dispatch("TransactWriteItems", dict(request))
    theirs.transact_write_items(**request)
    bodies = [{name: one[name] for name in request} for one in (*mine, *other)]
    assert bodies == [request, request]
    assert mine[0].keys() == other[0].keys()
    assert mine[0]["headers"]["X-Amz-Target"] == other[0]["headers"]["X-Amz-Target"]


def test_a_transaction_without_a_token_is_sent_with_one_of_its_own() -> None:
    connection = LeanConnection(region="eu-central-1")
    sent = _answering(connection.client, 200, {})
    for _ in range(2):
        connection.dispatch("TransactWriteItems", {"TransactItems": []})
    tokens = {one["ClientRequestToken"] for one in sent}
    assert len(tokens) == 2
    assert all(tokens)


def test_an_error_is_parsed_by_botocore_with_its_reasons() -> None:
    ours = LeanConnection(region="eu-central-1", max_retry_attempts=0)
    reasons = [{"Code": "None"}, {"Code": "ConditionalCheckFailed", "Message": "no"}]
    kind = "com.amazonaws.dynamodb.v20120810#TransactionCanceledException"
    _answering(ours.client, 400, {"__type": kind, "CancellationReasons": reasons})
    with pytest.raises(TransactWriteError) as met:
        ours.transact_write_items([], [], [{"TableName": "t", "Item": ITEM}], [])
    assert met.value.cause_response_code == "TransactionCanceledException"
    found = met.value.cancellation_reasons
    assert [one and one.code for one in found] == [None, "ConditionalCheckFailed"]


@pytest.mark.parametrize("variant", [{}, {"FIPS"}, {"DUALSTACK"}, {"FIPS", "DUALSTACK"}])
@pytest.mark.parametrize("region", ["eu-central-1", "us-gov-west-1", "cn-north-1"])
def test_requests_go_to_the_endpoint_that_botocore_computes(
    monkeypatch: pytest.MonkeyPatch, region: str, variant: set[str]
) -> None:
    for name in variant:
        monkeypatch.setenv(f"AWS_USE_{name}_ENDPOINT", "true")
    theirs: Any = botocore.session.Session().create_client("dynamodb", region)
    ours: Any = lean_session().create_client("dynamodb", region)
    mine, other = _answering(ours, 200, {}), _answering(theirs, 200, {})
    for client in (ours, theirs):
        client.list_tables()
    assert mine[0]["url"] == other[0]["url"]


@pytest.mark.parametrize(
    ("variables", "endpoint"),
    [
        ({"AWS_ENDPOINT_URL": "http://127.0.0.1:1"}, "http://127.0.0.1:1"),
        ({"AWS_ENDPOINT_URL_DYNAMODB": "http://127.0.0.1:2"}, "http://127.0.0.1:2"),
    ],
)
def test_the_environment_may_name_another_endpoint(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], endpoint: str
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    connection = LeanConnection(region="us-east-1")
    sent = _answering(connection.client, 200, {})
    connection.dispatch("GetItem", {"TableName": "t", "Key": {"pk": {"S": "a"}}})
    ((url, headers),) = [(one["url"], one["headers"]) for one in sent]
    assert url.rstrip("/") == endpoint
    assert b"/us-east-1/dynamodb/aws4_request" in headers["Authorization"]


def test_a_request_names_its_sdk_and_asks_for_no_capacity() -> None:
    connection = LeanConnection(region="eu-central-1")
    sent = _answering(connection.client, 200, {})
    connection.dispatch("GetItem", {"TableName": "t", "Key": {"pk": {"S": "a"}}})
    assert sent[0]["headers"]["User-Agent"].startswith(b"Botocore/")
    assert sent[0]["ReturnConsumedCapacity"] == "NONE"
