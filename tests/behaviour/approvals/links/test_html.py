"""The page is text under a strict policy, whatever names say."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.approvals.browser import linked, opened, sent
from tests.support.builders import Tenant
from tests.support.memory.watch import Watch

pytestmark = pytest.mark.usefixtures("hurried", "signing_key")
PAUL: dict[str, Any] = {"by": "paul", "reason": "worth it"}
ODD = '<img src=x onerror="alert(1)">'


def test_the_page_has_no_scripts_and_a_strict_policy(watch: Watch, acme: Tenant) -> None:
    token = linked(watch, acme)
    for page in (opened(token), opened("x"), sent(token)):
        policy = page.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; style-src 'sha256-")
        assert "unsafe" not in policy
        assert page.headers["cache-control"] == "no-store"
        assert page.headers["referrer-policy"] == "no-referrer"
        assert not {"script", "img", "a", "iframe"} & set(page.tags)
        assert not {one for one in page.attributes if one.startswith(("on", "style"))}


@pytest.mark.parametrize("name", [ODD, "\u202egnirts", "=cmd|' /C calc'!A0", "{{7*7}}{% raw %}"])
def test_odd_names_come_out_as_text(watch: Watch, acme: Tenant, name: str) -> None:
    shown = name.replace("\u202e", "")
    labels = {"agent_execution_id": "run-1", "agent": shown, "user": shown, "by": shown}
    token = linked(watch, acme, reason=shown, **labels)
    page = opened(token)
    assert shown in page.text
    assert "img" not in page.tags
    done = sent(token, decision="deny", by=shown, reason=shown)
    assert f"denied by {shown}" in done.text
