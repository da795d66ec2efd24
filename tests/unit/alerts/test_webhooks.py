"""The signature of webhooks."""

from __future__ import annotations

import base64

from budget_monitor.domain.alerts.webhooks import Webhook, signature


def test_the_example_of_the_standard_has_the_signature_of_the_standard() -> None:
    key = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    body = b'{"test": 2432232314}'
    made = signature(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", body)
    assert made == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_neither_url_nor_key_is_in_its_repr() -> None:
    hook = Webhook.load({"url": "https://a.example/T0", "secret": "whsec_c2VjcmV0"})
    assert "T0" not in repr(hook)
    assert "secret" not in repr(hook)
