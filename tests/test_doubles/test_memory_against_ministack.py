"""The same random calls to MemoryDynamoDB and to ministack: same answers, same tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from tests.support.environment import CREDENTIALS, REGION
from tests.support.memory import MemoryDynamoDB
from tests.support.memory.random.random_calls import ROWS, SORTED, RandomCalls
from tests.support.memory.requests import plain
from tests.support.thorough import first

SEEDS = tuple(range(1, 11))
CALLS = 200
MEMORY = "http://memory.invalid"


def definitions() -> list[dict[str, Any]]:
    """One table with indexes, one with a sort key."""
    kinds = {"pk": "S", "list": "S", "pos": "S"}
    keys = [
        {"AttributeName": "list", "KeyType": "HASH"},
        {"AttributeName": "pos", "KeyType": "RANGE"},
    ]
    return [
        {
            "TableName": ROWS,
            "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
            "AttributeDefinitions": [
                {"AttributeName": name, "AttributeType": kind} for name, kind in kinds.items()
            ],
            "GlobalSecondaryIndexes": [
                {"IndexName": name, "KeySchema": keys, "Projection": {"ProjectionType": kind}}
                for name, kind in (("by_list", "KEYS_ONLY"), ("whole", "ALL"))
            ],
            "BillingMode": "PAY_PER_REQUEST",
        },
        {
            "TableName": SORTED,
            "KeySchema": [
                {"AttributeName": "pk", "KeyType": "HASH"},
                {"AttributeName": "sk", "KeyType": "RANGE"},
            ],
            "AttributeDefinitions": [
                {"AttributeName": "pk", "AttributeType": "S"},
                {"AttributeName": "sk", "AttributeType": "N"},
            ],
            "BillingMode": "PAY_PER_REQUEST",
        },
    ]


class Pair:
    """Two databases that shall agree."""

    def __init__(self, theirs: Any, memory: MemoryDynamoDB, *, made: bool = False) -> None:
        self.theirs, self.memory = theirs, memory
        self.ours = boto3.client(
            "dynamodb",
            region_name=REGION,
            endpoint_url=MEMORY,
            aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
        )
        for one in definitions():
            if not made:
                self.theirs.create_table(**one)
            self.memory.create_table(**one)

    def rows(self, table: str) -> tuple[Any, Any]:
        """All items at both."""
        theirs = self.theirs.scan(TableName=table, ConsistentRead=True)["Items"]
        return by_key(theirs), by_key(self.memory.rows(table))


def by_key(rows: list[Any]) -> dict[str, Any]:
    return {repr((row["pk"], row.get("sk"))): plain(row) for row in rows}


def outcome(client: Any, operation: str, request: dict[str, Any]) -> Any:
    """What a call comes to: its answer, or its error's code, reasons and items."""
    try:
        answer = client._make_api_call(operation, request)  # noqa: SLF001 - by its name
    except ClientError as error:
        reasons = [
            (one["Code"], plain(one.get("Item")))
            for one in error.response.get("CancellationReasons", [])
        ]
        return error.response["Error"]["Code"], reasons, plain(error.response.get("Item"))
    answer.pop("ResponseMetadata")
    if not answer.get("Attributes", True):
        del answer["Attributes"]  # none are left out, or given as none
    if operation == "BatchGetItem":
        answer["Responses"][ROWS].sort(key=repr)
    return plain(answer)


@pytest.fixture
def pair(dynamodb: Any) -> Iterator[Pair]:
    """Both databases, empty."""
    with MemoryDynamoDB().installed(MEMORY) as memory:
        yield Pair(dynamodb, memory)
        for one in definitions():
            dynamodb.delete_table(TableName=one["TableName"])


@pytest.mark.parametrize("seed", first(2, SEEDS))
def test_random_calls_come_to_the_same(pair: Pair, seed: int) -> None:
    calls = RandomCalls(seed)
    for number in range(CALLS):
        operation, request = calls.next()

        theirs = outcome(pair.theirs, operation, request)
        ours = outcome(pair.ours, operation, request)

        assert ours == theirs, f"call {number}: {operation} {request}"
    for table in (ROWS, SORTED):
        theirs, ours = pair.rows(table)
        assert ours == theirs


