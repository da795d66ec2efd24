"""What the stream hands over: each record counts, and a bad one stops nobody else."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.alerts.tenants import listed
from tests.support.builders import Tenant
from tests.support.doors.doors import Context, DirectDoor, handler_of
from tests.support.memory.fixture import MemoryCloud
from tests.support.memory.watch import Watch


@pytest.fixture
def tenant(direct_tenant: Tenant) -> Tenant:
    return direct_tenant


def test_a_poison_record_is_named_and_stops_no_other(tenant: Tenant, watch: Watch) -> None:
    tenant.spend("51")
    (good,) = watch.stream.taken()
    images: list[dict[str, Any]] = [
        {},
        {"NewImage": {}},
        {"NewImage": {"pk": {"S": "nonsense"}}},
        {"NewImage": {"pk": {"S": "a#b#c#d"}, "spent": {"N": "many"}}},
        {"NewImage": {"pk": {"S": "a#b#c#d"}, "spent": {"S": "1"}}},
        {"NewImage": {"pk": "a#b#c#d"}},
        {"NewImage": {"pk": {"S": "a#b#c#d"}, "terms": {"S": "none"}}},
    ]
    for number, image in enumerate(images):
        poison = {"dynamodb": {"SequenceNumber": f"poison-{number}", **image}}
        assert watch.deliver([poison, good, poison]) == [f"poison-{number}"] * 2
    assert [one["threshold_percent"] for one in watch.post.alerts] == [50]


@pytest.mark.parametrize("records", [["text"], [{}], [{"dynamodb": {}}], [None]])
def test_what_is_no_stream_is_a_400(watch: Watch, records: list[Any]) -> None:
    with pytest.raises(Exception, match="records must be") as raised:
        handler_of("alerting")({"Records": records}, Context())
    assert type(raised.value).__name__ == "ValidationError"


def test_an_account_that_cannot_be_judged_now_is_named_by_its_first_record_and_comes_again(
    watch: Watch, cloud: MemoryCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    ill, well = Tenant(DirectDoor()), Tenant(DirectDoor())
    for one in (ill, well):
        for _ in range(3):
            one.spend("30")
    records = watch.stream.taken()
    numbers = [
        one["dynamodb"]["SequenceNumber"]
        for one in records
        if one["dynamodb"]["Keys"]["pk"]["S"].startswith(ill.id)
    ]
    original = cloud.database.execute

    def failing(operation: str, request: dict[str, Any]) -> Any:
        if f"{ill.id}#alert" in str(request):
            raise ConnectionError
        return original(operation, request)

    monkeypatch.setattr(cloud.database, "execute", failing)
    assert watch.deliver(records) == numbers[:1]
    assert len(listed(well)) == 2
    monkeypatch.setattr(cloud.database, "execute", original)
    assert watch.deliver(records) == []
    assert len(listed(ill)) == len(listed(well)) == 2
