"""Update expressions: clauses, conditions, and the names and values that they stand on."""

from __future__ import annotations

from decimal import Decimal

from budget_monitor.adapters.dynamodb.rows.updates import Update


def test_an_update_names_all_attributes_and_has_its_conditions_joined_by_and() -> None:
    update = Update()
    update.add("spent", Decimal("0.10"))
    update.set("state", "open")
    update.set_once("name", "writer")
    update.remove("open_list")
    update.expect("held", "<=", 5, or_none=True)
    update.expect("state", "=", "open")

    assert update.of("ACCOUNTS", "acme#one") == {
        "TableName": "ACCOUNTS",
        "Key": {"pk": {"S": "acme#one"}},
        "UpdateExpression": "ADD #spent :0 SET #state = :1, #name = if_not_exists (#name, :2)"
        " REMOVE #open_list",
        "ConditionExpression": "(attribute_not_exists (#held) OR #held <= :3) AND (#state = :4)",
        "ExpressionAttributeNames": {
            f"#{name}": name for name in ("spent", "state", "name", "open_list", "held")
        },
        "ExpressionAttributeValues": {
            ":0": {"N": "0.10"},
            ":1": {"S": "open"},
            ":2": {"S": "writer"},
            ":3": {"N": "5"},
            ":4": {"S": "open"},
        },
    }


def test_an_update_without_values_and_conditions_leaves_these_parts_out() -> None:
    update = Update()
    assert update.is_empty
    update.remove("listing")
    assert not update.is_empty
    assert update.of("ACCOUNTS", "a").keys() == {
        "TableName",
        "Key",
        "UpdateExpression",
        "ExpressionAttributeNames",
    }


def test_a_condition_that_nothing_is_stored_may_name_one_exception() -> None:
    update = Update()
    update.set("level", "2/none/under")
    update.expect_none("drawn")
    update.expect_none("level", "committed", unless=("level", "1/none/under"))
    assert update.of("A", "a")["ConditionExpression"] == (
        "(attribute_not_exists (#drawn)) AND (#level = :1 OR "
        "(attribute_not_exists (#level) AND attribute_not_exists (#committed)))"
    )
