"""Messages of the queue of webhooks: one that cannot be read stops no other one."""

from __future__ import annotations

import pytest

from tests.support.alerts.forwarding import ALERT, Aws, forwarded
from tests.support.alerts.receiver import Receiver
from tests.support.doors.doors import Context, handler_of


@pytest.mark.parametrize("body", ["x", "[]", "{}", '{"alert": 1}', '{"alert_id": "1"}'])
def test_a_message_without_an_alert_stops_no_other_one(
    aws: Aws, receiver: Receiver, body: str
) -> None:
    aws.secret = [{"url": receiver.url}]
    assert forwarded(body, ALERT) == ["m0"]
    assert len(receiver.bodies) == 1


def test_records_without_an_id_are_a_400_that_names_them(aws: Aws) -> None:
    from budget_monitor.domain.errors import ValidationError  # noqa: PLC0415

    with pytest.raises(ValidationError) as refused:
        handler_of("forwarding")({"Records": [{"body": "x"}]}, Context())
    assert refused.value.field == "records"
