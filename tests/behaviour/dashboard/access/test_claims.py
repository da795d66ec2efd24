"""What a person may see is what the claims of the ID token say, and nothing without them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from budget_monitor.domain.errors import ForbiddenError
from budget_monitor.entrypoints.dashboard.claims import OpenId

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
NOBODY: Any = None
BY_GROUP = OpenId(NOBODY, "tenant", ("groups", "finops"))


def test_the_claim_of_the_tenant_opens_its_pages_for_8_hours() -> None:
    found = BY_GROUP.session({"sub": "7", "tenant": ["acme"], "groups": "staff"}, NOW)
    assert (found.tenant_id, found.by, found.until) == ("acme", "7", NOW + timedelta(hours=8))


def test_the_claim_of_operators_opens_all_only_if_one_is_set() -> None:
    claims = {"sub": "7", "email": "a@b.example", "groups": ["x", "finops"]}
    assert BY_GROUP.session(claims, NOW).of_system
    assert BY_GROUP.session(claims, NOW).by == "a@b.example"
    with pytest.raises(ForbiddenError, match="for no tenant"):
        OpenId(NOBODY, "tenant", None).session(claims, NOW)


@pytest.mark.parametrize("tenant", [None, "", "*", ["a", "b"], 7, {"a": 1}, "a/b", " acme"])
def test_a_claim_that_is_not_one_id_of_a_tenant_opens_nothing(tenant: Any) -> None:
    with pytest.raises(ForbiddenError, match="your account is for no tenant of these pages"):
        BY_GROUP.session({"sub": "7", "tenant": tenant}, NOW)
