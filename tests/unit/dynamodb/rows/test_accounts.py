"""Lists of accounts: an index names rows and never says what they hold."""

from budget_monitor.adapters.dynamodb.rows.accounts import AccountRow


def test_every_index_of_accounts_has_keys_only() -> None:
    indexes = AccountRow._indexes.values()  # noqa: SLF001 - there is no public list
    assert {one.Meta.projection.projection_type for one in indexes} == {"KEYS_ONLY"}
    assert {one.Meta.index_name for one in indexes} == {
        "listing",
        "by_system_list",
        "by_spend",
        "by_begin",
    }
