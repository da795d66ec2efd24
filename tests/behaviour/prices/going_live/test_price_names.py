"""Requests about aliases and price lists: each bad field is refused by its name."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.builders import Tenant
from tests.support.memory.fixture import MemoryCloud
from tests.support.prices.pricing import GPT
from tests.support.rules.governing import WHO


def test_an_alias_needs_its_fields_and_is_no_owners_business(tenant: Tenant) -> None:
    assert tenant.call("set_alias", alias="x", **WHO).field == "model"
    assert tenant.call("set_alias", model="x", **WHO).field == "alias"
    tenant.call("set_tenant", owner=WHO["by"], **WHO)
    assert tenant.call("set_alias", alias="x", model=GPT, **WHO).error == "FORBIDDEN"


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"key": None}, "key"),
        ({"dated": "November"}, "dated"),
        ({"from": "soon"}, "from"),
        ({"colour": "red"}, "colour"),
        ({"by": None}, "by"),
    ],
)
def test_a_price_list_with_a_bad_field_is_refused_by_its_name(
    tenant: Tenant, cloud: MemoryCloud, fields: dict[str, Any], field: str
) -> None:
    before = cloud.rows()
    given = {"key": "prices.json", "dated": "2026-11-21", **WHO, **fields}
    asked = {name: value for name, value in given.items() if value is not None}
    refused = tenant.door.call("set_price_list", **asked)
    assert refused.refusal == ("VALIDATION_ERROR", field)
    assert cloud.rows() == before


def test_aliases_of_the_system_are_listed_with_their_source_after_the_tenants_own(
    tenant: Tenant,
) -> None:
    own = tenant.call("set_alias", alias="b", model=GPT, **WHO).body
    assert (own["tenant_id"], own["replayed"]) == (tenant.id, False)
    listed = tenant.call("list_aliases").body["items"]
    assert [(one["alias"], one["model"], one["source"]) for one in listed] == [("b", GPT, "tenant")]
    assert tenant.call("list_aliases", alias="b").refusal == ("VALIDATION_ERROR", "alias")
    deleted = tenant.call("delete_alias", alias="B", **WHO).body
    assert (deleted["alias"], deleted["deleted"]) == ("B", True)
    assert tenant.call("delete_alias", **WHO).field == "alias"
