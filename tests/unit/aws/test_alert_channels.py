"""Alerts on SNS and EventBridge: what each channel gets, and what counts as not accepted."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from budget_monitor.adapters.aws.alert_channels import AwsMessenger
from budget_monitor.config import Config
from budget_monitor.domain.alerts.alerts import Message
from budget_monitor.domain.errors import ConfigurationError, UnavailableError
from tests.support.alerts.fake_sns import EVENTS, SNS
from tests.support.memory.watch import TOPIC, Watch

BODY = {"tenant_id": None, "kind": "blocked", "severity": "critical", "scope": "system"}
MESSAGE = Message("80 % of cap passed", "80 % of cap passed.\nWhat to do: wait.", BODY)


def test_people_get_text_and_machines_get_json_with_attributes_to_filter_by(watch: Watch) -> None:
    AwsMessenger(Config.from_environment()).send_to_people(MESSAGE)
    assert watch.post.letters == [
        {
            "topic": TOPIC,
            "subject": "80 % of cap passed",
            "structure": "json",
            "texts": {
                "default": json.dumps(BODY),
                "email": MESSAGE.text,
                "sms": MESSAGE.subject,
            },
            "attributes": {"kind": "blocked", "severity": "critical", "scope": "system"},
        }
    ]


def test_an_event_has_the_kind_as_its_detail_type(watch: Watch) -> None:
    AwsMessenger(Config.from_environment()).send_event(MESSAGE)
    (event,) = watch.post.events
    assert (event["Source"], event["DetailType"]) == ("budget-monitor", "blocked")
    assert (event["EventBusName"], json.loads(event["Detail"])) == ("alerts", BODY)


def test_without_a_bus_no_event_is_sent(watch: Watch) -> None:
    AwsMessenger(replace(Config.from_environment(), alert_bus=None)).send_event(MESSAGE)
    assert watch.post.asked == []


@pytest.mark.parametrize("service", [SNS, EVENTS])
def test_a_failed_service_is_asked_once_and_the_alert_is_not_accepted(
    watch: Watch, service: str
) -> None:
    watch.post.down = {service}
    messenger = AwsMessenger(Config.from_environment())
    send = messenger.send_to_people if service == SNS else messenger.send_event
    with pytest.raises(UnavailableError):
        send(MESSAGE)
    assert watch.post.asked == [service]


def test_a_function_without_a_topic_names_the_missing_variable(watch: Watch) -> None:
    with pytest.raises(ConfigurationError, match="ALERT_TOPIC_ARN"):
        AwsMessenger(replace(Config.from_environment(), alert_topic=None))
