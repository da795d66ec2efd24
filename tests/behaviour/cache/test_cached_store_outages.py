"""With a cache an outage of DynamoDB is the same outage: no reserve more fails, nothing is hid."""

from __future__ import annotations

import pytest

from tests.support.builders import Tenant
from tests.support.cache.caching import RUN, another_process, parts, told
from tests.support.dynamodb.faults import faults, never_sent
from tests.support.times import at

pytestmark = pytest.mark.usefixtures("unhurried")

READ = "BatchGetItem"


def told_elsewhere(tenant: Tenant) -> None:
    """Other processes leave copies of all that a check needs; this one knows what it knew."""
    known = dict(parts().policies._read)  # noqa: SLF001 - a process's memory
    for _ in range(2):
        another_process()
        tenant.check("0.01", **RUN).body  # noqa: B018 - must not fail
    another_process()
    parts().policies._read.update(known)  # noqa: SLF001 - the same


@pytest.mark.parametrize("url", ["with a cache", ""])
def test_a_policy_of_copies_does_not_push_out_the_one_that_a_reserve_goes_on_with(
    cached: Tenant, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    if not url:
        monkeypatch.setenv("CACHE_URL", "")
    with at("2026-11-22T10:00:00Z", tick=False):
        assert cached.reserve("0.1", **RUN).body["allowed"]
    with at("2026-11-22T10:00:28Z", tick=False):
        told_elsewhere(cached)
    with at("2026-11-22T10:00:31Z", tick=False):
        assert cached.check("0.1", **RUN).body["source"] == ("cache" if url else "store")
    faults(monkeypatch, READ, [never_sent], for_ever=True)
    with at("2026-11-22T10:00:32Z", tick=False):
        granted = cached.reserve("0.1", include_gates=False, **RUN).body

    assert (granted["allowed"], granted["source"]) == (True, "store")


def test_a_check_whose_policy_cannot_be_read_goes_on_with_no_old_one(
    cached: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    with at("2026-11-22T10:00:00Z", tick=False):
        cached.spend("1", **RUN)
    with at("2026-11-22T10:00:29Z", tick=False):
        assert told(cached)["source"] == "cache"
    faults(monkeypatch, READ, [never_sent], for_ever=True)
    with at("2026-11-22T10:00:35Z", tick=False):
        assert cached.check("0.01", **RUN).error == "UNAVAILABLE"


def test_a_check_that_needs_nothing_of_dynamodb_does_not_see_that_it_is_gone(
    cached: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For 10 s at most; this is what the copies are for. A reserve always asks."""
    with at("2026-11-22T10:00:00Z", tick=False):
        told_elsewhere(cached)
        told_elsewhere(cached)
    for operation in (READ, "TransactWriteItems"):
        faults(monkeypatch, operation, [never_sent], for_ever=True)
    with at("2026-11-22T10:00:09Z", tick=False):
        answer = cached.check("0.01", **RUN).body
        assert (answer["allowed"], answer["source"]) == (True, "cache")
        assert cached.reserve("0.01", **RUN).error == "UNAVAILABLE"
    with at("2026-11-22T10:00:10Z", tick=False):
        assert cached.check("0.01", **RUN).error == "UNAVAILABLE"
