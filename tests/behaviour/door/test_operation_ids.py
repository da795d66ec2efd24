"""What names an operation: ids, idempotency keys, and the names that we make."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.builders import Tenant, new_id
from tests.support.cloud import Cloud
from tests.support.doors.doors import DirectDoor, Door, HttpDoor
from tests.support.times import later

RUN = {"agent_execution_id": "run-1"}


def keyed(tenant: Tenant, operation: str, key: str, door: Door, *, in_header: bool) -> Any:
    content = {
        "record_cost": {"cost_usd": "1", **RUN},
        "reserve": {"estimated_cost_usd": "1", **RUN},
    }[operation]
    if in_header:
        return tenant.through(door).call(operation, headers={"Idempotency-Key": key}, **content)
    return tenant.through(door).call(operation, idempotency_key=key, **content)


@pytest.mark.parametrize("operation", ["record_cost", "reserve"])
def test_a_key_names_the_operation_in_body_or_header_at_either_door(
    tenant: Tenant, cloud: Cloud, operation: str
) -> None:
    key = new_id("key")
    first = keyed(tenant, operation, key, HttpDoor(), in_header=True)
    before = cloud.rows()
    assert first.error is None

    for door, in_header in ((HttpDoor(), True), (HttpDoor(), False), (DirectDoor(), False)):
        again = keyed(tenant, operation, key, door, in_header=in_header)
        assert again.body.get("entry", again.body)["replayed"] is True

    assert cloud.rows() == before


def test_another_content_under_the_same_key_is_refused(tenant: Tenant) -> None:
    tenant.record("1", idempotency_key="key-1", **RUN)

    answer = tenant.record("2", idempotency_key="key-1", **RUN)

    assert answer.refusal == ("IDEMPOTENCY_MISMATCH", "cost_usd")


def test_two_keys_are_two_operations(tenant: Tenant) -> None:
    for key in ("key-1", "key-2"):
        tenant.record("1", idempotency_key=key, **RUN)

    assert tenant.usage()["spent_usd"] == "2"


def test_the_key_of_one_tenant_is_nothing_to_another(door: Door) -> None:
    for tenant in (Tenant(door), Tenant(door)):
        answer = tenant.record("1", idempotency_key="key-1", **RUN)
        assert answer.body["entry"]["replayed"] is False


@pytest.mark.parametrize("key", ["", " ", "a b", "é", "a" * 129])
def test_an_idempotency_key_that_is_no_id_is_refused_in_the_header_too(
    tenant: Tenant, key: str
) -> None:
    # Schemathesis: an empty header counted as none, so a retry was booked again.
    answer = tenant.record("1", headers={"Idempotency-Key": key}, **RUN)
    assert answer.refusal == ("VALIDATION_ERROR", "idempotency_key")
    assert tenant.usage()["spent_usd"] == "0"


def test_two_different_keys_at_once_are_refused(cloud: Cloud) -> None:
    tenant = Tenant(HttpDoor())

    answer = tenant.record("1", headers={"Idempotency-Key": "a"}, idempotency_key="b", **RUN)
    same = tenant.record("1", headers={"Idempotency-Key": "a"}, idempotency_key="a", **RUN)

    assert answer.refusal == ("VALIDATION_ERROR", "idempotency_key")
    assert same.error is None


def test_a_key_names_an_adjustment_and_a_settlement_too(tenant: Tenant) -> None:
    entry_id, reservation_id = tenant.spend("5", **RUN), tenant.hold("1")

    for replayed in (False, True):
        adjusted = tenant.adjust(entry_id, "-1", idempotency_key="key-1")
        assert adjusted.body["entry"]["replayed"] is replayed
        settled = tenant.settle(reservation_id, "2", idempotency_key="key-2")
        assert settled.body["entry"]["replayed"] is replayed
    assert tenant.usage()["spent_usd"] == "6"


def test_a_key_is_welcome_where_the_operation_has_a_name_already(tenant: Tenant) -> None:
    reservation_id = tenant.hold("1")
    longer = {"reservation_id": reservation_id, "expires_in_seconds": 7200}

    for _ in range(2):
        assert tenant.call("extend", idempotency_key="key-1", **longer).body["state"] == "open"
    for _ in range(2):
        answer = tenant.release(reservation_id, idempotency_key="key-2")
        assert answer.body["state"] == "released"


def test_without_a_name_each_request_is_an_operation_of_its_own(tenant: Tenant) -> None:
    assert tenant.spend("1", **RUN) != tenant.spend("1", **RUN)
    assert tenant.usage()["spent_usd"] == "2"


def test_the_name_that_we_made_names_the_operation_from_then_on(tenant: Tenant) -> None:
    entry_id = tenant.spend("1", **RUN)

    assert tenant.record("1", entry_id=entry_id, **RUN).body["entry"]["replayed"] is True


def test_entries_and_adjustments_share_their_names(tenant: Tenant, cloud: Cloud) -> None:
    entry_id, reservation_id = tenant.spend("5", entry_id="name-1", **RUN), tenant.hold("1")
    tenant.adjust(entry_id, "-1", adjustment_id="name-2")
    before = cloud.rows()

    taken = tenant.adjust(entry_id, "-1", adjustment_id="name-1")
    assert taken.refusal == ("IDEMPOTENCY_MISMATCH", "adjustment_id")
    taken = tenant.record("5", entry_id="name-2", **RUN)
    assert taken.refusal == ("IDEMPOTENCY_MISMATCH", "entry_id")
    for name in ("name-1", "name-2"):
        taken = tenant.settle(reservation_id, "5", entry_id=name)
        assert taken.refusal == ("IDEMPOTENCY_MISMATCH", "entry_id")

    assert cloud.rows() == before
    assert tenant.reservation(reservation_id)["state"] == "open"


def test_reservations_have_names_of_their_own(tenant: Tenant) -> None:
    tenant.spend("5", entry_id="name-1", **RUN)

    assert tenant.hold("1", reservation_id="name-1") == "name-1"


def test_a_settlement_is_not_taken_for_a_recorded_cost(tenant: Tenant) -> None:
    reservation_id = tenant.hold("1", **RUN)
    tenant.settle(reservation_id, "1", entry_id="name-1")

    answer = tenant.record("1", entry_id="name-1", **RUN)

    assert answer.refusal == ("IDEMPOTENCY_MISMATCH", "entry_id")
    assert tenant.usage()["spent_usd"] == "1"


def test_the_settlements_of_two_reservations_cannot_share_a_name(tenant: Tenant) -> None:
    first, second = tenant.hold("1", **RUN), tenant.hold("1", **RUN)
    tenant.settle(first, "1", entry_id="name-1")

    answer = tenant.settle(second, "1", entry_id="name-1")

    assert answer.error == "IDEMPOTENCY_MISMATCH"
    assert tenant.reservation(second)["state"] == "open"
    assert tenant.usage()["held_usd"] == "1"


@pytest.mark.parametrize(
    ("field", "value"),
    [("amount_usd", "-2"), ("reason", "another"), ("by", "jose")],
)
def test_another_adjustment_under_the_same_id_is_refused_by_name(
    tenant: Tenant, cloud: Cloud, field: str, value: str
) -> None:
    entry_id = tenant.spend("5", **RUN)
    given = {"adjustment_id": "fix-1", "amount_usd": "-1", "reason": "wrong", "by": "maria"}
    tenant.call("adjust", entry_id=entry_id, **given).body  # noqa: B018 - must not fail
    before = cloud.rows()

    answer = tenant.call("adjust", entry_id=entry_id, **given | {field: value})

    assert answer.refusal == ("IDEMPOTENCY_MISMATCH", field)
    assert cloud.rows() == before


def test_an_adjustment_of_another_entry_under_the_same_id_is_refused(tenant: Tenant) -> None:
    first, second = tenant.spend("5", **RUN), tenant.spend("5", **RUN)
    tenant.adjust(first, "-1", adjustment_id="fix-1")

    assert tenant.adjust(second, "-1", adjustment_id="fix-1").error == "IDEMPOTENCY_MISMATCH"
    assert tenant.usage()["spent_usd"] == "9"


@pytest.mark.parametrize(
    ("field", "value"), [("tokens", 5), ("usage", {"input_tokens": 5}), ("cost_usd", "1.1")]
)
def test_another_settlement_of_the_same_hold_is_refused_by_name(
    tenant: Tenant, cloud: Cloud, field: str, value: Any
) -> None:
    reservation_id = tenant.hold("1", **RUN)
    given = {"cost_usd": "1", "tokens": 4, "usage": {"input_tokens": 4}}
    tenant.call("settle", reservation_id=reservation_id, **given).body  # noqa: B018
    before = cloud.rows()

    answer = tenant.call("settle", reservation_id=reservation_id, **given | {field: value})

    assert answer.error == "IDEMPOTENCY_MISMATCH"
    assert str(answer.field).split(".")[0] == field
    assert cloud.rows() == before


def test_one_key_does_not_name_two_changes(tenant: Tenant) -> None:
    reservation_id = tenant.hold("1", **RUN)
    longer = {"reservation_id": reservation_id, "expires_in_seconds": 7200}
    tenant.call("extend", idempotency_key="key-1", **longer).body  # noqa: B018 - must not fail

    assert tenant.release(reservation_id, idempotency_key="key-1").error == "IDEMPOTENCY_MISMATCH"
    other = longer | {"expires_in_seconds": 9000}
    answer = tenant.call("extend", idempotency_key="key-1", **other)
    assert answer.refusal == ("IDEMPOTENCY_MISMATCH", "expires_in_seconds")
    assert tenant.reservation(reservation_id)["state"] == "open"


def test_an_extension_sent_again_later_extends_once(tenant: Tenant) -> None:
    reservation_id = tenant.hold("1", **RUN)
    longer = {"reservation_id": reservation_id, "expires_in_seconds": 7200}
    first = tenant.call("extend", idempotency_key="key-1", **longer).body

    with later(seconds=600):
        again = tenant.call("extend", idempotency_key="key-1", **longer).body
        assert again["expires_at"] == first["expires_at"]
