"""The secret of webhooks is read at most once in 5 minutes; requests follow no redirect."""

from __future__ import annotations

import pytest

from budget_monitor.adapters.aws.webhooks import HttpPost, SecretWebhooks
from budget_monitor.domain.errors import UnavailableError
from tests.support.alerts.forwarding import Aws
from tests.support.alerts.receiver import Receiver


def test_the_secret_is_read_again_after_5_minutes(aws: Aws) -> None:
    aws.secret = [{"url": "https://a.example"}]
    now = [0.0]
    hooks = SecretWebhooks("arn", "eu-central-1", lambda: now[0])
    for moment in (0.0, 300.0, 300.1):
        now[0] = moment
        hooks.all()
    assert aws.read == 2


def test_a_redirect_is_a_refusal(receiver: Receiver) -> None:
    receiver.answers = [302]
    with pytest.raises(UnavailableError, match="the receiver answered 302"):
        HttpPost().send(receiver.url, {}, b"{}")
