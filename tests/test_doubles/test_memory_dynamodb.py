"""The in-memory DynamoDB is as strict as the real one."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.support.memory import DynamoError, MemoryDynamoDB
from tests.support.memory.requests import (
    INVALID,
    KEY,
    holds,
    put,
    refusal,
    row,
    transact,
    update,
)


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("1.50", "1.5"),
        ("007", "7"),
        ("-0", "0"),
        ("1e2", "100"),
        ("1E-130", "0." + "0" * 129 + "1"),
        ("9" * 38, "9" * 38),
        ("9.9E125", "99" + "0" * 124),
        ("0." + "1" * 38, "0." + "1" * 38),
        ("1" + "0" * 60, "1" + "0" * 60),
    ],
)
def test_a_number_is_kept_in_its_one_form(
    database: MemoryDynamoDB, written: str, stored: str
) -> None:
    put(database, n={"N": written})

    assert row(database)["n"] == {"N": stored}


@pytest.mark.parametrize(
    "written", ["1" * 39, "0." + "1" * 39, "1E126", "1E-131", "1e999999999", "", " 1", "1_0", "NaN"]
)
def test_a_number_beyond_38_digits_or_the_range_is_refused(
    database: MemoryDynamoDB, written: str
) -> None:
    with pytest.raises(DynamoError, match=INVALID):
        put(database, n={"N": written})


@pytest.mark.parametrize("expression", ["ADD n :v", "SET n = n + :v"])
def test_a_sum_is_exact_or_refused(database: MemoryDynamoDB, expression: str) -> None:
    put(database, n={"N": "9" * 37})

    assert transact(database, update(expression, v={"N": "0.1"})) == []
    assert row(database)["n"] == {"N": "9" * 37 + ".1"}
    assert transact(database, update(expression, v={"N": "0.01"})) == ["ValidationError"]
    assert row(database)["n"] == {"N": "9" * 37 + ".1"}


def test_a_sum_out_of_range_is_refused(database: MemoryDynamoDB) -> None:
    put(database, n={"N": "9.9E125"})

    assert transact(database, update("ADD n :v", v={"N": "9E125"})) == ["ValidationError"]


def test_adding_to_a_string_cancels_the_whole_transaction(database: MemoryDynamoDB) -> None:
    put(database, s={"S": "text"})
    other = update("ADD n :v", key={"pk": {"S": "other"}}, v={"N": "1"})

    assert transact(database, other, update("ADD s :v", v={"N": "1"})) == [
        "None",
        "ValidationError",
    ]
    assert row(database) == {**KEY, "s": {"S": "text"}}


def test_every_failed_condition_has_its_reason_and_the_item_where_asked(
    database: MemoryDynamoDB,
) -> None:
    put(database, n={"N": "1"})
    absent = {"TableName": "rows", "Key": KEY, "ConditionExpression": "attribute_not_exists(pk)"}
    shown = {**absent, "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}

    with pytest.raises(DynamoError) as caught:
        database.execute(
            "TransactWriteItems",
            {
                "TransactItems": [
                    update("ADD n :v", key={"pk": {"S": "other"}}, v={"N": "1"}),
                    {"ConditionCheck": shown},
                ]
            },
        )

    reasons = caught.value.extra["CancellationReasons"]
    assert [reason["Code"] for reason in reasons] == ["None", "ConditionalCheckFailed"]
    assert reasons[1]["Item"] == {**KEY, "n": {"N": "1"}}


def test_every_value_is_worked_out_from_the_item_as_it_was(database: MemoryDynamoDB) -> None:
    put(database, a={"N": "1"}, b={"N": "2"}, l={"L": [{"N": "0"}, {"N": "1"}, {"N": "2"}]})

    transact(database, update("SET a = b, b = a REMOVE l[0], l[1]"))

    assert row(database) == {**KEY, "a": {"N": "2"}, "b": {"N": "1"}, "l": {"L": [{"N": "2"}]}}


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("n = :one AND NOT s = :one", True),
        ("n BETWEEN :zero AND :one", True),
        ("n IN (:zero, :one)", True),
        ("absent = :one", False),
        ("absent <> :one", True),
        ("absent < :one OR absent >= :one", False),
        ("s < :one OR s > :one", False),
        ("attribute_exists(s) AND attribute_not_exists(absent)", True),
        ("size(s) = :four", True),
        ("contains(s, :x)", True),
        ("begins_with(n, :x)", False),
        ("attribute_type(n, :number)", True),
        ("n = :one OR n = :zero AND n = :zero", True),
        ("(n = :one OR n = :zero) AND n = :zero", False),
    ],
)
def test_conditions_say_what_dynamodb_says(
    database: MemoryDynamoDB, condition: str, expected: object
) -> None:
    put(database, n={"N": "1"}, s={"S": "text"})
    known = {
        "zero": {"N": "0"},
        "one": {"N": "1.0"},
        "four": {"N": "4"},
        "x": {"S": "x"},
        "number": {"S": "N"},
    }
    used = {name: value for name, value in known.items() if f":{name}" in condition}

    assert holds(database, condition, **used) is expected


@pytest.mark.parametrize(
    "expression",
    [
        "SET status = :v",
        "SET #a = :v",
        "SET a = :other",
        "SET a = :v, a = :v",
        "SET a = :v SET b = :v",
        "SET a :v",
        "GROW a :v",
        "ADD a :v",
        "SET a = a + :v",
        "SET a = list_append(a, :v)",
        "SET a = if_not_exists(:v, :v)",
        "SET a = unknown(:v)",
        "REMOVE a",
        "",
    ],
)
def test_an_update_that_is_wrong_in_itself_is_refused(
    database: MemoryDynamoDB, expression: str
) -> None:
    assert refusal(database, update(expression, v={"S": "text"})) == INVALID


@pytest.mark.parametrize(
    "condition",
    [
        "a",
        "a =",
        "a = :v AND",
        "((a = :v))",
        "a = :v)",
        "attribute_exists(:v)",
        "ATTRIBUTE_EXISTS(a) AND a = :v",
        "if_not_exists(a, :v)",
        "begins_with(a, :n) AND a = :v",
        "a BETWEEN :n AND :zero AND a <> :v",
        "date = :v",
        "size(a)",
    ],
)
def test_a_condition_that_is_wrong_in_itself_is_refused(
    database: MemoryDynamoDB, condition: str
) -> None:
    known = {"v": {"S": "text"}, "n": {"N": "1"}, "zero": {"N": "0"}}
    used = {name: value for name, value in known.items() if f":{name}" in condition}

    with pytest.raises(DynamoError, match=INVALID):
        holds(database, condition, **used)


def test_what_is_defined_must_be_used(database: MemoryDynamoDB) -> None:
    item = update("SET a = :v", v={"N": "1"}, w={"N": "1"})
    assert refusal(database, item) == INVALID

    named = update("SET a = :v", v={"N": "1"})
    named["Update"]["ExpressionAttributeNames"] = {"#unused": "a"}
    assert refusal(database, named) == INVALID


def test_many_threads_lose_nothing(database: MemoryDynamoDB) -> None:
    def once(number: int) -> list[str]:
        entry = {"Put": {"TableName": "rows", "Item": {"pk": {"S": f"entry-{number}"}}}}
        return transact(database, entry, update("ADD n :v", v={"N": "0.000001"}))

    with ThreadPoolExecutor(64) as pool:
        assert not any(pool.map(once, range(2000)))

    rows = {item["pk"]["S"]: item for item in database.rows("rows")}
    assert len(rows) == 2001
    assert rows["row"]["n"] == {"N": "0.002"}
