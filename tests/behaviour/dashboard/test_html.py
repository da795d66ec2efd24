"""HTML: the policy names the stylesheet, and every value is escaped."""

from __future__ import annotations

import base64
import hashlib

import pytest
from jinja2 import UndefinedError

from budget_monitor.entrypoints.dashboard import html


def test_the_policy_allows_the_stylesheet_of_the_page_and_no_other() -> None:
    shown = {"title": "x", "message": "a <b>", "signs_in": False, "start": None, "zone": "UTC"}
    page = html.page("error.html", shown, 404)
    assert page.text is not None
    inside = page.text.partition("<style>")[2].partition("</style>")[0]
    digest = base64.b64encode(hashlib.sha256(inside.encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in page.headers["content-security-policy"]
    assert "A &lt;b&gt;." in page.text
    assert page.status == 404


def test_a_value_that_is_missing_is_an_error_and_never_empty() -> None:
    with pytest.raises(UndefinedError):
        html.page("error.html", {"zone": "UTC"})


def test_a_redirect_carries_its_cookie() -> None:
    found = html.redirect("../dashboard", "a=b; Secure")
    assert (found.status, found.headers["location"]) == (303, "../dashboard")
    assert found.headers["set-cookie"] == "a=b; Secure"
    assert "set-cookie" not in html.redirect("x").headers
