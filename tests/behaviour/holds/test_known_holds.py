"""A receipt saves a read and proves nothing: the row alone says what is settled."""

from __future__ import annotations

import pytest

from tests.support.builders import Tenant, gate
from tests.support.cloud import Cloud
from tests.support.times import later

LABELS = {"agent_execution_id": "run-1", "workflow_execution_id": "flow-1"}

pytestmark = pytest.mark.usefixtures("forgetful_processes")


def receipt_of(tenant: Tenant, amount: str = "2", **fields: object) -> str:
    held = tenant.reserve(amount, reservation_id="hold-1", **LABELS, **fields).body
    return str(held["reservation"]["receipt"])


def test_the_receipt_of_the_reserve_settles_it(tenant: Tenant) -> None:
    body = tenant.settle("hold-1", "1", receipt=receipt_of(tenant)).body

    assert LABELS.items() <= body["entry"].items()
    assert gate(body, "workflow")["held_usd"] == "0"


def test_the_receipt_of_another_hold_changes_nothing_about_the_outcome(tenant: Tenant) -> None:
    receipt_of(tenant)
    other = tenant.reserve("3", agent_execution_id="run-2").body["reservation"]

    body = tenant.settle("hold-1", "1", receipt=other["receipt"]).body

    assert body["entry"]["agent_execution_id"] == "run-1"
    assert body["reservation"]["state"] == "settled"
    status = tenant.usage()
    assert (status["spent_usd"], status["held_usd"]) == ("1", "3")


def test_an_old_receipt_does_not_end_a_hold_that_was_extended_since(tenant: Tenant) -> None:
    old = receipt_of(tenant, expires_in_seconds=60)
    tenant.call("extend", reservation_id="hold-1", expires_in_seconds=7200)
    tenant.reservation("hold-1")

    with later(seconds=120):
        body = tenant.settle("hold-1", "1", receipt=old).body

    assert (body["entry"]["flags"], body["reservation"]["state"]) == ([], "settled")


@pytest.mark.parametrize("end", ["settled", "released"])
def test_a_receipt_does_not_bring_a_closed_hold_back(tenant: Tenant, end: str) -> None:
    receipt = receipt_of(tenant)
    if end == "settled":
        tenant.settle("hold-1", "1")
    else:
        tenant.release("hold-1")

    body = tenant.settle("hold-1", "1", receipt=receipt).body

    assert body["reservation"]["state"] == end
    assert body["entry"]["flags"] == ([] if end == "settled" else ["unreserved"])
    status = tenant.usage()
    assert (status["spent_usd"], status["held_usd"], status["entries"]) == ("1", "0", 1)


FORGERIES = [
    ('"amount":"2"', '"amount":"5"'),
    ('"amount":"2"', '"amount":"0"'),
    ("run-1", "run-2"),
    ("flow-1", "flow-2"),
    ("20", "19"),
    ("20", "21"),
    ('"month"', '"mouth"'),
]


@pytest.mark.parametrize(("real", "forged"), FORGERIES)
def test_a_forged_receipt_moves_nothing_but_the_true_hold(
    tenant: Tenant, real: str, forged: str
) -> None:
    tenant.hold("4", **LABELS)
    receipt = receipt_of(tenant)
    assert real in receipt

    answer = tenant.settle("hold-1", "1", receipt=receipt.replace(real, forged))

    if answer.error:
        assert answer.refusal == ("VALIDATION_ERROR", "receipt")
        tenant.settle("hold-1", "1").body  # noqa: B018 - must not fail
    status = tenant.usage()
    assert (status["spent_usd"], status["held_usd"]) == ("1", "4")
    assert tenant.entries()[0]["agent_execution_id"] == "run-1"
    assert tenant.entries()[0]["flags"] == []


@pytest.mark.parametrize("receipt", ["x", "{}", "null", "[]", "a b", "é", "2026", " ", "\x00"])
def test_a_text_that_is_no_receipt_is_refused(tenant: Tenant, cloud: Cloud, receipt: str) -> None:
    receipt_of(tenant)
    before = cloud.rows()

    answer = tenant.settle("hold-1", "1", receipt=receipt)

    assert answer.refusal == ("VALIDATION_ERROR", "receipt")
    assert cloud.rows() == before
