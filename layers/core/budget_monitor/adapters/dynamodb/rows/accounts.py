"""Rows of the accounts table."""

from pynamodb.attributes import UnicodeAttribute
from pynamodb.indexes import GlobalSecondaryIndex, KeysOnlyProjection
from pynamodb.models import Model

from budget_monitor.adapters.dynamodb.rows.attributes import (
    AccountsAttribute,
    CountAttribute,
    ExactAttribute,
    LevelAttribute,
    RowVersionAttribute,
    TermsAttribute,
)


class _ListingIndex(GlobalSecondaryIndex["AccountRow"]):
    class Meta:
        index_name = "listing"
        projection = KeysOnlyProjection()

    listing = UnicodeAttribute(hash_key=True)


class BySystemList(GlobalSecondaryIndex["AccountRow"]):
    """All tenants' accounts of a scope in a month."""

    class Meta:
        index_name = "by_system_list"
        projection = KeysOnlyProjection()

    system_list = UnicodeAttribute(hash_key=True)


class BySpend(GlobalSecondaryIndex["AccountRow"]):
    """Runs of a tenant, or names of a month, in the order of their spend."""

    class Meta:
        index_name = "by_spend"
        projection = KeysOnlyProjection()

    ranking = UnicodeAttribute(hash_key=True)
    spent = ExactAttribute(range_key=True)


class ByBegin(GlobalSecondaryIndex["AccountRow"]):
    """Runs of a tenant in the order in which they were first seen."""

    class Meta:
        index_name = "by_begin"
        projection = KeysOnlyProjection()

    ranking = UnicodeAttribute(hash_key=True)
    began_at = UnicodeAttribute(range_key=True)


WATCHED = "yes"
"""Value of `watched`; the table's stream is filtered by it."""


class AccountRow(Model):
    """One row of an account. Absent counters are zero; conditions compare with `committed`."""

    by_listing = _ListingIndex()
    by_system_list = BySystemList()
    by_spend = BySpend()
    by_begin = ByBegin()
    pk = UnicodeAttribute(hash_key=True)
    row_version = RowVersionAttribute(null=True)
    listing = UnicodeAttribute(null=True)
    system_list = UnicodeAttribute(null=True)
    ranking = UnicodeAttribute(null=True)
    began_at = UnicodeAttribute(null=True)
    lineage = UnicodeAttribute(null=True)
    name = UnicodeAttribute(null=True)
    began_over = AccountsAttribute(null=True)
    terms = TermsAttribute(null=True)
    policy_version = CountAttribute(null=True)
    watched = UnicodeAttribute(null=True)
    level = LevelAttribute(null=True)
    spent = ExactAttribute(null=True)
    held = ExactAttribute(null=True)
    committed = ExactAttribute(null=True)
    workflow_spent = ExactAttribute(null=True)
    holds = CountAttribute(null=True)
    entries = CountAttribute(null=True)
    tokens = CountAttribute(null=True)
    input_tokens = CountAttribute(null=True)
    output_tokens = CountAttribute(null=True)
