"""A real browser walks every page of a deployed stack: light, dark, on a phone, by keyboard."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest

from local.pages.browser import DESKTOP, PHONE, NoBrowserError, chromium
from local.pages.links import link
from tests.support.dashboard import axe
from tests.support.end_to_end.stack import Deployed
from tests.support.thorough import first

ODD = ["<img src=x onerror=document.title='owned'>", "שלום עולם", "=cmd|' /C calc'!A0", "x" * 256]
LOOKS = [("dark", PHONE), ("light", DESKTOP), ("dark", DESKTOP)]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """A Chromium; the tests are skipped where there is none."""
    try:
        with chromium() as found:
            yield found
    except NoBrowserError as missing:
        pytest.skip(f"no browser: {missing}")


@pytest.fixture(scope="module")
def tenant_id(deployed: Deployed) -> str:
    """A tenant with a run of every kind, and with odd names."""
    tenant = f"tenant-{uuid.uuid4().hex[:12]}"
    flow = {"workflow_execution_id": "flow-1", "workflow": "nightly"}
    costs = [
        {**flow, "agent_execution_id": f"run-{n}", "cost_usd": "1.5", "user": name}
        | {"agent": name, "model": name, "tags": [name]}
        for n, name in enumerate(ODD)
    ]
    child = {**flow, "agent_execution_id": "child", "parent_execution_id": "run-0"}
    path, who = f"/tenants/{tenant}", {"by": "maria", "reason": "a test of the pages"}
    assert deployed.api.post(f"{path}/costs/batch", {"costs": costs}).status == 200
    assert deployed.api.post(f"{path}/costs", {**child, "cost_usd": "1"}).status == 201
    hold = {**flow, "agent_execution_id": "run-1", "estimated_cost_usd": "2"}
    assert deployed.api.post(f"{path}/reservations", hold).status == 201
    assert deployed.api.post(f"{path}/workflows/flow-2/pause", who).status == 200
    return tenant


def walked(page: Any, start: str) -> Iterator[str]:
    """Open every page that links lead to; yield each address while its page is open."""
    waiting, seen = [start], list[str]()
    while waiting:
        address = waiting.pop()
        if address in seen:
            continue
        assert page.goto(address).status == 200, address
        seen.append(address)
        hrefs = page.eval_on_selector_all("a", "all => all.map(one => one.getAttribute('href'))")
        waiting += [urljoin(page.url, one) for one in hrefs if not one.startswith("#")]
        yield address
    assert len(seen) == len(set(seen))


@pytest.mark.parametrize(("scheme", "size"), first(1, LOOKS), ids=["phone", "light", "dark"])
def test_every_page_is_shown_without_a_script_an_error_or_a_sideways_scroll(
    deployed: Deployed, browser: Any, tenant_id: str, scheme: str, size: dict[str, int]
) -> None:
    context = browser.new_context(color_scheme=scheme, viewport=size, java_script_enabled=True)
    page, said = context.new_page(), list[str]()
    page.on("console", lambda one: said.append(one.text))
    page.on("pageerror", lambda one: said.append(str(one)))
    assert page.goto(link(deployed.stack.api_url, tenant_id)).status == 200
    assert urlsplit(page.url).path.endswith(f"/dashboard/tenants/{tenant_id}")
    assert urlsplit(page.url).query == ""
    rules, count = axe.source(), 0
    for address in walked(page, page.url):
        count += 1
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"], address
        assert page.locator("h1").count() == 1
        assert "owned" not in page.title()
        if rules is not None:
            assert axe.serious(page, rules) == [], address
    context.close()
    assert count == 1 + 1 + len(ODD) + 1 + 2, "the way home, the tenant, its runs and workflows"
    assert said == []


def test_the_first_tab_reaches_the_link_to_the_content_and_the_next_ones_the_links(
    deployed: Deployed, browser: Any, tenant_id: str
) -> None:
    context = browser.new_context(viewport=DESKTOP)
    page = context.new_page()
    page.goto(link(deployed.stack.api_url, tenant_id))
    focused = "document.activeElement.innerText"
    page.keyboard.press("Tab")
    assert page.evaluate(focused) == "Skip to the content"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")
    context.close()


def test_the_pages_of_the_system_open_by_their_link_and_not_without(
    deployed: Deployed, browser: Any, tenant_id: str
) -> None:
    context = browser.new_context(viewport=DESKTOP, java_script_enabled=False)
    page = context.new_page()
    refused = page.goto(f"{deployed.stack.api_url}/dashboard")
    assert refused.status == 403
    assert "You are not signed in." in page.inner_text("main")
    assert page.goto(link(deployed.stack.api_url)).status == 200
    assert tenant_id in page.inner_text("main")
    (cookie,) = context.cookies()
    assert (cookie["httpOnly"], cookie["secure"], cookie["sameSite"]) == (True, True, "Lax")
    context.close()