def test_the_random_calls_reach_every_kind_of_answer() -> None:
    with MemoryDynamoDB().installed(MEMORY) as memory:
        pair = Pair(memory, memory, made=True)
        seen: Counter[str] = Counter()
        for seed in SEEDS:
            calls = RandomCalls(seed)
            for _ in range(CALLS):
                answer = outcome(pair.ours, *calls.next())
                seen[answer[0] if isinstance(answer, tuple) else "ok"] += 1

    assert seen.keys() == {
        "ok",
        "TransactionCanceledException",
        "ConditionalCheckFailedException",
        "ValidationException",
        "IdempotentParameterMismatchException",
    }
    assert min(seen.values()) > 10


def update(expression: str, **values: Any) -> dict[str, Any]:
    """An Update of the one row, as a transaction."""
    item: dict[str, Any] = {"TableName": ROWS, "Key": {"pk": {"S": "row"}}}
    item["UpdateExpression"] = expression
    if values:
        item["ExpressionAttributeValues"] = {f":{name}": one for name, one in values.items()}
    return {"TransactItems": [{"Update": item}]}


def check(condition: str, **values: Any) -> dict[str, Any]:
    """A ConditionCheck of the one row, as a transaction."""
    item: dict[str, Any] = {"TableName": ROWS, "Key": {"pk": {"S": "row"}}}
    item["ConditionExpression"] = condition
    if values:
        item["ExpressionAttributeValues"] = {f":{name}": one for name, one in values.items()}
    return {"TransactItems": [{"ConditionCheck": item}]}


INVALID, CANCELLED, OK = "ValidationException", "TransactionCanceledException", "ok"
ONE, WORD, LONG = {"N": "1"}, {"S": "word"}, {"N": "0." + "1" * 30}

# The request, our answer, ministack's, and why ours is DynamoDB's. When ministack changes its
# answer the case fails and goes to the random calls.
LAXER = [
    (update("SET n = n + :v", v=LONG), OK, OK, "it rounds sums to 28 digits, in silence"),
    (update("SET s = s + :v", v=ONE), CANCELLED, OK, "a string has no sum; it keeps the string"),
    (update("SET n :v", v=ONE), INVALID, OK, "it drops a clause that it cannot read"),
    (update("INCREASE n :v", v=ONE), INVALID, OK, "it drops a section that it does not know"),
    (update("SET a = :v, a = :v", v=ONE), INVALID, OK, "paths may not overlap"),
    (update("REMOVE l[0]"), CANCELLED, OK, "the list must exist (scylladb issue 10043)"),
    (update("ADD n :v", v=WORD), INVALID, CANCELLED, "an operand's type is seen while reading"),
    (update("SET pk = :v", v=WORD), CANCELLED, OK, "a key cannot be updated"),
    (check("a = b"), CANCELLED, OK, "absent attributes equal nothing (not seen on AWS)"),
    (check("contains(s, s)"), INVALID, INVALID, "the operands must be distinct"),
    (check("n = n"), INVALID, OK, "the operands must be distinct"),
    (check("begins_with(n, :v)", v=WORD), CANCELLED, INVALID, "no match, as with any other type"),
    (check("size(n) >= :v", v={"N": "0"}), CANCELLED, OK, "a number has no size"),
    (check("n < :v", v={"BOOL": True}), INVALID, CANCELLED, "a truth has no order"),
]


@pytest.mark.parametrize(("request_", "ours", "theirs", "reason"), LAXER)
def test_where_ministack_is_laxer_than_dynamodb_memory_is_not(
    pair: Pair, request_: dict[str, Any], ours: str, theirs: str, reason: str
) -> None:
    row = {"pk": {"S": "row"}, "n": {"N": "1"}, "s": {"S": "text"}}
    for client in (pair.ours, pair.theirs):
        client.put_item(TableName=ROWS, Item=row)

    answers = [
        outcome(client, "TransactWriteItems", request_) for client in (pair.ours, pair.theirs)
    ]

    codes = [answer[0] if isinstance(answer, tuple) else OK for answer in answers]
    assert codes == [ours, theirs], reason
    if ours == theirs == OK:
        mine, other = pair.rows(ROWS)
        assert mine != other, reason


@pytest.mark.parametrize("key", [{"N": "1"}, {"S": ""}])
def test_ministack_finds_nothing_under_a_wrong_key_and_memory_refuses(
    pair: Pair, key: dict[str, str]
) -> None:
    request = {"TransactItems": [{"Get": {"TableName": ROWS, "Key": {"pk": key}}}]}

    assert outcome(pair.theirs, "TransactGetItems", request) == {"Responses": [{}]}
    assert outcome(pair.ours, "TransactGetItems", request)[0] in (INVALID, CANCELLED)
