"""Requests about aliases and price lists: each bad field is refused by its name."""

from __future__ import annotations

from tests.support.builders import Tenant
from tests.support.prices.pricing import GPT
from tests.support.rules.governing import WHO


def test_an_alias_needs_its_fields_and_is_no_owners_business(tenant: Tenant) -> None:
    assert tenant.call("set_alias", alias="x", **WHO).field == "model"
    assert tenant.call("set_alias", model="x", **WHO).field == "alias"
    tenant.call("set_tenant", owner=WHO["by"], **WHO)
    assert tenant.call("set_alias", alias="x", model=GPT, **WHO).error == "FORBIDDEN"
