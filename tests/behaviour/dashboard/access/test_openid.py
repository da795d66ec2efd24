"""Signing in by an OpenID Connect provider: authorization code, PKCE, and a verified ID token."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from budget_monitor.entrypoints.dashboard.session import COOKIE
from tests.support.dashboard.browser import Browser, Page
from tests.support.dashboard.stub_issuer import CLIENT, Issuer, running_issuer

START, CALLBACK = "/dashboard/openid-start", "/dashboard/openid-callback"


@pytest.fixture
def issuer(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> Iterator[Issuer]:
    """A provider that the pages trust, at which people of finops are operators."""
    with running_issuer() as issuer:
        monkeypatch.setenv("OPENID_ISSUER", issuer.url)
        monkeypatch.setenv("OPENID_CLIENT_ID", CLIENT)
        monkeypatch.setenv("OPENID_OPERATORS", "groups=finops")
        yield issuer


def sign_in(browser: Browser, issuer: Issuer) -> Page:
    """Go to the provider and come back."""
    there = browser.get(START)
    assert there.status == 303
    return browser.open(f"{CALLBACK}?{issuer.sign_in(there.headers['location'])}")


def test_a_person_of_a_tenant_signs_in_and_sees_that_tenant_alone(
    browser: Browser, issuer: Issuer
) -> None:
    issuer.claims["tenant_id"] = "acme"
    page = sign_in(browser, issuer)
    assert (page.status, page.path) == (200, "/dashboard/tenants/acme")
    assert "Opened for ann@acme.example" in page.text
    assert browser.open("/dashboard/tenants/other").status == 403


def test_an_operator_signs_in_and_sees_the_system(browser: Browser, issuer: Issuer) -> None:
    issuer.claims |= {"groups": ["staff", "finops"], "tenant_id": "acme"}
    page = sign_in(browser, issuer)
    assert (page.status, page.path) == (200, "/dashboard")
    assert browser.open("/dashboard/tenants/other").status == 200


@pytest.mark.parametrize("tenant", [None, "", "*", ["a", "b"], 7, "a/b", "../x"])
def test_a_person_whose_claims_name_no_tenant_sees_nothing(
    browser: Browser, issuer: Issuer, tenant: Any
) -> None:
    issuer.claims |= {"tenant_id": tenant, "groups": ["finops2"]}
    page = sign_in(browser, issuer)
    assert page.status == 403
    assert "Your account is for no tenant of these pages." in page.text
    assert COOKIE not in browser.cookies


def test_the_provider_is_asked_with_pkce_a_state_and_a_nonce(
    browser: Browser, issuer: Issuer
) -> None:
    first, second = (
        dict(parse_qsl(urlsplit(browser.get(START).headers["location"]).query)) for _ in range(2)
    )
    assert first["scope"] == "openid email"
    assert first["redirect_uri"] == f"https://api.example.com{CALLBACK}"
    assert len(first["code_challenge"]) == 43
    for name in ("state", "nonce", "code_challenge"):
        assert first[name] != second[name]


@pytest.mark.parametrize(
    "override",
    [
        {"aud": "another-client"},
        {"iss": "https://evil.example"},
        {"exp": 1_600_000_000},
        {"nonce": "another"},
        {"nonce": None},
        {"azp": "another-client"},
        {"sub": None},
        {"iat": None},
    ],
    ids=lambda one: "-".join(f"{k}={v}" for k, v in one.items()),
)
def test_a_token_for_another_time_place_or_sign_in_is_refused(
    browser: Browser, issuer: Issuer, override: dict[str, Any]
) -> None:
    issuer.claims["tenant_id"], issuer.overrides = "acme", override
    page = sign_in(browser, issuer)
    assert page.status == 403
    assert "The sign-in cannot be verified; try again." in page.text
    assert COOKIE not in browser.cookies


def test_a_token_of_another_key_is_refused(browser: Browser, issuer: Issuer) -> None:
    issuer.claims["tenant_id"] = "acme"
    issuer.signer = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    assert sign_in(browser, issuer).status == 403


def test_a_token_signed_with_a_shared_secret_is_refused(browser: Browser, issuer: Issuer) -> None:
    issuer.claims["tenant_id"] = "acme"
    issuer.algorithm, issuer.signer = "HS256", "x" * 64
    assert sign_in(browser, issuer).status == 403


def test_a_key_that_the_provider_published_since_then_is_read(
    browser: Browser, issuer: Issuer
) -> None:
    issuer.claims["tenant_id"] = "acme"
    assert sign_in(browser, issuer).status == 200
    issuer.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    issuer.key_id = "key-2"
    assert sign_in(browser, issuer).status == 200
    assert issuer.asked.count("/keys") == 2


def test_a_code_that_comes_back_to_another_browser_is_refused(
    browser: Browser, issuer: Issuer
) -> None:
    issuer.claims["tenant_id"] = "acme"
    query = issuer.sign_in(browser.get(START).headers["location"])
    other = Browser()
    assert other.open(f"{CALLBACK}?{query}").status == 403
    other.get(START)
    assert other.open(f"{CALLBACK}?{query}").status == 403
    assert "/token" not in issuer.asked


def test_a_code_is_used_once(browser: Browser, issuer: Issuer) -> None:
    issuer.claims["tenant_id"] = "acme"
    query = issuer.sign_in(browser.get(START).headers["location"])
    assert browser.open(f"{CALLBACK}?{query}").status == 200
    page = browser.open(f"{CALLBACK}?{query}")
    assert page.status == 403
    assert "The sign-in has expired; try again." in page.text


def test_a_person_who_declines_sees_why_and_may_try_again(browser: Browser, issuer: Issuer) -> None:
    browser.get(START)
    page = browser.open(f"{CALLBACK}?error=access_denied&state=x")
    assert page.status == 403
    assert START in page.links


def test_a_provider_that_is_down_is_a_503_page(browser: Browser, issuer: Issuer) -> None:
    issuer.down = True
    page = browser.open(START)
    assert page.status == 503
    assert "The sign-in provider does not answer now." in page.text


def test_a_provider_that_describes_another_issuer_is_not_used(
    browser: Browser, issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENID_ISSUER", f"{issuer.url}/")
    assert browser.open(START).status == 503


def test_without_a_provider_there_is_no_sign_in_button_and_no_such_page(browser: Browser) -> None:
    assert browser.open("/dashboard").links == []
    assert browser.open(START).status == 404


def test_with_a_provider_the_page_has_a_button(browser: Browser, issuer: Issuer) -> None:
    for path in ("/dashboard", "/dashboard/tenants/acme", "/dashboard/tenants/acme/workflows/w"):
        page = browser.open(path)
        assert page.status == 403
        assert page.links == [START]
