"""Pictures of the pages for README and docs: a month of a made-up tenant, in light and dark."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any

from local.api import Api, ApiError
from local.pages.browser import DESKTOP, chromium
from local.pages.links import link
from local.settings import ROOT

PICTURES = ROOT / "docs" / "pictures"
TENANT = "northwind"
AGENTS = {"researcher": "claude-sonnet-4-5", "writer": "gpt-4o", "reviewer": "gemini-2.5-pro"}
USERS, BATCH = ("ann", "bob", "carla"), 50
WHO = {"by": "maria", "reason": "the plan of this quarter"}
ALREADY = {HTTPStatus.OK, HTTPStatus.CREATED}


def draw_pages(api: Api) -> None:
    """Write docs/pictures/page-*.png. Raises NoBrowserError and ApiError."""
    with chromium() as browser:  # first, so that nothing is booked where there is none
        _fill(api)
        for scheme in ("light", "dark"):
            context = browser.new_context(
                color_scheme=scheme, viewport=DESKTOP, device_scale_factor=1.5
            )
            page = context.new_page()
            page.goto(link(api.url, TENANT))
            page.screenshot(path=PICTURES / f"page-{scheme}.png")
            context.close()


def _fill(api: Api) -> None:
    """Book the tenant's month so far, once: each cost has an id of its own."""
    _must(api.call("PUT", f"/tenants/{TENANT}/budgets/tenant-month", _LIMIT))
    costs = _costs(datetime.now(UTC))
    for start in range(0, len(costs), BATCH):
        _must(api.post(f"/tenants/{TENANT}/costs/batch", {"costs": costs[start : start + BATCH]}))
    run = {"agent_execution_id": "run-0-0", "workflow_execution_id": "report-0", "agent": "writer"}
    hold = {**run, "reservation_id": f"hold-{len(costs)}", "estimated_cost_usd": "4.5"}
    api.post(f"/tenants/{TENANT}/reservations", hold)
    _must(api.post(f"/tenants/{TENANT}/workflows/report-1/pause", WHO))


_LIMIT = b'{"limit_usd": "400", "by": "maria", "reason": "the plan of this quarter"}'


def _costs(now: datetime) -> list[dict[str, Any]]:
    """A few costs for each day of the month so far."""
    chance, found = random.Random(7), list[dict[str, Any]]()  # noqa: S311 - a picture's
    for day in range(now.day):
        at = (now - timedelta(days=day)).replace(hour=0, minute=30)
        for number in range(3):
            agent = chance.choice([*AGENTS])
            found.append(
                {
                    "entry_id": f"{at:%Y-%m-%d}-{number}",
                    "agent_execution_id": f"run-{day}-{number}",
                    "workflow_execution_id": f"report-{day}",
                    "workflow": "nightly-report",
                    "agent": agent,
                    "model": AGENTS[agent],
                    "user": chance.choice(USERS),
                    "tags": ["batch"],
                    "cost_usd": f"{chance.randrange(90, 520) / 100:.2f}",
                    "tokens": chance.randrange(20_000, 400_000),
                    "occurred_at": (at + timedelta(seconds=number)).isoformat(),
                }
            )
    return found


def _must(answer: Any) -> None:  # noqa: ANN401 - an answer of the API
    if answer.status not in ALREADY:
        raise ApiError(f"the pages cannot be filled: {answer.status} {answer.body}")
