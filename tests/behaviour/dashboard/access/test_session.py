"""Signing in: a link is exchanged for a cookie, and shows one tenant or all, until it ends."""

from __future__ import annotations

import re
from typing import Any

import pytest
from botocore.endpoint import Endpoint
from botocore.exceptions import EndpointConnectionError

from budget_monitor.entrypoints.dashboard.session import COOKIE
from tests.support.builders import Tenant
from tests.support.dashboard.browser import Browser, link
from tests.support.dashboard.memory_secret import MemorySecret
from tests.support.doors.doors import DirectDoor
from tests.support.dynamodb.calls import recorded_calls
from tests.support.times import at

NOON = "2026-11-22T12:00:00Z"
WHO: dict[str, Any] = {"by": "maria", "reason": "acme asked"}


def test_without_a_cookie_every_page_is_a_403_that_says_how_to_sign_in(browser: Browser) -> None:
    for path in ("/dashboard", "/dashboard/tenants/acme", "/dashboard/tenants/acme/executions/r"):
        page = browser.open(path)
        assert page.status == 403
        assert "You are not signed in." in page.text
        assert "make dashboard" in page.text


def test_a_link_is_exchanged_for_a_cookie_and_its_token_leaves_the_address(
    browser: Browser,
) -> None:
    with at(NOON):
        made = link("acme")
        answer = browser.get(made["path"])
        assert answer.status == 303
        assert answer.headers["location"] == "../dashboard/tenants/acme"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["cache-control"] == "no-store"
        cookie = answer.headers["set-cookie"]
        assert re.fullmatch(
            rf"{COOKIE}=[A-Za-z0-9_.-]+; Max-Age=3(600|599); HttpOnly; Secure; SameSite=Lax", cookie
        )
        assert made["path"].partition("token=")[2] not in cookie
        page = browser.open("/dashboard/tenants/acme")
    assert page.status == 200
    assert "Opened for maria , until 22 Nov 2026, 13:00" in page.text


def test_a_tenants_link_shows_that_tenant_and_no_other(browser: Browser) -> None:
    with at(NOON):
        assert browser.sign_in("acme").path == "/dashboard/tenants/acme"
        assert browser.open("/dashboard").path == "/dashboard/tenants/acme"
        for path in ("/dashboard/tenants/acm", "/dashboard/tenants/other/workflows/w"):
            page = browser.open(path)
            assert page.status == 403
            assert "This sign-in is for another tenant." in page.text
            assert "acme" not in page.text


def test_a_link_to_the_system_must_be_opened_within_2_minutes_and_then_lasts(
    browser: Browser,
) -> None:
    with at(NOON):
        made = link(valid_minutes=600)
        assert (made["open_until"], made["expires_at"]) == (
            "2026-11-22T12:02:00Z",
            "2026-11-22T22:00:00Z",
        )
    with at("2026-11-22T12:02:00Z"):
        page = browser.open(made["path"])
        assert page.status == 403
        assert "This link has expired; ask for a new one." in page.text
    with at("2026-11-22T12:01:59Z"):
        assert browser.open(made["path"]).status == 200
    with at("2026-11-22T21:59:59Z"):
        assert browser.open("/dashboard").status == 200
    with at("2026-11-22T22:00:00Z"):
        assert "Your sign-in has expired." in browser.open("/dashboard").text


def test_the_token_of_a_link_is_no_cookie_and_a_cookie_is_no_link(browser: Browser) -> None:
    with at(NOON):
        made = link("acme")
        browser.cookies[COOKIE] = made["path"].partition("token=")[2]
        assert browser.open("/dashboard/tenants/acme").status == 403
        browser.sign_in("acme")
        stolen = browser.cookies[COOKIE]
        assert browser.get(f"/dashboard/sign-in?token={stolen}").status == 403


@pytest.mark.parametrize("token", ["", "x", "a.b", "%00", "x" * 3000, "<script>"])
def test_a_forged_link_is_a_page_that_says_so(browser: Browser, token: str) -> None:
    page = browser.get(f"/dashboard/sign-in?token={token}")
    assert page.status in {400, 403}
    assert "set-cookie" not in page.headers
    assert "<script" not in page.html


def test_a_cookie_is_bound_to_the_key_and_ends_with_it(
    browser: Browser, secret: MemorySecret
) -> None:
    with at(NOON):
        browser.sign_in("acme")
        forged = Browser({COOKIE: browser.cookies[COOKIE][:-1] + "A"})
        assert forged.open("/dashboard/tenants/acme").status == 403


def test_every_page_forbids_scripts_frames_and_foreign_styles(browser: Browser) -> None:
    with at(NOON):
        for page in (browser.open("/dashboard"), browser.sign_in()):
            policy = page.headers["content-security-policy"]
            assert policy.startswith("default-src 'none'; style-src 'sha256-")
            assert "unsafe" not in policy
            assert "script-src" not in policy
            assert "frame-ancestors 'none'" in policy
            assert page.headers["x-content-type-options"] == "nosniff"


def test_pages_only_read(browser: Browser) -> None:
    tenant = Tenant(DirectDoor())
    with at(NOON):
        tenant.spend("1", agent_execution_id="run-1")
        with recorded_calls() as calls:
            browser.sign_in()
            browser.open(f"/dashboard/tenants/{tenant.id}")
            browser.open(f"/dashboard/tenants/{tenant.id}/executions/run-1")
    assert calls
    assert not [one for one in calls if one.wrote]


def test_a_page_while_dynamodb_is_out_of_reach_is_a_503_page(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    with at(NOON):
        browser.sign_in()
        monkeypatch.setattr(Endpoint, "make_request", _fails)
        page = browser.open("/dashboard/tenants/acme")
    assert page.status == 503
    assert page.headers["retry-after"] == "1"
    assert "Service Unavailable" in page.text


def _fails(*_: object) -> None:
    raise EndpointConnectionError(endpoint_url="https://dynamodb")
