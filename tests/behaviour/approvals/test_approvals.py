"""One refusal from the request to the raise: two approvers, one of them by the link."""

from __future__ import annotations

import pytest

from tests.support.approvals.asking import RUN, approve, listed, read, set_authority
from tests.support.approvals.browser import newest, sent
from tests.support.builders import Tenant
from tests.support.histories.ledger_audit import differences
from tests.support.memory.fixture import MemoryCloud
from tests.support.memory.watch import Watch
from tests.support.rules.governing import cap

pytestmark = pytest.mark.usefixtures("hurried", "signing_key")


def test_a_refused_run_spends_9_usd_after_an_operation_and_a_link_approved(
    watch: Watch, acme: Tenant, cloud: MemoryCloud
) -> None:
    cap(acme, "2", period="month", action="ask")
    set_authority(acme, four_eyes_above_usd="5")
    refused = acme.reserve("9", **RUN).body
    assert (refused["allowed"], listed(acme)) == (False, [refused["request_id"]])
    assert approve(acme, refused["request_id"]).body["state"] == "open"
    page = sent(newest(watch), decision="approve", by="paul", reason="so be it")
    assert "approved by paul: 7 USD" in page.text
    assert [one["by"] for one in read(acme, refused["request_id"])["approvals"]] == ["maria"]
    assert acme.reserve("9", **RUN).body["allowed"]
    assert not differences(cloud.rows())
